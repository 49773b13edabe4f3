#include "services/gateway/route.h"
#include "tests/unit/check.h"

static void handler(struct request *r)
{
	(void)r;
}

static const struct route table[] = {
	{"generate", "POST", "/v1/videos/generations", NEED_CREATE, TAKES_VIDEO, handler},
	{"create", "POST", "/v1/videos", NEED_CREATE, TAKES_VIDEO, handler},
	{"list", "GET", "/v1/videos", NEED_READ, TAKES_NOTHING, handler},
	{"models", "GET", "/v1/videos/models", NEED_READ, TAKES_NOTHING, handler},
	{"get", "GET", "/v1/videos/{}", NEED_READ, TAKES_NOTHING, handler},
	{"delete", "DELETE", "/v1/videos/{}", NEED_READ, TAKES_NOTHING, handler},
	{"content", "GET", "/v1/videos/{}/content", NEED_LINK, TAKES_NOTHING, handler},
	{"mp4", "GET", "/v1/videos/{}/content.mp4", NEED_LINK, TAKES_NOTHING, handler},
	{"page", "GET", "/video-chat/*", NEED_NOTHING, TAKES_NOTHING, handler},
	{0},
};

static char arg[ROUTE_ARG], allow[ROUTE_ALLOW];

/* The name of the route that was found, or of the error. */
static const char *find(const char *method, const char *path)
{
	const struct route *r = NULL;
	enum err e = route_find(table, method, path, arg, allow, &r);

	return e == ERR_OK ? r->name : err_name(e);
}

static void methods_choose_the_handler(void)
{
	CHECK_STR(find("POST", "/v1/videos"), "create");
	CHECK_STR(find("GET", "/v1/videos"), "list");
	CHECK_STR(find("DELETE", "/v1/videos/x"), "delete");
}

static void head_goes_with_get(void)
{
	CHECK_STR(find("HEAD", "/v1/videos/abc/content"), "content");
	CHECK_STR(arg, "abc");
}

static void a_literal_segment_comes_before_an_id(void)
{
	CHECK_STR(find("POST", "/v1/videos/generations"), "generate");
	CHECK_STR(find("GET", "/v1/videos/generations"), "get");
}

static void the_segment_is_handed_over(void)
{
	CHECK_STR(find("GET", "/v1/videos/video_12/content.mp4"), "mp4");
	CHECK_STR(arg, "video_12");
	CHECK_STR(find("GET", "/v1/videos"), "list");
	CHECK_STR(arg, "");
}

static void a_segment_is_never_empty_nor_two_nor_too_long(void)
{
	char path[200] = "/v1/videos/";

	CHECK_STR(find("GET", "/v1/videos/"), "NO_ROUTE");
	CHECK_STR(find("GET", "/v1/videos/a/b"), "NO_ROUTE");
	memset(path + 11, 'a', ROUTE_ARG);
	CHECK_STR(find("GET", path), "NO_ROUTE");
	path[11 + ROUTE_ARG - 1] = 0;
	CHECK_STR(find("GET", path), "get");
}

static void a_path_must_fit_whole(void)
{
	CHECK_STR(find("GET", "/v1/video"), "NO_ROUTE");
	CHECK_STR(find("GET", "/v1/videosx"), "NO_ROUTE");
	CHECK_STR(find("GET", "/v1/videos/a/content.mp"), "NO_ROUTE");
	CHECK_STR(find("GET", "/"), "NO_ROUTE");
	CHECK_STR(find("GET", ""), "NO_ROUTE");
	CHECK_STR(find("GET", "/video-chat/a/b.js"), "page");
}

static void a_wrong_method_says_which_are_right(void)
{
	CHECK_STR(find("PUT", "/v1/videos/x"), "BAD_METHOD");
	CHECK_STR(allow, "GET, HEAD, DELETE");
	CHECK_STR(find("OPTIONS", "/v1/videos"), "BAD_METHOD");
	CHECK_STR(allow, "POST, GET, HEAD");
	CHECK_STR(find("POST", "/v1/videos/models"), "BAD_METHOD");
	CHECK_STR(allow, "GET, HEAD, DELETE");
	CHECK_STR(find("get", "/v1/videos"), "BAD_METHOD");
}

TESTS("route", T(methods_choose_the_handler), T(head_goes_with_get),
	T(a_literal_segment_comes_before_an_id), T(the_segment_is_handed_over),
	T(a_segment_is_never_empty_nor_two_nor_too_long), T(a_path_must_fit_whole),
	T(a_wrong_method_says_which_are_right))
