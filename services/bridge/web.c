#include "services/bridge/web.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/address.h"
#include "proto/buf.h"

#define SLOW_BPS        1024L
#define CONNECTIONS_MAX 64L

struct transfer {
	struct web *w;
	uint64_t id;
	struct web_want want; /* its strings are ours */
	struct curl_slist *headers;
	CURL *easy;       /* NULL: not begun */
	enum web_end end; /* why it was broken off from our side; WEB_ANSWERED: it was not */
	struct transfer *next;
};

struct web {
	CURLM *multi;
	const char *ca;
	pthread_t thread;
	struct transfer *all;  /* begun; the thread's */
	pthread_mutex_t mutex; /* of what follows */
	struct transfer *fresh, **fresh_end;
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

static void transfer_free(struct transfer *t)
{
	curl_slist_free_all(t->headers);
	free((char *)t->want.url);
	free((char *)t->want.post);
	free(t);
}

static void finish(struct transfer *t, struct web_result *r)
{
	struct transfer **at;

	r->id = t->id;
	for (at = &t->w->all; *at != t; at = &(*at)->next)
		;
	*at = t->next;
	t->want.done(t->want.arg, r);
	if (t->easy) {
		curl_multi_remove_handle(t->w->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	transfer_free(t);
}

static void finish_as(struct transfer *t, enum web_end end, const char *why)
{
	finish(t, &(struct web_result){.end = end, .why = why});
}

static bool link_ok(const struct web_want *want)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL;
	bool ok = u && curl_url_set(u, CURLUPART_URL, want->url, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		  curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
		  (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
		  (!want->host_ok || want->host_ok(want->arg, host));

	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(u);
	return ok;
}

static curl_socket_t on_socket(void *arg, curlsocktype what, struct curl_sockaddr *a)
{
	struct transfer *t = arg;

	(void)what;
	if (!t->want.allow_private && !address_is_public(&a->addr)) {
		t->end = WEB_PRIVATE;
		return CURL_SOCKET_BAD;
	}
	t->end = WEB_ANSWERED; /* another address of the same name may have been refused before */
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	long status = 0;

	n *= size;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (t->want.body && !t->want.body(t->want.arg, status, p, n)) {
		t->end = WEB_REFUSED;
		return 0;
	}
	return n;
}

static void set_limits(CURL *c, const struct web_want *want)
{
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)want->connect_ms);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)want->total_ms);
	if (want->size_max)
		curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)want->size_max);
	if (want->stalled_ms) {
		curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BPS);
		curl_easy_setopt(
			c, CURLOPT_LOW_SPEED_TIME, (long)((want->stalled_ms + 999) / 1000));
	}
}

static void begin(struct transfer *t)
{
	CURL *c;

	if (!link_ok(&t->want)) {
		finish_as(t, WEB_BAD_LINK, "it is not a link that may be followed");
		return;
	}
	c = t->easy = curl_easy_init();
	assert(c);
	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	curl_easy_setopt(c, CURLOPT_URL, t->want.url);
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
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
	if (t->w->ca && *t->w->ca) /* the system's are found by their folder, which stays set */
		curl_easy_setopt(c, CURLOPT_CAINFO, t->w->ca);
	if (t->want.post)
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->want.post);
	set_limits(c, &t->want);
	curl_multi_add_handle(t->w->multi, c);
}

static enum web_end end_of(const struct transfer *t, CURLcode code)
{
	if (code == CURLE_OK || t->end != WEB_ANSWERED)
		return t->end;
	if (code == CURLE_FILESIZE_EXCEEDED)
		return WEB_TOO_LARGE;
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return WEB_UNTRUSTED;
	return code == CURLE_URL_MALFORMAT ? WEB_BAD_LINK : WEB_FAILED;
}

/* In words, where the library's would lead astray. */
static const char *why(CURLcode code)
{
	static const struct {
		CURLcode code;
		const char *words;
	} t[] = {
		{CURLE_OPERATION_TIMEDOUT, "There was no whole answer in time"},
		{CURLE_UNSUPPORTED_PROTOCOL, "What answered does not speak HTTP"},
		{CURLE_OUT_OF_MEMORY, "The header of the answer is too large"},
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		if (t[i].code == code)
			return t[i].words;
	return curl_easy_strerror(code);
}

static void over(struct transfer *t, CURLcode code)
{
	struct web_result r = {.end = end_of(t, code), .why = why(code)};
	char *to = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r.status);
	curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
	r.redirect = to;
	finish(t, &r);
}

