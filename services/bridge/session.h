/*
 * Workers over plain HTTP: a session is what a WebSocket is to others (conn.h). Gateways ask for
 * it, and hold nothing themselves, so any of them serves any session of this bridge. Its id names
 * the bridge by the bridge's mark: so gateways find the right one of several.
 *
 * Frames for the worker are numbered and kept until a later SESSION_PULL acknowledges them. A pull
 * is held while there is nothing; a newer one ends it. A session that was closed says why to who
 * asks, for a minute.
 *
 * All of it in the loop's thread. Each of the asks is answered, sooner or later.
 */
#ifndef ARENA_BRIDGE_SESSION_H
#define ARENA_BRIDGE_SESSION_H

#include "services/bridge/inside.h"

#define SESSIONS_MAX 200

void sessions_open(struct bridge *b);

void session_open(struct bridge *b, struct call *c);
void session_push(struct bridge *b, struct call *c);
void session_pull(struct bridge *b, struct call *c);
void session_bytes(struct bridge *b, struct call *c);
void session_close(struct bridge *b, struct call *c);

/* Which bridge this is. */
void session_who(struct bridge *b, struct call *c);

/* Ends pulls that were held long enough, and forgets sessions that were closed long ago. */
void sessions_tick(struct bridge *b, int64_t now_ms);

/* When all links are gone. NULL inside is fine. */
void sessions_close(struct bridge *b);

#endif
