/* The sandbox worker's half of the protocol against the real services, with a fake renderer. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "house.h"
#include "proto/clock.h"
#include "tests/unit/check.h"
#include "workers/sandbox/worker.h"

#define EVENTUALLY(cond)                                                                           \
	do {                                                                                       \
		int64_t give_up_ = mono_us() + 20000000;                                           \
		while (!(cond) && mono_us() < give_up_)                                            \
			usleep(5000);                                                              \
		CHECK(cond);                                                                       \
	} while (0)

static struct house *house;
static struct worker *worker;
static char folder[300], url[64];

/* The renderer: what it was given, and what it holds back. In the worker's thread but the atomics.
 */
static atomic_int started, cancelled;
static atomic_bool rejected;
static struct worker_job *held;
static char images[64]; /* sizes of the first and the last frame, -: none */
static int fps;

static void make(struct worker *w, struct worker_job *job)
{
	char path[600], cmd[1600];

	snprintf(path, sizeof path, "%s/%s.mp4", folder, job->id);
	snprintf(cmd, sizeof cmd, "cp '%s' '%s'", ARENA_FLOW_VIDEO, path);
	if (system(cmd) != 0)
		abort();
	worker_progress(w, job, 90, "finishing");
	worker_done(w, job, path);
}

static const char *size_of(const char *path, char text[24])
{
	struct stat st;

	if (!path)
		return "-";
	snprintf(text, 24, "%lld", stat(path, &st) == 0 ? (long long)st.st_size : -1);
	return text;
}

static void on_start(void *arg, struct worker *w, struct worker_job *job)
{
	char first[24], last[24];

	(void)arg;
	worker_progress(w, job, 10, "rendering");
	snprintf(images, sizeof images, "%s %s", size_of(job->image, first),
		size_of(job->last_image, last));
	fps = job->fps;
	if (strcmp(job->prompt, "hold") == 0)
		held = job;
	else if (strcmp(job->prompt, "fail") == 0)
		worker_failed(w, job, "no_luck", "It would not be made.", false);
	else
		make(w, job);
	started++;
}

static void on_cancel(void *arg, struct worker *w, struct worker_job *job)
{
	(void)arg;
	(void)w;
	if (job == held)
		held = NULL;
	cancelled++;
}

static void on_rejected(void *arg, int code, const char *reason)
{
	(void)arg;
	(void)reason;
	rejected = code == 4001;
}

static void let_go(void *arg)
{
	if (held)
		make(arg, held);
	held = NULL;
}

static const struct worker_calls calls = {on_start, on_cancel, on_rejected, NULL};

static struct worker_conf conf_of(const char *token)
{
	return (struct worker_conf){.url = url,
		.token = token,
		.id = "test-worker",
		.name = "Test",
		.kind = "test",
		.version = "1",
		.models = "[{\"id\":\"sandbox\",\"inputs\":[\"text\",\"image\","
			  "\"first_last_frame\"],\"parameters\":[\"fps\"]}]",
		.folder = folder,
		.slots = 2,
		.backoff_min_ms = 20,
		.backoff_max_ms = 100};
}

static void begin(void)
{
	static const char *const settings[] = {"--lease", "5s", "--retry-base", "20ms", NULL};
	struct worker_conf conf;

	house = house_open(settings);
	snprintf(url, sizeof url, "ws://127.0.0.1:%d/ws", house->port);
	snprintf(folder, sizeof folder, "%s/worker", house->dir);
	CHECK_INT(mkdir(folder, 0700), 0);
	started = cancelled = 0;
	conf = conf_of(house->worker_key);
	CHECK_INT(worker_start(&conf, &calls, &worker), ERR_OK);
	EVENTUALLY(worker_is_live(worker));
}

static void end(void)
{
	worker_stop(worker);
	house_close(house);
}

static struct reply create(const char *json)
{
	return http(house, NULL, "POST", "/v1/videos", json);
}

static bool video_is(const struct reply *made, const char *status, int attempts)
{
	char path[128];
	struct reply r;
	bool is;

	snprintf(path, sizeof path, "/v1/videos/%s", reply_str(made, "id"));
	r = http(house, NULL, "GET", path, NULL);
	is = strcmp(reply_str(&r, "status"), status) == 0 &&
	     (int)cJSON_GetNumberValue(cJSON_GetObjectItem(r.json, "attempts")) == attempts;
	reply_free(&r);
	return is;
}

static int files_left(void)
{
	char cmd[400];
	FILE *f;
	int n = -1;

	snprintf(cmd, sizeof cmd, "find '%s' -type f | wc -l", folder);
	f = popen(cmd, "r");
	if (!f || fscanf(f, "%d", &n) != 1)
		n = -1;
	pclose(f);
	return n;
}

