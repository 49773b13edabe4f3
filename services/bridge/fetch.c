#include "services/bridge/fetch.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/buf.h"
#include "services/bridge/address.h"
#include "services/bridge/origin.h"

#define HOPS_MAX 3
#define SLOW_BPS 1024L

struct fetch {
	struct fetcher *f;
	uint64_t id;
	char *url;
	fetch_fn *fn;
	void *arg;
	CURL *easy; /* NULL: not begun */
	struct blob_writer *w;
	enum err e; /* why the transfer was broken off from our side; OK: it was not */
	int hops;
	int64_t began_ms;
	struct fetch *next;
};

struct fetcher {
	struct fetch_conf conf;
	struct blobs *blobs;
	CURLM *multi;
	pthread_t thread;
	struct fetch *all;     /* begun; the thread's */
	pthread_mutex_t mutex; /* of what follows */
	struct fetch *fresh, **fresh_end;
	uint64_t *cancelled;
	size_t n_cancelled;
	uint64_t last_id;
	bool stop;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_begin(void)
{
	CURLcode rv = curl_global_init(CURL_GLOBAL_DEFAULT);

	assert(rv == CURLE_OK);
}

/* ---- one transfer ---- */

static void finish(struct fetch *t, enum err e, const char *why)
{
	struct fetch_result r = {.e = e};
	struct fetch **at;

	snprintf(r.why, sizeof r.why, "%s", why);
	if (e == ERR_OK)
		r.w = t->w, t->w = NULL;
	if (t->easy) {
		curl_multi_remove_handle(t->f->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	blob_release(t->w);
	for (at = &t->f->all; *at != t; at = &(*at)->next)
		;
	*at = t->next;
	t->fn(t->arg, &r);
	free(t->url);
	free(t);
}

/*
 * Is the link one that we follow? As curl itself takes it apart, so that nobody can show us one
 * host and curl another.
 */
static bool url_allowed(const struct fetch_conf *conf, const char *url)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL;
	bool ok = u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
		  (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
		  host_allowed(conf->hosts, host);

	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(u);
	return ok;
}

static curl_socket_t on_socket(void *arg, curlsocktype what, struct curl_sockaddr *a)
{
	struct fetch *t = arg;

	(void)what;
	if (!t->f->conf.allow_private && !address_is_public(&a->addr)) {
		t->e = ERR_FORBIDDEN;
		return CURL_SOCKET_BAD;
	}
	t->e = ERR_OK; /* another address of the same name may have been refused before */
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct fetch *t = arg;
	long status = 0;

	n *= size;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return n; /* an error page, or that of a redirect */
	if (!t->w)
		t->e = blob_create(t->f->blobs, t->f->conf.size_max, &t->w);
	if (t->e == ERR_OK)
		t->e = blob_write(t->w, p, n);
	return t->e == ERR_OK ? n : 0;
}

static int64_t left_ms(const struct fetch *t, int64_t now)
{
	int64_t left = t->began_ms + t->f->conf.total_ms - now;

	return left > 1 ? left : 1;
}

static int64_t mono_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void hop_begin(struct fetch *t)
{
	const struct fetch_conf *conf = &t->f->conf;
	CURL *c = curl_easy_init();

	assert(c);
	t->easy = c;
	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	curl_easy_setopt(c, CURLOPT_URL, t->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "arena-video/" ARENA_VERSION);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)conf->size_max);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)conf->connect_ms);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)left_ms(t, mono_ms()));
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BPS);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)((conf->stalled_ms + 999) / 1000));
	curl_multi_add_handle(t->f->multi, c);
}

static void begin(struct fetch *t)
{
	if (url_allowed(&t->f->conf, t->url))
		hop_begin(t);
	else
		finish(t, ERR_FORBIDDEN, "the link does not lead to a host that is allowed here");
}

/* A redirect: the same again with another link. */
static void hop(struct fetch *t, const char *to)
{
	char *url = xstrdup(to);

	curl_multi_remove_handle(t->f->multi, t->easy);
	curl_easy_cleanup(t->easy);
	t->easy = NULL;
	free(t->url);
	t->url = url;
	if (++t->hops > HOPS_MAX)
		finish(t, ERR_BAD_REQUEST, "the link redirects too often");
	else
		begin(t);
}

static void failed(struct fetch *t, CURLcode code)
{
	if (t->e == ERR_FORBIDDEN)
		finish(t, ERR_FORBIDDEN, "the link leads to an address that is not public");
	else if (t->e == ERR_TOO_LARGE || code == CURLE_FILESIZE_EXCEEDED)
		finish(t, ERR_TOO_LARGE, "the file is too large");
	else if (t->e != ERR_OK)
		finish(t, ERR_STORE, "the file could not be stored");
	else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_URL_MALFORMAT)
		finish(t, ERR_BAD_REQUEST, curl_easy_strerror(code));
	else
		finish(t, ERR_UNAVAILABLE, curl_easy_strerror(code));
}

