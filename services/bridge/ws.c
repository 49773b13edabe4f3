#include "services/bridge/ws.h"

#include <assert.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "proto/buf.h"
#include "proto/log.h"

#define CHUNK     65536 /* bytes of a file in one message */
#define HEAD      12    /* channel and offset before them */
#define FILES_MAX 16
#define RX_KEEP   4096 /* a larger receive buffer is given back when its message is over */
#define CLOSE_S   3    /* a peer that does not take its close in time is cut off */

struct item {
	struct item *prev, *next;
	size_t n;
	unsigned char data[]; /* LWS_PRE bytes, then n */
};

struct file {
	struct file *prev, *next;
	int fd;
	uint32_t channel;
	int64_t offset, size;
};

struct ws_conn {
	struct conn conn; /* first */
	struct lws *wsi;
	struct ws *ws;
	struct buf rx;
	struct item *out; /* texts that wait */
	size_t out_n, out_bytes;
	struct file *files;
	size_t n_files;
	int code; /* closing with it; 0: open */
	char reason[124];
	struct ws_conn *prev, *next;
};

struct ws {
	struct lws_context *ctx;
	struct lws_vhost *vhost;
	struct ws_conf conf;
	const struct ws_events *e;
	void *arg;
	char host[256];
	struct lws_protocols protocols[2];
	void *loops[1];
	unsigned char *scratch; /* LWS_PRE, head and a chunk of a file */
	struct ws_conn *conns;
	int n_conns;
};

/* ---- out ---- */

static void out_clear(struct ws_conn *c)
{
	struct item *i, *tmp;
	struct file *f, *ftmp;

	DL_FOREACH_SAFE (c->out, i, tmp) {
		free(i);
	}
	DL_FOREACH_SAFE (c->files, f, ftmp) {
		close(f->fd);
		free(f);
	}
	c->out = NULL;
	c->files = NULL;
	c->out_n = c->out_bytes = c->n_files = 0;
}

static void file_drop(struct ws_conn *c, struct file *f)
{
	DL_DELETE(c->files, f);
	c->n_files--;
	close(f->fd);
	free(f);
}

static void ws_close(struct conn *conn, int code, const char *reason)
{
	struct ws_conn *c = (struct ws_conn *)conn;

	if (c->code)
		return;
	c->code = code;
	snprintf(c->reason, sizeof c->reason, "%s", reason);
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, CLOSE_S);
	lws_callback_on_writable(c->wsi);
}

static void cull(struct ws_conn *c)
{
	out_clear(c);
	ws_close(&c->conn, WS_LAGGARD, "you do not read what is sent");
	if (c->ws->e->culled)
		c->ws->e->culled(c->ws->arg);
}

static void ws_send_text(struct conn *conn, const char *p, size_t n)
{
	struct ws_conn *c = (struct ws_conn *)conn;
	struct item *i;

	if (c->code)
		return;
	if (c->out_n >= c->ws->conf.queue_msgs || c->out_bytes + n > c->ws->conf.queue_bytes) {
		cull(c);
		return;
	}
	i = xmalloc(sizeof *i + LWS_PRE + n);
	i->n = n;
	memcpy(i->data + LWS_PRE, p, n);
	DL_APPEND(c->out, i);
	c->out_n++;
	c->out_bytes += n;
	lws_callback_on_writable(c->wsi);
}

static bool ws_send_file(struct conn *conn, int fd, uint32_t channel, int64_t offset, int64_t size)
{
	struct ws_conn *c = (struct ws_conn *)conn;
	struct file *f;

	if (c->code || c->n_files >= FILES_MAX) {
		close(fd);
		return c->code != 0;
	}
	f = xmalloc(sizeof *f);
	*f = (struct file){.fd = fd, .channel = channel, .offset = offset, .size = size};
	DL_APPEND(c->files, f);
	c->n_files++;
	lws_callback_on_writable(c->wsi);
	return true;
}

static const struct conn_ops ops = {"websocket", ws_send_text, ws_send_file, ws_close};

