#include "services/bridge/reference.h"

#include <stdatomic.h>
#include <sys/socket.h>

#include "tests/lib/httpd.h"
#include "tests/unit/bridge_rig.h"

/* The beginning of a PNG of 300 by 170. */
#define PNG  "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x2c\0\0\0\xaa\x08\x06\0\0\0"
#define WIDE "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x27\x10\0\0\0\xaa\x08\x06\0\0\0" /* 10000 */

static const char page[] = "<!doctype html><title>A picture</title><img src=picture.png>";
static char settings_private[] = "--fetch-private=yes", settings_max[] = "--image-max=100",
	    settings_wait[] = "--image-wait=700ms";
static char *const settings[] = {settings_private, settings_max, settings_wait, NULL};

/* ---- the world outside ---- */

static void endless(int fd)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";

	if (send(fd, head, sizeof head - 1, MSG_NOSIGNAL) > 0)
		while (send(fd, page, sizeof page, MSG_NOSIGNAL) > 0)
			;
}

static void answer(void *arg, const char *path, int fd)
{
	static const char large[101] = PNG;
	char c;

	(void)arg;
	if (strcmp(path, "/a.png") == 0)
		httpd_say(fd, "200 OK", "Content-Type: text/plain\r\n", PNG, sizeof PNG - 1);
	else if (strcmp(path, "/moved") == 0)
		httpd_say(fd, "302 Found", "Location: /a.png\r\n", page, sizeof page - 1);
	else if (strcmp(path, "/round") == 0)
		httpd_say(fd, "302 Found", "Location: /round\r\n", "", 0);
	else if (strcmp(path, "/wide") == 0)
		httpd_say(fd, "200 OK", "", WIDE, sizeof WIDE - 1);
	else if (strcmp(path, "/page") == 0)
		httpd_say(fd, "200 OK", "Content-Type: image/png\r\n", page, sizeof page - 1);
	else if (strcmp(path, "/large") == 0)
		httpd_say(fd, "200 OK", "", large, sizeof large);
	else if (strcmp(path, "/endless") == 0)
		endless(fd);
	else if (strcmp(path, "/silent") == 0)
		(void)!recv(fd, &c, 1, 0); /* until the other side gives up */
	else
		httpd_say(fd, "404 Not here", "", page, sizeof page - 1);
}

/* ---- a bridge that is asked ---- */

struct world {
	struct rig rig;
	struct peer *peer;
	struct httpd *httpd;
	int port;
};

static void world_open(struct world *w, char *const *more)
{
	rig_open(&w->rig, more);
	w->peer = peer_open_slow("bridge", w->rig.url, w->rig.secret.wire, 2 * REFERENCES_MAX);
	w->httpd = httpd_open(answer, NULL);
	w->port = httpd_port(w->httpd);
}

static void world_close(struct world *w)
{
	rig_close(&w->rig);
	httpd_close(w->httpd);
}

/* What came of the last ask. */
static struct {
	enum err e;
	char message[400], sha256[BLOB_NAME], mime[32];
	int64_t size, width, height;
	atomic_int n;
} got;

static pthread_mutex_t got_lock = PTHREAD_MUTEX_INITIALIZER;

static void on_answer(void *arg, enum err e, const struct answer *a)
{
	const struct input *in = a->rec;

	(void)arg;
	pthread_mutex_lock(&got_lock); /* many may be answered at once */
	got.e = e;
	snprintf(got.message, sizeof got.message, "%s",
		a->problem->message ? a->problem->message : "");
	if (e == ERR_OK) {
		snprintf(got.sha256, sizeof got.sha256, "%s", in->sha256);
		snprintf(got.mime, sizeof got.mime, "%s", in->mime);
		got.size = in->size;
		got.width = in->width;
		got.height = in->height;
	}
	pthread_mutex_unlock(&got_lock);
	got.n++;
}

static void ask_url(struct world *w, const char *url)
{
	struct image_link link = {url};
	struct rid rid = rid_new();
	int before = got.n;

	ask(w->peer, &rid, MSG_IMAGE_FETCH, &link, 10000, on_answer, NULL);
	EVENTUALLY(got.n > before);
}

static void ask_path(struct world *w, const char *path)
{
	char url[128];

	snprintf(url, sizeof url, "http://127.0.0.1:%d%s", w->port, path);
	ask_url(w, url);
}

