/* Readiness: services of the test's own over inproc, and a real disk. */
#include "services/gateway/health.h"

#include "proto/clock.h"
#include "tests/unit/check.h"

static const uint8_t key[32] = {7};

static void on_call(void *arg, struct call *c)
{
	(void)arg;
	/* PING is answered by the server itself */
	CHECK_INT(call_type(c), MSG_BRIDGE_WHO);
	call_answer(c, &(struct bridge_mark){.mark = "0123456789abcdef"});
}

struct house {
	char *dir;
	struct blobs *blobs;
	struct tasks *tasks;
	struct bridges *bridges;
	struct health *h;
};

static void gone(void *arg, struct bridge_at *at)
{
	(void)arg, (void)at;
}

/* bridges: their addresses. */
static struct house house_open(const char *bridges, int64_t disk_min)
{
	static struct peer *auth, *jobs;
	struct house s = {.dir = tmp_make(), .tasks = tasks_start(1, 4)};

	if (!auth) {
		CHECK(server_open("x", "inproc://health-all", key, 16, on_call, NULL) != NULL);
		auth = peer_open("auth", "inproc://health-all", key, 4);
		jobs = peer_open("jobs", "inproc://health-all", key, 4);
	}
	CHECK_INT(blobs_open(s.dir, &s.blobs), ERR_OK);
	s.bridges = bridges_open(bridges, key, gone, NULL);
	CHECK(s.bridges != NULL);
	s.h = health_new(&(struct health_conf){.auth = auth,
		.jobs = jobs,
		.bridges = s.bridges,
		.blobs = s.blobs,
		.tasks = s.tasks,
		.data = s.dir,
		.disk_min = disk_min});
	return s;
}

static void house_close(struct house *s)
{
	int64_t until = mono_us() + 5000000;

	while ((health_busy(s->h) || bridges_busy(s->bridges)) && mono_us() < until)
		usleep(1000);
	tasks_stop(s->tasks);
	blobs_close(s->blobs);
	tmp_remove(s->dir);
}

/* Ticks, `ahead_us` in the future, until the report has these words; false: it never had. */
static bool reports(struct house *s, int64_t ahead_us, bool ready, const char *words)
{
	int64_t until = mono_us() + 5000000;
	bool found = false;

	while (!found && mono_us() < until) {
		struct buf json = {0};

		bridges_tick(s->bridges, mono_us());
		health_tick(s->h, mono_us() + ahead_us);
		found = health_report(s->h, &json) == ready && strstr(json.p, words);
		buf_free(&json);
		usleep(1000);
	}
	return found;
}

static void all_there_is_ready(void)
{
	struct house s = house_open("inproc://health-all", 0);

	CHECK(reports(&s, 0, true,
		"{\"ready\":true,\"auth\":\"ok\",\"jobs\":\"ok\",\"bridge\":\"ok\",\"disk\":"
		"\"ok\"}"));
	house_close(&s);
}

static void a_bridge_that_is_not_there_is_named(void)
{
	struct house s = house_open("inproc://health-nobody", 0);

	CHECK(reports(&s, 0, false, "\"jobs\":\"ok\",\"bridge\":\"unreachable\""));
	house_close(&s);
}

static void one_of_two_bridges_is_enough(void)
{
	struct house s = house_open("inproc://health-nobody, inproc://health-all", 0);

	CHECK(reports(&s, 0, true, "\"bridge\":\"1 of 2 unreachable\""));
	house_close(&s);
}

static void a_full_disk_is_named_at_once(void)
{
	struct house s = house_open("inproc://health-all", INT64_MAX);
	struct buf json = {0};

	CHECK(!health_report(s.h, &json));
	CHECK(strstr(json.p, "\"disk\":\"full\"") != NULL);
	buf_free(&json);
	house_close(&s);
}

static void a_disk_that_takes_no_file_is_named_until_it_does(void)
{
	struct house s = house_open("inproc://health-all", 0);
	char from[600], to[600];

	snprintf(from, sizeof from, "%s/blobs/tmp", s.dir);
	snprintf(to, sizeof to, "%s/away", s.dir);
	CHECK(reports(&s, 0, true, "\"disk\":\"ok\""));
	CHECK_INT(rename(from, to), 0);
	CHECK(reports(&s, 6000000, false, "\"disk\":\"not writable\""));
	CHECK_INT(rename(to, from), 0);
	CHECK(reports(&s, 12000000, true, "\"disk\":\"ok\""));
	house_close(&s);
}

TESTS("health", T(all_there_is_ready), T(a_bridge_that_is_not_there_is_named),
	T(one_of_two_bridges_is_enough), T(a_full_disk_is_named_at_once),
	T(a_disk_that_takes_no_file_is_named_until_it_does))
