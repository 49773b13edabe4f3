/*
 * Files that somebody gives as a link, brought into the blob store: as web.h says, and only from
 * hosts of the allow-list, if there is one. Redirects are followed by hand, each hop checked again.
 */
#ifndef ARENA_BRIDGE_FETCH_H
#define ARENA_BRIDGE_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/blob.h"

struct fetcher;

struct fetch_conf {
	bool any_host;      /* no allow-list */
	const char *hosts;  /* allow-list, commas between, "*.example.com"; "": none */
	bool allow_private; /* addresses of private networks too */
	const char *ca;     /* file of certificates trusted besides the system's; or "" */
	int64_t size_max;   /* bytes */
	int64_t connect_ms; /* time limits */
	int64_t total_ms;
	int64_t stalled_ms; /* less than 1 KiB a second for so long */
};

struct fetch_result {
	enum err e;    /* OK; TOO_LARGE; STORE; FORBIDDEN: not allowed; UNAVAILABLE: try again
			  later; BAD_REQUEST: trying again will not help */
	char why[160]; /* a sentence, without the link */
	struct blob_writer *w; /* on OK: the file, written and not committed; the caller's */
};

/* Called once per fetch, in the fetcher's thread; must not block. */
typedef void fetch_fn(void *arg, struct fetch_result *r);

struct fetcher *fetcher_open(const struct fetch_conf *conf, struct blobs *blobs);

/* Ends all transfers (each is told UNAVAILABLE) and the thread. NULL is fine. */
void fetcher_close(struct fetcher *f);

/* Begin; a number to cancel it with. Any thread. */
uint64_t fetch_start(struct fetcher *f, const char *url, fetch_fn *fn, void *arg);

/* End it soon; fn is called nevertheless. A number of one that is over does no harm. Any thread. */
void fetch_cancel(struct fetcher *f, uint64_t id);

#endif
