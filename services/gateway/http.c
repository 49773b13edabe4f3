#include "exchange.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_queue.h"
#include "linger.h"
#include "listen.h"
#include "pace.h"
#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"

#define STREAM_BOUND (256 << 10)
#define POOL_SIZE    ((size_t)16 << 10) /* per connection: bounds the head, sets the upload speed */
#define ARRIVE_MS    12000 /* with something sent each 15 s, a client is known to be gone in 30 */

/* ---- life of an exchange ---- */

static struct caller *caller_of(struct MHD_Connection *con)
{
	return MHD_get_connection_info(con, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* First of all for each request, with the raw target. What it returns becomes *con_cls. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *con)
{
	struct http *h = cls;
	struct exchange *x = xcalloc(1, sizeof *x + h->app->data_size);
	const union MHD_ConnectionInfo *info;
	struct caller *c = caller_of(con);

	x->h = h;
	x->con = con;
	x->target = xstrdup(target);
	x->rid = rid_new();
	x->began_us = mono_us();
	info = MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD);
	x->fd = info ? info->connect_fd : -1;
	c->x = x;
	x->pacer = c->pacer;
	pace_head(x->pacer);
	pthread_mutex_init(&x->lock, NULL);
	atomic_fetch_add(&h->in_flight, 1);
	return x;
}

static void exchange_free(struct exchange *x)
{
	struct http *h = x->h;

	if (x->begun)
		h->app->done(h->arg, x);
	if (x->answer)
		MHD_destroy_response(x->answer);
	pthread_mutex_destroy(&x->lock);
	buf_free(&x->out);
	buf_free(&x->set);
	free(x->target);
	free(x);
	atomic_fetch_sub(&h->in_flight, 1);
}

/*
 * A client whose network went says nothing: what is sent to it must arrive in this time, or it
 * counts as gone. 0: when the kernel gives up, after a quarter of an hour; for files, whose readers
 * may pause.
 */
static void arrive_within(struct exchange *x, unsigned ms)
{
	setsockopt(x->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
	x->arrive = ms > 0;
}

static void on_completed(
	void *cls, struct MHD_Connection *con, void **con_cls, enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *con_cls;

	(void)cls, (void)why;
	if (!x)
		return;
	*con_cls = NULL;
	caller_of(con)->x = NULL;
	if (x->status != 101)
		pace_idle(x->pacer);
	if (x->arrive)
		arrive_within(x, 0);
	if (x->upgrade) {
		x->upgrade(x->upgrade_arg, -1, NULL, 0, NULL);
		x->upgrade = NULL;
	}
	exchange_free(x);
}

/* ---- life of a connection ---- */

static void on_connection(
	void *cls, struct MHD_Connection *con, void **ctx, enum MHD_ConnectionNotificationCode what)
{
	struct http *h = cls;
	struct caller *c = *ctx;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		c = xcalloc(1, sizeof *c);
		c->h = h;
		c->pacer = pace_open(
			h->pace, MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD)
					 ->connect_fd);
		*ctx = c;
	} else {
		/* The library forgets to say so after some of its own errors. */
		if (c->x)
			exchange_free(c->x);
		/* The socket is closed after this. */
		pace_close(c->pacer);
		free(c);
		*ctx = NULL;
	}
}

/* ---- the steps of a request, on a thread of the server ---- */

static void length_read(struct exchange *x)
{
	const char *te = exchange_header(x, "Transfer-Encoding");
	const char *cl = exchange_header(x, "Content-Length");

	x->length = te ? -1 : cl ? strtoll(cl, NULL, 10) : 0;
	x->has_body = x->length != 0;
}

static enum MHD_Result settle(struct exchange *x)
{
	enum MHD_Result ok;

	if (x->handed || x->queued)
		return MHD_YES;
	if (x->nothing)
		return MHD_NO;
	if (!x->answer) {
		assert(x->phase != PHASE_END); /* the app forgot to answer */
		return MHD_YES;
	}
	if (x->phase == PHASE_BEGIN && x->has_body)
		linger_add(x->h->linger, x->fd);
	ok = http_queue()(x->con, (unsigned)x->status, x->answer);
	MHD_destroy_response(x->answer);
	x->answer = NULL;
	x->queued = true;
	return ok;
}

static enum MHD_Result step_begin(struct exchange *x)
{
	struct http *h = x->h;