static int write_text(struct ws_conn *c)
{
	struct item *i = c->out;
	int sent = lws_write(c->wsi, i->data + LWS_PRE, i->n, LWS_WRITE_TEXT);
	int rv = sent < 0 || (size_t)sent < i->n ? -1 : 0;

	DL_DELETE(c->out, i);
	c->out_n--;
	c->out_bytes -= i->n;
	free(i);
	return rv;
}

static void put_be(unsigned char *p, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (unsigned char)(v >> (8 * (bytes - 1 - i)));
}

static int write_chunk(struct ws_conn *c)
{
	struct file *f = c->files;
	unsigned char *p = c->ws->scratch + LWS_PRE;
	int64_t want = f->size - f->offset < CHUNK ? f->size - f->offset : CHUNK;
	ssize_t got = want > 0 ? pread(f->fd, p + HEAD, (size_t)want, f->offset) : 0;
	int sent;

	if (got <= 0) { /* at the end, or the file is shorter than it was */
		file_drop(c, f);
		return 0;
	}
	put_be(p, f->channel, 4);
	put_be(p + 4, (uint64_t)f->offset, 8);
	sent = lws_write(c->wsi, p, (size_t)got + HEAD, LWS_WRITE_BINARY);
	if (sent < 0 || sent < got + HEAD)
		return -1;
	f->offset += got;
	if (f->offset >= f->size)
		file_drop(c, f);
	return 0;
}

/* One write per turn: libwebsockets wants it so, and it keeps connections fair to each other. */
static int on_writable(struct ws_conn *c)
{
	int rv = 0;

	if (c->out)
		rv = write_text(c);
	else if (c->code) {
		lws_close_reason(c->wsi, (enum lws_close_status)c->code, (unsigned char *)c->reason,
			strlen(c->reason));
		return -1;
	} else if (c->files)
		rv = write_chunk(c);
	if (rv == 0 && (c->out || c->files || c->code))
		lws_callback_on_writable(c->wsi);
	return rv;
}

/* ---- in ---- */

static int on_receive(struct ws_conn *c, const void *p, size_t n)
{
	struct ws *ws = c->ws;

	if (c->code)
		return 0;
	if (c->rx.n + n > ws->conf.frame_max) {
		buf_free(&c->rx);
		ws_close(&c->conn, WS_TOO_LARGE, "a frame is too large");
		return 0;
	}
	if (n)
		buf_add(&c->rx, p, n);
	if (!lws_is_final_fragment(c->wsi) || lws_remaining_packet_payload(c->wsi))
		return 0;
	if (lws_frame_is_binary(c->wsi))
		ws->e->binary(ws->arg, &c->conn, (const uint8_t *)c->rx.p, c->rx.n);
	else
		ws->e->text(ws->arg, &c->conn, c->rx.p ? c->rx.p : "", c->rx.n);
	if (c->rx.cap > RX_KEEP)
		buf_free(&c->rx);
	else
		buf_clear(&c->rx);
	return 0;
}

/* ---- connections ---- */

/* Called with the request's header at hand; 0: go on, 1: refused with an answer, -1: hang up. */
static int on_upgrade(struct ws *ws, struct lws *wsi)
{
	char origin[512], *got = NULL;

	if (lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) > 0) {
		if (lws_hdr_copy(wsi, origin, sizeof origin, WSI_TOKEN_ORIGIN) <= 0)
			return -1; /* longer than any that could be allowed */
		got = origin;
	}
	if (ws->e->allow(ws->arg, got))
		return 0;
	log_warn("origin_refused", LS("origin", got));
	if (lws_return_http_status(wsi, HTTP_STATUS_FORBIDDEN, "this Origin is not allowed"))
		return -1;
	return 1;
}

static void on_open(struct ws *ws, struct lws *wsi, struct ws_conn *c)
{
	*c = (struct ws_conn){.conn.ops = &ops, .wsi = wsi, .ws = ws};
	DL_APPEND(ws->conns, c);
	ws->n_conns++;
	ws->e->opened(ws->arg, &c->conn);
	if (ws->n_conns > ws->conf.max_conns)
		ws_close(&c->conn, WS_TRY_LATER, "too many connections");
}

