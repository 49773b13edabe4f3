/* The one user of libwebsockets here. */
#include "workers/sandbox/wsc.h"

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/buf.h"

struct item { /* a text that waits to be sent */
	struct item *prev, *next;
	size_t n;
	unsigned char data[]; /* LWS_PRE bytes, then n */
};

struct wsc {
	struct wsc_events on;
	struct lws_context *ctx;
	struct lws *wsi;
	struct lws_protocols protocols[2];
	void *loops[1];
	char *url; /* cut into the parts below */
	const char *host, *path;
	int port, tls;
	bool up;
	bool drop;
	bool closing; /* wsc_close() is under way: say nothing */
	int code;
	char reason[124];
	struct buf rx;
	struct item *out;
	unsigned char chunk[LWS_PRE + WSC_CHUNK];
};

static void out_clear(struct wsc *l)
{
	struct item *i, *tmp;

	DL_FOREACH_SAFE (l->out, i, tmp)
		free(i);
	l->out = NULL;
}

static void on_end(struct wsc *l, const char *reason)
{
	if (!l->wsi)
		return;
	l->wsi = NULL;
	l->up = l->drop = false;
	out_clear(l);
	buf_clear(&l->rx);
	if (!l->closing)
		l->on.closed(l->on.arg, l->code, l->reason[0] ? l->reason : reason);
}

/* A message may come in pieces. */
static int on_receive(struct wsc *l, const char *p, size_t n)
{
	if (lws_is_first_fragment(l->wsi))
		buf_clear(&l->rx);
	if (l->rx.n + n > WSC_FRAME_MAX)
		return -1;
	buf_add(&l->rx, p, n);
	if (!lws_is_final_fragment(l->wsi))
		return 0;
	if (lws_frame_is_binary(l->wsi))
		l->on.binary(l->on.arg, (const unsigned char *)l->rx.p, l->rx.n);
	else
		l->on.text(l->on.arg, l->rx.p, l->rx.n);
	return 0;
}

/* Texts go first: what they say is urgent, and short. */
static int on_writable(struct wsc *l)
{
	struct item *i = l->out;
	size_t n;

	if (l->drop)
		return -1;
	if (i) {
		int sent = lws_write(l->wsi, i->data + LWS_PRE, i->n, LWS_WRITE_TEXT);

		DL_DELETE(l->out, i);
		free(i);
		lws_callback_on_writable(l->wsi);
		return sent < 0 ? -1 : 0;
	}
	n = l->on.fill(l->on.arg, l->chunk + LWS_PRE);
	if (!n)
		return 0;
	lws_callback_on_writable(l->wsi);
	return lws_write(l->wsi, l->chunk + LWS_PRE, n, LWS_WRITE_BINARY) < 0 ? -1 : 0;
}

/* The close frame of the bridge: two bytes of code, then words. */
static void note_close(struct wsc *l, const unsigned char *p, size_t n)
{
	if (n < 2)
		return;
	l->code = p[0] << 8 | p[1];
	snprintf(l->reason, sizeof l->reason, "%.*s", (int)(n - 2), (const char *)p + 2);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t n)
{
	struct wsc *l = lws_context_user(lws_get_context(wsi));

	(void)user;
	if (!l || wsi != l->wsi)
		return 0;
	switch (why) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		l->up = true;
		l->on.opened(l->on.arg);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return on_receive(l, in, n);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return on_writable(l);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		note_close(l, in, n);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		on_end(l, in ? in : "cannot connect");
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		on_end(l, "the connection broke");
		return 0;
	default:
		return 0;
	}
}

static enum err split_url(struct wsc *l)
{
	const char *scheme, *path;

	if (lws_parse_uri(l->url, &scheme, &l->host, &l->port, &path))
		return ERR_BAD_REQUEST;
	l->tls = strcmp(scheme, "wss") == 0;
	if (!l->tls && strcmp(scheme, "ws") != 0)
		return ERR_BAD_REQUEST;
	if (!l->port) /* lws knows no default for ws:// */
		l->port = l->tls ? 443 : 80;
	l->path = path; /* without its first slash */
	return ERR_OK;
}

enum err wsc_open(const char *url, void *loop, const struct wsc_events *events, struct wsc **ret)
{
	struct lws_context_creation_info info = {0};
	struct wsc *l = xcalloc(1, sizeof *l);
	enum err e;

	lws_set_log_level(0, NULL);
	l->on = *events;
	l->url = xstrdup(url);
	l->loops[0] = loop;
	l->protocols[0] = (struct lws_protocols){
		.name = "arena-worker.v1", .callback = on_event, .rx_buffer_size = 16384};
	e = split_url(l);
	if (e == ERR_OK) {
		info.port = CONTEXT_PORT_NO_LISTEN;
		info.protocols = l->protocols;
		info.gid = info.uid = -1;
		info.user = l;
		info.foreign_loops = l->loops;
		info.options = LWS_SERVER_OPTION_LIBEV;
		if (l->tls)
			info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		l->ctx = lws_create_context(&info);
		e = l->ctx ? ERR_OK : ERR_INTERNAL;
	}
	if (e != ERR_OK) {
		wsc_close(l);
		return e;
	}
	*ret = l;
	return ERR_OK;
}

void wsc_close(struct wsc *l)
{
	if (!l)
		return;
	l->closing = true;
	if (l->ctx)
		lws_context_destroy(l->ctx);
	out_clear(l);
	buf_free(&l->rx);
	free(l->url);
	free(l);
}

void wsc_connect(struct wsc *l)
{
	struct lws_client_connect_info info = {0};
	char path[512];

	snprintf(path, sizeof path, "/%s", l->path);
	l->code = 0;
	l->reason[0] = '\0';
	info.context = l->ctx;
	info.address = info.host = l->host;
	info.port = l->port;
	info.path = path;
	info.protocol = l->protocols[0].name;
	info.local_protocol_name = l->protocols[0].name;
	info.ssl_connection = l->tls ? LCCSCF_USE_SSL : 0;
	info.pwsi = &l->wsi;
	/* When this fails at once, the event for it may have come already, or not. */
	if (!lws_client_connect_via_info(&info) && !l->code && !l->up) {
		l->wsi = NULL;
		l->on.closed(l->on.arg, 0, "cannot connect");
	}
}

void wsc_send(struct wsc *l, const char *p, size_t n)
{
	struct item *i;

	if (!l->up)
		return;
	i = xmalloc(sizeof *i + LWS_PRE + n);
	i->n = n;
	memcpy(i->data + LWS_PRE, p, n);
	DL_APPEND(l->out, i);
	lws_callback_on_writable(l->wsi);
}

void wsc_kick(struct wsc *l)
{
	if (l->up)
		lws_callback_on_writable(l->wsi);
}

void wsc_drop(struct wsc *l)
{
	if (!l->up)
		return;
	l->drop = true;
	lws_callback_on_writable(l->wsi);
}
