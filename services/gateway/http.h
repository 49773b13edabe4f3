/*
 * HTTP/1.1 in and out. http.c is the only file that knows libmicrohttpd.
 *
 * An *exchange* is one request and its answer. The server calls the app on one of its few threads:
 *
 *   begin   the head is here; a body, if there is one, has not been read
 *   body    a piece of the body, as it arrives (never when there is none, nor after an answer)
 *   end     all of it is here
 *   done    the answer has been sent, or the client is gone: last call, x is freed after it
 *
 * None of them may block. Whoever must wait in begin or end calls exchange_suspend() FIRST, then
 * hands x to whoever will go on; that one owns x and calls exchange_resume() exactly once, from any
 * thread. After a resume without an answer the server goes on where it was (body, end); after
 * end it must have an answer.
 *
 * An answer is given once per exchange by one of answer_*(), from whoever owns x: in begin or end,
 * or between suspend and resume. An answer in begin of a request that has a body ends the
 * connection after it: the body is not read.
 *
 * Every answer carries x-request-id and X-Content-Type-Options: nosniff.
 */
#ifndef ARENA_GATEWAY_HTTP_H
#define ARENA_GATEWAY_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/err.h"
#include "proto/id.h"

struct http;
struct exchange;

struct http_conf {
	const char *host;    /* address to listen on: IPv4 or IPv6 */
	int64_t port;        /* 0: any free one */
	int64_t connections; /* at most; tunnels count too */
	int64_t idle_ms;     /* a connection on which nothing moves for so long is closed */
	int64_t head_ms;     /* a head may take; 0: no limit */
	int64_t body_ms;     /* a body may take, and more the more has come: pace.h; 0: no limit */
	int64_t threads;     /* that serve connections */
};

struct http_app {
	size_t data_size; /* bytes of exchange_data(), zeroed */
	void (*begin)(void *arg, struct exchange *x);
	void (*body)(void *arg, struct exchange *x, const char *p, size_t n);
	void (*end)(void *arg, struct exchange *x);
	void (*done)(void *arg, struct exchange *x);
	/*
	 * Instead of all these, when a request cannot be read: answer with an error of this status
	 * (400, 408, 413, 414, 431 or 505), which ends the connection. x knows nothing of the
	 * request, and is gone after this. NULL: the library answers as it likes.
	 */
	void (*refuse)(void *arg, struct exchange *x, int status);
};

/*
 * ERR_UNAVAILABLE, logged, when it cannot listen. app lives as long as the server. *ret is set
 * before the app is called for the first time, which may be before this returns.
 */
enum err http_start(
	const struct http_conf *conf, const struct http_app *app, void *arg, struct http **ret);

int http_port(const struct http *h);

/* Exchanges that have begun and are not done. */
int http_in_flight(const struct http *h);

/* Take no new connections; requests on old ones are answered 503 and closed. */
void http_drain(struct http *h);
bool http_draining(const struct http *h);

/*
 * Wait up to limit_ms for what is in flight, then end it and free h. The app has ended its streams
 * and long waits before. False: it still owns an exchange, so all stays as it is, for the end of
 * the process.
 */
bool http_stop(struct http *h, int64_t limit_ms);

/* ---- the request; strings live until done ---- */

void *exchange_data(struct exchange *x);
const struct rid *exchange_rid(const struct exchange *x);
int64_t exchange_began_us(const struct exchange *x);    /* mono_us() */
const char *exchange_method(const struct exchange *x);  /* "GET"; HEAD stays "HEAD" */
const char *exchange_path(const struct exchange *x);    /* decoded, without the query */
const char *exchange_target(const struct exchange *x);  /* raw: path and query as they came */
const char *exchange_version(const struct exchange *x); /* "HTTP/1.1" */
const char *exchange_peer(const struct exchange *x);    /* the client's address, no port */

/* NULL: not there. Without value ("?a"): "". Names of headers in any case. */
const char *exchange_query(const struct exchange *x, const char *name);
const char *exchange_header(const struct exchange *x, const char *name);

/* Calls fn for each header line, in order. */
void exchange_headers(const struct exchange *x,
	void (*fn)(void *arg, const char *name, const char *value), void *arg);

bool exchange_has_body(const struct exchange *x);
int64_t exchange_length(const struct exchange *x); /* of the body; -1: not said (chunked) */

/* ---- waiting ---- */

void exchange_suspend(struct exchange *x); /* in begin or end only; before x is handed on */
void exchange_resume(struct exchange *x);  /* x is not the caller's any more */

/* Has the client closed its side? For whoever owns x, or streams into it. One system call. */
bool exchange_client_gone(const struct exchange *x);

/* ---- the answer ---- */

/* Adds a header; before answer_*(). name must be a constant; value is copied. */
void exchange_set(struct exchange *x, const char *name, const char *value);
void exchange_setf(struct exchange *x, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* p is copied, or taken (to be given to free() when sent), or constant for ever. */
void answer_copy(struct exchange *x, int status, const char *type, const void *p, size_t n);
void answer_take(struct exchange *x, int status, const char *type, char *p, size_t n);
void answer_const(struct exchange *x, int status, const char *type, const void *p, size_t n);

/* length bytes of an open file from offset; the fd is closed in any case. type NULL: no type. */
void answer_fd(
	struct exchange *x, int status, const char *type, int fd, int64_t offset, int64_t length);

/* No answer at all: the connection is closed. */
void answer_nothing(struct exchange *x);

/*
 * A body that comes bit by bit: after answer_stream() (and the resume, if it was suspended) anyone
 * may push until done is called; app's done must see to it that nobody pushes any more.
 * stream_push() never blocks; false: more than 256 KiB wait for the client, which is cut off. So is
 * one whose machine takes nothing for 12 s (idle_ms, when that is less).
 */
void answer_stream(struct exchange *x, int status, const char *type);
bool stream_push(struct exchange *x, const void *p, size_t n);
size_t stream_waiting(struct exchange *x); /* bytes that were pushed and not taken yet */
void stream_end(struct exchange *x);       /* what was pushed is still sent */

/* 0: not answered yet. */
int exchange_status(const struct exchange *x);

/*
 * Status 101: the connection leaves HTTP. Set the headers before (not Connection: that is
 * added). fn gets the socket (non-blocking; never close() it) and what the client sent behind
 * its request; it must not block. fd -1, u NULL: the client left before; clean up. u is given to
 * upgrade_close(), from any thread, which closes the socket.
 */
struct upgraded;
typedef void upgrade_fn(void *arg, int fd, const void *extra, size_t n, struct upgraded *u);
void answer_upgrade(struct exchange *x, upgrade_fn *fn, void *arg);
void upgrade_close(struct upgraded *u);

#endif
