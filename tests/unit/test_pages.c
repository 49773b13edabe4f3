#include "services/gateway/pages.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "services/gateway/pages_data.h"
#include "tests/unit/check.h"

#define HASHED "/video-chat/app-AB23CD45.js"

/* What is served in these tests, in place of what is compiled in. */
#define FILE(path, text)                                                                           \
	{                                                                                          \
		path, (const unsigned char *)(text), sizeof(text) - 1, "202601010000"              \
	}
const struct page_file page_files[] = {
	FILE("/video-chat/index.html", "<!doctype html>the page"),
	FILE("/video-chat/index.html.br", "page.br"),
	FILE("/video-chat/index.html.gz", "page.gz"),
	FILE(HASHED, "the script"),
	FILE(HASHED ".br", "script.br"),
	FILE(HASHED ".gz", "script.gz"),
	FILE("/video-chat/only-EF56GH72.css", "the style"),
	FILE("/video-chat/only-EF56GH72.css.gz", "style.gz"),
	FILE("/video-chat/sw.js", "the service worker"),
	FILE("/video-chat/icon.svg", "<svg/>"),
	FILE("/video-chat/icon-512.png", "\x89PNG"),
	FILE("/video-chat/type-QQ22RR33.woff2", "wOF2"),
	FILE("/video-chat/manifest.webmanifest", "{}"),
	FILE("/docs/index.html", "<!doctype html><p id=\"viewer\">"),
	FILE("/docs/docs.js", "the viewer"),
	FILE("/openapi.json", "{\"openapi\": \"3.1.0\"}"),
	{0},
};

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

static void files_come_with_their_types(void)
{
	static const struct {
		const char *path, *type;
	} files[] = {
		{"/video-chat", "text/html; charset=utf-8"},
		{"/video-chat/", "text/html; charset=utf-8"},
		{"/docs", "text/html; charset=utf-8"},
		{"/docs/", "text/html; charset=utf-8"},
		{HASHED, "text/javascript; charset=utf-8"},
		{"/docs/docs.js", "text/javascript; charset=utf-8"},
		{"/video-chat/only-EF56GH72.css", "text/css; charset=utf-8"},
		{"/video-chat/icon.svg", "image/svg+xml"},
		{"/video-chat/icon-512.png", "image/png"},
		{"/video-chat/type-QQ22RR33.woff2", "font/woff2"},
		{"/video-chat/manifest.webmanifest", "application/manifest+json"},
		{"/openapi.json", "application/json"},
	};
	char type[100];
	struct world w;
	const char *a;

	world_make(&w, NULL);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		a = fetched(&w, "GET", files[i].path, "");
		CHECK_INT(atoi(a + 9), 200);
		snprintf(type, sizeof type, "Content-Type: %s\r\n", files[i].type);
		CHECK(strstr(a, type) != NULL);
	}
	world_end(&w);
}

/* Is the body of the answer this text? */
static bool gave(const char *answer, const char *text)
{
	const char *body = strstr(answer, "\r\n\r\n");

	return body && strcmp(body + 4, text) == 0;
}

static void each_gets_the_form_that_it_takes(void)
{
	static const struct {
		const char *path, *accept, *coding, *body;
	} cases[] = {
		{HASHED, NULL, NULL, "the script"},
		{HASHED, "gzip, deflate, br, zstd", "br", "script.br"},
		{HASHED, "gzip", "gzip", "script.gz"},
		{HASHED, "br;q=0.5, gzip;q=0.8", "gzip", "script.gz"},
		{HASHED, "zstd", NULL, "the script"},
		{HASHED, "gzip;q=0.5, identity", NULL, "the script"},
		{"/video-chat", "gzip, br", "br", "page.br"},
		{"/video-chat/only-EF56GH72.css", "gzip, br", "gzip", "style.gz"},
		{"/video-chat/only-EF56GH72.css", "br", NULL, "the style"},
		{"/video-chat/icon.svg", "gzip, br", NULL, "<svg/>"},
	};
	char accept[100], coding[100];
	struct world w;
	const char *a;

	world_make(&w, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(accept, sizeof accept, "Accept-Encoding: %s\r\n", cases[i].accept);
		a = fetched(&w, "GET", cases[i].path, cases[i].accept ? accept : "");
		CHECK(gave(a, cases[i].body));
		snprintf(coding, sizeof coding, "Content-Encoding: %s\r\n", cases[i].coding);
		CHECK((strstr(a, cases[i].coding ? coding : "Content-Encoding") != NULL) ==
			(cases[i].coding != NULL));
		CHECK((strstr(a, "Vary: Accept-Encoding\r\n") != NULL) ==
			(strstr(cases[i].path, ".svg") == NULL));
		CHECK(strstr(a, "Content-Type: ") != NULL);
	}
	world_end(&w);
}

