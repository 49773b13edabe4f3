#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "metric.h"
#include "rpc.h"
#include "rpc_url.h"
#include "wire.h"

#define WAITING_PER_SLOT 16
#define PAUSE_MS         20 /* before an ask is sent again, growing with its tries */

static struct metric asked = {.name = "asks_total", .type = METRIC_COUNTER, .help = "asks sent"};
static struct metric ask_failed = {.name = "asks_failed_total",
	.type = METRIC_COUNTER,
	.help = "asks that the transport could not get answered"};
static struct metric ask_again = {
	.name = "asks_repeated_total", .type = METRIC_COUNTER, .help = "asks sent once more"};
static struct metric bad_answers = {.name = "answers_refused_total",
	.type = METRIC_COUNTER,
	.help = "answers with a wrong MAC or form"};

/* One ask from ask() to its done. */
struct pending {
	struct pending *next;
	struct rid rid;
	enum msg_type type;
	char *body;
	size_t body_n;
	int64_t begun_us, deadline_us;
	int tries;
	ask_done_fn *done;
	void *arg;
};

enum step { SENDING, RECEIVING, PAUSING };

/* A context of the socket, for the life of the process. One thing outstanding at a time. */
struct slot {
	struct slot *next;
	struct peer *peer;
	nng_ctx ctx;
	nng_aio *aio;
	enum step step;
	struct pending *q;
};

struct peer {
	const char *name;
	uint8_t key[32];
	nng_socket socket;
	struct slot *slots;
	int n_slots;

	pthread_mutex_t mutex; /* of what follows */
	struct slot *idle;
	struct pending *waiting, **waiting_end;
	int n_waiting;
};

static const struct problem no_problem = {
	.retry_after_ms = 0, .limit = -1, .remaining = -1, .reset_ms = -1};

static void next_try(struct slot *s);

static int left_ms(const struct pending *q)
{
	int64_t us = q->deadline_us - mono_us();

	return us <= 0 ? 0 : (int)(us / 1000) + 1;
}

static void log_hop(const struct peer *p, const struct pending *q, enum err e, bool transport)
{
	enum log_level level = transport ? LOG_WARN : LOG_DEBUG;

	if (!log_on(level))
		return;
	log_rid(&q->rid);
	log_at(level, "ask", LS("to", p->name), LS("msg", msg_info((int)q->type)->name),
		LS("status", err_name(e)), LI("us", mono_us() - q->begun_us),
		LI("tries", q->tries));
	log_rid(NULL);
}

/* Tell the asker and forget. Takes q and msg over. transport: it is our error, not the peer's. */
static void finish(struct peer *p, struct pending *q, enum err e, struct msg *msg, bool transport)
{
	struct answer a = {.problem = &no_problem, .tries = q->tries, .owner = &msg};

	if (msg && e == ERR_OK)
		a.rec = msg_rec(msg);
	else if (msg)
		a.problem = msg_rec(msg);
	if (transport)
		metric_add(&ask_failed, 1);
	log_hop(p, q, e, transport);
	q->done(q->arg, e, &a);
	msg_free(msg);
	free(q->body);
	free(q);
}

/* Free the slot, or give it the next ask that waits; then finish its present one. */
static void slot_done(struct slot *s, enum err e, struct msg *msg, bool transport)
{
	struct peer *p = s->peer;
	struct pending *q = s->q, *next;

	pthread_mutex_lock(&p->mutex);
	next = p->waiting;
	s->q = next;
	if (next) {
		p->waiting = next->next;
		if (!p->waiting)
			p->waiting_end = &p->waiting;
		p->n_waiting--;
	} else {
		s->next = p->idle;
		p->idle = s;
	}
	pthread_mutex_unlock(&p->mutex);
	if (next)
		next_try(s);
	finish(p, q, e, msg, transport);
}

static void pause_then_again(struct slot *s)
{
	int left = left_ms(s->q);
	int ms = PAUSE_MS << (s->q->tries < 5 ? s->q->tries : 5);

	if (ms >= left) {
		slot_done(s, ERR_UNAVAILABLE, NULL, true);
		return;
	}
	metric_add(&ask_again, 1);
	s->step = PAUSING;
	nng_sleep_aio(ms, s->aio);
}

static void next_try(struct slot *s)
{
	struct pending *q = s->q;
	struct wire_head head = {.kind = WIRE_ASK, .type = (int)q->type, .rid = q->rid};
	int left = left_ms(q);
	nng_msg *m;

	if (!left) {
		slot_done(s, ERR_TIMEOUT, NULL, true);
		return;
	}
	if (nng_msg_alloc(&m, WIRE_HEAD + q->body_n) != 0) {
		slot_done(s, ERR_NO_MEMORY, NULL, true);
		return;
	}
	head.budget = (uint32_t)left;
	wire_write(s->peer->key, &head, q->body, q->body_n, nng_msg_body(m));
	q->tries++;
	s->step = SENDING;
	nng_aio_set_msg(s->aio, m);
	nng_aio_set_timeout(s->aio, left);
	nng_ctx_send(s->ctx, s->aio);
}

static void sent(struct slot *s, int rv)
{
	nng_msg *m;

	if (!rv) {
		s->step = RECEIVING;
		nng_aio_set_timeout(s->aio, left_ms(s->q));
		nng_ctx_recv(s->ctx, s->aio);
		return;
	}
	m = nng_aio_get_msg(s->aio); /* not sent: still ours */
	if (m)
		nng_msg_free(m);
	nng_aio_set_msg(s->aio, NULL);
	if (rv == NNG_ETIMEDOUT)
		slot_done(s, ERR_UNAVAILABLE, NULL, true);
	else
		pause_then_again(s);
}

