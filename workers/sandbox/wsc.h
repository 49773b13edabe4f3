/* One WebSocket to the bridge, on a libev loop. All calls in the loop's thread. */
#ifndef ARENA_SANDBOX_WSC_H
#define ARENA_SANDBOX_WSC_H

#include <stddef.h>

#include "proto/err.h"

enum {
	WSC_CHUNK = 65536,       /* bytes of a binary frame that we send, at most */
	WSC_FRAME_MAX = 1 << 20, /* of a message that we take */
};

struct wsc;

struct wsc_events {
	void (*opened)(void *arg);
	void (*text)(void *arg, const char *p, size_t n);
	void (*binary)(void *arg, const unsigned char *p, size_t n);
	/* The connection is over, or could not be made (code 0). A new wsc_connect() may follow.
	 */
	void (*closed)(void *arg, int code, const char *reason);
	/* There is room for a binary frame of up to WSC_CHUNK bytes: how many were put into p. */
	size_t (*fill)(void *arg, unsigned char *p);
	void *arg;
};

/* url is checked and copied. loop: struct ev_loop. ERR_BAD_REQUEST: url is no ws:// or wss://. */
enum err wsc_open(const char *url, void *loop, const struct wsc_events *events, struct wsc **ret);
void wsc_close(struct wsc *wsc); /* NULL is fine. Calls nothing. */

/* One try. opened or closed follows; not from within closed. */
void wsc_connect(struct wsc *wsc);

/* Queue a text message; dropped when there is no connection. */
void wsc_send(struct wsc *wsc, const char *p, size_t n);

/* There is something to fill() again. */
void wsc_kick(struct wsc *wsc);

/* Cut the connection; closed follows. */
void wsc_drop(struct wsc *wsc);

#endif
