#include "services/bridge/fetch.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "tests/lib/httpd.h"
#include "tests/unit/check.h"

#define SIZE_MAX_ 100000

/* ---- the world outside ---- */

static char big[SIZE_MAX_ + 1];

static void answer(void *arg, const char *path, int fd)
{
	int hops = 0, *port = arg;
	char location[200];

	memset(big, 'x', sizeof big);
	if (strcmp(path, "/file") == 0)
		httpd_say(fd, "200 OK", "", "a video", 7);
	else if (strcmp(path, "/largest") == 0)
		httpd_say(fd, "200 OK", "", big, SIZE_MAX_);
	else if (strcmp(path, "/larger") == 0)
		httpd_say(fd, "200 OK", "", big, SIZE_MAX_ + 1);
	else if (strcmp(path, "/empty") == 0)
		httpd_say(fd, "200 OK", "", "", 0);
	else if (strcmp(path, "/broken") == 0)
		httpd_say(fd, "500 Oops", "", "an error page", 13);
	else if (strcmp(path, "/busy") == 0)
		httpd_say(fd, "429 Slow down", "", "", 0);
	else if (sscanf(path, "/hops/%d", &hops) == 1) {
		snprintf(location, sizeof location, "Location: %s%d\r\n",
			hops ? "/hops/" : "/file?", hops - 1);
		httpd_say(fd, "302 Found", hops > 0 ? location : "Location: /file\r\n", "no", 2);
	} else if (strcmp(path, "/to-localhost") == 0) {
		snprintf(
			location, sizeof location, "Location: http://localhost:%d/file\r\n", *port);
		httpd_say(fd, "302 Found", location, "", 0);
	} else if (strcmp(path, "/to-file") == 0)
		httpd_say(fd, "302 Found", "Location: file:///etc/passwd\r\n", "", 0);
	else if (strcmp(path, "/loop") == 0)
		httpd_say(fd, "307 Again", "Location: /loop\r\n", "", 0);
	else if (strcmp(path, "/endless") == 0) {
		const char head[] = "HTTP/1.1 200 OK\r\n\r\n";

		if (send(fd, head, sizeof head - 1, MSG_NOSIGNAL) > 0)
			while (send(fd, big, sizeof big, MSG_NOSIGNAL) > 0)
				;
	} else if (strncmp(path, "/endless-", 9) == 0) {
		const char *head = strcmp(path + 9, "error") == 0
					   ? "HTTP/1.1 404 No\r\n\r\n"
					   : "HTTP/1.1 302 There\r\nLocation: /file\r\n\r\n";

		if (send(fd, head, strlen(head), MSG_NOSIGNAL) > 0)
			while (send(fd, big, sizeof big, MSG_NOSIGNAL) > 0)
				;
	} else if (strcmp(path, "/cut") == 0) {
		const char part[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this";

		(void)!send(fd, part, sizeof part - 1, MSG_NOSIGNAL);
	} else if (strcmp(path, "/hang") == 0) {
		char c;

		(void)!recv(fd, &c, 1, 0); /* until the other side gives up */
	} else
		httpd_say(fd, "404 Not here", "", "an error page", 13);
}

/* ---- a fetcher, and waiting for it ---- */

struct rig {
	char *dir;
	struct blobs *blobs;
	struct fetcher *f;
	struct httpd *httpd;
	int port;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int n; /* answers so far */
	struct fetch_result last;
};

static void rig_open(struct rig *r, const char *hosts, bool allow_private)
{
	struct fetch_conf conf = {.hosts = hosts,
		.allow_private = allow_private,
		.size_max = SIZE_MAX_,
		.connect_ms = 2000,
		.total_ms = 1000,
		.stalled_ms = 5000};

	memset(r, 0, sizeof *r);
	pthread_mutex_init(&r->mutex, NULL);
	pthread_cond_init(&r->cond, NULL);
	r->dir = tmp_make();
	if (blobs_open(r->dir, &r->blobs) != ERR_OK)
		abort();
	r->httpd = httpd_open(answer, &r->port);
	r->port = httpd_port(r->httpd);
	r->f = fetcher_open(&conf, r->blobs);
}

static void rig_close(struct rig *r)
{
	fetcher_close(r->f);
	httpd_close(r->httpd);
	blobs_close(r->blobs);
	tmp_remove(r->dir);
	pthread_mutex_destroy(&r->mutex);
	pthread_cond_destroy(&r->cond);
}

static void done(void *arg, struct fetch_result *res)
{
	struct rig *r = arg;

	pthread_mutex_lock(&r->mutex);
	r->last = *res;
	r->n++;
	pthread_cond_signal(&r->cond);
	pthread_mutex_unlock(&r->mutex);
}

static void wait_for(struct rig *r, int n)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	pthread_mutex_lock(&r->mutex);
	while (r->n < n)
		if (pthread_cond_timedwait(&r->cond, &r->mutex, &until) != 0)
			break;
	CHECK(r->n >= n);
	pthread_mutex_unlock(&r->mutex);
}

