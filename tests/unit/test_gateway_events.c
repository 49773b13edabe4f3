/* Server-sent events of a job. */
#include "tests/unit/gateway_rig.h"

static void events_tell_each_state_to_the_end(void)
{
	char path[80], head[400];
	struct reply *r;
	int fd, n;

	rig_start();
	make_files();
	snprintf(path, sizeof path, "%s", new_video(NULL));
	n = snprintf(head, sizeof head,
		"GET %s/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n"
		"Connection: close\r\n\r\n",
		path);
	fd = dial();
	say(fd, head, (size_t)n);
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	rig_change(progress);
	/* Each state is asked for when its hint comes; give the first the time to be told. */
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	rig_change(complete);
	r = hear(fd, true); /* to the end of the connection */
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Type"), "text/event-stream");
	CHECK(strstr(r->body, "id: 1\nevent: video\ndata: {") != NULL);
	CHECK(strstr(r->body, "\"status\":\"queued\"") != NULL);
	CHECK(strstr(r->body, "id: 3\nevent: video\ndata: {") != NULL);
	CHECK(strstr(r->body, "\"status\":\"completed\"") != NULL);
	close(fd);
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	/* Of a job that is over: one event, and the end. */
	r = req("GET", join(path, "/events"), ME, "Connection: close\r\n", NULL, 0);
	CHECK(strstr(r->body, "\"status\":\"completed\"") != NULL);
	CHECK_INT(get(join(path, "x/events"), ME)->status, 404);
	rig_stop();
}

/* A connection on which a stream of events begins; more: header lines. */
static int stream_of(const char *target, const char *more)
{
	char head[600];
	int fd = dial();
	int n = snprintf(head, sizeof head,
		"GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n"
		"Connection: close\r\n%s\r\n",
		target, more);

	say(fd, head, (size_t)n);
	return fd;
}

/* Reads until `text` has come (false: it did not); all that came is in *ret. */
static bool hears(int fd, char *all, size_t size, const char *text)
{
	size_t n = strlen(all), got;

	while (!strstr(all, text)) {
		got = n < size - 1 ? hear_some(fd, all + n, size - 1 - n) : 0;
		if (!got)
			return false;
		n += got;
		all[n] = 0;
	}
	return true;
}

static int occurs(const char *all, const char *text)
{
	int n = 0;

	for (; (all = strstr(all, text)); all += strlen(text))
		n++;
	return n;
}

static void all_jobs_of_a_key_are_told_and_nobody_elses(void)
{
	char all[32768] = "", last[40], path[80];
	int fd;

	rig_start();
	snprintf(path, sizeof path, "%s", new_video(NULL)); /* before: not told */
	fd = stream_of("/v1/events", "");
	CHECK(hears(fd, all, sizeof all, "retry: 2000\n\n"));
	CHECK(hears(fd, all, sizeof all, "id: 1\n\n"));
	CHECK_INT(post_json("/v1/videos", "good-other", "{\"prompt\":\"secret\"}")->status, 200);
	new_video(NULL);
	rig_change(progress);
	CHECK(hears(fd, all, sizeof all, "id: 4\nevent: video\ndata: {"));
	CHECK_INT(req("DELETE", path, ME, "", NULL, 0)->status, 200);
	rig_change(progress); /* the fake's delete tells no hint */
	CHECK(hears(fd, all, sizeof all, "id: 5\nevent: video.deleted\ndata: {\"id\":\"video_"));
	CHECK(hears(fd, all, sizeof all, "\"deleted\":true}\n\n"));
	CHECK(hears(fd, all, sizeof all, "id: 6\nevent: video\n"));
	CHECK(strstr(all, "secret") == NULL);
	CHECK_INT(occurs(all, "id: 4\n"), 1);
	close(fd);
	/* The first comes again: nothing twice, nothing lost. */
	all[0] = 0;
	snprintf(last, sizeof last, "Last-Event-ID: 4\r\n");
	fd = stream_of("/v1/events", last);
	CHECK(hears(fd, all, sizeof all, "id: 6\nevent: video\n"));
	CHECK_INT(occurs(all, "event: "), 2);
	CHECK(strstr(all, "id: 5\nevent: video.deleted") != NULL);
	close(fd);
	all[0] = 0;
	fd = stream_of("/v1/events?last_event_id=5", "");
	CHECK(hears(fd, all, sizeof all, "id: 6\nevent: video\n"));
	CHECK_INT(occurs(all, "event: "), 1);
	close(fd);
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	rig_stop();
}

