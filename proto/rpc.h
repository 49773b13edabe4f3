/*
 * Asks: REQ/REP over nng, with a request id, a budget and a MAC. PROTOCOL.md has the wire format.
 *
 * Asking. A peer is a service to ask: a few fixed contexts over one REQ socket (never opened or
 * closed later: nng 1.5.2 crashes on that). What is asked while others are under way goes out
 * together in one bundle, when they are back, when it is full, or after a tenth of a second: so a
 * loaded service is woken once for many, and one that hangs does not stop the asks to another one.
 * nng's own resending is off.
 * When the connection breaks while an answer is due, the ask is sent again with the same request id
 * as long as its budget lasts: so every handler is idempotent under its request id.
 *
 * Serving. A server takes asks and hands each to its handler as a `struct call`, which is answered
 * later, from any thread, exactly once.
 *
 * Each hop is logged once, by the asker: ev=ask to=auth msg=AUTH_CHECK status=OK us=312 (level
 * debug; failures that are nobody's fault in the request: warn).
 *
 * Neither peers nor servers are closed in a running process (nng 1.5.2, #1543): a process that
 * stops drains and calls _exit. Tests live with that.
 */
#ifndef ARENA_RPC_H
#define ARENA_RPC_H

#include <stdint.h>

#include "err.h"
#include "id.h"
#include "messages.h"

struct peer;
struct server;
struct call;

struct answer {
	const void *rec;               /* the answer's record when the error is ERR_OK, else NULL */
	const struct problem *problem; /* never NULL; empty when the other side said nothing more */
	int tries;                     /* times the ask went out */
	struct msg **owner;            /* see answer_keep() */
};

/*
 * Take the answer's record out, to use it after done has returned. Only within done, once, on
 * ERR_OK. The result must be passed to msg_free().
 */
struct msg *answer_keep(const struct answer *a);

/*
 * Called exactly once per ask, from an nng thread or from within ask() itself; must not block.
 * What a points to is gone when it returns. Errors of the transport: UNAVAILABLE (no connection),
 * TIMEOUT (budget used up), OVERLOADED (too many asks in flight), BAD_WIRE.
 */
typedef void ask_done_fn(void *arg, enum err e, const struct answer *a);

/*
 * name: for logs ("jobs"). urls: one nng address, or several with commas between (asked in turn).
 * key: secret.wire. slots: asks in flight at once; up to 16 times as many wait. Returns NULL and
 * logs when an address is no good. Never fails because nobody listens yet.
 */
struct peer *peer_open(const char *name, const char *urls, const uint8_t key[32], int slots);

/*
 * The same for asks that may take long to answer (fetching something): each goes out alone, so
 * none waits for another one's answer; slots of them at once, and as many may wait.
 */
struct peer *peer_open_slow(const char *name, const char *urls, const uint8_t key[32], int slots);

/* rec: of the type that the message's table entry names; not needed after ask() returns. */
void ask(struct peer *p, const struct rid *rid, enum msg_type type, const void *rec, int budget_ms,
	ask_done_fn *done, void *arg);

/*
 * The same, waiting: for tools, tests and threads that have nothing else to do. On ERR_OK *ret (if
 * not NULL) is the answer, to be passed to msg_free().
 */
enum err ask_wait(struct peer *p, const struct rid *rid, enum msg_type type, const void *rec,
	int budget_ms, struct msg **ret);

/* Called from an nng thread for every ask that arrived whole and with a right MAC; must not block.
 * METRICS and PING are answered by the server itself. */
typedef void call_fn(void *arg, struct call *c);

/* url: where to listen. Returns NULL and logs when it cannot. */
struct server *server_open(const char *name, const char *url, const uint8_t key[32], int slots,
	call_fn *fn, void *arg);

enum msg_type call_type(const struct call *c);
const void *call_rec(const struct call *c); /* of the type of the message; lives until the answer */
const struct rid *call_rid(const struct call *c);
int64_t call_deadline_us(const struct call *c); /* mono_us() after which nobody waits any more */

/* A link for whoever queues calls; the server does not touch it between fn and the answer. */
struct call **call_next(struct call *c);

void call_answer(
	struct call *c, const void *rec); /* rec: the answer's type; `empty`: NULL will do */
/* The same with a record that is JSON already, as rec_write() would write it. */
void call_answer_json(struct call *c, const char *json, size_t n);
void call_refuse(struct call *c, enum err e, const struct problem *p); /* p may be NULL */

#endif
