/* Requests through all four services in one process, and the trail that they leave. */
#include <pthread.h>

#include "hand.h"
#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "tests/unit/check.h"

#define EVENTUALLY(cond)                                                                           \
	do {                                                                                       \
		int64_t give_up_ = mono_us() + 20000000;                                           \
		while (!(cond) && mono_us() < give_up_)                                            \
			usleep(5000);                                                              \
		CHECK(cond);                                                                       \
	} while (0)

static const char *const quick[] = {"--lease", "2s", "--retry-base", "20ms", NULL};

static struct house *house;
static struct hand *hand;

static void begin(void)
{
	house = house_open(quick);
	hand = hand_open(house, "hand-1");
}

static void end(void)
{
	hand_close(hand);
	house_close(house);
}

static void id_of(const struct reply *r, char out[64])
{
	snprintf(out, 64, "%s", reply_str(r, "id"));
}

static struct reply get(const char *id, const char *rest)
{
	char path[200];

	snprintf(path, sizeof path, "/v1/videos/%s%s", id, rest);
	return http(house, NULL, "GET", path, NULL);
}

static bool status_is(const char *id, const char *want)
{
	struct reply r = get(id, "");
	bool is = strcmp(reply_str(&r, "status"), want) == 0;

	reply_free(&r);
	return is;
}

/* ---- the trail ---- */

static pthread_mutex_t trail_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct buf trail;

static void keep(void *arg, const char *line)
{
	(void)arg;
	pthread_mutex_lock(&trail_mutex);
	buf_adds(&trail, line);
	buf_adds(&trail, "\n");
	pthread_mutex_unlock(&trail_mutex);
}

/* Lines with this request id and these words. */
static int lines_with(const char *rid, const char *words)
{
	int n = 0;

	pthread_mutex_lock(&trail_mutex);
	for (const char *p = trail.p; p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
		char line[1000];

		snprintf(line, sizeof line, "%.*s", (int)strcspn(p, "\n"), p);
		n += strstr(line, rid) && strstr(line, words);
	}
	pthread_mutex_unlock(&trail_mutex);
	return n;
}

static bool models_known(void)
{
	struct reply r = http(house, NULL, "GET", "/v1/models", NULL);
	bool known = strcmp(reply_str(&r, "data.0.id"), "sandbox") == 0;

	reply_free(&r);
	return known;
}

static void a_request_leaves_one_line_a_hop(void)
{
	struct reply r;

	begin();
	EVENTUALLY(models_known()); /* else the gateway asks for them besides */
	log_tap(keep, NULL);
	r = http(house, NULL, "POST", "/v1/videos", "{\"prompt\":\"hang\"}");
	log_tap(NULL, NULL);
	CHECK_INT(r.status, 200);
	CHECK_INT(strlen(r.rid), 32);
	CHECK_INT(lines_with(r.rid, "ev=ask"), 2);
	CHECK_INT(lines_with(r.rid, "to=auth msg=AUTH_CHECK status=OK"), 1);
	CHECK_INT(lines_with(r.rid, "to=jobs msg=JOB_CREATE status=OK"), 1);
	CHECK_INT(lines_with(r.rid, "ev=job_created"), 1);
	CHECK_INT(lines_with("", house->key), 0); /* no key in any line */
	CHECK_INT(lines_with("", house->worker_key), 0);
	reply_free(&r);
	buf_free(&trail);
	end();
}

static void a_wrong_key_goes_no_further_than_auth(void)
{
	struct reply r;

	begin();
	log_tap(keep, NULL);
	r = http(house, "av_wrong", "POST", "/v1/videos", "{\"prompt\":\"a fox\"}");
	log_tap(NULL, NULL);
	CHECK_INT(r.status, 401);
	CHECK_STR(reply_str(&r, "error.code"), "invalid_api_key");
	CHECK_INT(lines_with(r.rid, "ev=ask"), 1);
	CHECK_INT(lines_with(r.rid, "to=auth msg=AUTH_CHECK status=UNAUTHORIZED"), 1);
	CHECK_INT(lines_with("", "av_wrong"), 0);
	reply_free(&r);
	buf_free(&trail);
	end();
}

/* ---- videos ---- */

static void a_prompt_becomes_a_video(void)
{
	struct reply r, video, sheet;
	char id[64], url[600];

	begin();
	r = http(house, NULL, "POST", "/v1/videos/generations", "{\"prompt\":\"a red fox\"}");
	CHECK_INT(r.status, 200);
	id_of(&r, id);
	CHECK(strncmp(id, "video_", 6) == 0);
	snprintf(url, sizeof url, "%s", reply_str(&r, "data.0.url"));
	CHECK(strncmp(url, house->url, strlen(house->url)) == 0);
	video = http(house, "", "GET", url + strlen(house->url), NULL);
	CHECK_INT(video.status, 200);
	CHECK(video.n > 1000 && memcmp(video.body + 4, "ftyp", 4) == 0);
	EVENTUALLY(hand_made(hand) == 1);
	reply_free(&video);
	sheet = get(id, "/content?variant=spritesheet");
	CHECK_INT(sheet.status, 200);
	CHECK(sheet.n > 100 && memcmp(sheet.body + 8, "WEBP", 4) == 0);
	reply_free(&sheet);
	reply_free(&r);
	r = get(id, "");
	CHECK_STR(reply_str(&r, "status"), "completed");
	CHECK_STR(reply_str(&r, "worker"), "hand-1");
	reply_free(&r);
	end();
}

