/* The gateway as a whole: keys, heads, connections, and what is not there. */
#include "tests/unit/gateway_rig.h"

static void every_route_wants_a_key(void)
{
	static const char *const routes[][2] = {{"POST", "/v1/videos"},
		{"POST", "/v1/videos/generations"}, {"GET", "/v1/videos"}, {"GET", "/v1/videos/x"},
		{"DELETE", "/v1/videos/x"}, {"POST", "/v1/videos/x/cancel"},
		{"GET", "/v1/videos/x/content"}, {"GET", "/v1/videos/x/content.mp4"},
		{"GET", "/v1/videos/x/events"}, {"GET", "/v1/models"}};

	rig_start();
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		struct reply *r = req(routes[i][0], routes[i][1], NULL, "", NULL, 0);

		CHECK_INT(r->status, 401);
		CHECK_STR(header(r, "WWW-Authenticate"), "Bearer");
		CHECK_STR(field(r, "code"), "invalid_api_key");
		CHECK_INT(req(routes[i][0], routes[i][1], "bad", "", NULL, 0)->status, 401);
	}
	CHECK_INT(rig.creates, 0);
	rig_stop();
}

static void what_is_not_there_is_said_so(void)
{
	struct reply *r;

	rig_start();
	r = get("/v1/nothing", ME);
	CHECK_INT(r->status, 404);
	CHECK_STR(field(r, "code"), "unknown_url");
	r = req("POST", "/v1/videos/", ME, "", NULL, 0);
	CHECK_INT(r->status, 404);
	CHECK(strstr(field(r, "message"), "none of them ends with a slash") != NULL);
	r = req("PUT", "/v1/videos", ME, "", NULL, 0);
	CHECK_INT(r->status, 405);
	CHECK_STR(header(r, "Allow"), "POST, GET, HEAD");
	r = get("/v1/videos/video_00000000000000000000000000000000", ME);
	CHECK_INT(r->status, 404);
	CHECK_STR(field(r, "code"), "not_found");
	CHECK_INT(get("/v1/videos/%2e%2e%2f", ME)->status, 404);
	CHECK_INT(get("/healthz%00x", ME)->status, 400);
	rig_stop();
}

static void every_answer_says_its_request_id_and_type(void)
{
	char first[80];
	struct reply *r;

	rig_start();
	r = get("/healthz", NULL);
	CHECK_STR(header(r, "X-Content-Type-Options"), "nosniff");
	snprintf(first, sizeof first, "%s", header(r, "x-request-id"));
	CHECK_INT(strlen(first), 32);
	r = get("/nothing", NULL);
	CHECK(strcmp(header(r, "x-request-id"), first) != 0);
	CHECK_STR(header(r, "Content-Type"), "application/json");
	rig_stop();
}

static void rates_are_told_and_limits_say_when_to_return(void)
{
	struct reply *r;

	rig_start();
	r = get("/v1/models", ME);
	CHECK_STR(header(r, "x-ratelimit-limit-requests"), "60");
	CHECK_STR(header(r, "x-ratelimit-remaining-requests"), "59");
	CHECK_STR(header(r, "x-ratelimit-reset-requests"), "1m1s");
	r = get("/v1/models", "limited");
	CHECK_INT(r->status, 429);
	CHECK_STR(header(r, "Retry-After"), "2");
	CHECK_STR(header(r, "retry-after-ms"), "1500");
	CHECK_STR(header(r, "x-ratelimit-remaining-requests"), "0");
	CHECK_STR(header(r, "x-ratelimit-reset-requests"), "20ms");
	rig_stop();
}

static void ambiguous_or_strange_heads_are_refused(void)
{
	rig_start();
	CHECK_INT(req("POST", "/v1/videos", ME,
			  "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
			  "0\r\n\r\n", 5)
			  ->status,
		400);
	CHECK_INT(req("GET", "/healthz", NULL, "Host: evil\"host\r\n", NULL, 0)->status, 400);
	{
		static const char bad[] = "GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n";
		int fd = dial();

		say(fd, bad, sizeof bad - 1);
		CHECK_INT(hear(fd, true)->status, 400);
		close(fd);
	}
	rig_stop();
}

