/*
 * A small WebSocket client for tests: blocking, every wait with a deadline, no library in between.
 * One thread per connection.
 */
#ifndef ARENA_TESTS_WSCLIENT_H
#define ARENA_TESTS_WSCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/buf.h"

struct wsc;

enum wsc_kind { WSC_TEXT = 1, WSC_BINARY = 2, WSC_CLOSE = 8, WSC_EOF = 100, WSC_TIMEOUT = 101 };

struct wsc_conf {
	const char *path;   /* NULL: /ws */
	const char *origin; /* NULL: none */
	int rcvbuf;         /* bytes that the kernel keeps for us; 0: its default */
};

/*
 * Connect to 127.0.0.1:port and shake hands; conf may be NULL. NULL when it was refused; *status
 * (may be NULL) is the HTTP status then, 0 when nothing came.
 */
struct wsc *wsc_open(int port, const struct wsc_conf *conf, int *status);

/* Close without a word, like a process that died. NULL is fine. */
void wsc_drop(struct wsc *c);

/* False: the connection is gone. */
bool wsc_send(struct wsc *c, enum wsc_kind kind, const void *p, size_t n);
bool wsc_text(struct wsc *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The next message into *out (cleared first). WSC_CLOSE: wsc_code() and wsc_reason() say why.
 * Pings of the WebSocket kind are answered and not seen.
 */
enum wsc_kind wsc_recv(struct wsc *c, int timeout_ms, struct buf *out);

int wsc_code(const struct wsc *c);
const char *wsc_reason(const struct wsc *c);

#endif