static void it_makes_what_it_is_given_and_leaves_nothing_behind(void)
{
	struct reply r;

	begin();
	r = http(house, NULL, "POST", "/v1/videos/generations", "{\"prompt\":\"a fox\"}");
	CHECK_INT(r.status, 200);
	EVENTUALLY(files_left() == 0);
	reply_free(&r);
	end();
}

static void it_gets_the_image_over_its_connection(void)
{
	/* a PNG of one pixel, 70 bytes */
	static const char json[] =
		"{\"prompt\":\"zoom "
		"in\",\"image\":\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"
		"CAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==\"}";
	struct reply r;

	begin();
	r = http(house, NULL, "POST", "/v1/videos/generations", json);
	CHECK_INT(r.status, 200);
	CHECK_STR(images, "70 -");
	CHECK_INT(fps, 0);
	reply_free(&r);
	end();
}

static void it_gets_the_first_and_the_last_frame(void)
{
	/* a PNG of one pixel, 70 bytes, and a GIF of one, 35 */
	static const char json[] =
		"{\"prompt\":\"from here to there\",\"fps\":30,"
		"\"image\":\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"
		"CAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==\","
		"\"last_frame\":\"data:image/gif;base64,R0lGODlhAQABAIAAAP///"
		"wAAACwAAAAAAQABAAACAkQB"
		"ADs=\"}";
	struct reply r;

	begin();
	r = http(house, NULL, "POST", "/v1/videos/generations", json);
	CHECK_INT(r.status, 200);
	CHECK_STR(images, "70 35");
	CHECK_INT(fps, 30);
	reply_free(&r);
	end();
}

static void a_cancel_stops_the_renderer(void)
{
	struct reply r, c;
	char path[128];

	begin();
	r = create("{\"prompt\":\"hold\"}");
	EVENTUALLY(started == 1);
	snprintf(path, sizeof path, "/v1/videos/%s/cancel", reply_str(&r, "id"));
	c = http(house, NULL, "POST", path, NULL);
	CHECK_INT(c.status, 200);
	EVENTUALLY(cancelled == 1);
	reply_free(&c);
	reply_free(&r);
	end();
}

static void a_failure_is_told_in_its_own_words(void)
{
	struct reply r;

	begin();
	r = http(house, NULL, "POST", "/v1/videos/generations", "{\"prompt\":\"fail\"}");
	CHECK_INT(r.status, 502);
	CHECK_STR(reply_str(&r, "error.message"), "It would not be made.");
	reply_free(&r);
	end();
}

static void a_job_outlives_the_bridge_it_came_through(void)
{
	struct reply r;

	begin();
	r = create("{\"prompt\":\"hold\"}");
	EVENTUALLY(started == 1);
	house_restart_bridge(house);
	EVENTUALLY(worker_is_live(worker));
	worker_post(worker, let_go, worker);
	EVENTUALLY(video_is(&r, "completed", 1));
	CHECK_INT(started, 1);
	CHECK_INT(cancelled, 0);
	reply_free(&r);
	end();
}

static void a_worker_that_stops_gives_its_jobs_back_untried(void)
{
	struct worker_conf conf;
	struct reply r;

	begin();
	r = create("{\"prompt\":\"hold\"}");
	EVENTUALLY(started == 1);
	worker_stop(worker);
	CHECK_INT(cancelled, 1);
	EVENTUALLY(video_is(&r, "queued", 0));
	conf = conf_of(house->worker_key);
	CHECK_INT(worker_start(&conf, &calls, &worker), ERR_OK);
	EVENTUALLY(started == 2);
	worker_post(worker, let_go, worker);
	EVENTUALLY(video_is(&r, "completed", 1));
	reply_free(&r);
	end();
}

static void a_wrong_token_is_for_a_human(void)
{
	struct worker_conf conf;
	struct worker *stranger;

	begin();
	conf = conf_of("wk_wrong");
	conf.id = "stranger";
	CHECK_INT(worker_start(&conf, &calls, &stranger), ERR_OK);
	EVENTUALLY(rejected);
	worker_stop(stranger);
	end();
}

TESTS("worker", T(it_makes_what_it_is_given_and_leaves_nothing_behind),
	T(it_gets_the_image_over_its_connection), T(it_gets_the_first_and_the_last_frame),
	T(a_cancel_stops_the_renderer), T(a_failure_is_told_in_its_own_words),
	T(a_job_outlives_the_bridge_it_came_through),
	T(a_worker_that_stops_gives_its_jobs_back_untried), T(a_wrong_token_is_for_a_human))