	x->phase = PHASE_BEGIN;
	x->begun = true;
	pace_busy(x->pacer);
	h->app->begin(h->arg, x);
	/* Suspended before its body, a request is shown its head once more when it goes on. */
	x->head_again = x->has_body && x->handed;
	if (x->has_body && !x->handed && !x->answer)
		pace_body(x->pacer, 0);
	return settle(x);
}

static enum MHD_Result step_body(struct exchange *x, const char *p, size_t *n)
{
	struct http *h = x->h;

	x->phase = PHASE_BODY;
	pace_body(x->pacer, *n);
	h->app->body(h->arg, x, p, *n);
	*n = 0;
	return x->nothing ? MHD_NO : MHD_YES;
}

static enum MHD_Result step_end(struct exchange *x)
{
	struct http *h = x->h;

	if (x->phase != PHASE_END) {
		x->phase = PHASE_END;
		pace_busy(x->pacer);
		h->app->end(h->arg, x);
	}
	return settle(x);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *con, const char *path,
	const char *method, const char *version, const char *p, size_t *n, void **con_cls)
{
	struct exchange *x = *con_cls;

	(void)cls, (void)con;
	x->handed = false;
	if (x->phase == PHASE_NEW) {
		x->phase = PHASE_HEAD;
		x->path = path;
		x->method = method;
		x->version = version;
		length_read(x);
		/* An answer in the very first call would cost the connection. */
		if (!x->has_body)
			return MHD_YES;
	}
	if (x->phase == PHASE_HEAD) {
		if (step_begin(x) == MHD_NO)
			return MHD_NO;
		if (x->has_body || x->queued || x->handed)
			return MHD_YES;
		return step_end(x);
	}
	if (x->phase == PHASE_BEGIN && (x->answer || x->nothing))
		return settle(x);
	if (x->head_again) {
		x->head_again = false;
		pace_body(x->pacer, 0);
		return MHD_YES;
	}
	return *n ? step_body(x, p, n) : step_end(x);
}

/* ---- the request ---- */

const char *exchange_peer(const struct exchange *cx)
{
	struct exchange *x = (struct exchange *)(uintptr_t)cx; /* the text is made when asked for */
	const union MHD_ConnectionInfo *info;
	const struct sockaddr *sa;

	if (x->peer[0])
		return x->peer;
	info = MHD_get_connection_info(x->con, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	sa = info ? info->client_addr : NULL;
	if (sa && sa->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
			x->peer, sizeof x->peer);
	else if (sa && sa->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
			x->peer, sizeof x->peer);
	return x->peer;
}

const char *exchange_query(const struct exchange *x, const char *name)
{
	const char *v = NULL;

	if (MHD_lookup_connection_value_n(
		    x->con, MHD_GET_ARGUMENT_KIND, name, strlen(name), &v, NULL) == MHD_NO)
		return NULL;
	return v ? v : "";
}

const char *exchange_header(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->con, MHD_HEADER_KIND, name);
}

struct header_call {
	void (*fn)(void *arg, const char *name, const char *value);
	void *arg;
};

static enum MHD_Result on_header(
	void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct header_call *call = cls;

	(void)kind;
	call->fn(call->arg, name, value ? value : "");
	return MHD_YES;
}

void exchange_headers(const struct exchange *x,
	void (*fn)(void *arg, const char *name, const char *value), void *arg)
{
	struct header_call call = {fn, arg};

	MHD_get_connection_values(x->con, MHD_HEADER_KIND, on_header, &call);
}

/* ---- waiting ---- */

void exchange_suspend(struct exchange *x)
{
	assert(!x->handed);
	x->handed = true;
	atomic_fetch_add(&x->h->suspended, 1);
	MHD_suspend_connection(x->con);
}

void exchange_resume(struct exchange *x)
{
	struct http *h = x->h;

	MHD_resume_connection(x->con);
	atomic_fetch_sub(&h->suspended, 1);
}

/* ---- the answer ---- */

static void answer_common(
	struct exchange *x, int status, const char *type, struct MHD_Response *resp)
{
	char rid[RID_HEX];