static void over(struct fetch *t, CURLcode code)
{
	char why[64];
	char *to = NULL;
	long status = 0;

	if (code != CURLE_OK) {
		failed(t, code);
		return;
	}
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
	snprintf(why, sizeof why, "the host answered %ld", status);
	if (status >= 300 && status < 400 && to)
		hop(t, to);
	else if (status == 200 && t->w)
		finish(t, ERR_OK, "");
	else if (status == 200)
		finish(t, ERR_BAD_REQUEST, "the file is empty");
	else if (status == 408 || status == 425 || status == 429 || status >= 500)
		finish(t, ERR_UNAVAILABLE, why);
	else
		finish(t, ERR_BAD_REQUEST, why);
}

/* ---- the thread ---- */

static struct fetch *by_id(struct fetcher *f, uint64_t id)
{
	struct fetch *t = f->all;

	while (t && t->id != id) /* NOLINT(clang-analyzer-unix.Malloc) */
		t = t->next;
	return t;
}

/* What came from other threads: new ones, cancelled ones. */
static bool take_news(struct fetcher *f)
{
	struct fetch *fresh, *t;
	uint64_t *ids;
	size_t n;
	bool stop;

	pthread_mutex_lock(&f->mutex);
	fresh = f->fresh;
	f->fresh = NULL;
	f->fresh_end = &f->fresh;
	ids = f->cancelled;
	n = f->n_cancelled;
	f->cancelled = NULL;
	f->n_cancelled = 0;
	stop = f->stop;
	pthread_mutex_unlock(&f->mutex);

	while ((t = fresh)) {
		fresh = t->next;
		t->next = f->all;
		f->all = t;
		t->began_ms = mono_ms();
		begin(t);
	}
	for (size_t i = 0; i < n; i++) {
		t = by_id(f, ids[i]);
		if (t)
			finish(t, ERR_UNAVAILABLE, "cancelled");
	}
	free(ids);
	return !stop;
}

static void *run(void *arg)
{
	struct fetcher *f = arg;
	struct fetch *t;
	int running, left;
	CURLMsg *m;

	while (take_news(f)) {
		curl_multi_perform(f->multi, &running);
		while ((m = curl_multi_info_read(f->multi, &left))) {
			if (m->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
			over(t, m->data.result);
		}
		curl_multi_poll(f->multi, NULL, 0, 60000, NULL);
	}
	while (f->all)                                      /* finish() unlinks what it frees */
		finish(f->all, ERR_UNAVAILABLE, "stopped"); /* NOLINT(clang-analyzer-unix.Malloc) */
	return NULL;
}

struct fetcher *fetcher_open(const struct fetch_conf *conf, struct blobs *blobs)
{
	struct fetcher *f = xcalloc(1, sizeof *f);
	int rv;

	pthread_once(&curl_once, curl_begin);
	f->conf = *conf;
	f->blobs = blobs;
	f->fresh_end = &f->fresh;
	f->multi = curl_multi_init();
	assert(f->multi);
	curl_multi_setopt(f->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 32L);
	pthread_mutex_init(&f->mutex, NULL);
	rv = pthread_create(&f->thread, NULL, run, f);
	assert(rv == 0);
	return f;
}

void fetcher_close(struct fetcher *f)
{
	if (!f)
		return;
	pthread_mutex_lock(&f->mutex);
	f->stop = true;
	pthread_mutex_unlock(&f->mutex);
	curl_multi_wakeup(f->multi);
	pthread_join(f->thread, NULL);
	curl_multi_cleanup(f->multi);
	pthread_mutex_destroy(&f->mutex);
	free(f);
}

uint64_t fetch_start(struct fetcher *f, const char *url, fetch_fn *fn, void *arg)
{
	struct fetch *t = xcalloc(1, sizeof *t);
	uint64_t id;

	t->f = f;
	t->url = xstrdup(url);
	t->fn = fn;
	t->arg = arg;
	pthread_mutex_lock(&f->mutex);
	t->id = id = ++f->last_id;
	*f->fresh_end = t;
	f->fresh_end = &t->next;
	pthread_mutex_unlock(&f->mutex);
	curl_multi_wakeup(f->multi);
	return id;
}

void fetch_cancel(struct fetcher *f, uint64_t id)
{
	pthread_mutex_lock(&f->mutex);
	f->cancelled = xrealloc(f->cancelled, (f->n_cancelled + 1) * sizeof *f->cancelled);
	f->cancelled[f->n_cancelled++] = id;
	pthread_mutex_unlock(&f->mutex);
	curl_multi_wakeup(f->multi);
}