static enum err read_answer(const struct slot *s, const nng_msg *m, struct msg **ret)
{
	const struct pending *q = s->q;
	struct wire_head head;
	const char *body;
	size_t n;
	enum err e;

	e = wire_read(s->peer->key, nng_msg_body((nng_msg *)m), nng_msg_len(m), &head, &body, &n);
	if (e != ERR_OK)
		return e;
	if (head.kind != WIRE_ANSWER || head.type != (int)q->type ||
		memcmp(&head.rid, &q->rid, sizeof q->rid) != 0)
		return ERR_BAD_WIRE;
	if (head.status == ERR_OK)
		return msg_read(msg_info(head.type)->answer, body, n, ret);
	e = msg_read(&rec_problem, body, n, ret);
	return e == ERR_OK ? (enum err)err_info((enum err)head.status)->number : e;
}

static void answered(struct slot *s, int rv)
{
	struct msg *msg = NULL;
	nng_msg *m;
	enum err e;

	if (rv == NNG_ETIMEDOUT) {
		slot_done(s, ERR_TIMEOUT, NULL, true);
		return;
	}
	if (rv) { /* the connection broke: the peer may or may not have acted */
		pause_then_again(s);
		return;
	}
	m = nng_aio_get_msg(s->aio);
	nng_aio_set_msg(s->aio, NULL);
	e = read_answer(s, m, &msg);
	nng_msg_free(m);
	if (e == ERR_BAD_WIRE || e == ERR_BAD_MAC)
		metric_add(&bad_answers, 1);
	slot_done(s, e, msg, e == ERR_BAD_WIRE || e == ERR_BAD_MAC);
}

static void advance(void *arg)
{
	struct slot *s = arg;
	int rv = nng_aio_result(s->aio);

	switch (s->step) {
	case SENDING:
		sent(s, rv);
		break;
	case RECEIVING:
		answered(s, rv);
		break;
	case PAUSING:
		next_try(s);
		break;
	}
}

struct peer *peer_open(const char *name, const char *urls, const uint8_t key[32], int slots)
{
	struct peer *p = xlasting(1, sizeof *p);
	int rv;

	metric_register(&asked);
	metric_register(&ask_failed);
	metric_register(&ask_again);
	metric_register(&bad_answers);
	p->name = name;
	memcpy(p->key, key, sizeof p->key);
	pthread_mutex_init(&p->mutex, NULL);
	p->waiting_end = &p->waiting;
	p->n_slots = slots;
	p->slots = xlasting((size_t)slots, sizeof *p->slots);
	rv = nng_req0_open(&p->socket);
	if (!rv)
		rv = nng_socket_set_ms(p->socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
	for (int i = 0; !rv && i < slots; i++) {
		struct slot *s = &p->slots[i];

		s->peer = p;
		rv = nng_ctx_open(&s->ctx, p->socket);
		if (!rv)
			rv = nng_aio_alloc(&s->aio, advance, s);
		s->next = p->idle;
		p->idle = s;
	}
	if (!rv)
		rv = rpc_dial(p->socket, urls, NULL);
	if (rv) {
		log_error("peer_failed", LS("to", name), LS("url", urls),
			LS("why", nng_strerror(rv)));
		return NULL;
	}
	return p;
}

void ask(struct peer *p, const struct rid *rid, enum msg_type type, const void *rec, int budget_ms,
	ask_done_fn *done, void *arg)
{
	struct pending *q = xcalloc(1, sizeof *q);
	bool full = false;
	struct slot *s;

	q->rid = *rid;
	q->type = type;
	q->body = rec_write(msg_info((int)type)->rec, rec, &q->body_n);
	q->begun_us = mono_us();
	q->deadline_us = q->begun_us + (int64_t)budget_ms * 1000;
	q->done = done;
	q->arg = arg;
	metric_add(&asked, 1);

	pthread_mutex_lock(&p->mutex);
	s = p->idle;
	if (s) {
		p->idle = s->next;
	} else if (p->n_waiting < p->n_slots * WAITING_PER_SLOT) {
		*p->waiting_end = q;
		p->waiting_end = &q->next;
		p->n_waiting++;
	} else {
		full = true;
	}
	pthread_mutex_unlock(&p->mutex);
	if (s) {
		s->q = q;
		next_try(s);
	} else if (full) {
		finish(p, q, ERR_OVERLOADED, NULL, true);
	}
}

struct msg *answer_keep(const struct answer *a)
{
	struct msg *m = *a->owner;

	*a->owner = NULL;
	return m;
}

/* ---- waiting for one ---- */

struct wait {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool over;
	enum err e;
	struct msg *msg;
};

static void wait_over(void *arg, enum err e, const struct answer *a)
{
	struct wait *w = arg;

	pthread_mutex_lock(&w->mutex);
	w->e = e;
	w->msg = e == ERR_OK ? answer_keep(a) : NULL;
	w->over = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->mutex);
}

enum err ask_wait(struct peer *p, const struct rid *rid, enum msg_type type, const void *rec,
	int budget_ms, struct msg **ret)
{
	struct wait w = {.mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};

	ask(p, rid, type, rec, budget_ms, wait_over, &w);
	pthread_mutex_lock(&w.mutex);
	while (!w.over)
		pthread_cond_wait(&w.cond, &w.mutex);
	pthread_mutex_unlock(&w.mutex);
	if (ret && w.e == ERR_OK)
		*ret = w.msg;
	else
		msg_free(w.msg);
	return w.e;
}