	assert(resp && !x->answer && !x->queued);
	if (type)
		MHD_add_response_header(resp, "Content-Type", type);
	MHD_add_response_header(resp, "x-request-id", rid_hex(&x->rid, rid));
	MHD_add_response_header(resp, "X-Content-Type-Options", "nosniff");
	for (size_t i = 0; i < x->set.n;) {
		const char *name = x->set.p + i, *value = name + strlen(name) + 1;

		MHD_add_response_header(resp, name, value);
		i = (size_t)(value + strlen(value) + 1 - x->set.p);
	}
	if (atomic_load(&x->h->draining))
		MHD_add_response_header(resp, "Connection", "close");
	x->status = status;
	x->answer = resp;
}

static void answer_bytes(struct exchange *x, int status, const char *type, const void *p, size_t n,
	enum MHD_ResponseMemoryMode mode)
{
	if (x->phase == PHASE_BODY) {
		linger_add(x->h->linger, x->fd);
		exchange_refuse(x, status, type, p, n);
		if (mode == MHD_RESPMEM_MUST_FREE)
			free((void *)(uintptr_t)p);
		return;
	}
	/* The library wants a pointer that is not const and does not write there. */
	answer_common(
		x, status, type, MHD_create_response_from_buffer(n, (void *)(uintptr_t)p, mode));
}

void answer_copy(struct exchange *x, int status, const char *type, const void *p, size_t n)
{
	answer_bytes(x, status, type, p, n, MHD_RESPMEM_MUST_COPY);
}

void answer_take(struct exchange *x, int status, const char *type, char *p, size_t n)
{
	answer_bytes(x, status, type, p, n, MHD_RESPMEM_MUST_FREE);
}

void answer_const(struct exchange *x, int status, const char *type, const void *p, size_t n)
{
	answer_bytes(x, status, type, p, n, MHD_RESPMEM_PERSISTENT);
}

void answer_fd(
	struct exchange *x, int status, const char *type, int fd, int64_t offset, int64_t length)
{
	answer_common(x, status, type,
		MHD_create_response_from_fd_at_offset64((uint64_t)length, fd, (uint64_t)offset));
}

void answer_nothing(struct exchange *x)
{
	x->nothing = true;
}

/* ---- streams ---- */

static ssize_t on_stream(void *cls, uint64_t pos, char *p, size_t max)
{
	struct exchange *x = cls;
	size_t n;
	ssize_t ret;

	(void)pos;
	pthread_mutex_lock(&x->lock);
	n = x->out.n - x->out_sent;
	if (x->cut) {
		ret = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (n) {
		n = n < max ? n : max;
		memcpy(p, x->out.p + x->out_sent, n);
		stream_taken(x, n);
		ret = (ssize_t)n;
	} else if (x->ended) {
		ret = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		x->asleep = true;
		atomic_fetch_add(&x->h->suspended, 1);
		MHD_suspend_connection(x->con);
		ret = 0;
	}
	pthread_mutex_unlock(&x->lock);
	return ret;
}

/* With the lock. */
static void stream_wake(struct exchange *x)
{
	if (!x->asleep)
		return;
	x->asleep = false;
	MHD_resume_connection(x->con);
	atomic_fetch_sub(&x->h->suspended, 1);
}

void answer_stream(struct exchange *x, int status, const char *type)
{
	arrive_within(x, x->h->arrive_ms);
	answer_common(x, status, type,
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_stream, x, NULL));
}

bool stream_push(struct exchange *x, const void *p, size_t n)
{
	bool ok;

	pthread_mutex_lock(&x->lock);
	if (x->out.n - x->out_sent + n > STREAM_BOUND)
		x->cut = true;
	ok = !x->cut && !x->ended;
	if (ok)
		buf_add(&x->out, p, n);
	stream_wake(x);
	pthread_mutex_unlock(&x->lock);
	return ok;
}

void stream_end(struct exchange *x)
{
	pthread_mutex_lock(&x->lock);
	x->ended = true;
	stream_wake(x);
	pthread_mutex_unlock(&x->lock);
}

/* ---- leaving HTTP ---- */

static void on_upgrade(void *cls, struct MHD_Connection *con, void *con_cls, const char *extra,
	size_t n, MHD_socket fd, struct MHD_UpgradeResponseHandle *urh)
{
	struct exchange *x = cls;
	upgrade_fn *fn = x->upgrade;

	(void)con, (void)con_cls;
	x->upgrade = NULL;
	fn(x->upgrade_arg, fd, extra, n, (struct upgraded *)urh);
}

