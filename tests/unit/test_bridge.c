#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/lib/httpd.h"
#include "tests/unit/bridge_rig.h"

static const char video[] = "VIDEO of a red fox";

/* A connected worker that has been given one job. */
static struct wsc *with_job(struct rig *r, struct fake_job **job, cJSON **frame)
{
	struct wsc *c = worker_in(r, "w1", 2, NULL, NULL);

	*job = rig_job(r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	*frame = expect(c, "job");
	wsc_text(c, "{\"type\":\"accepted\",%s}", ref(*frame));
	return c;
}

static void say_result(struct wsc *c, const cJSON *job, const char *outputs)
{
	wsc_text(c, "{\"type\":\"result\",%s,\"outputs\":[%s]}", ref(job), outputs);
}

static void check_done(struct wsc *c, const cJSON *job, const char *status)
{
	cJSON *done = expect(c, "done");

	CHECK_STR(str(done, "job"), str(job, "job"));
	CHECK_STR(str(done, "lease"), str(job, "lease"));
	CHECK_STR(str(done, "status"), status);
	cJSON_Delete(done);
}

/* Files that are on their way in. */
static int half_files(const struct rig *r)
{
	char path[600];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/blobs/tmp", r->dir);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* Is a result being looked at? */
static bool probing(const struct rig *r)
{
	char path[600];
	struct dirent *e;
	bool yes = false;
	DIR *d;

	snprintf(path, sizeof path, "%s/bridge", r->dir);
	d = opendir(path);
	while (d && (e = readdir(d)))
		yes = yes || strncmp(e->d_name, "media-", 6) == 0;
	if (d)
		closedir(d);
	return yes;
}

/* Files in the store, whole or not. */
static int all_files(const struct rig *r)
{
	char cmd[700];
	int n = -1;
	FILE *f;

	snprintf(cmd, sizeof cmd, "find '%s/blobs' -type f | wc -l", r->dir);
	f = popen(cmd, "r");
	CHECK_INT(fscanf(f, "%d", &n), 1);
	pclose(f);
	return n;
}

static void a_whole_run(void)
{
	struct rig r;
	struct fake_job *j;
	cJSON *job, *welcome;
	struct wsc *c;

	rig_open(&r, NULL);
	c = worker_in(&r, "w1", 2, NULL, &welcome);
	CHECK_STR(str(welcome, "worker"), "w1");
	CHECK_INT(num(welcome, "heartbeat_ms"), 20000);
	CHECK_INT(num(welcome, "lease_ms"), 60000);
	CHECK_INT(num(cJSON_GetObjectItem(welcome, "limits"), "frame"), 262144);
	EVENTUALLY(rig_workers_are(&r, "w1:0/2[m,];"));
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	j = rig_job(&r, "m");
	rig_hint_work(&r, "m");
	job = expect(c, "job");
	CHECK_STR(str(job, "job"), j->id);
	CHECK_STR(str(job, "prompt"), "a red \"fox\"\n\xf0\x9f\xa6\x8a");
	CHECK_INT(num(job, "seconds"), 4);
	CHECK_INT(num(job, "attempt"), 1);
	CHECK(num(job, "deadline") > (double)now_ms() + 1700000);
	CHECK(!cJSON_GetObjectItem(job, "seed"));
	wsc_text(c, "{\"type\":\"accepted\",%s}", ref(job));
	EVENTUALLY(rig_workers_are(&r, "w1:1/2[m,];"));
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":40,\"stage\":\"rendering\"}", ref(job));
	EVENTUALLY(SEEN(&r, j->progress == 40));
	CHECK_STR(SEEN(&r, j->stage), "rendering");
	upload(c, job, "u1", video, sizeof video);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	CHECK_STR(rig_status(&r, j), "completed");
	CHECK_INT(SEEN(&r, j->width), 720);
	CHECK_STR(SEEN(&r, j->mime), "video/mp4");
	CHECK(blob_exists(r.blobs, SEEN(&r, j->video)));
	CHECK(blob_exists(r.blobs, SEEN(&r, j->poster)));
	CHECK(blob_exists(r.blobs, SEEN(&r, j->sprite)));
	CHECK(blob_remove(r.blobs, SEEN(&r, j->video))); /* no pin is left */
	EVENTUALLY(rig_workers_are(&r, "w1:0/2[m,];"));
	wsc_drop(c);
	EVENTUALLY(rig_workers_are(&r, "w1:gone;"));
	cJSON_Delete(job);
	cJSON_Delete(welcome);
	rig_close(&r);
}

static void a_wrong_token_is_closed_with_4001(void)
{
	struct rig r;
	struct wsc *c;

	rig_open(&r, NULL);
	c = wsc_open(r.port, NULL, NULL);
	wsc_text(c, "{\"type\":\"hello\",\"token\":\"wk_bad\",\"worker\":{\"id\":\"w1\"}}");
	expect_close(c, 4001);
	wsc_drop(c);
	c = wsc_open(r.port, NULL, NULL);
	wsc_text(c, "{\"type\":\"hello\",\"worker\":{\"id\":\"w1\"}}");
	expect_close(c, 4001);
	wsc_drop(c);
	rig_close(&r);
}

static void who_says_no_hello_is_closed_with_4002(void)
{
	static char setting[] = "--hello-wait=200ms", *more[] = {setting, NULL};
	struct rig r;
	struct wsc *c;

	rig_open(&r, more);
	c = wsc_open(r.port, NULL, NULL);
	expect_close(c, 4002);
	wsc_drop(c);
	rig_close(&r);
}

static void nonsense_is_closed_with_4000_and_a_reason(void)
{
	static const char *const first[] = {
		"{", "[]", "{\"type\":\"ready\",\"free\":1}", "{\"type\":\"hello\"}", NULL};
	static const char *const later[] = {"nonsense", "{\"type\":\"ready\",\"free\":99}",
		"{\"type\":\"hello\",\"worker\":{\"id\":\"w1\"}}", NULL};
	struct rig r;
	struct wsc *c;

	rig_open(&r, NULL);
	for (int i = 0; first[i]; i++) {
		c = wsc_open(r.port, NULL, NULL);
		wsc_text(c, "%s", first[i]);
		expect_close(c, 4000);
		wsc_drop(c);
	}
	for (int i = 0; later[i]; i++) {
		c = worker_in(&r, "w1", 1, NULL, NULL);
		wsc_text(c, "%s", later[i]);
		expect_close(c, 4000);
		wsc_drop(c);
	}
	c = worker_in(&r, "w1", 1, NULL, NULL);
	wsc_send(c, WSC_BINARY, "0123456789ab", 12);
	expect_close(c, 4000);
	wsc_drop(c);
	rig_close(&r);
}

static void a_frame_that_is_too_large_is_closed_with_1009(void)
{
	struct rig r;
	struct wsc *c;
	char *big = calloc(1, 262145);

	rig_open(&r, NULL);
	memset(big, ' ', 262145);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	wsc_send(c, WSC_TEXT, big, 262145);
	expect_close(c, 1009);
	wsc_drop(c);
	for (const char *from = "{\"type\":\"pong\"}", *p = from; *p; p++)
		big[p - from] = *p;
	c = worker_in(&r, "w1", 1, NULL, NULL);
	wsc_send(c, WSC_TEXT, big, 262144); /* just not */
	wsc_text(c, "{\"type\":\"hello\",\"worker\":{\"id\":\"w1\"}}");
	expect_close(c, 4000);
	wsc_drop(c);
	free(big);
	rig_close(&r);
}

static void a_second_connection_replaces_the_first(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *old, *c;
	char held[200];
	cJSON *job, *welcome, *state;

	rig_open(&r, NULL);
	old = with_job(&r, &j, &job);
	snprintf(held, sizeof held, "{%s}", ref(job));
	c = worker_in(&r, "w1", 2, held, &welcome);
	expect_close(old, 4003);
	state = cJSON_GetArrayItem(cJSON_GetObjectItem(welcome, "jobs"), 0);
	CHECK_STR(str(state, "state"), "yours");
	EVENTUALLY(rig_workers_are(&r, "w1:1/2[m,];"));
	upload(c, job, "u1", video, sizeof video);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	wsc_drop(old);
	wsc_drop(c);
	cJSON_Delete(job);
	cJSON_Delete(welcome);
	rig_close(&r);
}

static void a_silent_worker_is_closed_with_4004(void)
{
	static char setting[] = "--heartbeat=100ms", *more[] = {setting, NULL};
	struct rig r;
	struct wsc *c;
	cJSON *ping;
	struct buf b = {0};

	rig_open(&r, more);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	CHECK_INT(wsc_recv(c, 5000, &b), WSC_TEXT);
	ping = cJSON_ParseWithLength(b.p, b.n);
	CHECK_STR(str(ping, "type"), "ping");
	CHECK(num(ping, "t") > 0);
	cJSON_Delete(ping);
	buf_free(&b);
	expect_close(c, 4004);
	wsc_drop(c);
	rig_close(&r);
}

static void a_job_is_resumed_after_a_broken_connection(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	char held[500];
	cJSON *job, *welcome, *states;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	wsc_text(
		c, "{\"type\":\"progress\",%s,\"percent\":10,\"upstream_ref\":\"up-7\"}", ref(job));
	EVENTUALLY(SEEN(&r, strcmp(j->upstream_ref, "up-7") == 0));
	wsc_drop(c);
	EVENTUALLY(rig_workers_are(&r, "w1:gone;"));
	CHECK_STR(rig_status(&r, j), "in_progress");
	rig_restart(&r); /* and at another bridge at that */
	snprintf(held, sizeof held,
		"{%s,\"progress\":10},{\"job\":\"video_00000000000000000000000000000000\","
		"\"lease\":\"00000000000000000000000000000000\"}",
		ref(job));
	c = worker_in(&r, "w1", 2, held, &welcome);
	states = cJSON_GetObjectItem(welcome, "jobs");
	CHECK_INT(cJSON_GetArraySize(states), 2);
	CHECK_STR(str(cJSON_GetArrayItem(states, 0), "state"), "yours");
	CHECK_STR(str(cJSON_GetArrayItem(states, 1), "state"), "lost");
	upload(c, job, "u1", video, sizeof video);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	wsc_drop(c);
	cJSON_Delete(job);
	cJSON_Delete(welcome);
	rig_close(&r);
}

static void who_comes_with_an_old_token_is_told_lost(void)
{
	struct rig r;
	struct wsc *c;
	cJSON *f, *job = cJSON_Parse("{\"job\":\"video_00000000000000000000000000000000\","
				     "\"lease\":\"00000000000000000000000000000000\"}");

	rig_open(&r, NULL);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":1}", ref(job));
	f = expect(c, "cancel");
	CHECK_STR(str(f, "reason"), "lost");
	cJSON_Delete(f);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "lost");
	wsc_text(c, "{\"type\":\"failed\",%s,\"code\":\"x\"}", ref(job));
	check_done(c, job, "lost");
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u1\",%s,\"size\":5}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "upload"), "u1");
	CHECK_STR(str(f, "code"), "lost");
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"input_get\",%s,\"input\":0}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "lost");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_cancel_reaches_the_worker_at_once(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;
	int64_t began;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":1}", ref(job));
	EVENTUALLY(SEEN(&r, j->progress == 1));
	rig_set_status(&r, j, "cancelled");
	began = mono_us();
	rig_hint_over(&r, j);
	f = expect(c, "cancel");
	printf("  cancel after %lld us ", (long long)(mono_us() - began));
	CHECK(mono_us() - began < 500000);
	CHECK_STR(str(f, "job"), j->id);
	CHECK_STR(str(f, "reason"), "cancelled");
	cJSON_Delete(f);
	say_result(c, job, "{\"upload\":\"u1\"}"); /* too late */
	check_done(c, job, "lost");
	wsc_text(c, "{\"type\":\"stopped\",%s}", ref(job));
	EVENTUALLY(rig_workers_are(&r, "w1:0/2[m,];"));
	CHECK_STR(rig_status(&r, j), "cancelled");
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_lost_lease_is_seen_when_it_is_renewed(void)
{
	static char setting[] = "--lease=400ms", *more[] = {setting, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;

	rig_open(&r, more);
	c = with_job(&r, &j, &job);
	EVENTUALLY(SEEN(&r, r.jobs->renews > 2));
	rig_set_status(&r, j, "queued"); /* as if it had run out */
	pthread_mutex_lock(&r.jobs->mutex);
	snprintf(j->model, sizeof j->model, "other");
	pthread_mutex_unlock(&r.jobs->mutex);
	f = expect(c, "cancel");
	CHECK_STR(str(f, "reason"), "lost");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void failed_and_released_jobs_are_passed_on(void)
{
	struct rig r;
	struct fake_job *j, *k, *l;
	struct wsc *c;
	cJSON *job;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	wsc_text(c,
		"{\"type\":\"failed\",%s,\"code\":\"content_policy\",\"message\":\"Not this.\","
		"\"retryable\":false}",
		ref(job));
	check_done(c, job, "failed");
	CHECK_STR(rig_status(&r, j), "failed");
	CHECK_STR(SEEN(&r, j->code), "content_policy");
	CHECK_STR(SEEN(&r, j->message), "Not this.");
	cJSON_Delete(job);

	k = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	rig_set_status(&r, k, "in_progress");
	wsc_text(c, "{\"type\":\"failed\",%s,\"code\":\"render_error\"}", ref(job));
	check_done(c, job, "queued");
	CHECK(SEEN(&r, k->retryable));
	cJSON_Delete(job);
	rig_set_status(&r, k, "completed");

	l = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	wsc_text(c, "{\"type\":\"release\",%s,\"reason\":\"cooling_down\",\"not_before\":5}",
		ref(job));
	check_done(c, job, "queued");
	CHECK_STR(SEEN(&r, l->code), "cooling_down");
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void what_is_no_video_is_refused(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	upload(c, job, "u1", "a shopping list", 15);
	say_result(c, job, "{\"upload\":\"u1\"}");
	f = expect(c, "refused");
	CHECK_STR(str(f, "job"), j->id);
	CHECK_STR(str(f, "code"), "not_a_video");
	CHECK_STR(str(f, "message"), "there is no video in it");
	CHECK_STR(SEEN(&r, j->code), "not_a_video");
	CHECK_STR(rig_status(&r, j), "queued");
	cJSON_Delete(f);
	cJSON_Delete(job);
	rig_set_status(&r, j, "failed");

	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	say_result(c, job, "{\"upload\":\"never\"}");
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "unknown_upload");
	CHECK_STR(SEEN(&r, j->code), "unknown_upload");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

#ifdef ARENA_MEDIA
/* With the real program, and a video that ffmpeg made with its index at the end. */
static void a_real_video_gets_its_pictures(void)
{
	static char setting[] = "--media-program=" ARENA_MEDIA, *more[] = {setting, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;
	char cmd[700], path[600], *p = calloc(1, 1 << 20);
	size_t n;
	FILE *f;

	rig_open(&r, more);
	snprintf(path, sizeof path, "%s/real.mp4", r.dir);
	snprintf(cmd, sizeof cmd,
		"ffmpeg -v error -f lavfi -i testsrc2=size=128x72:rate=12 -t 1 -pix_fmt yuv420p %s",
		path);
	CHECK_INT(system(cmd), 0);
	f = fopen(path, "rb");
	CHECK(f != NULL);
	n = f ? fread(p, 1, 1 << 20, f) : 0;
	if (f)
		fclose(f);
	c = with_job(&r, &j, &job);
	upload(c, job, "u1", p, n);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	CHECK_INT(SEEN(&r, j->width), 128);
	CHECK(blob_exists(r.blobs, SEEN(&r, j->video)));
	CHECK(blob_exists(r.blobs, SEEN(&r, j->poster)));
	CHECK(blob_exists(r.blobs, SEEN(&r, j->sprite)));
	CHECK_STR(SEEN(&r, j->mime), "video/mp4");
	cJSON_Delete(job);
	free(p);
	wsc_drop(c);
	rig_close(&r);
}
#define REAL T(a_real_video_gets_its_pictures),
#else
#define REAL
#endif

static void a_prober_that_hangs_is_killed(void)
{
	static char setting[] = "--media-time=300ms", *more[] = {setting, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;

	rig_open(&r, more);
	c = with_job(&r, &j, &job);
	upload(c, job, "u1", "SLOW poison", 11);
	say_result(c, job, "{\"upload\":\"u1\"}");
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "not_a_video");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void an_upload_goes_on_after_a_reconnect(void)
{
	const size_t n = 3 << 20;
	char *p = malloc(n), frame[12 + 100000] = {0}, held[200];
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;
	int64_t there;

	rig_open(&r, NULL);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 7 + i / 251);
	memcpy(p, "VIDEO", 5);
	c = with_job(&r, &j, &job);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u1\",%s,\"size\":%zu}", ref(job), n);
	f = expect(c, "upload_go");
	CHECK_INT(num(f, "offset"), 0);
	frame[3] = (char)num(f, "channel");
	memcpy(frame + 12, p, 100000);
	wsc_send(c, WSC_BINARY, frame, sizeof frame);
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":3}", ref(job));
	EVENTUALLY(SEEN(&r, j->progress == 3)); /* so the bytes before it have been written */
	wsc_drop(c);
	EVENTUALLY(rig_workers_are(&r, "w1:gone;"));
	rig_restart(&r);

	snprintf(held, sizeof held, "{%s}", ref(job));
	c = worker_in(&r, "w1", 1, held, NULL);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u1\",%s,\"size\":%zu}", ref(job), n);
	f = expect(c, "upload_go");
	there = (int64_t)num(f, "offset");
	CHECK_INT(there, 100000);
	cJSON_Delete(f);
	upload(c, job, "u1", p, n); /* opened once more: from there on */
	wsc_drop(c);
	rig_restart(&r);

	/* uploaded whole; the connection broke before the result was said */
	c = worker_in(&r, "w1", 1, held, NULL);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	{
		int fd = -1;
		int64_t size = 0;
		char *got = malloc(n);

		CHECK_INT(blob_open(r.blobs, SEEN(&r, j->video), &fd, &size), ERR_OK);
		CHECK_INT(size, n);
		CHECK(read(fd, got, n) == (ssize_t)n && memcmp(got, p, n) == 0);
		close(fd);
		free(got);
	}
	cJSON_Delete(job);
	wsc_drop(c);
	free(p);
	rig_close(&r);
}

static void uploads_are_acknowledged_and_checked(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;
	char *frame = calloc(1, 12 + 262132);
	int n = 0;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u1\",%s,\"size\":%d}", ref(job), 5 * 262132);
	f = expect(c, "upload_go");
	frame[3] = (char)num(f, "channel");
	cJSON_Delete(f);
	for (; n < 5; n++) {
		uint32_t at = (uint32_t)n * 262132;

		for (int i = 0; i < 4; i++)
			frame[8 + i] = (char)(at >> (24 - 8 * i));
		wsc_send(c, WSC_BINARY, frame, 12 + 262132);
	}
	f = expect(c, "ack");
	CHECK_INT(num(f, "offset"), 5 * 262132); /* 4 of them are just below a MiB */
	cJSON_Delete(f);
	wsc_send(c, WSC_BINARY, frame, 100); /* at an offset that has passed */
	f = expect(c, "refused");
	CHECK_STR(str(f, "upload"), "u1");
	CHECK_STR(str(f, "code"), "bad_offset");
	CHECK(!cJSON_GetObjectItem(f, "job"));
	cJSON_Delete(f);
	wsc_send(c, WSC_BINARY, frame, 100); /* ignored now */
	wsc_text(c, "{\"type\":\"upload_end\",\"upload\":\"u1\",\"size\":5}");
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "unknown_upload");
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u2\",%s,\"size\":5}", ref(job));
	f = expect(c, "upload_go");
	frame[3] = (char)num(f, "channel");
	memset(frame + 4, 0, 8);
	cJSON_Delete(f);
	wsc_send(c, WSC_BINARY, frame, 12 + 6);
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "too_large");
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u3\",%s,\"size\":999999999999}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "too_large");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	free(frame);
	rig_close(&r);
}

