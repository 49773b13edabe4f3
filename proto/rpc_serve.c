#include <assert.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <stdatomic.h>
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
#define ANSWER_BYTES      (WIRE_MAX - 4096) /* that go back together, unless one alone has more */

static struct metric served = {
	.name = "calls_total", .type = METRIC_COUNTER, .help = "asks served"};
static struct metric refused = {.name = "calls_refused_total",
	.type = METRIC_COUNTER,
	.help = "asks with a wrong MAC or form, or of an unknown type"};
static struct metric forged = {.name = "calls_forged_total",
	.type = METRIC_COUNTER,
	.help = "asks with a wrong MAC: another secret, or somebody tries"};

struct carrier;

/* One ask that came. */
struct call {
	struct call *next; /* the handler's */
	struct carrier *carrier;
	struct wire_head head;
	const struct msg_info *info;
	int64_t deadline_us;
	struct msg *msg;
	bool open;  /* with the handler */
	char *body; /* of the answer; NULL: there is none */
	size_t body_n;
	enum err status;
};

/*
 * A context of the socket, for the life of the process. It brings one message, or a bundle of them,
 * and takes their answers back together when the last of them is there.
 */
struct carrier {
	struct server *server;
	nng_ctx ctx;
	nng_aio *aio;
	bool sending;
	bool bundle;
	atomic_size_t due; /* answers, and one for the unpacking */
	struct call *calls;
	size_t n_calls, cap_calls;
};

struct server {
	const char *name;
	uint8_t key[32];
	nng_socket socket;
	struct carrier *carriers;
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

static void receive(struct carrier *r)
{
	r->sending = false;
	nng_aio_set_timeout(r->aio, NNG_DURATION_INFINITE);
	nng_ctx_recv(r->ctx, r->aio);
}

static size_t answer_size(const struct carrier *r, const struct call *c)
{
	return (r->bundle ? WIRE_ITEM_HEAD : 0) + WIRE_HEAD + c->body_n;
}

static uint8_t *answer_put(const struct carrier *r, const struct call *c, uint8_t *at)
{
	struct wire_head head = {.kind = WIRE_ANSWER,
		.type = c->head.type,
		.status = (int)c->status,
		.rid = c->head.rid};

	if (r->bundle) {
		wire_item(WIRE_HEAD + c->body_n, at);
		at += WIRE_ITEM_HEAD;
	}
	wire_write(r->server->key, &head, c->body, c->body_n, at);
	return at + WIRE_HEAD + c->body_n;
}

static void answer_drop(struct call *c)
{
	free(c->body);
	c->body = NULL;
}

/* All answers are there. Those that do not fit are dropped: the asker asks for them again. */
static void carry_back(struct carrier *r)
{
	size_t n = r->bundle ? WIRE_BUNDLE_HEAD : 0, answers = 0;
	uint8_t *at;
	nng_msg *m;

	for (size_t i = 0; i < r->n_calls; i++) {
		struct call *c = &r->calls[i];

		if (!c->body)
			continue;
		if (answers && n + answer_size(r, c) > ANSWER_BYTES) {
			answer_drop(c);
			continue;
		}
		n += answer_size(r, c);
		answers++;
	}
	if (!answers) { /* an answer would tell a stranger that we are here */
		receive(r);
		return;
	}
	if (nng_msg_alloc(&m, n) != 0)
		abort();
	at = nng_msg_body(m);
	if (r->bundle) {
		wire_bundle(answers, at);
		at += WIRE_BUNDLE_HEAD;
	}
	for (size_t i = 0; i < r->n_calls; i++) {
		struct call *c = &r->calls[i];

		if (c->body)
			at = answer_put(r, c, at);
		answer_drop(c);
	}
	r->sending = true;
	nng_aio_set_msg(r->aio, m);
	nng_aio_set_timeout(r->aio, ANSWER_TIMEOUT_MS);
	nng_ctx_send(r->ctx, r->aio);
}

static void one_less(struct carrier *r)
{
	if (atomic_fetch_sub(&r->due, 1) == 1)
		carry_back(r);
}

/* body: taken over. */
static void answer(struct call *c, enum err status, char *body, size_t n)
{
	assert(c->open);
	c->open = false;
	c->status = status;
	c->body = body;
	c->body_n = n;
	msg_free(c->msg);
	c->msg = NULL;
	one_less(c->carrier);
}

void call_answer(struct call *c, const void *rec)
{
	static const struct empty nothing;
	size_t n;
	char *body = rec_write(c->info->answer, rec ? rec : &nothing, &n);

	answer(c, ERR_OK, body, n);
}

void call_answer_json(struct call *c, const char *json, size_t n)
{
	char *body = xmalloc(n);

	memcpy(body, json, n);
	answer(c, ERR_OK, body, n);
}

void call_refuse(struct call *c, enum err e, const struct problem *p)
{
	size_t n;
	char *body = rec_write(&rec_problem, p ? p : &PROBLEM(), &n);

	assert(e != ERR_OK);
	answer(c, e, body, n);
}

static void answer_metrics(struct call *c)
{
	struct buf b = {0};
	struct text t;

	metric_print(&b, c->carrier->server->name);
	t.text = b.p ? b.p : "";
	call_answer(c, &t);
	buf_free(&b);
}

/* Hand one ask on to whoever answers it. */
static void dispatch(struct server *s, struct call *c, const char *body, size_t n)
{
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
		s->fn(s->arg, c);
	}
}

