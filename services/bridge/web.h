/*
 * Requests to web servers out in the world. One thread of its own runs all of them; the only curl.h
 * is in web.c.
 *
 * Only http and https, no user names in links, no proxy, no cookies; unless a request may, only
 * public addresses, checked on the address that is really connected to (so a name that points
 * somewhere else the second time gains nothing). Redirects are told, never followed.
 */
#ifndef ARENA_BRIDGE_WEB_H
#define ARENA_BRIDGE_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct web;

enum web_end {
	WEB_ANSWERED,  /* whole; status says what */
	WEB_BAD_LINK,  /* not one that may be followed */
	WEB_PRIVATE,   /* no address that may be connected to */
	WEB_TOO_LARGE, /* more than size_max */
	WEB_REFUSED,   /* body() broke it off */
	WEB_UNTRUSTED, /* the certificate is no good */
	WEB_FAILED,    /* no answer, or not whole */
	WEB_ENDED      /* by web_cancel() or web_close() */
};

struct web_result {
	uint64_t id; /* its number */
	enum web_end end;
	long status;          /* 0: no answer came */
	const char *redirect; /* where a 3xx leads, made absolute; or NULL */
	const char *why;      /* what went wrong, in words; without the link */
};

struct web_want {
	uint64_t again; /* 0; or, in the done() of one: its number, which this one gets */
	const char *url;
	const char *post;           /* what to send; NULL: GET */
	const char *const *headers; /* "Name: value", up to a NULL; or NULL */
	bool allow_private;
	int64_t size_max; /* bytes of an answer; 0: no matter */
	int64_t connect_ms, total_ms;
	int64_t stalled_ms; /* less than 1 KiB a second for so long; 0: no matter */

	/*
	 * These in the thread of web.c; they must not block. host_ok: may it go there? As curl
	 * itself takes the link apart, so that nobody can show us one host and curl another. body:
	 * the next piece; false: no more of it. Both may be NULL. done: once, the last word.
	 */
	bool (*host_ok)(void *arg, const char *host);
	bool (*body)(void *arg, long status, const char *p, size_t n);
	void (*done)(void *arg, const struct web_result *r);
	void *arg;
};

/* ca: a file of certificates to trust besides the system's; it must stay. "" or NULL: none. */
struct web *web_open(const char *ca);

/* Ends all requests (done() is called) and the thread. NULL is fine. */
void web_close(struct web *w);

/* Begin; a number to cancel it with. What want points to is copied, but for arg. Any thread. */
uint64_t web_start(struct web *w, const struct web_want *want);

/* End it soon; done() is called nevertheless. A number of one that is over does no harm. Any
 * thread. */
void web_cancel(struct web *w, uint64_t id);

#endif
