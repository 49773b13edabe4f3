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
#include "services/bridge/loop.h"

struct ws;
struct conn;

enum ws_code {
	WS_GOING_AWAY = 1001,
	WS_TOO_LARGE = 1009,
	WS_TRY_LATER = 1013,
	WS_NONSENSE = 4000,
	WS_UNAUTHORIZED = 4001,
	WS_NO_HELLO = 4002,
	WS_REPLACED = 4003,
	WS_SILENT = 4004,
	WS_LAGGARD = 4005
};

struct ws_events {
	/* Before the handshake is answered. origin: NULL when none was sent. False: 403. */
	bool (*allow)(void *arg, const char *origin);
	void (*opened)(void *arg, struct conn *c);
	/* A whole message. Not called any more after ws_close(). */
	void (*text)(void *arg, struct conn *c, const char *p, size_t n);
	void (*binary)(void *arg, struct conn *c, const uint8_t *p, size_t n);
	/* c is gone afterwards. Called for each opened connection, also after ws_close(). */
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

/* A place for the owner's pointer. */
void conn_set(struct conn *c, void *user);
void *conn_get(const struct conn *c);

/* Queue a message; a copy is made. Dropped when the connection is closing. */
void ws_send_text(struct conn *c, const char *p, size_t n);

/*
 * Send the file from offset to size in binary messages, each headed by channel and offset (12
 * bytes, big-endian), as the peer takes them, after texts that wait. Files go one after another.
 * Takes over fd, also when it fails. False: too many are waiting.
 */
bool ws_send_file(struct conn *c, int fd, uint32_t channel, int64_t offset, int64_t size);

/* Drop the files under way that go to this channel. */
void ws_drop_file(struct conn *c, uint32_t channel);

/* Send what waits, then close. reason: up to 120 bytes. The first close counts. */
void ws_close(struct conn *c, int code, const char *reason);

int ws_conns(const struct ws *ws);

#endif
