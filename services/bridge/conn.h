/*
 * A worker's connection, whatever carries it: ws.c (WebSocket) and session.c (plain HTTP) each
 * begin their own struct with this one. In the loop's thread.
 */
#ifndef ARENA_BRIDGE_CONN_H
#define ARENA_BRIDGE_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;

/* Why a connection is closed: the codes of WebSocket, and ours (proto/WORKER.md). */
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

struct conn_ops {
	const char *transport; /* what people call it */
	void (*text)(struct conn *c, const char *p, size_t n);
	bool (*file)(struct conn *c, int fd, uint32_t channel, int64_t offset, int64_t size);
	void (*close)(struct conn *c, int code, const char *reason);
};

struct conn {
	const struct conn_ops *ops;
	void *user;        /* the owner's: the link */
	const char *token; /* that came before any frame; NULL: `hello` has it */
};

/* Queue a message; a copy is made. Dropped when the connection is closing. */
void conn_send_text(struct conn *c, const char *p, size_t n);

/* Does it carry files to the worker? Else it fetches them by their links. */
bool conn_takes_files(const struct conn *c);

/*
 * Send the file from offset to size in binary messages, each headed by channel and offset (12
 * bytes, big-endian), as the peer takes them, after texts that wait. Files go one after another.
 * Takes over fd, also when it fails. False: too many are waiting.
 */
bool conn_send_file(struct conn *c, int fd, uint32_t channel, int64_t offset, int64_t size);

/* Send what waits, then close. reason: up to 120 bytes. The first close counts. */
void conn_close(struct conn *c, int code, const char *reason);

#endif