static void an_image_comes_over_the_connection(void)
{
	struct rig r;
	struct fake_job *j;
	struct blob_writer *w;
	struct wsc *c;
	cJSON *job, *f, *in;
	struct buf b = {0};
	const size_t n = 150000;
	char *image = calloc(1, n);
	size_t got = 50000;

	rig_open(&r, NULL);
	for (size_t i = 0; i < n; i++)
		image[i] = (char)(i % 253);
	j = rig_job(&r, "m");
	CHECK_INT(blob_create(r.blobs, 1 << 20, &w), ERR_OK);
	CHECK_INT(blob_write(w, image, n), ERR_OK);
	CHECK_INT(blob_commit(w, j->input), ERR_OK);
	j->input_size = (int64_t)n;
	c = worker_in(&r, "w1", 1, NULL, NULL);
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	in = cJSON_GetArrayItem(cJSON_GetObjectItem(job, "inputs"), 0);
	CHECK_STR(str(in, "sha256"), j->input);
	CHECK_STR(str(in, "role"), "first_frame");
	CHECK(strncmp(str(in, "url"), "/v1/inputs/", 11) == 0 && strstr(str(in, "url"), "&sig="));
	wsc_text(c, "{\"type\":\"input_get\",%s,\"input\":0,\"offset\":50000}", ref(job));
	f = expect(c, "input");
	CHECK_INT(num(f, "offset"), 50000);
	CHECK_INT(num(f, "size"), n);
	CHECK_STR(str(f, "mime"), "image/png");
	while (got < n && wsc_recv(c, 5000, &b) == WSC_BINARY) {
		CHECK_INT((uint8_t)b.p[3], num(f, "channel"));
		CHECK_INT((uint8_t)b.p[9] << 16 | (uint8_t)b.p[10] << 8 | (uint8_t)b.p[11], got);
		CHECK(got + b.n - 12 <= n && memcmp(b.p + 12, image + got, b.n - 12) == 0);
		got += b.n - 12;
	}
	CHECK_INT(got, n);
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"input_get\",%s,\"input\":1}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "no_input");
	cJSON_Delete(f);
	blob_release(w);
	buf_free(&b);
	cJSON_Delete(job);
	wsc_drop(c);
	free(image);
	rig_close(&r);
}

