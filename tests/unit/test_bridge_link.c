/* Connections of workers: who may come, who must go, and who gets work. */
#include "tests/unit/bridge_hand.h"

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
	upload(c, job, "u1", VIDEO, sizeof VIDEO);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	wsc_drop(old);
	wsc_drop(c);
	cJSON_Delete(job);
	cJSON_Delete(welcome);
	rig_close(&r);
}

static void a_worker_is_told_whose_links_are_fetched(void)
{
	static char a[] = "--fetch-hosts=a.example, *.b.example", *more[] = {a, NULL};
	char **const with[] = {more, NULL};
	const int count[] = {2, 0};

	for (int i = 0; i < 2; i++) {
		struct rig r;
		cJSON *welcome, *links;
		struct wsc *c;

		rig_open(&r, with[i]);
		c = worker_in(&r, "w1", 1, NULL, &welcome);
		links = cJSON_GetObjectItem(welcome, "links");
		CHECK_INT(cJSON_GetArraySize(links), count[i]);
		if (count[i]) {
			CHECK_STR(cJSON_GetArrayItem(links, 0)->valuestring, "a.example");
			CHECK_STR(cJSON_GetArrayItem(links, 1)->valuestring, "*.b.example");
		}
		cJSON_Delete(welcome);
		wsc_drop(c);
		rig_close(&r);
	}
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
	upload(c, job, "u1", VIDEO, sizeof VIDEO);
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

static void *stop(void *arg)
{
	struct rig *r = arg;

	bridge_stop(r->bridge);
	r->bridge = NULL;
	return NULL;
}

/* The worker has begun, and its word is still on the way. */
static void stopping_waits_for_a_job_to_be_accepted(void)
{
	pthread_t stopping;
	struct fake_job *j;
	struct rig r;
	struct wsc *c;
	cJSON *job;

	rig_open(&r, NULL);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	pthread_create(&stopping, NULL, stop, &r);
	cJSON_Delete(expect(c, "drain"));
	usleep(50000);
	wsc_text(c, "{\"type\":\"accepted\",%s}", ref(job));
	pthread_join(stopping, NULL);
	CHECK(rig_is(&r, j, "in_progress"));
	CHECK_STR(SEEN(&r, j->lease), str(job, "lease"));
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

TESTS("bridge_link", T(a_wrong_token_is_closed_with_4001), T(who_says_no_hello_is_closed_with_4002),
	T(nonsense_is_closed_with_4000_and_a_reason),
	T(a_frame_that_is_too_large_is_closed_with_1009), T(a_second_connection_replaces_the_first),
	T(a_worker_is_told_whose_links_are_fetched), T(a_silent_worker_is_closed_with_4004),
	T(pages_need_an_origin_that_is_allowed), T(who_does_not_read_is_disconnected),
	T(stopping_drains), T(stopping_waits_for_a_job_to_be_accepted),
	T(a_full_house_is_told_to_come_later), T(one_hint_feeds_all_who_wait),
	T(work_reaches_a_waiting_worker_without_a_timer))
