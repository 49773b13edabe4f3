/* OPTIONS, and what pages of other origins may read. */
#include "services/gateway/cors.h"
#include "tests/unit/gateway_rig.h"

#define CHAT      "Origin: https://chat.test\r\n"
#define EVIL      "Origin: https://evil.test\r\n"
#define PREFLIGHT "Access-Control-Request-Method: POST\r\n"
#define ALLOWED   "Access-Control-Allow-Origin"

static void start_with(const char *origins)
{
	rig_prepare();
	rig.conf.cors_origins = origins;
	rig_go();
}

/* Is one of the names in a list with commas this one? */
static bool names(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (; list && *list; list += strcspn(list, ", "), list += strspn(list, ", "))
		if (strncasecmp(list, name, n) == 0 && strchr(", ", list[n]))
			return true;
	return false;
}

static struct reply *options(const char *target, const char *lines)
{
	return req("OPTIONS", target, NULL, lines, NULL, 0);
}

static void by_default_no_other_origin_may(void)
{
	struct reply *r;

	rig_start();
	r = req("GET", "/v1/models", ME, CHAT, NULL, 0);
	CHECK_INT(r->status, 200);
	CHECK(!header(r, ALLOWED));
	CHECK(!header(r, "Vary"));
	r = options("/v1/videos", CHAT PREFLIGHT);
	CHECK_INT(r->status, 204);
	CHECK(!header(r, ALLOWED));
	CHECK(!header(r, "Access-Control-Allow-Methods"));
	rig_stop();
}

static void options_say_the_methods(void)
{
	struct reply *r;

	rig_start();
	r = options("/v1/videos", "");
	CHECK_INT(r->status, 204);
	CHECK_STR(header(r, "Allow"), "POST, GET, HEAD, OPTIONS");
	CHECK(header(r, "x-request-id") != NULL);
	CHECK_STR(header(options("/healthz", ""), "Allow"), "GET, HEAD, OPTIONS");
	CHECK_INT(options("*", "")->status, 204);
	CHECK_INT(options("/nothing/here", "")->status, 404);
	/* Of a request that is refused for its method too. */
	CHECK_INT(req("PUT", "/v1/videos", ME, "", NULL, 0)->status, 405);
	rig_stop();
}

static void an_allowed_origin_gets_its_preflight(void)
{
	struct reply *r;

	start_with("https://other.test, https://chat.test");
	r = options("/v1/videos",
		CHAT PREFLIGHT "Access-Control-Request-Headers: authorization,x-stainless-lang, "
			       "openai-beta,x-evil,x-stainless-a\"b\r\n");
	CHECK_INT(r->status, 204);
	CHECK_STR(header(r, ALLOWED), "https://chat.test");
	CHECK_STR(header(r, "Vary"), "Origin");
	CHECK_STR(header(r, "Access-Control-Max-Age"), "7200");
	CHECK(names(header(r, "Access-Control-Allow-Methods"), "POST"));
	CHECK(names(header(r, "Access-Control-Allow-Methods"), "GET"));
	CHECK(!names(header(r, "Access-Control-Allow-Methods"), "DELETE"));
	for (const char *const *h = (const char *const[]){"authorization", "content-type",
		     "idempotency-key", "last-event-id", "prefer", "range", "x-stainless-lang",
		     "openai-beta", NULL};
		*h; h++)
		CHECK(names(header(r, "Access-Control-Allow-Headers"), *h));
	CHECK(!names(header(r, "Access-Control-Allow-Headers"), "x-evil"));
	CHECK(strchr(header(r, "Access-Control-Allow-Headers"), '"') == NULL);
	CHECK(!header(r, "Access-Control-Allow-Credentials"));
	r = options("/v1/videos/video_0123", CHAT "Access-Control-Request-Method: DELETE\r\n");
	CHECK(names(header(r, "Access-Control-Allow-Methods"), "DELETE"));
	r = options("/v1/videos", EVIL PREFLIGHT);
	CHECK_INT(r->status, 204);
	CHECK(!header(r, ALLOWED));
	CHECK(!header(r, "Access-Control-Allow-Headers"));
	CHECK_STR(header(r, "Vary"), "Origin");
	rig_stop();
}