static void each_form_has_its_own_tag(void)
{
	static const char *const accepts[] = {"identity", "gzip", "br"};
	char etags[3][64], more[256];
	struct world w;
	const char *a;

	world_make(&w, NULL);
	for (int i = 0; i < 3; i++) {
		snprintf(more, sizeof more, "Accept-Encoding: %s\r\n", accepts[i]);
		a = strstr(fetched(&w, "GET", HASHED, more), "ETag: \"");
		CHECK(a != NULL);
		snprintf(etags[i], sizeof etags[i], "%.34s", a ? a + 6 : "");
	}
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++) {
			snprintf(more, sizeof more, "Accept-Encoding: %s\r\nIf-None-Match: %s\r\n",
				accepts[i], etags[j]);
			a = fetched(&w, "GET", HASHED, more);
			CHECK_INT(atoi(a + 9), i == j ? 304 : 200);
			CHECK(strstr(a, "Vary: Accept-Encoding\r\n") != NULL);
			CHECK(strstr(a, etags[i]) != NULL);
		}
	world_end(&w);
}

static void only_what_has_its_hash_in_its_name_is_kept_for_good(void)
{
	static const struct {
		const char *path;
		bool kept;
	} files[] = {{HASHED, true}, {"/video-chat/only-EF56GH72.css", true},
		{"/video-chat/type-QQ22RR33.woff2", true}, {"/video-chat", false},
		{"/video-chat/sw.js", false}, {"/video-chat/manifest.webmanifest", false},
		{"/video-chat/icon-512.png", false}, {"/docs", false}, {"/openapi.json", false}};
	struct world w;
	const char *a;

	world_make(&w, NULL);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		a = fetched(&w, "GET", files[i].path, "");
		CHECK(strstr(a, files[i].kept
					? "Cache-Control: public, max-age=31536000, immutable\r\n"
					: "Cache-Control: no-cache\r\n") != NULL);
		CHECK(strstr(a, "ETag: \"") != NULL);
	}
	world_end(&w);
}

static void service_worker_may_have_the_page(void)
{
	struct world w;

	world_make(&w, NULL);
	CHECK(strstr(fetched(&w, "GET", "/video-chat/sw.js", ""),
		      "Service-Worker-Allowed: /video-chat\r\n") != NULL);
	CHECK(strstr(fetched(&w, "GET", HASHED, ""), "Service-Worker-Allowed") == NULL);
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
	CHECK(strstr(a, "manifest-src 'self'; worker-src 'self';") != NULL);
	CHECK(strstr(a, "unsafe") == NULL);
	CHECK(strstr(a, "Referrer-Policy: no-referrer\r\n") != NULL);
	CHECK(strstr(a, "X-Content-Type-Options: nosniff\r\n") != NULL);
	world_end(&w);
}

static void unchanged_file_is_not_sent_again(void)
{
	char etag[64], more[256];
	struct world w;
	const char *a;

	world_make(&w, NULL);
	a = strstr(fetched(&w, "GET", HASHED, ""), "ETag: \"");
	CHECK(a != NULL);
	snprintf(etag, sizeof etag, "%.34s", a ? a + 6 : "");
	snprintf(more, sizeof more, "If-None-Match: \"other\", W/%s\r\n", etag);
	a = fetched(&w, "GET", HASHED, more);
	CHECK_INT(atoi(a + 9), 304);
	CHECK(strstr(a, etag) != NULL);
	CHECK_STR(strstr(a, "\r\n\r\n"), "\r\n\r\n");
	a = fetched(&w, "GET", HASHED, "If-None-Match: \"other\"\r\n");
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
	CHECK(gave(a, ""));
	a = fetched(&w, "HEAD", HASHED, "Accept-Encoding: br\r\n");
	CHECK(strstr(a, "Content-Encoding: br\r\n") != NULL);
	CHECK(strstr(a, "Content-Length: 9\r\n") != NULL);
	CHECK(gave(a, ""));
	world_end(&w);
}

static void nothing_else_is_there(void)
{
	static const char *const paths[] = {"/video-chat/nothing.js", "/video-chatter",
		"/video-chat/../video-chat/sw.js", "/video-chat/%2e%2e/sw.js",
		"/video-chat/..%2fsw.js", "/video-chat/sub/sw.js", "/video-chat/.hidden.js",
		"/video-chat/sw", "/video-chat/index.html.txt", "/video-chat//sw.js", "/docs/sw.js",
		HASHED ".br", HASHED ".gz", "/video-chat/index.html.br"};
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

static void without_its_page_it_says_what_to_do(void)
{
	char *dir = tmp_make();
	struct world w;
	const char *a;

	world_make(&w, dir);
	a = fetched(&w, "GET", "/video-chat", "");
	CHECK_INT(atoi(a + 9), 501);
	CHECK(strstr(a, "Content-Type: text/plain; charset=utf-8\r\n") != NULL);
	CHECK(strstr(a, "./arena build") != NULL);
	CHECK_INT(status(&w, "/video-chat/"), 501);
	CHECK_INT(status(&w, HASHED), 404);
	CHECK_INT(status(&w, "/docs"), 200);
	world_end(&w);
	tmp_remove(dir);
}

TESTS("pages", T(files_come_with_their_types), T(each_gets_the_form_that_it_takes),
	T(each_form_has_its_own_tag), T(only_what_has_its_hash_in_its_name_is_kept_for_good),
	T(service_worker_may_have_the_page), T(page_may_load_nothing_from_elsewhere),
	T(unchanged_file_is_not_sent_again), T(head_has_no_body), T(nothing_else_is_there),
	T(folder_is_read_afresh_and_never_left), T(without_its_page_it_says_what_to_do))