static void what_a_proxy_may_read_in_another_way_ends_the_connection(void)
{
	static const char *const lines[] = {"Content-Length: 13\r\nContent-Length: 5\r\n",
		"Content-Length: 0\r\nContent-Length: 13\r\n", "Content-Length : 13\r\n",
		"Content-Length:\r\n 13\r\n", "X-A: b\rContent-Length: 13\r\n",
		"Transfer-Encoding : chunked\r\n", "Transfer-Encoding: identity\r\n",
		"Transfer-Encoding: gzip, chunked\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "Host: b\r\n"};

	rig_start();
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char text[600];
		int n = snprintf(text, sizeof text,
			"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n"
			"Content-Type: application/json\r\n%s\r\n{\"prompt\":\"\"}"
			"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
			lines[i]);
		struct reply *r;
		int fd = dial();

		say(fd, text, (size_t)n);
		r = hear(fd, true);
		CHECK_INT(r->status, 400);
		CHECK(strstr(r->body, "bad_request") != NULL);
		CHECK_STR(header(r, "Connection"), "close");
		CHECK(hear_some(fd, text, 1) == 0); /* what followed was not served */
		close(fd);
	}
	CHECK_INT(rig.creates, 0);
	rig_stop();
}

static void one_connection_serves_many_requests(void)
{
	static const char post[] =
		"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n"
		"Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"prompt\":\"x\"}";
	static const char list[] =
		"GET /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n\r\n";
	static const char none[] = "POST /v1/videos/x/cancel HTTP/1.1\r\nHost: a\r\n\r\n";
	int fd;

	rig_start();
	fd = dial();
	for (int i = 0; i < 20; i++) {
		say(fd, post, sizeof post - 1);
		CHECK_INT(hear(fd, true)->status, 200);
		say(fd, list, sizeof list - 1);
		CHECK_INT(hear(fd, true)->status, 200);
		say(fd, none, sizeof none - 1);
		CHECK_INT(hear(fd, true)->status, 401);
	}
	/* pipelined */
	say(fd, list, sizeof list - 1);
	say(fd, list, sizeof list - 1);
	CHECK_INT(hear(fd, true)->status, 200);
	CHECK_INT(hear(fd, true)->status, 200);
	close(fd);
	rig_stop();
}

static void jobs_are_read_cancelled_and_deleted(void)
{
	struct reply *r;
	char path[80];

	rig_start();
	snprintf(path, sizeof path, "%s", new_video(NULL));
	CHECK_STR(field(get(path, ME), "status"), "queued");
	CHECK_INT(get(path, "good-other")->status, 404);
	CHECK_STR(field(req("POST", join(path, "/cancel"), ME, "", "", 0), "status"), "cancelled");
	r = req("DELETE", path, ME, "", NULL, 0);
	CHECK_STR(field(r, "object"), "video.deleted");
	CHECK_INT(get(path, ME)->status, 404);
	rig_stop();
}

static void without_jobs_it_says_so_and_recovers(void)
{
	struct reply *r;

	rig_start();
	rig.jobs_fail = ERR_UNAVAILABLE;
	r = get("/v1/videos", ME);
	CHECK_INT(r->status, 503);
	CHECK_STR(header(r, "Retry-After"), "1");
	CHECK_STR(field(r, "code"), "service_unavailable");
	rig.jobs_fail = ERR_LEASE_LOST; /* services' own errors are not for clients */
	CHECK_STR(field(get("/v1/videos", ME), "code"), "service_unavailable");
	rig.jobs_fail = ERR_OK;
	CHECK_INT(get("/v1/videos", ME)->status, 200);
	rig_stop();
}

static void readiness_names_who_is_missing(void)
{
	rig_prepare();
	rig.conf.auth_url = "inproc://rig-nobody";
	rig_go();
	CHECK_INT(get("/healthz", NULL)->status, 200);
	CHECK(BECOMES(strcmp(field(get("/readyz", NULL), "jobs"), "ok") == 0));
	CHECK_INT(get("/readyz", NULL)->status, 503);
	CHECK_STR(field(get("/readyz", NULL), "auth"), "unreachable");
	CHECK_STR(field(get("/readyz", NULL), "disk"), "ok");
	rig_stop();
	rig_start();
	CHECK(BECOMES(get("/readyz", NULL)->status == 200));
	rig_stop();
}