static void an_allowed_origin_reads_answers_and_errors(void)
{
	struct reply *r;

	start_with("https://chat.test");
	r = req("GET", "/v1/models", ME, CHAT, NULL, 0);
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, ALLOWED), "https://chat.test");
	for (const char *const *h = (const char *const[]){"Content-Range", "Accept-Ranges", "ETag",
		     "x-request-id", "Location", "Retry-After", "retry-after-ms",
		     "x-ratelimit-remaining-requests", "openai-poll-after-ms",
		     "Content-Disposition", NULL};
		*h; h++)
		CHECK(names(header(r, "Access-Control-Expose-Headers"), *h));
	r = req("GET", "/v1/models", NULL, CHAT, NULL, 0);
	CHECK_INT(r->status, 401);
	CHECK_STR(header(r, ALLOWED), "https://chat.test");
	r = req("GET", "/no/such", NULL, CHAT, NULL, 0);
	CHECK_INT(r->status, 404);
	CHECK_STR(header(r, ALLOWED), "https://chat.test");
	r = req("GET", "/v1/models", "limited", CHAT, NULL, 0);
	CHECK_INT(r->status, 429);
	CHECK_STR(header(r, ALLOWED), "https://chat.test");
	r = req("GET", "/v1/models", ME, EVIL, NULL, 0);
	CHECK_INT(r->status, 200); /* the browser keeps it from the page */
	CHECK(!header(r, ALLOWED));
	CHECK_STR(header(r, "Vary"), "Origin");
	r = req("GET", "/v1/models", ME, "", NULL, 0);
	CHECK(!header(r, ALLOWED));
	CHECK_STR(header(r, "Vary"), "Origin");
	rig_stop();
}

static void a_body_that_is_too_large_is_read_too(void)
{
	struct reply *r;

	start_with("https://chat.test");
	r = req("POST", "/v1/videos", ME,
		CHAT "Content-Type: application/json\r\nContent-Length: 99999999\r\n", NULL, 0);
	CHECK_INT(r->status, 413);
	CHECK_STR(header(r, ALLOWED), "https://chat.test");
	rig_stop();
}

static void files_by_signed_link_are_readable(void)
{
	char link[600];
	struct reply *r;

	start_with("https://chat.test");
	make_files();
	r = get(new_video(complete), ME);
	snprintf(link, sizeof link, "%s", strstr(field(r, "url"), "/v1/"));
	r = req("GET", link, NULL, CHAT "Range: bytes=0-9\r\n", NULL, 0);
	CHECK_INT(r->status, 206);
	CHECK_STR(header(r, ALLOWED), "https://chat.test");
	CHECK_STR(header(r, "Vary"), "Origin");
	rig_stop();
}

static void with_a_star_all_may_but_not_what_is_for_operators(void)
{
	static const char *const own[] = {"/video-chat", "/metrics", "/docs"};
	struct reply *r;

	start_with("*");
	r = req("GET", "/v1/models", ME, EVIL, NULL, 0);
	CHECK_STR(header(r, ALLOWED), "*");
	CHECK(!header(r, "Vary"));
	CHECK(!header(r, "Access-Control-Allow-Credentials"));
	CHECK_STR(header(options("/v1/videos", EVIL PREFLIGHT), ALLOWED), "*");
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		CHECK(!header(req("GET", own[i], NULL, EVIL, NULL, 0), ALLOWED));
		r = options(own[i], EVIL PREFLIGHT);
		CHECK_INT(r->status, 204);
		CHECK(!header(r, ALLOWED));
	}
	rig_stop();
}

static void a_setting_that_is_no_origin_is_said(void)
{
	CHECK(!cors_wrong(""));
	CHECK(!cors_wrong("*"));
	CHECK(!cors_wrong("https://a.test:8443 , http://b.test"));
	CHECK(!cors_wrong("https://*.a.test"));
	CHECK(cors_wrong("a.test"));
	CHECK(cors_wrong("https://a.test/"));
	CHECK(cors_wrong("https://a.test,null"));
	CHECK(cors_wrong("https://a.test https://b.test"));
}

TESTS("gateway_cors", T(by_default_no_other_origin_may), T(options_say_the_methods),
	T(an_allowed_origin_gets_its_preflight), T(an_allowed_origin_reads_answers_and_errors),
	T(a_body_that_is_too_large_is_read_too), T(files_by_signed_link_are_readable),
	T(with_a_star_all_may_but_not_what_is_for_operators),
	T(a_setting_that_is_no_origin_is_said))