static void on_closed(struct ws *ws, struct ws_conn *c)
{
	if (!c->ws)
		return; /* never opened */
	ws->e->closed(ws->arg, &c->conn);
	DL_DELETE(ws->conns, c);
	ws->n_conns--;
	out_clear(c);
	buf_free(&c->rx);
	c->ws = NULL;
}

static int callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws *ws = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return on_upgrade(ws, wsi);
	case LWS_CALLBACK_ESTABLISHED:
		on_open(ws, wsi, user);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return on_receive(user, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return on_writable(user);
	case LWS_CALLBACK_CLOSED:
		on_closed(ws, user);
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}

/* ---- the server ---- */

static void lws_says(int level, const char *line)
{
	char text[300];

	snprintf(text, sizeof text, "%s", line);
	text[strcspn(text, "\n")] = 0;
	if (level == LLL_ERR)
		log_warn("lws", LS("says", text));
	else
		log_debug("lws", LS("says", text));
}

static bool addr_split(const char *addr, char *host, size_t size, int *port)
{
	const char *colon = strrchr(addr, ':');
	char *end;
	size_t n;

	if (!colon || !colon[1])
		return false;
	*port = (int)strtol(colon + 1, &end, 10);
	n = (size_t)(colon - addr);
	if (n >= 2 && addr[0] == '[' && addr[n - 1] == ']') {
		addr++;
		n -= 2;
	}
	if (*end || *port < 0 || *port > 65535 || n >= size)
		return false;
	memcpy(host, addr, n);
	host[n] = 0;
	return true;
}

static bool listen_on(struct ws *ws, struct loop *l, int port)
{
	struct lws_context_creation_info info = {0};

	ws->loops[0] = loop_raw(l);
	ws->protocols[0] = (struct lws_protocols){.name = "arena-worker.v1",
		.callback = callback,
		.per_session_data_size = sizeof(struct ws_conn),
		.rx_buffer_size = CHUNK};
	info.port = port;
	info.iface = *ws->host && strcmp(ws->host, "0.0.0.0") != 0 ? ws->host : NULL;
	info.protocols = ws->protocols;
	info.pt_serv_buf_size = CHUNK;
	info.max_http_header_data = 16384; /* a browser's cookies for this host come along */
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	info.user = ws;
	info.foreign_loops = ws->loops;
	info.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
	if (!strchr(ws->host, ':'))
		info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
	/* no fd_limit_per_thread: it makes each lookup a linear scan */
	ws->ctx = lws_create_context(&info);
	ws->vhost = ws->ctx ? lws_get_vhost_by_name(ws->ctx, "default") : NULL;
	return ws->vhost != NULL;
}

enum err ws_open(struct loop *l, const struct ws_conf *conf, const struct ws_events *e, void *arg,
	struct ws **ret)
{
	struct ws *ws = xcalloc(1, sizeof *ws);
	int port;

	lws_set_log_level(LLL_ERR | LLL_WARN, lws_says);
	ws->conf = *conf;
	ws->e = e;
	ws->arg = arg;
	ws->scratch = xmalloc(LWS_PRE + HEAD + CHUNK);
	if (!addr_split(conf->addr, ws->host, sizeof ws->host, &port) || !listen_on(ws, l, port)) {
		log_error("cannot_listen", LS("addr", conf->addr));
		ws_free(ws);
		return ERR_BAD_REQUEST;
	}
	*ret = ws;
	return ERR_OK;
}

int ws_port(const struct ws *ws)
{
	return lws_get_vhost_listen_port(ws->vhost);
}

void ws_free(struct ws *ws)
{
	if (!ws)
		return;
	if (ws->ctx)
		lws_context_destroy(ws->ctx);
	assert(!ws->conns);
	free(ws->scratch);
	free(ws);
}

int ws_conns(const struct ws *ws)
{
	return ws->n_conns;
}