static const char *long_head(char *out, size_t size, const char *begin, const char *end)
{
	size_t n = (size_t)snprintf(out, size, "%s", begin);

	memset(out + n, 'a', 40000);
	snprintf(out + n + 40000, size - n - 40000, "%s", end);
	return out;
}

/* What the library would answer by itself, as HTML and without an id. */
static void what_cannot_be_read_is_answered_as_json(void)
{
	static char url[50000], head[50000];
	const struct {
		const char *said, *code;
		int status;
	} cases[] = {
		{long_head(url, sizeof url, "GET /", " HTTP/1.1\r\nHost: a\r\n\r\n"),
			"url_too_long", 414},
		{long_head(head, sizeof head, "GET / HTTP/1.1\r\nHost: a\r\nX: ", "\r\n\r\n"),
			"header_too_large", 431},
		{"GET /healthz\r\n\r\n", "bad_request", 400},
		{"GET /healthz HTTP/1.1\r\nHost: a\r\nfoo\r\n\r\n", "bad_request", 400},
		{"POST /v1/videos HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n",
			"bad_request", 400},
		{"POST /v1/videos HTTP/1.1\r\nHost: a\r\nContent-Length: "
		 "99999999999999999999\r\n\r\n",
			"request_too_large", 413},
		{"GET /healthz HTTP/3.0\r\nHost: a\r\n\r\n", "http_version_not_supported", 505},
	};

	rig_start();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = dial();
		struct reply *r;
		char c;

		say(fd, cases[i].said, strlen(cases[i].said));
		r = hear(fd, true);
		CHECK_INT(r->status, cases[i].status);
		CHECK_STR(header(r, "Content-Type"), "application/json");
		CHECK_STR(header(r, "Connection"), "close");
		CHECK_INT(strlen(header(r, "x-request-id")), 32);
		CHECK_STR(field(r, "code"), cases[i].code);
		CHECK(strstr(r->body, "\"param\":null") != NULL);
		CHECK_INT(hear_some(fd, &c, 1), 0);
		close(fd);
	}
	CHECK_INT(get("/healthz", NULL)->status, 200);
	rig_stop();
}

static void one_that_sends_too_slowly_is_told_so(void)
{
	static const char *const parts[] = {"GET /healthz HT",
		"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n"
		"Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"};
	struct reply *r;
	int fds[2], idle;
	char c;

	rig_prepare();
	rig.conf.head_ms = rig.conf.body_ms = 1000;
	rig_go();
	idle = dial();
	for (int i = 0; i < 2; i++) {
		fds[i] = dial();
		say(fds[i], parts[i], strlen(parts[i]));
	}
	for (int i = 0; i < 2; i++) {
		r = hear(fds[i], true);
		CHECK_INT(r->status, 408);
		CHECK_STR(field(r, "code"), "request_timeout");
		CHECK_INT(strlen(header(r, "x-request-id")), 32);
		CHECK_INT(hear_some(fds[i], &c, 1), 0);
		close(fds[i]);
	}
	CHECK_INT(hear_some(idle, &c, 1), 0); /* nothing was asked */
	close(idle);
	rig_stop();
}

static void models_are_listed(void)
{
	rig_start();
	CHECK_STR(field(get("/v1/models", ME), "id"), "m1");
	rig_stop();
}

TESTS("gateway", T(every_route_wants_a_key), T(what_is_not_there_is_said_so),
	T(every_answer_says_its_request_id_and_type),
	T(rates_are_told_and_limits_say_when_to_return), T(ambiguous_or_strange_heads_are_refused),
	T(what_a_proxy_may_read_in_another_way_ends_the_connection),
	T(one_connection_serves_many_requests), T(jobs_are_read_cancelled_and_deleted),
	T(without_jobs_it_says_so_and_recovers), T(readiness_names_who_is_missing),
	T(what_cannot_be_read_is_answered_as_json), T(one_that_sends_too_slowly_is_told_so),
	T(models_are_listed))