static void an_id_of_the_future_is_as_none(void)
{
	char all[4096] = "";
	struct reply *r;
	int fd;

	rig_start();
	new_video(NULL);
	fd = stream_of("/v1/events?last_event_id=999", "");
	CHECK(hears(fd, all, sizeof all, "id: 1\n\n"));
	close(fd);
	r = get("/v1/events?last_event_id=x", ME);
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "param"), "last_event_id");
	CHECK_INT(get("/v1/events?last_event_id=-1", ME)->status, 400);
	CHECK_INT(get("/v1/events", NULL)->status, 401);
	rig_stop();
}

static void one_job_goes_on_from_the_last_id(void)
{
	char all[8192] = "", path[100];
	struct reply *r;
	int fd;

	rig_start();
	make_files();
	snprintf(path, sizeof path, "%s/events", new_video(progress)); /* change 2 */
	fd = stream_of(path, "Last-Event-ID: 2\r\n");
	CHECK(hears(fd, all, sizeof all, "retry: 2000\n\n"));
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	rig_change(complete);
	CHECK(hears(fd, all, sizeof all, "\"status\":\"completed\""));
	CHECK_INT(occurs(all, "event: video\n"), 1);
	close(fd);
	all[0] = 0;
	fd = stream_of(path, "Last-Event-ID: 1\r\n");
	CHECK(hears(fd, all, sizeof all, "id: 3\nevent: video\n"));
	close(fd);
	/* Who has heard all of it is told not to come again. */
	r = req("GET", path, ME, "Last-Event-ID: 3\r\n", NULL, 0);
	CHECK_INT(r->status, 204);
	rig_stop();
}

static void streams_end_when_the_gateway_stops(void)
{
	char all[4096] = "";
	int fd;

	rig_start();
	new_video(NULL);
	fd = stream_of("/v1/events", "");
	CHECK(hears(fd, all, sizeof all, "id: 1\n\n"));
	rig_stop();
	CHECK(hears(fd, all, sizeof all, "0\r\n\r\n")); /* the last chunk: it is whole */
	close(fd);
}

static void many_listeners_cost_one_ask(void)
{
	char all[8192];
	int fds[20], before;

	rig_start();
	for (int i = 0; i < 20; i++)
		fds[i] = stream_of("/v1/events", "");
	CHECK(BECOMES(figure("arena_gateway_waits") == 20));
	before = rig.asked_changes;
	CHECK_INT(post_json("/v1/videos", ME, "{\"prompt\":\"x\"}")->status, 200);
	rig_change(progress);
	for (int i = 0; i < 20; i++) {
		all[0] = 0;
		CHECK(hears(fds[i], all, sizeof all, "id: 2\nevent: video\n"));
		close(fds[i]);
	}
	CHECK(rig.asked_changes - before <= 3); /* the hint, and maybe the poll */
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	rig_stop();
}

static void the_head_of_events_has_no_body(void)
{
	char text[400];
	struct reply *r;
	int fd, n;

	rig_start();
	n = snprintf(text, sizeof text,
		"HEAD %s/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n\r\n"
		"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		new_video(NULL));
	fd = dial();
	say(fd, text, (size_t)n);
	r = hear(fd, false);
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Type"), "text/event-stream");
	CHECK_INT(hear(fd, true)->status, 200); /* the next answer follows at once */
	CHECK_INT((int)figure("arena_gateway_waits"), 0);
	close(fd);
	rig_stop();
}

static void a_reader_of_events_who_leaves_is_forgotten(void)
{
	char head[400];
	int fd, n;

	rig_start();
	n = snprintf(head, sizeof head,
		"GET %s/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n\r\n",
		new_video(NULL));
	fd = dial();
	say(fd, head, (size_t)n);
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	close(fd);
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	rig_stop();
}

TESTS("gateway_events", T(events_tell_each_state_to_the_end), T(the_head_of_events_has_no_body),
	T(a_reader_of_events_who_leaves_is_forgotten),
	T(all_jobs_of_a_key_are_told_and_nobody_elses), T(an_id_of_the_future_is_as_none),
	T(one_job_goes_on_from_the_last_id), T(streams_end_when_the_gateway_stops),
	T(many_listeners_cost_one_ask))
