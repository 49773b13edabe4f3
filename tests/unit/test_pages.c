#include "services/gateway/pages.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/unit/check.h"

struct world {
	struct pages *pages;
	struct http *http;
};

static void begin(void *arg, struct exchange *x)
{
	pages_answer(((struct world *)arg)->pages, x);
}

static void nothing(void *arg, struct exchange *x)
{
	(void)arg;
	(void)x;
}

static void nothing_of_body(void *arg, struct exchange *x, const char *p, size_t n)
{
	(void)arg;
	(void)x;
	(void)p;
	(void)n;
}

static const struct http_app app = {
	.begin = begin, .body = nothing_of_body, .end = nothing, .done = nothing};

static void world_make(struct world *w, const char *web_dir)
{
	struct http_conf conf = {
		.host = "127.0.0.1", .connections = 100, .idle_ms = 20000, .threads = 1};

	CHECK_INT(pages_open(web_dir, &w->pages), ERR_OK);
	CHECK_INT(http_start(&conf, &app, w, &w->http), ERR_OK);
}

static void world_end(struct world *w)
{
	http_stop(w->http, 5000);
	pages_close(w->pages);
}

/* The whole answer; lives until the next call. */
static const char *fetched(
	const struct world *w, const char *method, const char *path, const char *more)
{
	static char answer[1 << 20];
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)http_port(w->http))};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char request[1000];
	size_t n = 0;
	ssize_t r;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	snprintf(request, sizeof request,
		"%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", method, path, more);
	CHECK_INT(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	CHECK_INT(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	while ((r = recv(fd, answer + n, sizeof answer - 1 - n, 0)) > 0)
		n += (size_t)r;
	answer[n] = '\0';
	close(fd);
	return answer;
}

static int status(const struct world *w, const char *path)
{
	return atoi(fetched(w, "GET", path, "") + 9);
}

static void page_and_its_files_come_with_their_types(void)
{
	struct world w;
	const char *a;

	world_make(&w, NULL);
	a = fetched(&w, "GET", "/video-chat", "");
	CHECK_INT(atoi(a + 9), 200);
	CHECK(strstr(a, "Content-Type: text/html; charset=utf-8\r\n") != NULL);
	CHECK(strcasestr(a, "<!doctype html>") != NULL);
	CHECK_INT(status(&w, "/video-chat/"), 200);
	a = fetched(&w, "GET", "/video-chat/app.js", "");
	CHECK(strstr(a, "Content-Type: text/javascript; charset=utf-8\r\n") != NULL);
	a = fetched(&w, "GET", "/video-chat/style.css", "");
	CHECK(strstr(a, "Content-Type: text/css; charset=utf-8\r\n") != NULL);
	world_end(&w);
}

static void documents_of_the_api_are_there_as_well(void)
{
	struct world w;
	const char *a;

	world_make(&w, NULL);
	a = fetched(&w, "GET", "/docs", "");
	CHECK_INT(atoi(a + 9), 200);
	CHECK(strstr(a, "Content-Security-Policy: default-src 'none'; script-src 'self';") != NULL);
	CHECK(strstr(a, "id=\"viewer\"") != NULL);
	CHECK_INT(status(&w, "/docs/"), 200);
	CHECK_INT(status(&w, "/docs/docs.js"), 200);
	CHECK_INT(status(&w, "/docs/app.js"), 404);
	a = fetched(&w, "GET", "/openapi.json", "");
	CHECK_INT(atoi(a + 9), 200);
	CHECK(strstr(a, "Content-Type: application/json\r\n") != NULL);
	CHECK(strstr(a, "\"openapi\": \"3.1.") != NULL);
	world_end(&w);
}

static void page_may_load_nothing_from_elsewhere(void)
{
	struct world w;
	const char *a;

	world_make(&w, "");
	a = fetched(&w, "GET", "/video-chat", "");
	CHECK(strstr(a, "Content-Security-Policy: default-src 'none'; script-src 'self';") != NULL);
	CHECK(strstr(a, "frame-ancestors 'none'") != NULL);
	CHECK(strstr(a, "unsafe") == NULL);
	CHECK(strstr(a, "Referrer-Policy: no-referrer\r\n") != NULL);
	CHECK(strstr(a, "X-Content-Type-Options: nosniff\r\n") != NULL);
	world_end(&w);
}

static void page_has_no_inline_script_or_style(void)
{
	struct world w;
	const char *a;

	world_make(&w, NULL);
	a = fetched(&w, "GET", "/video-chat", "");
	CHECK(strcasestr(a, "<script>") == NULL);
	CHECK(strcasestr(a, "<style") == NULL);
	CHECK(strcasestr(a, " style=") == NULL);
	CHECK(strcasestr(a, " onclick=") == NULL);
	CHECK(strstr(a, "//") == NULL || strstr(a, "http://") == NULL);
	world_end(&w);
}

static void unchanged_file_is_not_sent_again(void)
{
	char etag[64], more[200];
	struct world w;
	const char *a;

	world_make(&w, NULL);
	a = strstr(fetched(&w, "GET", "/video-chat/app.js", ""), "ETag: \"");
	CHECK(a != NULL);
	snprintf(etag, sizeof etag, "%.34s", a ? a + 6 : "");
	snprintf(more, sizeof more, "If-None-Match: \"other\", W/%s\r\n", etag);
	a = fetched(&w, "GET", "/video-chat/app.js", more);
	CHECK_INT(atoi(a + 9), 304);
	CHECK(strstr(a, etag) != NULL);
	CHECK_STR(strstr(a, "\r\n\r\n"), "\r\n\r\n");
	a = fetched(&w, "GET", "/video-chat/app.js", "If-None-Match: \"other\"\r\n");
	CHECK_INT(atoi(a + 9), 200);
	world_end(&w);
}

static void head_has_no_body(void)
{
	struct world w;
	const char *a;

	world_make(&w, NULL);
	a = fetched(&w, "HEAD", "/video-chat", "");
	CHECK_INT(atoi(a + 9), 200);
	CHECK_STR(strstr(a, "\r\n\r\n"), "\r\n\r\n");
	world_end(&w);
}

static void nothing_else_is_there(void)
{
	static const char *const paths[] = {"/video-chat/nothing.js", "/video-chatter",
		"/video-chat/../video-chat/app.js", "/video-chat/%2e%2e/app.js",
		"/video-chat/..%2fapp.js", "/video-chat/sub/app.js", "/video-chat/.hidden.js",
		"/video-chat/app", "/video-chat/index.html.txt", "/video-chat//app.js"};
	struct world w;

	world_make(&w, NULL);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		CHECK_INT(status(&w, paths[i]), 404);
	world_end(&w);
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[600];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	fputs(text, f);
	fclose(f);
}

static void folder_is_read_afresh_and_never_left(void)
{
	char *dir = tmp_make(), *outside = tmp_make(), link[600], target[600];
	struct world w;

	put(dir, "index.html", "<!doctype html>one");
	put(dir, "notes.txt", "private");
	put(outside, "secret.js", "private");
	snprintf(link, sizeof link, "%s/link.js", dir);
	snprintf(target, sizeof target, "%s/secret.js", outside);
	CHECK_INT(symlink(target, link), 0);
	world_make(&w, dir);
	CHECK(strstr(fetched(&w, "GET", "/video-chat", ""), "<!doctype html>one") != NULL);
	put(dir, "index.html", "<!doctype html>two");
	CHECK(strstr(fetched(&w, "GET", "/video-chat", ""), "<!doctype html>two") != NULL);
	CHECK_INT(status(&w, "/video-chat/notes.txt"), 404);
	CHECK_INT(status(&w, "/video-chat/link.js"), 404);
	CHECK_INT(status(&w, "/video-chat/..%2fsecret.js"), 404);
	CHECK_INT(status(&w, "/docs"), 200);
	world_end(&w);
	CHECK_INT(pages_open("/proc/no-such-folder", &w.pages), ERR_STORE);
	tmp_remove(dir);
	tmp_remove(outside);
}

TESTS("pages", T(page_and_its_files_come_with_their_types),
	T(documents_of_the_api_are_there_as_well), T(page_may_load_nothing_from_elsewhere),
	T(page_has_no_inline_script_or_style), T(unchanged_file_is_not_sent_again),
	T(head_has_no_body), T(nothing_else_is_there), T(folder_is_read_afresh_and_never_left))
