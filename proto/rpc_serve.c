#include <assert.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "metric.h"
#include "rpc.h"
#include "rpc_url.h"
#include "wire.h"

#define ANSWER_TIMEOUT_MS 10000

static struct metric served = {
	.name = "calls_total", .type = METRIC_COUNTER, .help = "asks served"};
static struct metric refused = {.name = "calls_refused_total",
	.type = METRIC_COUNTER,
	.help = "asks with a wrong MAC or form, or of an unknown type"};
static struct metric forged = {.name = "calls_forged_total",
	.type = METRIC_COUNTER,
	.help = "asks with a wrong MAC: another secret, or somebody tries"};

/* A context of the socket, for the life of the process. */
struct call {
	struct call *next; /* the handler's */
	struct server *server;
	nng_ctx ctx;
	nng_aio *aio;
	bool sending;
	bool open; /* with the handler */
	struct wire_head head;
	const struct msg_info *info;
	int64_t deadline_us;
	struct msg *msg;
};

struct server {
	const char *name;
	uint8_t key[32];
	nng_socket socket;
	struct call *calls;
	call_fn *fn;
	void *arg;
};

enum msg_type call_type(const struct call *c)
{
	return (enum msg_type)c->head.type;
}

const void *call_rec(const struct call *c)
{
	return msg_rec(c->msg);
}

const struct rid *call_rid(const struct call *c)
{
	return &c->head.rid;
}

int64_t call_deadline_us(const struct call *c)
{
	return c->deadline_us;
}

struct call **call_next(struct call *c)
{
	return &c->next;
}

static void answer(struct call *c, enum err status, const struct rec_info *rec, const void *from)
{
	struct wire_head head = {.kind = WIRE_ANSWER,
		.type = c->head.type,
		.status = (int)status,
		.rid = c->head.rid};
	size_t n;
	char *body = rec_write(rec, from, &n);
	nng_msg *m;

	assert(c->open);
	c->open = false;
	msg_free(c->msg);
	c->msg = NULL;
	if (nng_msg_alloc(&m, WIRE_HEAD + n) != 0)
		abort();
	wire_write(c->server->key, &head, body, n, nng_msg_body(m));
	free(body);
	c->sending = true;
	nng_aio_set_msg(c->aio, m);
	nng_aio_set_timeout(c->aio, ANSWER_TIMEOUT_MS);
	nng_ctx_send(c->ctx, c->aio);
}

void call_answer(struct call *c, const void *rec)
{
	static const struct empty nothing;

	answer(c, ERR_OK, c->info->answer, rec ? rec : &nothing);
}

void call_refuse(struct call *c, enum err e, const struct problem *p)
{
	static const struct problem none = {.limit = -1, .remaining = -1, .reset_ms = -1};

	assert(e != ERR_OK);
	answer(c, e, &rec_problem, p ? p : &none);
}

static void receive(struct call *c)
{
	c->sending = false;
	nng_aio_set_timeout(c->aio, NNG_DURATION_INFINITE);
	nng_ctx_recv(c->ctx, c->aio);
}

static void answer_metrics(struct call *c)
{
	struct buf b = {0};
	struct text t;

	metric_print(&b, c->server->name);
	t.text = b.p ? b.p : "";
	call_answer(c, &t);
	buf_free(&b);
}

/* Unpack one ask and hand it on. False: not answered at all. */
static bool take(struct call *c, const nng_msg *m)
{
	const char *body;
	size_t n;
	enum err e;

	e = wire_read(
		c->server->key, nng_msg_body((nng_msg *)m), nng_msg_len(m), &c->head, &body, &n);
	if (e != ERR_OK || c->head.kind != WIRE_ASK) {
		/* an answer would tell a stranger that we are here, and cost more than silence */
		metric_add(e == ERR_BAD_MAC ? &forged : &refused, 1);
		return false;
	}
	c->deadline_us = mono_us() + (int64_t)c->head.budget * 1000;
	c->info = msg_info(c->head.type);
	c->open = true;
	if (!c->info || c->info->is_hint) {
		metric_add(&refused, 1);
		call_refuse(c, ERR_UNKNOWN_MESSAGE, NULL);
	} else if (msg_read(c->info->rec, body, n, &c->msg) != ERR_OK) {
		metric_add(&refused, 1);
		call_refuse(c, ERR_BAD_WIRE, NULL);
	} else if (c->head.type == MSG_PING) {
		call_answer(c, NULL);
	} else if (c->head.type == MSG_METRICS) {
		answer_metrics(c);
	} else {
		metric_add(&served, 1);
		c->server->fn(c->server->arg, c);
	}
	return true;
}

static void advance(void *arg)
{
	struct call *c = arg;
	int rv = nng_aio_result(c->aio);
	nng_msg *m;

	if (c->sending) {
		if (rv && (m = nng_aio_get_msg(c->aio)))
			nng_msg_free(m);
		nng_aio_set_msg(c->aio, NULL);
		receive(c);
		return;
	}
	if (rv) {
		if (rv != NNG_ECLOSED)
			receive(c);
		return;
	}
	m = nng_aio_get_msg(c->aio);
	nng_aio_set_msg(c->aio, NULL);
	if (!take(c, m))
		receive(c);
	nng_msg_free(m);
}

struct server *server_open(
	const char *name, const char *url, const uint8_t key[32], int slots, call_fn *fn, void *arg)
{
	struct server *s = xlasting(1, sizeof *s);
	int rv;

	metric_register(&served);
	metric_register(&refused);
	metric_register(&forged);
	s->name = name;
	memcpy(s->key, key, sizeof s->key);
	s->fn = fn;
	s->arg = arg;
	s->calls = xlasting((size_t)slots, sizeof *s->calls);
	rv = nng_rep0_open(&s->socket);
	for (int i = 0; !rv && i < slots; i++) {
		struct call *c = &s->calls[i];

		c->server = s;
		rv = nng_ctx_open(&c->ctx, s->socket);
		if (!rv)
			rv = nng_aio_alloc(&c->aio, advance, c);
	}
	if (!rv)
		rv = rpc_listen(s->socket, url);
	if (rv) {
		log_error("listen_failed", LS("url", url), LS("why", nng_strerror(rv)));
		return NULL;
	}
	for (int i = 0; i < slots; i++)
		receive(&s->calls[i]);
	return s;
}
