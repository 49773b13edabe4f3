#include "exchange.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "proto/log.h"

#define OUT_KEPT  4096       /* bytes of an empty stream's buffer */
#define OUT_TAKEN (64 << 10) /* bytes at its beginning that were taken already */

void *exchange_data(struct exchange *x)
{
	return x->data;
}

const struct rid *exchange_rid(const struct exchange *x)
{
	return &x->rid;
}

int64_t exchange_began_us(const struct exchange *x)
{
	return x->began_us;
}

const char *exchange_method(const struct exchange *x)
{
	return x->method;
}

const char *exchange_path(const struct exchange *x)
{
	return x->path;
}

const char *exchange_target(const struct exchange *x)
{
	return x->target;
}

const char *exchange_version(const struct exchange *x)
{
	return x->version;
}

bool exchange_has_body(const struct exchange *x)
{
	return x->has_body;
}

int64_t exchange_length(const struct exchange *x)
{
	return x->length;
}

bool exchange_client_gone(const struct exchange *x)
{
	struct pollfd p = {.fd = x->fd, .events = POLLRDHUP};

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL));
}

void exchange_set(struct exchange *x, const char *name, const char *value)
{
	buf_add(&x->set, name, strlen(name) + 1);
	buf_add(&x->set, value, strlen(value) + 1);
}

void exchange_setf(struct exchange *x, const char *name, const char *fmt, ...)
{
	char value[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof value, fmt, ap);
	va_end(ap);
	exchange_set(x, name, value);
}

void stream_taken(struct exchange *x, size_t n)
{
	x->out_sent += n;
	if (x->out_sent == x->out.n) {
		/* A listener is idle most of its life: what many events took is given back. */
		if (x->out.cap > OUT_KEPT)
			buf_free(&x->out);
		else
			buf_clear(&x->out);
		x->out_sent = 0;
	} else if (x->out_sent > OUT_TAKEN) {
		/* One that is never empty must not grow for ever. */
		x->out.n -= x->out_sent;
		memmove(x->out.p, x->out.p + x->out_sent, x->out.n + 1);
		x->out_sent = 0;
	}
}

size_t stream_waiting(struct exchange *x)
{
	size_t n;

	pthread_mutex_lock(&x->lock);
	n = x->out.n - x->out_sent;
	pthread_mutex_unlock(&x->lock);
	return n;
}

int exchange_status(const struct exchange *x)
{
	return x->status;
}

void exchange_refuse(struct exchange *x, int status, const char *type, const char *p, size_t n)
{
	struct buf b = {0};
	char rid[RID_HEX];

	if (x->nothing)
		return;
	buf_addf(&b, "HTTP/1.1 %d Refused\r\nConnection: close\r\nContent-Length: %zu\r\n", status,
		n);
	buf_addf(&b, "Content-Type: %s\r\nx-request-id: %s\r\n", type, rid_hex(&x->rid, rid));
	buf_adds(&b, "X-Content-Type-Options: nosniff\r\n");
	for (size_t i = 0; i < x->set.n;) {
		const char *name = x->set.p + i, *value = name + strlen(name) + 1;

		buf_addf(&b, "%s: %s\r\n", name, value);
		i = (size_t)(value + strlen(value) + 1 - x->set.p);
	}
	buf_adds(&b, "\r\n");
	buf_add(&b, p, n);
	if (send(x->fd, b.p, b.n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("refusal_not_sent", LI("errno", errno));
	buf_free(&b);
	x->status = status;
	x->nothing = true;
}