void answer_upgrade(struct exchange *x, upgrade_fn *fn, void *arg)
{
	x->upgrade = fn;
	x->upgrade_arg = arg;
	answer_common(x, 101, NULL, MHD_create_response_for_upgrade(on_upgrade, x));
}

void upgrade_close(struct upgraded *u)
{
	MHD_upgrade_action((struct MHD_UpgradeResponseHandle *)u, MHD_UPGRADE_ACTION_CLOSE);
}

/* ---- the server ---- */

/* A client that sends too slowly: with pace's lock, so nothing else is sent to it now. */
static void on_late(void *arg, int fd)
{
	http_refuse(arg, fd, 408);
}

__attribute__((format(printf, 2, 0))) static void on_log(void *cls, const char *fmt, va_list ap)
{
	char line[300];
	size_t n;

	(void)cls;
	vsnprintf(line, sizeof line, fmt, ap);
	n = strlen(line);
	while (n && line[n - 1] == '\n')
		line[--n] = 0;
	log_debug("http", LS("msg", line));
}

/*
 * While draining, who comes anew is sent away. Not by MHD_quiesce_daemon(): in 0.9.75 it takes
 * the listener out of the pool's epolls while their threads may do the same, and the second one
 * to come ends the process.
 */
static enum MHD_Result on_accept(void *cls, const struct sockaddr *addr, socklen_t len)
{
	(void)addr;
	(void)len;
	return http_draining(cls) ? MHD_NO : MHD_YES;
}

static struct MHD_Daemon *daemon_start(
	struct http *h, const struct http_conf *conf, int fd, int family)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_ALLOW_UPGRADE | MHD_USE_ERROR_LOG;

	if (family == AF_INET6)
		flags |= MHD_USE_IPv6;
	return MHD_start_daemon(flags, 0, on_accept, h, on_request, h, MHD_OPTION_EXTERNAL_LOGGER,
		on_log, h, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, h, MHD_OPTION_CONNECTION_LIMIT, (unsigned)conf->connections,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL_SIZE, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)((conf->idle_ms + 999) / 1000),
		conf->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
		(unsigned)conf->threads, MHD_OPTION_END);
}

enum err http_start(
	const struct http_conf *conf, const struct http_app *app, void *arg, struct http **ret)
{
	struct http *h = xcalloc(1, sizeof *h);
	const char *why = "the HTTP library refused";
	int family = 0, fd;

	h->app = app;
	h->arg = arg;
	h->arrive_ms = (unsigned)(conf->idle_ms < ARRIVE_MS ? conf->idle_ms : ARRIVE_MS);
	fd = listen_at(conf->host, (int)conf->port, &family, &h->port, &why);
	/* The first request may come before daemon_start() returns, and its app looks at *ret. */
	*ret = h;
	if (fd >= 0) {
		h->linger = linger_start();
		h->pace = pace_start(conf->head_ms, conf->body_ms, on_late, h);
		h->daemon = daemon_start(h, conf, fd, family);
	}
	if (!h->daemon) {
		*ret = NULL;
		log_error("listen_failed", LS("host", conf->host), LI("port", conf->port),
			LS("why", why));
		if (fd >= 0)
			close(fd);
		pace_stop(h->pace);
		linger_stop(h->linger);
		free(h);
		return ERR_UNAVAILABLE;
	}
	return ERR_OK;
}

int http_port(const struct http *h)
{
	return h->port;
}

int http_in_flight(const struct http *h)
{
	return atomic_load(&h->in_flight);
}

bool http_draining(const struct http *h)
{
	return atomic_load(&h->draining);
}

void http_drain(struct http *h)
{
	atomic_store(&h->draining, true);
}

bool http_stop(struct http *h, int64_t limit_ms)
{
	int64_t until = mono_us() + limit_ms * 1000;

	http_drain(h);
	while ((http_in_flight(h) > 0 || atomic_load(&h->suspended) > 0) && mono_us() < until)
		usleep(2000);
	if (atomic_load(&h->suspended) > 0) {
		/* The library must not be stopped under them; the process is about to end anyway.
		 */
		log_warn("http_leftover", LI("exchanges", http_in_flight(h)));
		return false;
	}
	MHD_stop_daemon(h->daemon);
	pace_stop(h->pace);
	linger_stop(h->linger);
	free(h);
	return true;
}
