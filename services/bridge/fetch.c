#include "services/bridge/fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/origin.h"
#include "services/bridge/web.h"

#define HOPS_MAX 3
#define PAGE_MAX 65536 /* bytes that are read of an error page: nobody looks at them */

struct fetch {
	struct fetcher *f;
	fetch_fn *fn;
	void *arg;
	struct blob_writer *w;
	enum err e;  /* of the blob store */
	size_t page; /* bytes of error pages */
	int hops;
	int64_t until_ms; /* for all hops together */
};

struct fetcher {
	struct fetch_conf conf;
	struct blobs *blobs;
	struct web *web;
};

static bool on_host(void *arg, const char *host)
{
	const struct fetch *t = arg;

	return t->f->conf.any_host || host_allowed(t->f->conf.hosts, host);
}

static bool on_body(void *arg, long status, const char *p, size_t n)
{
	struct fetch *t = arg;

	if (status != 200) { /* an error page, or that of a redirect */
		t->page += n;
		return t->page <= PAGE_MAX;
	}
	if (!t->w)
		t->e = blob_create(t->f->blobs, t->f->conf.size_max, &t->w);
	if (t->e == ERR_OK)
		t->e = blob_write(t->w, p, n);
	return t->e == ERR_OK;
}

static void on_done(void *arg, const struct web_result *r);

/* again: 0, or the number of the hop before. */
static uint64_t hop(struct fetch *t, const char *url, uint64_t again)
{
	const struct fetch_conf *conf = &t->f->conf;
	int64_t left = t->until_ms - mono_ms();
	struct web_want want = {.again = again,
		.url = url,
		.allow_private = conf->allow_private,
		.size_max = conf->size_max,
		.connect_ms = conf->connect_ms,
		.total_ms = left > 1 ? left : 1,
		.stalled_ms = conf->stalled_ms,
		.host_ok = on_host,
		.body = on_body,
		.done = on_done,
		.arg = t};

	return web_start(t->f->web, &want);
}

static void finish(struct fetch *t, enum err e, const char *why)
{
	struct fetch_result r = {.e = e};

	snprintf(r.why, sizeof r.why, "%s", why);
	if (e == ERR_OK)
		r.w = t->w, t->w = NULL;
	blob_release(t->w);
	t->fn(t->arg, &r);
	free(t);
}

static void answered(struct fetch *t, const struct web_result *r)
{
	char why[64];

	snprintf(why, sizeof why, "the host answered %ld", r->status);
	if (r->redirect && t->hops == HOPS_MAX)
		finish(t, ERR_BAD_REQUEST, "the link redirects too often");
	else if (r->redirect)
		t->hops++, hop(t, r->redirect, r->id);
	else if (r->status == 200 && t->w)
		finish(t, ERR_OK, "");
	else if (r->status == 200)
		finish(t, ERR_BAD_REQUEST, "the file is empty");
	else if (r->status == 408 || r->status == 425 || r->status == 429 || r->status >= 500)
		finish(t, ERR_UNAVAILABLE, why);
	else
		finish(t, ERR_BAD_REQUEST, why);
}

static void on_done(void *arg, const struct web_result *r)
{
	struct fetch *t = arg;

	switch (r->end) {
	case WEB_ANSWERED:
		answered(t, r);
		return;
	case WEB_BAD_LINK:
		finish(t, ERR_FORBIDDEN, "the link does not lead to a host that is allowed here");
		return;
	case WEB_PRIVATE:
		finish(t, ERR_FORBIDDEN, "the link leads to an address that is not public");
		return;
	case WEB_TOO_LARGE:
		finish(t, ERR_TOO_LARGE, "the file is too large");
		return;
	case WEB_REFUSED:
		if (t->e == ERR_OK) /* a page without an end */
			answered(t, r);
		else if (t->e == ERR_TOO_LARGE)
			finish(t, ERR_TOO_LARGE, "the file is too large");
		else
			finish(t, ERR_STORE, "the file could not be stored");
		return;
	case WEB_UNTRUSTED:
		finish(t, ERR_BAD_REQUEST, r->why);
		return;
	case WEB_FAILED:
	case WEB_ENDED:
		break;
	}
	finish(t, ERR_UNAVAILABLE, r->why);
}

struct fetcher *fetcher_open(const struct fetch_conf *conf, struct blobs *blobs)
{
	struct fetcher *f = xcalloc(1, sizeof *f);

	f->conf = *conf;
	f->blobs = blobs;
	f->web = web_open(conf->ca);
	return f;
}

void fetcher_close(struct fetcher *f)
{
	if (!f)
		return;
	web_close(f->web);
	free(f);
}

uint64_t fetch_start(struct fetcher *f, const char *url, fetch_fn *fn, void *arg)
{
	struct fetch *t = xcalloc(1, sizeof *t);

	*t = (struct fetch){.f = f, .fn = fn, .arg = arg, .until_ms = mono_ms() + f->conf.total_ms};
	return hop(t, url, 0);
}

void fetch_cancel(struct fetcher *f, uint64_t id)
{
	web_cancel(f->web, id);
}