static void the_events_of_a_job_end_with_its_last_state(void)
{
	struct reply r, events;
	char id[64];

	begin();
	r = http(house, NULL, "POST", "/v1/videos", "{\"prompt\":\"a red fox\"}");
	id_of(&r, id);
	events = get(id, "/events");
	CHECK_INT(events.status, 200);
	CHECK(strstr(events.body, "\"status\":\"completed\"") != NULL);
	CHECK(strstr(events.body, "id: ") != NULL);
	reply_free(&events);
	reply_free(&r);
	end();
}

static void a_cancel_reaches_the_worker(void)
{
	struct reply r, c;
	char id[64], path[128];

	begin();
	r = http(house, NULL, "POST", "/v1/videos", "{\"prompt\":\"hang\"}");
	id_of(&r, id);
	EVENTUALLY(status_is(id, "in_progress"));
	snprintf(path, sizeof path, "/v1/videos/%s/cancel", id);
	c = http(house, NULL, "POST", path, NULL);
	CHECK_STR(reply_str(&c, "status"), "cancelled");
	EVENTUALLY(hand_cancelled(hand) == 1);
	reply_free(&c);
	reply_free(&r);
	/* and the worker is free for the next */
	r = http(house, NULL, "POST", "/v1/videos/generations", "{\"prompt\":\"a red fox\"}");
	CHECK_INT(r.status, 200);
	reply_free(&r);
	end();
}

static void a_try_that_fails_is_made_again(void)
{
	struct reply r, job;
	char id[64];

	begin();
	r = http(house, NULL, "POST", "/v1/videos/generations", "{\"prompt\":\"retry 2\"}");
	CHECK_INT(r.status, 200);
	id_of(&r, id);
	job = get(id, "");
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(job.json, "attempts")), 3);
	reply_free(&job);
	reply_free(&r);
	end();
}

static void a_job_that_cannot_be_made_says_why(void)
{
	struct reply r;

	begin();
	r = http(house, NULL, "POST", "/v1/videos/generations", "{\"prompt\":\"fail\"}");
	CHECK_INT(r.status, 502);
	CHECK_STR(reply_str(&r, "error.code"), "no_luck");
	CHECK_STR(reply_str(&r, "error.message"), "It would not be made.");
	reply_free(&r);
	end();
}

static void a_worker_that_comes_back_goes_on(void)
{
	struct reply r, job;
	char id[64];

	begin();
	r = http(house, NULL, "POST", "/v1/videos/generations", "{\"prompt\":\"vanish\"}");
	CHECK_INT(r.status, 200);
	id_of(&r, id);
	job = get(id, "");
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(job.json, "attempts")), 1);
	reply_free(&job);
	reply_free(&r);
	end();
}

/* A new key counts within a second. */
static bool key_counts(const char *key)
{
	struct reply r = http(house, key, "GET", "/v1/models", NULL);
	bool counts = r.status == 200;

	reply_free(&r);
	return counts;
}

static void another_key_sees_nothing(void)
{
	struct reply r, other;
	char *key, id[64], path[128];
	static const char *const rest[] = {"", "/content", "/events"};

	begin();
	key = house_key(house, "other");
	EVENTUALLY(key_counts(key));
	r = http(house, NULL, "POST", "/v1/videos/generations", "{\"prompt\":\"a red fox\"}");
	id_of(&r, id);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "/v1/videos/%s%s", id, rest[i]);
		other = http(house, key, "GET", path, NULL);
		CHECK_INT(other.status, 404);
		reply_free(&other);
	}
	snprintf(path, sizeof path, "/v1/videos/%s", id);
	other = http(house, key, "DELETE", path, NULL);
	CHECK_INT(other.status, 404);
	reply_free(&other);
	other = http(house, key, "GET", "/v1/videos", NULL);
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(other.json, "data")), 0);
	reply_free(&other);
	CHECK(status_is(id, "completed"));
	reply_free(&r);
	free(key);
	end();
}

/* ---- many at once ---- */

struct client {
	pthread_t thread;
	int good;
};

static void *client(void *arg)
{
	struct client *c = arg;

	for (int i = 0; i < 5; i++) {
		struct reply r = http(
			house, NULL, "POST", "/v1/videos/generations", "{\"prompt\":\"a fox\"}");

		c->good += r.status == 200;
		reply_free(&r);
	}
	return NULL;
}

static void many_clients_and_workers_at_once(void)
{
	struct client clients[6] = {0};
	struct hand *more[2];
	int good = 0;

	begin();
	more[0] = hand_open(house, "hand-2");
	more[1] = hand_open(house, "hand-3");
	for (int i = 0; i < 6; i++)
		pthread_create(&clients[i].thread, NULL, client, &clients[i]);
	for (int i = 0; i < 6; i++) {
		pthread_join(clients[i].thread, NULL);
		good += clients[i].good;
	}
	CHECK_INT(good, 30);
	EVENTUALLY(hand_made(hand) + hand_made(more[0]) + hand_made(more[1]) == 30);
	hand_close(more[0]);
	hand_close(more[1]);
	end();
}

static void the_house_stops_in_the_middle_of_everything(void)
{
	struct reply r;

	begin();
	for (int i = 0; i < 10; i++) {
		r = http(house, NULL, "POST", "/v1/videos", "{\"prompt\":\"a fox\"}");
		CHECK_INT(r.status, 200);
		reply_free(&r);
	}
	end();
}

TESTS("flow", T(a_request_leaves_one_line_a_hop), T(a_wrong_key_goes_no_further_than_auth),
	T(a_prompt_becomes_a_video), T(the_events_of_a_job_end_with_its_last_state),
	T(a_cancel_reaches_the_worker), T(a_try_that_fails_is_made_again),
	T(a_job_that_cannot_be_made_says_why), T(a_worker_that_comes_back_goes_on),
	T(another_key_sees_nothing), T(many_clients_and_workers_at_once),
	T(the_house_stops_in_the_middle_of_everything))