/* Unpack one ask. What has a wrong MAC or form is dropped without an answer. */
static void take(struct carrier *r, struct call *c, const uint8_t *p, size_t n)
{
	const char *body;
	size_t body_n;
	enum err e;

	*c = (struct call){.carrier = r};
	e = wire_read(r->server->key, p, n, &c->head, &body, &body_n);
	if (e != ERR_OK || c->head.kind != WIRE_ASK) {
		metric_add(e == ERR_BAD_MAC ? &forged : &refused, 1);
		return;
	}
	c->deadline_us = mono_us() + (int64_t)c->head.budget * 1000;
	c->info = msg_info(c->head.type);
	c->open = true;
	atomic_fetch_add(&r->due, 1);
	dispatch(r->server, c, body, body_n);
}

static void unpack(struct carrier *r, const uint8_t *p, size_t n)
{
	const uint8_t *item;
	size_t item_n, at = 0, count = wire_count(p, n);

	if (!count)
		metric_add(&refused, 1);
	if (count > r->cap_calls) {
		r->calls = xrealloc(r->calls, count * sizeof *r->calls);
		r->cap_calls = count;
	}
	r->bundle = !wire_alone(p, n);
	r->n_calls = 0;
	r->due = 1;
	while (r->n_calls < count && wire_next(p, n, &at, &item, &item_n))
		take(r, &r->calls[r->n_calls++], item, item_n);
	one_less(r);
}

static void advance(void *arg)
{
	struct carrier *r = arg;
	int rv = nng_aio_result(r->aio);
	nng_msg *m;

	if (r->sending) {
		if (rv && (m = nng_aio_get_msg(r->aio)))
			nng_msg_free(m);
		nng_aio_set_msg(r->aio, NULL);
		receive(r);
		return;
	}
	if (rv) {
		if (rv != NNG_ECLOSED)
			receive(r);
		return;
	}
	m = nng_aio_get_msg(r->aio);
	nng_aio_set_msg(r->aio, NULL);
	unpack(r, nng_msg_body(m), nng_msg_len(m));
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
	s->carriers = xlasting((size_t)slots, sizeof *s->carriers);
	rv = nng_rep0_open(&s->socket);
	for (int i = 0; !rv && i < slots; i++) {
		struct carrier *r = &s->carriers[i];

		r->server = s;
		rv = nng_ctx_open(&r->ctx, s->socket);
		if (!rv)
			rv = nng_aio_alloc(&r->aio, advance, r);
	}
	if (!rv)
		rv = rpc_listen(s->socket, url);
	if (rv) {
		log_error("listen_failed", LS("url", url), LS("why", nng_strerror(rv)));
		return NULL;
	}
	for (int i = 0; i < slots; i++)
		receive(&s->carriers[i]);
	return s;
}
