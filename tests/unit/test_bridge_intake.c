/* What becomes of a result. */
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/lib/httpd.h"
#include "tests/unit/bridge_hand.h"

static int64_t file_size(const struct rig *r, const char *name)
{
	int64_t size;
	int fd;

	if (blob_open(r->blobs, name, &fd, &size) != ERR_OK)
		return -1;
	close(fd);
	return size;
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

static void a_run_may_yield_several_videos(void)
{
	static const char other[] = "VIDEO of a blue fox";
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	upload(c, job, "u1", VIDEO, sizeof VIDEO);
	upload(c, job, "u2", other, sizeof other);
	say_result(c, job, "{\"upload\":\"u2\"},{\"upload\":\"u1\"}"); /* in the worker's order */
	check_done(c, job, "completed");
	CHECK_INT(SEEN(&r, j->outputs), 2);
	CHECK_INT(file_size(&r, SEEN(&r, j->video)), sizeof other);
	CHECK_INT(file_size(&r, SEEN(&r, j->second)), sizeof VIDEO);
	CHECK(blob_exists(r.blobs, SEEN(&r, j->second_poster)));
	CHECK_INT(half_files(&r), 0);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

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

static void give_video(void *arg, const char *path, int fd)
{
	int *fail = arg;

	if (*fail > 0 && (*fail)--)
		httpd_say(fd, "503 Busy", "", "", 0);
	else if (strcmp(path, "/a.mp4") == 0)
		httpd_say(fd, "200 OK", "", VIDEO, sizeof VIDEO);
	else
		httpd_say(fd, "404 No", "", "", 0);
}

static void give_nonsense(void *arg, const char *path, int fd)
{
	(void)arg, (void)path;
	httpd_say(fd, "200 OK", "", "a shopping list", 15);
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
	upload(c, job, "u2", VIDEO, sizeof VIDEO);
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
	upload(c, job, "u1", VIDEO, sizeof VIDEO);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	cJSON_Delete(job);
	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	wsc_text(c, "{\"type\":\"accepted\",%s}", ref(job));
	upload(c, job, "u1", VIDEO, sizeof VIDEO);
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
	upload(c, job, "u1", VIDEO, sizeof VIDEO);
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
	upload(c, job, "u1", VIDEO, sizeof VIDEO);
	say_result(c, job, "{\"upload\":\"u1\"}");
	wsc_drop(c);
	EVENTUALLY(rig_is(&r, j, "completed"));
	cJSON_Delete(job);
	rig_close(&r);
}

TESTS("bridge_intake", T(what_is_no_video_is_refused), T(a_real_video_gets_its_pictures),
	T(a_run_may_yield_several_videos), T(a_prober_that_hangs_is_killed),
	T(what_is_refused_leaves_no_file), T(a_refusal_takes_nothing_from_another_job),
	T(a_killed_bridge_s_folders_go_at_the_next_start), T(a_result_may_be_a_link),
	T(a_cancel_ends_a_fetch), T(stopping_in_the_middle_leaves_nothing_behind),
	T(stopping_while_a_result_is_looked_at_keeps_it),
	T(a_result_gets_through_when_jobs_stumbles), T(a_result_is_finished_when_its_worker_leaves))