static void give_video(void *arg, const char *path, int fd)
{
	int *fail = arg;

	if (*fail > 0 && (*fail)--)
		httpd_say(fd, "503 Busy", "", "", 0);
	else if (strcmp(path, "/a.mp4") == 0)
		httpd_say(fd, "200 OK", "", video, sizeof video);
	else
		httpd_say(fd, "404 No", "", "", 0);
}

static void give_nonsense(void *arg, const char *path, int fd)
{
	(void)arg, (void)path;
	httpd_say(fd, "200 OK", "", "a shopping list", 15);
}

static void expect_refused(struct wsc *c, const char *code)
{
	cJSON *f = expect(c, "refused");

	CHECK_STR(str(f, "code"), code);
	cJSON_Delete(f);
}

/* A worker that brings nonsense again and again does not fill the disk. */
static void what_is_refused_leaves_no_file(void)
{
	static char a[] = "--fetch-hosts=127.0.0.1", b[] = "--fetch-private=yes",
		    *more[] = {a, b, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;
	char out[200];
	struct httpd *h = httpd_open(give_nonsense, NULL);

	rig_open(&r, more);
	c = with_job(&r, &j, &job);
	upload(c, job, "u1", "a shopping list", 15);
	upload(c, job, "u2", video, sizeof video);
	upload(c, job, "never-named", "some bytes", 10);
	CHECK_INT(all_files(&r), 3);
	say_result(c, job, "{\"upload\":\"u2\"},{\"upload\":\"u1\"}"); /* one of them is good */
	expect_refused(c, "not_a_video");
	EVENTUALLY(all_files(&r) == 0);
	cJSON_Delete(job);
	rig_set_status(&r, j, "failed");

	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	snprintf(out, sizeof out, "{\"url\":\"http://127.0.0.1:%d/a.mp4\"}", httpd_port(h));
	say_result(c, job, out);
	expect_refused(c, "not_a_video");
	CHECK_INT(httpd_hits(h), 1);
	EVENTUALLY(all_files(&r) == 0);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
	httpd_close(h);
}

/* The same bytes are somebody's result already: they stay his. */
static void a_refusal_takes_nothing_from_another_job(void)
{
	struct rig r;
	struct fake_job *j, *first;
	struct wsc *c;
	cJSON *job;

	rig_open(&r, NULL);
	c = with_job(&r, &first, &job);
	upload(c, job, "u1", video, sizeof video);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	cJSON_Delete(job);
	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	wsc_text(c, "{\"type\":\"accepted\",%s}", ref(job));
	upload(c, job, "u1", video, sizeof video);
	upload(c, job, "u2", "a shopping list", 15);
	say_result(c, job, "{\"upload\":\"u1\"},{\"upload\":\"u2\"}");
	expect_refused(c, "not_a_video");
	CHECK_STR(SEEN(&r, j->code), "not_a_video");
	EVENTUALLY(half_files(&r) == 0);
	CHECK_INT(all_files(&r), 3); /* video, poster, sprite */
	CHECK(blob_exists(r.blobs, SEEN(&r, first->video)));
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_killed_bridge_s_folders_go_at_the_next_start(void)
{
	const struct timespec old[2] = {{time(NULL) - 660, 0}, {time(NULL) - 660, 0}};
	char path[700], file[800], young[700];
	struct rig r;

	rig_open(&r, NULL);
	snprintf(path, sizeof path, "%s/bridge/media-AbCdEf", r.dir);
	snprintf(young, sizeof young, "%s/bridge/media-GhIjKl", r.dir);
	snprintf(file, sizeof file, "%s/poster.webp", path);
	CHECK(mkdir(path, 0700) == 0 && mkdir(young, 0700) == 0);
	fclose(fopen(file, "w"));
	CHECK_INT(utimensat(AT_FDCWD, path, old, 0), 0);
	rig_restart(&r);
	CHECK(access(path, F_OK) != 0);
	CHECK_INT(access(young, F_OK), 0); /* perhaps another bridge's */
	rig_close(&r);
}

static void refused_uploads_count_and_go_with_their_lease(void)
{
	char frame[12 + 50] = {0};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	for (int i = 0; i < 8; i++) {
		wsc_text(
			c, "{\"type\":\"upload\",\"upload\":\"u%d\",%s,\"size\":100}", i, ref(job));
		f = expect(c, "upload_go");
		frame[3] = (char)num(f, "channel");
		cJSON_Delete(f);
		frame[11] = 0;
		wsc_send(c, WSC_BINARY, frame, sizeof frame);
		frame[11] = 5;
		wsc_send(c, WSC_BINARY, frame, sizeof frame);
		f = expect(c, "refused");
		CHECK_STR(str(f, "code"), "bad_offset");
		cJSON_Delete(f);
	}
	CHECK_INT(half_files(&r), 8);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u8\",%s,\"size\":100}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "too_many_uploads");
	cJSON_Delete(f);
	frame[3] = 0; /* the channel of none */
	wsc_send(c, WSC_BINARY, frame, sizeof frame);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u3\",%s,\"size\":100}", ref(job));
	f = expect(c, "upload_go");
	CHECK_INT(num(f, "offset"), 50);
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"failed\",%s,\"code\":\"x\",\"retryable\":false}", ref(job));
	cJSON_Delete(expect(c, "done"));
	CHECK_INT(half_files(&r), 0);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_result_may_be_a_link(void)
{
	static char a[] = "--fetch-hosts=127.0.0.1", b[] = "--fetch-private=yes",
		    *more[] = {a, b, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;
	char out[200];
	int fail = 1; /* the first try */
	struct httpd *h = httpd_open(give_video, &fail);

	rig_open(&r, more);
	c = with_job(&r, &j, &job);
	snprintf(out, sizeof out, "{\"url\":\"http://127.0.0.1:%d/a.mp4\"}", httpd_port(h));
	say_result(c, job, out);
	check_done(c, job, "completed");
	CHECK(blob_exists(r.blobs, SEEN(&r, j->video)));
	CHECK_INT(httpd_hits(h), 2);
	cJSON_Delete(job);

	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	snprintf(out, sizeof out, "{\"url\":\"http://localhost:%d/a.mp4\"}", httpd_port(h));
	say_result(c, job, out);
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "fetch_failed");
	CHECK_STR(SEEN(&r, j->code), "fetch_failed");
	CHECK_INT(httpd_hits(h), 2);
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
	httpd_close(h);
}

static void a_cancel_ends_a_fetch(void)
{
	static char a[] = "--fetch-hosts=127.0.0.1", b[] = "--fetch-private=yes",
		    *more[] = {a, b, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;
	char out[200];
	int fail = 1000;
	struct httpd *h = httpd_open(give_video, &fail);

	rig_open(&r, more);
	c = with_job(&r, &j, &job);
	snprintf(out, sizeof out, "{\"url\":\"http://127.0.0.1:%d/a.mp4\"}", httpd_port(h));
	say_result(c, job, out);
	EVENTUALLY(httpd_hits(h) >= 1);
	rig_set_status(&r, j, "cancelled");
	rig_hint_over(&r, j);
	check_done(c, job, "lost");
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
	httpd_close(h);
}

static void stopping_in_the_middle_leaves_nothing_behind(void)
{
	static char a[] = "--fetch-hosts=127.0.0.1", b[] = "--fetch-private=yes",
		    d[] = "--drain=50ms", *more[] = {a, b, d, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;
	char out[200];
	int fail = 1000;
	struct httpd *h = httpd_open(give_video, &fail);

	rig_open(&r, more);
	c = with_job(&r, &j, &job);
	snprintf(out, sizeof out, "{\"url\":\"http://127.0.0.1:%d/a.mp4\"}", httpd_port(h));
	say_result(c, job, out);
	EVENTUALLY(httpd_hits(h) >= 1);
	rig_restart(&r); /* the address sanitizer looks on */
	CHECK_STR(rig_status(&r, j), "in_progress");
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
	httpd_close(h);
}

/* Longer than the drain: what is looked at still gets through to jobs. */
static void stopping_while_a_result_is_looked_at_keeps_it(void)
{
	static char d[] = "--drain=50ms", *more[] = {d, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;

	rig_open(&r, more);
	c = with_job(&r, &j, &job);
	upload(c, job, "u1", "LATER fox", 9);
	say_result(c, job, "{\"upload\":\"u1\"}");
	EVENTUALLY(probing(&r));
	rig_restart(&r);
	CHECK_STR(rig_status(&r, j), "completed");
	CHECK(blob_exists(r.blobs, SEEN(&r, j->video)));
	CHECK_INT(half_files(&r), 0);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_job_that_is_not_accepted_goes_back(void)
{
	static char setting[] = "--accept-wait=200ms", *more[] = {setting, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;

	rig_open(&r, more);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	f = expect(c, "cancel");
	CHECK_STR(str(f, "reason"), "lost");
	EVENTUALLY(rig_is(&r, j, "queued"));
	CHECK_STR(SEEN(&r, j->code), "not_accepted");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_job_taken_for_a_worker_that_left_goes_back(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;

	rig_open(&r, NULL);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	BEND(&r, take_delay_ms, 300);
	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	usleep(50000);
	wsc_drop(c);
	EVENTUALLY(SEEN(&r, strcmp(j->code, "worker_left") == 0));
	CHECK_STR(rig_status(&r, j), "queued");
	rig_close(&r);
}

static void progress_is_passed_on_four_times_a_second_at_most(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;
	int64_t began;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	began = mono_us();
	for (int i = 1; i <= 100; i++)
		wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":%d}", ref(job), i);
	EVENTUALLY(SEEN(&r, j->progress == 100));
	CHECK(SEEN(&r, j->progress_asks) <= 2 + (mono_us() - began) / 250000);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_result_gets_through_when_jobs_stumbles(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	BEND(&r, blob_gone, 2);
	BEND(&r, down, 1);
	upload(c, job, "u1", video, sizeof video);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	CHECK(blob_exists(r.blobs, SEEN(&r, j->video)));
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_result_is_finished_when_its_worker_leaves(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	BEND(&r, down, 1);
	upload(c, job, "u1", video, sizeof video);
	say_result(c, job, "{\"upload\":\"u1\"}");
	wsc_drop(c);
	EVENTUALLY(rig_is(&r, j, "completed"));
	cJSON_Delete(job);
	rig_close(&r);
}

static void pages_need_an_origin_that_is_allowed(void)
{
	static char setting[] = "--origins=https://arena.example", *more[] = {setting, NULL};
	struct wsc_conf good = {.origin = "https://arena.example"};
	struct wsc_conf bad = {.origin = "http://127.0.0.1"};
	struct rig r;
	struct wsc *c;
	int status;

	rig_open(&r, more);
	c = wsc_open(r.port, &bad, &status);
	CHECK(!c);
	CHECK_INT(status, 403);
	c = wsc_open(r.port, &good, &status);
	CHECK(c != NULL);
	wsc_drop(c);
	rig_close(&r);
}

static void who_does_not_read_is_disconnected(void)
{
	struct wsc_conf small = {.rcvbuf = 2048};
	struct rig r;
	struct wsc *c;
	struct buf b = {0};
	enum wsc_kind kind;
	int i = 0;

	rig_open(&r, NULL);
	c = wsc_open(r.port, &small, NULL);
	wsc_text(c, "{\"type\":\"hello\",\"token\":\"" GOOD_TOKEN "\",\"worker\":{\"id\":\"w1\"}}");
	EVENTUALLY(rig_workers_are(&r, "w1:0/1[];"));
	/* each of these is answered with a `done` that is not read */
	while (i < 200000 &&
		wsc_text(c,
			"{\"type\":\"failed\",\"job\":\"video_00000000000000000000000000000000\","
			"\"lease\":\"00000000000000000000000000000000\",\"code\":\"x\"}") &&
		!rig_workers_are(&r, "w1:gone;"))
		i++;
	CHECK(i < 200000);
	do
		kind = wsc_recv(c, 10000, &b);
	while (kind == WSC_TEXT);
	CHECK(kind == WSC_EOF || (kind == WSC_CLOSE && wsc_code(c) == 4005));
	EVENTUALLY(rig_workers_are(&r, "w1:gone;"));
	buf_free(&b);
	wsc_drop(c);
	rig_close(&r);
}

static void stopping_drains(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	upload(c, job, "u1", video, sizeof video);
	BEND(&r, down, 1);
	say_result(c, job, "{\"upload\":\"u1\"}");
	wsc_text(c, "{\"type\":\"pong\"}");
	EVENTUALLY(SEEN(&r, r.jobs->down == 0)); /* it is under way */
	bridge_stop(r.bridge);
	r.bridge = NULL;
	CHECK_STR(rig_status(&r, j), "completed");
	f = expect(c, "drain");
	CHECK_INT(num(f, "reconnect_ms"), 500);
	cJSON_Delete(f);
	check_done(c, job, "completed");
	expect_close(c, 1001);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_full_house_is_told_to_come_later(void)
{
	static char setting[] = "--max-workers=1", *more[] = {setting, NULL};
	struct rig r;
	struct wsc *a, *c;

	rig_open(&r, more);
	a = worker_in(&r, "w1", 1, NULL, NULL);
	c = wsc_open(r.port, NULL, NULL);
	wsc_text(c, "{\"type\":\"hello\",\"token\":\"" GOOD_TOKEN "\",\"worker\":{\"id\":\"w2\"}}");
	expect_close(c, 1013);
	wsc_drop(c);
	wsc_drop(a);
	rig_close(&r);
}

static void one_hint_feeds_all_who_wait(void)
{
	enum { N = 6 };
	struct rig r;
	struct wsc *c[N];
	int64_t began;

	rig_open(&r, NULL);
	for (int i = 0; i < N; i++) {
		char id[16];

		snprintf(id, sizeof id, "w%d", i);
		c[i] = worker_in(&r, id, 1, NULL, NULL);
		wsc_text(c[i], "{\"type\":\"ready\",\"free\":1}");
		EVENTUALLY(SEEN(&r, r.jobs->takes) > i); /* in vain */
	}
	for (int i = 0; i < N; i++)
		rig_job(&r, "m");
	began = mono_us();
	rig_hint_work(&r, "m");
	for (int i = 0; i < N; i++)
		cJSON_Delete(expect(c[i], "job"));
	CHECK(mono_us() - began < 1000000); /* and not by the slow poll */
	for (int i = 0; i < N; i++)
		wsc_drop(c[i]);
	rig_close(&r);
}

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Says how fast it is; fails only when something waits for a timer. */
static void work_reaches_a_waiting_worker_without_a_timer(void)
{
	enum { N = 200 };
	struct rig r;
	struct wsc *c;
	int64_t us[N];

	rig_open(&r, NULL);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	for (int i = 0; i < N; i++) {
		struct fake_job *j;
		int64_t began;
		cJSON *job;

		wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
		usleep(3000); /* its own ask for work comes back empty */
		j = rig_job(&r, "m");
		began = mono_us();
		rig_hint_work(&r, "m");
		job = expect(c, "job");
		us[i] = mono_us() - began;
		wsc_text(
			c, "{\"type\":\"failed\",%s,\"code\":\"x\",\"retryable\":false}", ref(job));
		check_done(c, job, "failed");
		CHECK_STR(str(job, "job"), j->id);
		cJSON_Delete(job);
	}
	qsort(us, N, sizeof *us, by_value);
	printf("  hint to job frame: p50 %lld us, p99 %lld us ", (long long)us[N / 2],
		(long long)us[N * 99 / 100]);
	CHECK(us[N / 2] < 100000);
	wsc_drop(c);
	rig_close(&r);
}

TESTS("bridge", REAL T(a_whole_run), T(a_wrong_token_is_closed_with_4001),
	T(who_says_no_hello_is_closed_with_4002), T(nonsense_is_closed_with_4000_and_a_reason),
	T(a_frame_that_is_too_large_is_closed_with_1009), T(a_second_connection_replaces_the_first),
	T(a_silent_worker_is_closed_with_4004), T(a_job_is_resumed_after_a_broken_connection),
	T(who_comes_with_an_old_token_is_told_lost), T(a_cancel_reaches_the_worker_at_once),
	T(a_lost_lease_is_seen_when_it_is_renewed), T(failed_and_released_jobs_are_passed_on),
	T(what_is_no_video_is_refused), T(a_prober_that_hangs_is_killed),
	T(an_upload_goes_on_after_a_reconnect), T(uploads_are_acknowledged_and_checked),
	T(what_is_refused_leaves_no_file), T(a_refusal_takes_nothing_from_another_job),
	T(a_killed_bridge_s_folders_go_at_the_next_start),
	T(refused_uploads_count_and_go_with_their_lease), T(a_result_may_be_a_link),
	T(a_cancel_ends_a_fetch), T(stopping_in_the_middle_leaves_nothing_behind),
	T(stopping_while_a_result_is_looked_at_keeps_it), T(an_image_comes_over_the_connection),
	T(a_job_that_is_not_accepted_goes_back), T(a_job_taken_for_a_worker_that_left_goes_back),
	T(progress_is_passed_on_four_times_a_second_at_most),
	T(a_result_gets_through_when_jobs_stumbles), T(a_result_is_finished_when_its_worker_leaves),
	T(pages_need_an_origin_that_is_allowed), T(who_does_not_read_is_disconnected),
	T(stopping_drains), T(a_full_house_is_told_to_come_later), T(one_hint_feeds_all_who_wait),
	T(work_reaches_a_waiting_worker_without_a_timer))
