/*
 * The bridges, one by one. Most asks are any bridge's (peer_open() with all addresses); but a
 * worker's session over plain HTTP is one bridge's, and its id has that bridge's mark. Each second
 * every bridge is asked for its mark: so it is known where a session is, whichever gateway has
 * opened it, and which bridges are gone.
 *
 * Thread-safe.
 */
#ifndef ARENA_GATEWAY_BRIDGES_H
#define ARENA_GATEWAY_BRIDGES_H

#include "proto/rpc.h"

#define BRIDGES_MAX 64

struct bridges;
struct bridge_at; /* one of them; lasts */
struct request;

/* urls: as peer_open() has them. key: secret.wire. gone: called, from the ticker, for each bridge
 * that does not answer any more. Lasts. NULL, logged, when an address is no good. */
struct bridges *bridges_open(const char *urls, const uint8_t key[32],
	void (*gone)(void *arg, struct bridge_at *at), void *arg);

/* Asks who they are, when it is time. */
void bridges_tick(struct bridges *all, int64_t now_us);
bool bridges_busy(struct bridges *all); /* are such asks out? */

/*
 * Calls fn with the bridge that has r's session: at once, or, when it is a mark that nobody has
 * told yet, after all of them were asked. NULL: none of those that answer has it.
 */
typedef void bridge_fn(struct request *r, struct bridge_at *at);
void bridges_find(struct bridges *all, const char *session, struct request *r, bridge_fn *fn);

/* Each of them, in the order of the setting; NULL: there are no more. */
struct bridge_at *bridges_nth(struct bridges *all, size_t i);

const char *bridge_url(const struct bridge_at *at);
bool bridge_there(struct bridge_at *at);               /* it answers */
struct peer *bridge_quick(const struct bridge_at *at); /* for what is answered at once */
struct peer *bridge_slow(const struct bridge_at *at);  /* for SESSION_PULL */

#endif
