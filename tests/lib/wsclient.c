#include "tests/lib/wsclient.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/clock.h"

struct wsc {
	int fd;
	int code;
	char reason[130];
};

static bool write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t k = send(fd, at, n, MSG_NOSIGNAL);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

/* n bytes until the deadline; 0, WSC_EOF or WSC_TIMEOUT. */
static int read_all(int fd, void *p, size_t n, int64_t until_us)
{
	char *at = p;

	while (n) {
		struct pollfd f = {.fd = fd, .events = POLLIN};
		int64_t left = (until_us - mono_us() + 999) / 1000;
		ssize_t k;

		if (left <= 0 || poll(&f, 1, (int)left) == 0)
			return WSC_TIMEOUT;
		k = recv(fd, at, n, 0);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return WSC_EOF;
		at += k;
		n -= (size_t)k;
	}
	return 0;
}

static int dial(int port, int rcvbuf)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (rcvbuf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof rcvbuf);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int shake_hands(int fd, const struct wsc_conf *conf)
{
	char head[4096];
	size_t n = 0;
	int status = 0;

	snprintf(head, sizeof head,
		"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: arena-worker.v1\r\n"
		"%s%s%s\r\n",
		conf && conf->path ? conf->path : "/ws", conf && conf->origin ? "Origin: " : "",
		conf && conf->origin ? conf->origin : "", conf && conf->origin ? "\r\n" : "");
	if (!write_all(fd, head, strlen(head)))
		return 0;
	for (;;) { /* one byte at a time: what is behind the head is a frame */
		if (n + 1 >= sizeof head || read_all(fd, head + n, 1, mono_us() + 5000000) != 0)
			return 0;
		head[++n] = 0;
		if (n >= 4 && memcmp(head + n - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	sscanf(head, "HTTP/1.%*d %d", &status);
	return status;
}

struct wsc *wsc_open(int port, const struct wsc_conf *conf, int *status)
{
	int fd = dial(port, conf ? conf->rcvbuf : 0), got = 0;
	struct wsc *c;

	if (fd >= 0)
		got = shake_hands(fd, conf);
	if (status)
		*status = got;
	if (got != 101) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	c = xcalloc(1, sizeof *c);
	c->fd = fd;
	return c;
}

void wsc_drop(struct wsc *c)
{
	if (!c)
		return;
	close(c->fd);
	free(c);
}

static size_t put_head(uint8_t *h, int opcode, size_t n)
{
	size_t k = 2;

	h[0] = (uint8_t)(0x80 | opcode);
	if (n < 126) {
		h[1] = (uint8_t)n;
	} else if (n < 65536) {
		h[1] = 126;
		h[k++] = (uint8_t)(n >> 8);
		h[k++] = (uint8_t)n;
	} else {
		h[1] = 127;
		for (int i = 56; i >= 0; i -= 8)
			h[k++] = (uint8_t)((uint64_t)n >> i);
	}
	h[1] |= 0x80;
	memset(h + k, 0, 4); /* masked, with zeros */
	return k + 4;
}

bool wsc_send(struct wsc *c, enum wsc_kind kind, const void *p, size_t n)
{
	uint8_t *frame = xmalloc(n + 14);
	size_t head = put_head(frame, (int)kind, n);
	bool ok;

	if (n)
		memcpy(frame + head, p, n);
	ok = write_all(c->fd, frame, head + n);
	free(frame);
	return ok;
}

bool wsc_text(struct wsc *c, const char *fmt, ...)
{
	struct buf b = {0};
	char *text;
	va_list ap;
	bool ok;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	buf_add(&b, text, (size_t)n);
	ok = wsc_send(c, WSC_TEXT, b.p, b.n);
	buf_free(&b);
	free(text);
	return ok;
}

/* One frame: its opcode, or WSC_EOF, WSC_TIMEOUT. */
static int read_frame(struct wsc *c, int64_t until_us, struct buf *out, bool *final)
{
	uint8_t h[8] = {0};
	uint64_t n;
	char *p;
	int e = read_all(c->fd, h, 2, until_us), opcode = h[0] & 15;

	if (e)
		return e;
	*final = h[0] & 0x80;
	n = h[1] & 127;
	if (n >= 126) {
		int len = n == 126 ? 2 : 8;

		if (read_all(c->fd, h, (size_t)len, until_us + 1000000))
			return WSC_EOF;
		n = 0;
		for (int i = 0; i < len; i++)
			n = n << 8 | h[i];
	}
	p = xmalloc(n + 1);
	e = read_all(c->fd, p, n, until_us + 5000000); /* begun: it will come */
	if (!e)
		buf_add(out, p, n);
	free(p);
	return e ? WSC_EOF : opcode;
}

enum wsc_kind wsc_recv(struct wsc *c, int timeout_ms, struct buf *out)
{
	int64_t until = mono_us() + (int64_t)timeout_ms * 1000;
	int kind = 0;

	buf_clear(out);
	for (;;) {
		struct buf one = {0};
		bool final = true;
		int op = read_frame(c, until, &one, &final);

		if (op == 9) {
			wsc_send(c, (enum wsc_kind)10, one.p, one.n);
		} else if (op == WSC_CLOSE) {
			c->code = one.n >= 2 ? (uint8_t)one.p[0] << 8 | (uint8_t)one.p[1] : 1005;
			snprintf(c->reason, sizeof c->reason, "%s", one.n > 2 ? one.p + 2 : "");
		} else if (op < 3) {
			kind = op ? op : kind;
			if (one.n)
				buf_add(out, one.p, one.n);
		}
		buf_free(&one);
		if (op >= WSC_CLOSE && op != 9 && op != 10)
			return (enum wsc_kind)op;
		if (op < 3 && final)
			return (enum wsc_kind)kind;
	}
}

int wsc_code(const struct wsc *c)
{
	return c->code;
}

const char *wsc_reason(const struct wsc *c)
{
	return c->reason;
}
