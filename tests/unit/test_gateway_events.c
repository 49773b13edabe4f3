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
	T(a_reader_of_events_who_leaves_is_forgotten))
