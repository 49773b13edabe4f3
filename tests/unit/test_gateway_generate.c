/* POST /v1/videos/generations: who waits for a video. */
#include "tests/unit/gateway_waiting.h"

#define GENERATIONS "/v1/videos/generations"

static void begin(struct waiting *w, const char *json, const char *lines, int n)
{
	waiting_begin(w, GENERATIONS, json, lines, n);
}

static void generate(struct waiting *w, const char *json, void (*state)(struct rig_job *r))
{
	begin(w, json, NULL, 1);
	if (state) {
		rig_change(progress);
		rig_change(state);
	}
	waiting_end(w);
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

static void several_jobs_make_one_answer_in_their_order(void)
{
	char first[60];
	struct waiting w;

	rig_start();
	make_files();
	begin(&w, "{\"prompt\":\"x\",\"n\":3}", NULL, 3);
	rig_change_nth(2, complete);
	rig_change_nth(1, fail_policy);
	rig_change_nth(0, complete);
	waiting_end(&w);
	CHECK_INT(w.status, 200);
	snprintf(first, sizeof first, "\"ids\":[\"%s\"", rig.jobs[0].id);
	CHECK(strstr(w.body, first) != NULL);
	CHECK(strstr(strstr(w.body, "\"data\""), rig.jobs[0].id) <
		strstr(strstr(w.body, "\"data\""), rig.jobs[2].id));
	CHECK(strstr(strstr(w.body, "\"errors\""), rig.jobs[1].id) != NULL);
	/* None: the first one's error. */
	begin(&w, "{\"prompt\":\"x\",\"n\":2}", NULL, 2);
	rig_change_nth(3, fail_policy);
	rig_change_nth(4, fail_worker);
	waiting_end(&w);
	CHECK_INT(w.status, 400);
	CHECK(strstr(w.body, "\"code\":\"content_policy\"") != NULL);
	/* Not waited for: a list of them. */
	begin(&w, "{\"prompt\":\"x\",\"n\":2,\"async\":true}", NULL, 2);
	waiting_end(&w);
	CHECK_INT(w.status, 202);
	CHECK(strstr(w.body, "{\"object\":\"list\",\"data\":[{\"id\":") == w.body);
	CHECK(strstr(w.body, rig.jobs[6].id) != NULL);
	rig_stop();
}

static void a_stream_tells_the_way_and_ends_with_the_result(void)
{
	static const char lines[] = "Content-Type: application/json\r\nConnection: close\r\n";
	struct waiting w;

	rig_start();
	make_files();
	begin(&w, "{\"prompt\":\"x\",\"stream\":true}", lines, 1);
	CHECK(BECOMES(rig.gets >= 1));
	rig_change(progress);
	CHECK(BECOMES(rig.gets >= 2));
	rig_change(complete);
	waiting_end(&w);
	CHECK_INT(w.status, 200);
	CHECK_STR(w.type, "text/event-stream");
	CHECK(strstr(w.body, "event: video_generation.progress\ndata: {\"type\":") != NULL);
	CHECK(strstr(w.body, "\"status\":\"queued\"") != NULL);
	CHECK(strstr(w.body, "event: video_generation.completed\n") != NULL);
	CHECK(strstr(w.body, "\"data\":[{\"url\":") != NULL);
	begin(&w, "{\"prompt\":\"x\",\"stream\":true}", lines, 1);
	rig_change(fail_worker);
	waiting_end(&w);
	CHECK(strstr(w.body, "event: error\ndata: {\"error\":{") != NULL);
	begin(&w, "{\"prompt\":\"x\",\"stream\":true,\"timeout\":1}", lines, 1);
	waiting_end(&w);
	CHECK(strstr(w.body, "event: video_generation.unfinished\n") != NULL);
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	rig_stop();
}

static void the_video_itself_comes_in_base64(void)
{
	struct waiting w;

	rig_start();
	make_files();
	generate(&w, "{\"prompt\":\"x\",\"response_format\":\"b64_json\"}", complete);
	CHECK_INT(w.status, 200);
	/* "abcdefghi..", 1,000 bytes */
	CHECK(strstr(w.body, "\"b64_json\":\"YWJjZGVmZ2hp") != NULL);
	CHECK_INT(strcspn(strstr(w.body, "\"YWJj") + 1, "\""), 1336);
	CHECK(strstr(w.body, "\"url\":\"http://gw.test/") != NULL);
	CHECK(BECOMES(figure("arena_gateway_body_memory_bytes") == 0));
	begin(&w, "{\"prompt\":\"x\",\"response_format\":\"b64_json\",\"stream\":true}", NULL, 0);
	waiting_end(&w);
	CHECK_INT(w.status, 400);
	CHECK(strstr(w.body, "\"param\":\"response_format\"") != NULL);
	rig_stop();
}

static void no_memory_for_base64_leaves_the_link(void)
{
	struct waiting w;

	rig_prepare();
	rig.conf.body_memory = 1000;
	rig_go();
	make_files();
	generate(&w, "{\"prompt\":\"x\",\"response_format\":\"b64_json\"}", complete);
	CHECK_INT(w.status, 200);
	CHECK(strstr(w.body, "\"b64_json\":null,\"note\":\"") != NULL);
	CHECK(strstr(w.body, "\"url\":\"http://gw.test/") != NULL);
	rig_stop();
}

static void what_a_client_would_like_better_is_done_and_said(void)
{
	static const char async[] = "Content-Type: application/json\r\nPrefer: respond-async\r\n";
	static const char one[] = "Content-Type: application/json\r\nPrefer: wait=1\r\n";
	struct waiting w;

	rig_start();
	begin(&w, "{\"prompt\":\"x\"}", async, 1);
	waiting_end(&w);
	CHECK_INT(w.status, 202);
	CHECK_STR(w.applied, "respond-async");
	begin(&w, "{\"prompt\":\"x\"}", one, 1);
	waiting_end(&w);
	CHECK_INT(w.status, 202);
	CHECK_STR(w.applied, "wait=1");
	rig_stop();
}

static void a_generation_does_not_wait_for_ever(void)
{
	static const char longer[] = "Content-Type: application/json\r\nPrefer: wait=60\r\n";
	static const char none[] = "Content-Type: application/json\r\nPrefer: wait=0\r\n";
	struct waiting w;

	rig_start();
	generate(&w, "{\"prompt\":\"x\",\"timeout\":1}", NULL);
	CHECK_INT(w.status, 202);
	CHECK(strstr(w.body, "\"status\":\"queued\"") != NULL);
	generate(&w, "{\"prompt\":\"x\",\"async\":true}", NULL);
	CHECK_INT(w.status, 202);
	/* At once, though the header would wait. */
	begin(&w, "{\"prompt\":\"x\",\"timeout\":0}", longer, 1);
	waiting_end(&w);
	CHECK_INT(w.status, 202);
	CHECK_STR(w.applied, "");
	begin(&w, "{\"prompt\":\"x\"}", none, 1);
	waiting_end(&w);
	CHECK_INT(w.status, 202);
	CHECK_STR(w.applied, "wait=0");
	generate(&w, "{\"prompt\":\"x\",\"timeout\":0,\"stream\":true}", NULL);
	CHECK_INT(w.status, 200);
	CHECK(strstr(w.body, "event: video_generation.unfinished\n") != NULL);
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
	struct waiting w;

	rig_start();
	begin(&w, "{\"prompt\":\"x\"}", NULL, 1);
	rig_stop();
	waiting_end(&w);
	CHECK_INT(w.status, 202); /* the job goes on */
}

TESTS("gateway_generate", T(a_generation_answers_when_its_job_is_over),
	T(several_jobs_make_one_answer_in_their_order),
	T(a_stream_tells_the_way_and_ends_with_the_result), T(the_video_itself_comes_in_base64),
	T(no_memory_for_base64_leaves_the_link),
	T(what_a_client_would_like_better_is_done_and_said), T(a_generation_does_not_wait_for_ever),
	T(who_leaves_while_waiting_is_forgotten), T(stopping_answers_those_who_wait))