static void check_refused(struct world *w, const char *path, enum err e, const char *words)
{
	got.message[0] = 0;
	ask_path(w, path);
	CHECK_INT(got.e, e);
	if (!strstr(got.message, words))
		fprintf(stderr, "%s: %s\n", path, got.message);
	CHECK(strstr(got.message, words) != NULL);
	CHECK(strstr(got.message, "127.0.0.1") == NULL);
}

/* ---- tests ---- */

static void an_image_comes_into_the_store_whatever_its_host_calls_it(void)
{
	static const char *const paths[] = {"/a.png", "/moved"};
	struct world w;

	world_open(&w, settings);
	for (int i = 0; i < 2; i++) {
		memset(got.sha256, 0, sizeof got.sha256);
		ask_path(&w, paths[i]);
		CHECK_INT(got.e, ERR_OK);
		CHECK_STR(got.mime, "image/png");
		CHECK_INT(got.size, sizeof PNG - 1);
		CHECK_INT(got.width, 300);
		CHECK_INT(got.height, 170);
		CHECK(blob_exists(w.rig.blobs, got.sha256));
	}
	world_close(&w);
}

static void it_stays_until_the_asker_had_time_to_tell_jobs(void)
{
	struct world w;

	world_open(&w, settings);
	ask_path(&w, "/a.png");
	CHECK_INT(got.e, ERR_OK);
	CHECK(!blob_remove(w.rig.blobs, got.sha256)); /* pinned */
	bridge_stop(w.rig.bridge);
	w.rig.bridge = NULL;
	CHECK(blob_remove(w.rig.blobs, got.sha256));
	world_close(&w);
}

static void what_is_no_good_is_refused_in_plain_words(void)
{
	struct world w;

	world_open(&w, settings);
	check_refused(&w, "/page", ERR_BAD_IMAGE, "not to a page that shows it");
	check_refused(&w, "/wide", ERR_BAD_IMAGE, "10000 x 170 pixels; a side may have 8192");
	check_refused(&w, "/large", ERR_TOO_LARGE, "it may have 100 bytes");
	check_refused(&w, "/endless", ERR_TOO_LARGE, "it may have 100 bytes");
	check_refused(&w, "/none", ERR_BAD_LINK, "the host answered 404");
	check_refused(&w, "/round", ERR_BAD_LINK, "redirects too often");
	check_refused(&w, "/silent", ERR_BAD_LINK, "Check the link, or send the image itself");
	ask_url(&w, "file:///etc/passwd");
	CHECK_INT(got.e, ERR_BAD_LINK);
	ask_url(&w, "");
	CHECK_INT(got.e, ERR_BAD_LINK);
	world_close(&w);
}

static void private_addresses_are_refused_before_they_are_asked(void)
{
	struct world w;

	world_open(&w, NULL);
	check_refused(&w, "/a.png", ERR_BAD_LINK, "an address that is not public");
	CHECK_INT(httpd_hits(w.httpd), 0);
	world_close(&w);
}

static void too_many_at_once_are_refused_and_a_stop_ends_the_rest(void)
{
	static char wait[] = "--image-wait=60s", drain[] = "--drain=1ms";
	static char *const slow[] = {settings_private, wait, drain, NULL};
	struct world w;
	int before = got.n;
	char url[64];
	struct image_link link = {url};

	world_open(&w, slow);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/silent", w.port);
	for (int i = 0; i < REFERENCES_MAX + 1; i++) {
		struct rid rid = rid_new();

		ask(w.peer, &rid, MSG_IMAGE_FETCH, &link, 30000, on_answer, NULL);
	}
	EVENTUALLY(got.n == before + 1);
	CHECK_INT(got.e, ERR_OVERLOADED);
	bridge_stop(w.rig.bridge);
	w.rig.bridge = NULL;
	EVENTUALLY(got.n == before + REFERENCES_MAX + 1);
	CHECK_INT(got.e, ERR_UNAVAILABLE);
	ask_url(&w, "http://127.0.0.1/"); /* the server stays, the bridge is gone */
	CHECK_INT(got.e, ERR_UNAVAILABLE);
	world_close(&w);
}

TESTS("reference", T(an_image_comes_into_the_store_whatever_its_host_calls_it),
	T(it_stays_until_the_asker_had_time_to_tell_jobs),
	T(what_is_no_good_is_refused_in_plain_words),
	T(private_addresses_are_refused_before_they_are_asked),
	T(too_many_at_once_are_refused_and_a_stop_ends_the_rest))