static struct fetch_result *fetch_url(struct rig *r, const char *url)
{
	int before = r->n;

	fetch_start(r->f, url, done, r);
	wait_for(r, before + 1);
	return &r->last;
}

/* url has one %d for the port. */
static struct fetch_result *fetch(struct rig *r, const char *host, const char *path)
{
	char url[300];

	snprintf(url, sizeof url, "http://%s:%d%s", host, r->port, path);
	return fetch_url(r, url);
}

static void check_error(struct fetch_result *got, enum err e, const char *why)
{
	if (got->e != e)
		fprintf(stderr, "came: %s (%s)\n", err_name(got->e), got->why);
	CHECK_INT(got->e, e);
	CHECK(!got->w);
	if (why)
		CHECK_STR(got->why, why);
	blob_release(got->w);
	got->w = NULL;
}

/* ---- tests ---- */

static void a_file_comes_into_the_store(void)
{
	struct rig r;
	struct fetch_result *got;
	char name[BLOB_NAME];

	rig_open(&r, "127.0.0.1", true);
	got = fetch(&r, "127.0.0.1", "/file");
	CHECK_INT(got->e, ERR_OK);
	CHECK_INT(blob_written(got->w), 7);
	CHECK_INT(blob_commit(got->w, name), ERR_OK);
	CHECK(blob_exists(r.blobs, name));
	blob_release(got->w);
	got = fetch(&r, "127.0.0.1", "/largest");
	CHECK_INT(got->e, ERR_OK);
	CHECK_INT(blob_written(got->w), SIZE_MAX_);
	blob_release(got->w);
	rig_close(&r);
}

static void only_listed_hosts_are_asked(void)
{
	struct rig r;

	rig_open(&r, "files.example", true);
	check_error(fetch(&r, "127.0.0.1", "/file"), ERR_FORBIDDEN, NULL);
	check_error(fetch(&r, "files.example@127.0.0.1", "/file"), ERR_FORBIDDEN, NULL);
	check_error(fetch(&r, "127.0.0.1#files.example", "/file"), ERR_FORBIDDEN, NULL);
	check_error(fetch(&r, "127.0.0.1\\.files.example", "/file"), ERR_FORBIDDEN, NULL);
	CHECK_INT(httpd_hits(r.httpd), 0);
	rig_close(&r);
	rig_open(&r, "", true);
	check_error(fetch(&r, "127.0.0.1", "/file"), ERR_FORBIDDEN, NULL);
	CHECK_INT(httpd_hits(r.httpd), 0);
	rig_close(&r);
}

static void private_addresses_are_never_connected_to(void)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "2130706433", "0x7f.1",
		"127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", NULL};
	struct rig r;

	rig_open(&r, "127.0.0.1,localhost,0.0.0.0,[::1],[::ffff:127.0.0.1],[::ffff:7f00:1]", false);
	for (int i = 0; hosts[i]; i++)
		check_error(fetch(&r, hosts[i], "/file"), ERR_FORBIDDEN, NULL);
	CHECK_INT(httpd_hits(r.httpd), 0);
	rig_close(&r);
}

static void only_http_is_spoken(void)
{
	static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/x",
		"gopher://127.0.0.1/x", "//127.0.0.1/x", "127.0.0.1", "", "http://", "http:///x",
		"http://u:p@127.0.0.1/x", "http://127.0.0.1:99999/", "javascript:1", NULL};
	struct rig r;

	rig_open(&r, "127.0.0.1", true);
	for (int i = 0; urls[i]; i++)
		check_error(fetch_url(&r, urls[i]), ERR_FORBIDDEN, NULL);
	rig_close(&r);
}

