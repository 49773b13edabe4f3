/* POST /v1/videos/generations: who waits for a video. */
#include "tests/unit/gateway_rig.h"

/* A request that waits, in a thread. */
struct waiting {
	pthread_t thread;
	const char *json;
	int status;
	char body[4096];
	char retry[16];
};

static pthread_mutex_t one_client = PTHREAD_MUTEX_INITIALIZER;

static void *wait_main(void *arg)
{
	struct waiting *w = arg;
	struct reply *r;

	pthread_mutex_lock(&one_client); /* the client's answers are static */
	r = post_json("/v1/videos/generations", ME, w->json);
	w->status = r->status;
	snprintf(w->body, sizeof w->body, "%.4000s", r->body);
	snprintf(w->retry, sizeof w->retry, "%s",
		header(r, "x-should-retry") ? header(r, "x-should-retry") : "");
	pthread_mutex_unlock(&one_client);
	return NULL;
}

static void generate(struct waiting *w, const char *json, void (*state)(struct rig_job *r))
{
	int had = rig.creates;

	*w = (struct waiting){.json = json};
	pthread_create(&w->thread, NULL, wait_main, w);
	CHECK(BECOMES(rig.creates == had + 1));
	if (state) {
		rig_change(progress);
		rig_change(state);
	}
	pthread_join(w->thread, NULL);
}

static void a_generation_answers_when_its_job_is_over(void)
{
	struct waiting w;

	rig_start();
	make_files();
	generate(&w, "{\"prompt\":\"x\"}", complete);
	CHECK_INT(w.status, 200);
	CHECK(strstr(w.body, "\"data\":[{\"url\":\"http://gw.test/v1/videos/video_") != NULL);
	generate(&w, "{\"prompt\":\"x\"}", fail_policy);
	CHECK_INT(w.status, 400);
	CHECK(strstr(w.body, "\"code\":\"content_policy\"") != NULL);
	CHECK_STR(w.retry, "false");
	generate(&w, "{\"prompt\":\"x\"}", fail_worker);
	CHECK_INT(w.status, 502);
	generate(&w, "{\"prompt\":\"x\"}", cancel);
	CHECK_INT(w.status, 409);
	rig_stop();
}

static void a_generation_does_not_wait_for_ever(void)
{
	struct waiting w;

	rig_start();
	generate(&w, "{\"prompt\":\"x\",\"timeout\":1}", NULL);
	CHECK_INT(w.status, 202);
	CHECK(strstr(w.body, "\"status\":\"queued\"") != NULL);
	generate(&w, "{\"prompt\":\"x\",\"async\":true}", NULL);
	CHECK_INT(w.status, 202);
	rig_stop();
}

static void who_leaves_while_waiting_is_forgotten(void)
{
	static const char post[] =
		"POST /v1/videos/generations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
		"good-me\r\n"
		"Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"prompt\":\"x\"}";
	int fd;

	rig_start();
	fd = dial();
	say(fd, post, sizeof post - 1);
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	close(fd);
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	rig_stop();
}

static void stopping_answers_those_who_wait(void)
{
	struct waiting w = {.json = "{\"prompt\":\"x\"}"};

	rig_start();
	pthread_create(&w.thread, NULL, wait_main, &w);
	CHECK(BECOMES(rig.creates == 1));
	rig_stop();
	pthread_join(w.thread, NULL);
	CHECK_INT(w.status, 202); /* the job goes on */
}

TESTS("gateway_generate", T(a_generation_answers_when_its_job_is_over),
	T(a_generation_does_not_wait_for_ever), T(who_leaves_while_waiting_is_forgotten),
	T(stopping_answers_those_who_wait))
