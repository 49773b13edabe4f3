/*
 * WebSocket server: connections with whole messages in and a bounded outbox out. The only
 * libwebsockets.h is in ws.c. Everything is in the loop's thread, but ws_open() and ws_free(),
 * which are before and after it.
 *
 * Messages are counted here (libwebsockets knows no limit): one that is longer than frame_max
 * closes the connection with 1009. What waits to be sent is bounded: a peer that does not read is
 * closed with 4005, and what waited is dropped.
 */
#ifndef ARENA_BRIDGE_WS_H
#define ARENA_BRIDGE_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/err.h"
#include "services/bridge/conn.h"
#include "services/bridge/loop.h"

struct ws;

struct ws_events {
	/* Before the handshake is answered. origin: NULL when none was sent. False: 403. */
	bool (*allow)(void *arg, const char *origin);
	void (*opened)(void *arg, struct conn *c);
	/* A whole message. Not called any more after conn_close(). */
	void (*text)(void *arg, struct conn *c, const char *p, size_t n);
	void (*binary)(void *arg, struct conn *c, const uint8_t *p, size_t n);
	/* c is gone afterwards. Called for each opened connection, also after conn_close(). */
	void (*closed)(void *arg, struct conn *c);
	void (*culled)(void *arg); /* for figures: a laggard is being closed */
};

struct ws_conf {
	const char *addr;  /* HOST:PORT; port 0: any free one */
	size_t frame_max;  /* bytes of a message from a peer */
	size_t queue_msgs; /* messages that may wait for a peer */
	size_t queue_bytes;
	int max_conns; /* more are closed with 1013 */
};

/* Before the loop runs. e and its arg must live until ws_free(). ERR_BAD_REQUEST (logged): the
 * address is no good. */
enum err ws_open(struct loop *l, const struct ws_conf *conf, const struct ws_events *e, void *arg,
	struct ws **ret);
int ws_port(const struct ws *ws);

/* After the loop has ended. closed() is called for connections that are still open. NULL is fine.
 */
void ws_free(struct ws *ws);

int ws_conns(const struct ws *ws);

#endif