static void redirects_are_followed_and_each_hop_is_checked(void)
{
	struct rig r;
	struct fetch_result *got;

	rig_open(&r, "127.0.0.1", true);
	got = fetch(&r, "127.0.0.1", "/hops/2");
	CHECK_INT(got->e, ERR_OK);
	CHECK_INT(blob_written(got->w), 7); /* and nothing of the pages on the way */
	blob_release(got->w);
	CHECK_INT(httpd_hits(r.httpd), 4);
	check_error(
		fetch(&r, "127.0.0.1", "/hops/3"), ERR_BAD_REQUEST, "the link redirects too often");
	check_error(fetch(&r, "127.0.0.1", "/loop"), ERR_BAD_REQUEST, NULL);
	check_error(fetch(&r, "127.0.0.1", "/to-localhost"), ERR_FORBIDDEN, NULL);
	check_error(fetch(&r, "127.0.0.1", "/to-file"), ERR_FORBIDDEN, NULL);
	rig_close(&r);
}

static void a_file_that_is_too_large_is_not_kept(void)
{
	struct rig r;

	rig_open(&r, "127.0.0.1", true);
	check_error(fetch(&r, "127.0.0.1", "/larger"), ERR_TOO_LARGE, NULL);
	check_error(fetch(&r, "127.0.0.1", "/endless"), ERR_TOO_LARGE, NULL);
	rig_close(&r);
}

static void pages_without_an_end_are_not_read_to_it(void)
{
	struct rig r;

	rig_open(&r, "127.0.0.1", true);
	check_error(
		fetch(&r, "127.0.0.1", "/endless-error"), ERR_BAD_REQUEST, "the host answered 404");
	check_error(fetch(&r, "127.0.0.1", "/endless-redirect"), ERR_BAD_REQUEST,
		"the host answered 302");
	rig_close(&r);
}

static void errors_tell_whether_to_try_again(void)
{
	struct rig r;
	char url[64];
	int port;

	rig_open(&r, "127.0.0.1", true);
	check_error(fetch(&r, "127.0.0.1", "/none"), ERR_BAD_REQUEST, "the host answered 404");
	check_error(fetch(&r, "127.0.0.1", "/empty"), ERR_BAD_REQUEST, "the file is empty");
	check_error(fetch(&r, "127.0.0.1", "/broken"), ERR_UNAVAILABLE, "the host answered 500");
	check_error(fetch(&r, "127.0.0.1", "/busy"), ERR_UNAVAILABLE, "the host answered 429");
	check_error(fetch(&r, "127.0.0.1", "/cut"), ERR_UNAVAILABLE, NULL);
	check_error(fetch(&r, "127.0.0.1", "/hang"), ERR_UNAVAILABLE, NULL);
	port = r.port;
	httpd_close(r.httpd);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/file", port);
	check_error(fetch_url(&r, url), ERR_UNAVAILABLE, NULL);
	r.httpd = httpd_open(answer, &r.port);
	rig_close(&r);
}

static void one_can_be_cancelled_and_closing_ends_the_rest(void)
{
	struct rig r;
	char url[64];
	uint64_t id;

	rig_open(&r, "127.0.0.1", true);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/hang", r.port);
	id = fetch_start(r.f, url, done, &r);
	fetch_cancel(r.f, id);
	wait_for(&r, 1);
	check_error(&r.last, ERR_UNAVAILABLE, "cancelled");
	fetch_cancel(r.f, id); /* harmless */
	fetch_start(r.f, url, done, &r);
	fetcher_close(r.f);
	r.f = NULL;
	CHECK_INT(r.n, 2);
	check_error(&r.last, ERR_UNAVAILABLE, NULL);
	rig_close(&r);
}

static void no_proxy_is_used(void)
{
	struct rig r;
	struct fetch_result *got;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	rig_open(&r, "127.0.0.1", true);
	got = fetch(&r, "127.0.0.1", "/file");
	CHECK_INT(got->e, ERR_OK);
	blob_release(got->w);
	rig_close(&r);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

TESTS("fetch", T(a_file_comes_into_the_store), T(only_listed_hosts_are_asked),
	T(private_addresses_are_never_connected_to), T(only_http_is_spoken),
	T(redirects_are_followed_and_each_hop_is_checked), T(a_file_that_is_too_large_is_not_kept),
	T(pages_without_an_end_are_not_read_to_it), T(errors_tell_whether_to_try_again),
	T(one_can_be_cancelled_and_closing_ends_the_rest), T(no_proxy_is_used))