/* ---- the thread ---- */

static struct transfer *by_id(struct web *w, uint64_t id)
{
	struct transfer *t = w->all;

	while (t && t->id != id) /* NOLINT(clang-analyzer-unix.Malloc) */
		t = t->next;
	return t;
}

/* What came from other threads: new ones, cancelled ones. */
static bool take_news(struct web *w)
{
	struct transfer *fresh, *t;
	uint64_t *ids;
	size_t n;
	bool stop;

	pthread_mutex_lock(&w->mutex);
	fresh = w->fresh;
	w->fresh = NULL;
	w->fresh_end = &w->fresh;
	ids = w->cancelled;
	n = w->n_cancelled;
	w->cancelled = NULL;
	w->n_cancelled = 0;
	stop = w->stop;
	pthread_mutex_unlock(&w->mutex);

	while ((t = fresh)) {
		fresh = t->next;
		t->next = w->all;
		w->all = t;
		begin(t);
	}
	for (size_t i = 0; i < n; i++) {
		t = by_id(w, ids[i]);
		if (t)
			finish_as(t, WEB_ENDED, "cancelled");
	}
	free(ids);
	return !stop;
}

static void *run(void *arg)
{
	struct web *w = arg;
	struct transfer *t;
	int running, left;
	CURLMsg *m;

	while (take_news(w)) {
		curl_multi_perform(w->multi, &running);
		while ((m = curl_multi_info_read(w->multi, &left))) {
			if (m->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
			over(t, m->data.result);
		}
		curl_multi_poll(w->multi, NULL, 0, 60000, NULL);
	}
	while (w->all)                                   /* finish() unlinks what it frees */
		finish_as(w->all, WEB_ENDED, "stopped"); /* NOLINT(clang-analyzer-unix.Malloc) */
	return NULL;
}

struct web *web_open(const char *ca)
{
	struct web *w = xcalloc(1, sizeof *w);
	int rv;

	pthread_once(&curl_once, curl_begin);
	w->ca = ca;
	w->fresh_end = &w->fresh;
	w->multi = curl_multi_init();
	assert(w->multi);
	curl_multi_setopt(w->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, CONNECTIONS_MAX);
	pthread_mutex_init(&w->mutex, NULL);
	rv = pthread_create(&w->thread, NULL, run, w);
	assert(rv == 0);
	return w;
}

void web_close(struct web *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->mutex);
	w->stop = true;
	pthread_mutex_unlock(&w->mutex);
	curl_multi_wakeup(w->multi);
	pthread_join(w->thread, NULL);
	while (w->fresh) { /* begun by the last done() of another */
		struct transfer *t = w->fresh;

		w->fresh = t->next;
		t->want.done(t->want.arg, &(struct web_result){.end = WEB_ENDED, .why = "stopped"});
		transfer_free(t);
	}
	free(w->cancelled);
	curl_multi_cleanup(w->multi);
	pthread_mutex_destroy(&w->mutex);
	free(w);
}

uint64_t web_start(struct web *w, const struct web_want *want)
{
	struct transfer *t = xcalloc(1, sizeof *t);
	uint64_t id;

	t->w = w;
	t->want = *want;
	t->want.url = xstrdup(want->url);
	t->want.post = xstrdup(want->post);
	for (const char *const *h = want->headers; h && *h; h++)
		t->headers = curl_slist_append(t->headers, *h);
	pthread_mutex_lock(&w->mutex);
	t->id = id = want->again ? want->again : ++w->last_id;
	*w->fresh_end = t;
	w->fresh_end = &t->next;
	pthread_mutex_unlock(&w->mutex);
	curl_multi_wakeup(w->multi);
	return id;
}

void web_cancel(struct web *w, uint64_t id)
{
	pthread_mutex_lock(&w->mutex);
	w->cancelled = xrealloc(w->cancelled, (w->n_cancelled + 1) * sizeof *w->cancelled);
	w->cancelled[w->n_cancelled++] = id;
	pthread_mutex_unlock(&w->mutex);
	curl_multi_wakeup(w->multi);
}
