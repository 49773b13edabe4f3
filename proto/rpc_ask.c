#include <limits.h>
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
#define LANES            4         /* bundles in flight at once, at most */
#define BUNDLE_BYTES     (1 << 20) /* a bundle is closed when it has so many */
/* Asks wait so long for a bundle to come back, then go. Each timer that runs out costs nng 1.5.2 up
 * to 1 ms of CPU. */
#define PATIENCE_MS 100
#define PAUSE_MS    20 /* before an ask is sent again, growing with its tries */
#define UNLIKE      4  /* budgets that differ by more do not travel together */

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
	enum err e; /* what became of it */
	struct msg *msg;
	bool transport; /* the error is ours, not the peer's */
};

enum step { SENDING, RECEIVING };

/*
 * A context of the socket, for the life of the process, with one thing outstanding at a time: one
 * ask, or several together.
 */
struct lane {
	struct lane *next;
	struct peer *peer;
	nng_ctx ctx;
	nng_aio *aio;
	nng_aio *pause; /* its own: nng 1.5.2 never forgets that an aio has slept, and then ends
			 * what takes too long with success, and without a message */
	enum step step;
	struct pending *list;
	size_t most;      /* of them in one message: as many as were answered when not all were */
	int64_t since_us; /* carries asks since then; 0: it carries none. The peer's mutex. */
};

struct peer {
	const char *name;
	uint8_t key[32];
	nng_socket socket;
	struct lane *lanes;
	int n_lanes;
	int per_lane;    /* asks that may go together */
	int max_waiting; /* for a lane */

	pthread_mutex_t mutex; /* of what follows */
	struct lane *idle;
	struct pending *waiting, **waiting_end;
	int n_waiting;
	bool watched; /* the watch wakes soon, to see to those that wait */
	nng_aio *watch;
};

static void lane_start(struct lane *l);

static int left_ms(const struct pending *q, int64_t now_us)
{
	int64_t us = q->deadline_us - now_us;

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

/* Tell the asker and forget. */
static void finish(struct peer *p, struct pending *q)
{
	struct answer a = {.problem = &PROBLEM(), .tries = q->tries, .owner = &q->msg};

	if (q->msg && q->e == ERR_OK)
		a.rec = msg_rec(q->msg);
	else if (q->msg)
		a.problem = msg_rec(q->msg);
	if (q->transport)
		metric_add(&ask_failed, 1);
	log_hop(p, q, q->e, q->transport);
	q->done(q->arg, q->e, &a);
	msg_free(q->msg);
	free(q->body);
	free(q);
}

static void finish_all(struct peer *p, struct pending *list)
{
	while (list) {
		struct pending *next = list->next;

		finish(p, list);
		list = next;
	}
}

/* May q travel with first? One whose time is up ends the wait for all of a bundle. */
static bool alike(const struct pending *first, const struct pending *q, int64_t now_us)
{
	int a = left_ms(first, now_us), b = left_ms(q, now_us);

	return a <= UNLIKE * b && b <= UNLIKE * a;
}

/* Take those that wait, as many as may go together. With the mutex. */
static struct pending *take_waiting(struct peer *p)
{
	struct pending *first = p->waiting, *last = NULL;
	int64_t now = mono_us();
	size_t bytes = 0;

	for (int n = 0; p->waiting && n < p->per_lane; n++) {
		struct pending *q = p->waiting;

		bytes += q->body_n;
		if (last && (bytes > BUNDLE_BYTES || !alike(first, q, now)))
			break;
		last = q;
		p->waiting = q->next;
		p->n_waiting--;
	}
	if (!p->waiting)
		p->waiting_end = &p->waiting;
	if (last)
		last->next = NULL;
	return first;
}

/*
 * Shall those that wait go now? While a bundle is in flight the others gather, so that the service
 * is woken once for many; but a full bundle goes, and nobody waits for long. With the mutex.
 */
static bool bundle_due(const struct peer *p)
{
	int64_t now = mono_us();
	bool busy = false;

	if (p->n_waiting >= p->per_lane)
		return true;
	for (int i = 0; i < p->n_lanes; i++) {
		int64_t since = p->lanes[i].since_us;

		if (since && now - since >= PATIENCE_MS * 1000)
			return true;
		busy |= since > 0;
	}
	return !busy;
}

/* Idle lanes, loaded with those that shall go now; a list. With the mutex. */
static struct lane *load_lanes(struct peer *p)
{
	struct lane *loaded = NULL;

	while (p->waiting && p->idle && bundle_due(p)) {
		struct lane *l = p->idle;

		p->idle = l->next;
		l->list = take_waiting(p);
		l->most = (size_t)p->per_lane;
		l->since_us = mono_us();
		l->next = loaded;
		loaded = l;
	}
	return loaded;
}

/* How long the watch sleeps, when those that wait need one; 0: they do not. With the mutex. */
static int watch_ms(struct peer *p)
{
	int64_t now = mono_us();
	int ms = PATIENCE_MS;

	if (!p->waiting || p->watched)
		return 0;
	p->watched = true;
	for (const struct pending *q = p->waiting; q; q = q->next)
		if (left_ms(q, now) < ms)
			ms = left_ms(q, now);
	return ms ? ms : 1;
}

/* Send what is due. With the mutex, which it gives back. */
static void go_on(struct peer *p)
{
	struct lane *l = load_lanes(p), *next;
	int ms = watch_ms(p);

	pthread_mutex_unlock(&p->mutex);
	for (; l; l = next) {
		next = l->next;
		lane_start(l);
	}
	if (ms)
		nng_sleep_aio(ms, p->watch);
}

/* The lane's list is empty. */
static void lane_rest(struct lane *l)
{
	struct peer *p = l->peer;

	pthread_mutex_lock(&p->mutex);
	l->list = NULL;
	l->since_us = 0;
	l->next = p->idle;
	p->idle = l;
	go_on(p);
}

/* Take those out of a list that have no more than ms left; they end with e. */
static struct pending *expired(struct pending **at, int ms, enum err e)
{
	struct pending *out = NULL, **end = &out;
	int64_t now = mono_us();

	while (*at) {
		struct pending *q = *at;

		if (left_ms(q, now) > ms) {
			at = &q->next;
			continue;
		}
		*at = q->next;
		q->next = NULL;
		q->e = e;
		q->transport = true;
		*end = q;
		end = &q->next;
	}
	return out;
}

/* The watch woke. */
static void watched(void *arg)
{
	struct peer *p = arg;
	struct pending *over;

	pthread_mutex_lock(&p->mutex);
	p->watched = false;
	over = expired(&p->waiting, 0, ERR_TIMEOUT);
	p->n_waiting = 0;
	for (p->waiting_end = &p->waiting; *p->waiting_end;
		p->waiting_end = &(*p->waiting_end)->next)
		p->n_waiting++;
	go_on(p);
	finish_all(p, over);
}

/* The lane's asks were not answered: again after a pause, those that have the time. */
static void again(struct lane *l, enum err e)
{
	int tries = l->list->tries < 5 ? l->list->tries : 5, pause = PAUSE_MS << tries;
	struct pending *over = expired(&l->list, pause, e);
	struct peer *p = l->peer;

	if (l->list) {
		metric_add(&ask_again, 1);
		nng_sleep_aio(pause, l->pause);
	} else {
		lane_rest(l);
	}
	finish_all(p, over);
}

static size_t wire_size(const struct lane *l, size_t *count)
{
	size_t n = 0;

	*count = 0;
	for (const struct pending *q = l->list; q && *count < l->most; q = q->next, ++*count)
		n += WIRE_ITEM_HEAD + WIRE_HEAD + q->body_n;
	return *count == 1 ? n - WIRE_ITEM_HEAD : n + WIRE_BUNDLE_HEAD;
}

/* Pack the lane's asks into one message, so many as it may. NULL when out of memory. */
static nng_msg *pack(struct lane *l, int *shortest_ms)
{
	size_t count, n = wire_size(l, &count);
	int64_t now = mono_us();
	uint8_t *at, *end;
	nng_msg *m;

	if (nng_msg_alloc(&m, n) != 0)
		return NULL;
	at = nng_msg_body(m);
	end = at + n;
	if (count > 1) {
		wire_bundle(count, at);
		at += WIRE_BUNDLE_HEAD;
	}
	*shortest_ms = INT_MAX;
	for (struct pending *q = l->list; at < end; q = q->next) {
		struct wire_head head = {.kind = WIRE_ASK, .type = (int)q->type, .rid = q->rid};
		int left = left_ms(q, now);

		head.budget = (uint32_t)left;
		if (left < *shortest_ms)
			*shortest_ms = left;
		if (count > 1) {
			wire_item(WIRE_HEAD + q->body_n, at);
			at += WIRE_ITEM_HEAD;
		}
		wire_write(l->peer->key, &head, q->body, q->body_n, at);
		at += WIRE_HEAD + q->body_n;
		q->tries++;
	}
	return m;
}

/* Send what is in the lane's list. */
static void lane_start(struct lane *l)
{
	struct pending *over = expired(&l->list, 0, ERR_TIMEOUT);
	struct peer *p = l->peer;
	int ms;
	nng_msg *m = NULL;

	if (l->list) {
		m = pack(l, &ms);
		if (!m)
			abort();
		l->step = SENDING;
		nng_aio_set_msg(l->aio, m);
		nng_aio_set_timeout(l->aio, ms);
		nng_ctx_send(l->ctx, l->aio);
	} else {
		lane_rest(l);
	}
	finish_all(p, over);
}

static int shortest(const struct lane *l)
{
	int64_t now = mono_us();
	int ms = INT_MAX;

	for (const struct pending *q = l->list; q; q = q->next)
		if (left_ms(q, now) < ms)
			ms = left_ms(q, now);
	return ms;
}

static void sent(struct lane *l, int rv)
{
	nng_msg *m;

	if (!rv) {
		l->step = RECEIVING;
		nng_aio_set_timeout(l->aio, shortest(l));
		nng_ctx_recv(l->ctx, l->aio);
		return;
	}
	m = nng_aio_get_msg(l->aio); /* not sent: still ours */
	if (m)
		nng_msg_free(m);
	nng_aio_set_msg(l->aio, NULL);
	again(l, ERR_UNAVAILABLE);
}

/* The ask that this answer belongs to, taken out of the list. */
static struct pending *claim(struct lane *l, const struct wire_head *head)
{
	for (struct pending **at = &l->list; *at; at = &(*at)->next) {
		struct pending *q = *at;

		if ((int)q->type == head->type && memcmp(&q->rid, &head->rid, sizeof q->rid) == 0) {
			*at = q->next;
			q->next = NULL;
			return q;
		}
	}
	return NULL;
}

/* One answer of those that came. NULL: it belongs to no ask of ours. */
static struct pending *read_answer(struct lane *l, const uint8_t *p, size_t n)
{
	struct wire_head head;
	struct pending *q;
	const char *body;
	size_t body_n;

	if (wire_read(l->peer->key, p, n, &head, &body, &body_n) != ERR_OK ||
		head.kind != WIRE_ANSWER || !(q = claim(l, &head)))
		return NULL;
	if (head.status == ERR_OK) {
		q->e = msg_read(msg_info(head.type)->answer, body, body_n, &q->msg);
	} else {
		q->e = msg_read(&rec_problem, body, body_n, &q->msg);
		if (q->e == ERR_OK)
			q->e = (enum err)err_info((enum err)head.status)->number;
	}
	q->transport = q->e == ERR_BAD_WIRE;
	return q;
}

/*
 * Answers came. More than fit into a message come in part: the rest is asked for again. When none
 * is for us the other side cannot read us, or we not it.
 */
static void answered(struct lane *l, const uint8_t *p, size_t n)
{
	struct pending *done = NULL, **end = &done, *q;
	struct peer *peer = l->peer;
	const uint8_t *item;
	size_t item_n, at = 0, n_done = 0;

	while (wire_next(p, n, &at, &item, &item_n)) {
		q = read_answer(l, item, item_n);
		if (!q) {
			metric_add(&bad_answers, 1);
			continue;
		}
		*end = q;
		end = &q->next;
		n_done++;
	}
	if (n_done && l->list) {
		metric_add(&ask_again, 1);
		l->most = n_done; /* more would be made to be thrown away */
		lane_start(l);
	} else {
		*end = expired(&l->list, INT_MAX, ERR_BAD_WIRE);
		lane_rest(l);
	}
	finish_all(peer, done);
}

static void received(struct lane *l, int rv)
{
	nng_msg *m;

	if (rv) { /* the connection broke, or time is up: the peer may or may not have acted */
		again(l, rv == NNG_ETIMEDOUT ? ERR_TIMEOUT : ERR_UNAVAILABLE);
		return;
	}
	m = nng_aio_get_msg(l->aio);
	nng_aio_set_msg(l->aio, NULL);
	answered(l, nng_msg_body(m), nng_msg_len(m));
	nng_msg_free(m);
}

static void advance(void *arg)
{
	struct lane *l = arg;
	int rv = nng_aio_result(l->aio);

	if (l->step == SENDING)
		sent(l, rv);
	else
		received(l, rv);
}

static void paused(void *arg)
{
	lane_start(arg);
}

static struct peer *open_peer(const char *name, const char *urls, const uint8_t key[32],
	int n_lanes, int per_lane, int max_waiting)
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
	p->lanes = xlasting((size_t)n_lanes, sizeof *p->lanes);
	p->n_lanes = n_lanes;
	p->per_lane = per_lane;
	p->max_waiting = max_waiting;
	rv = nng_req0_open(&p->socket);
	if (!rv)
		rv = nng_aio_alloc(&p->watch, watched, p);
	if (!rv)
		rv = nng_socket_set_ms(p->socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
	for (int i = 0; !rv && i < p->n_lanes; i++) {
		struct lane *l = &p->lanes[i];

		l->peer = p;
		rv = nng_ctx_open(&l->ctx, p->socket);
		if (!rv)
			rv = nng_aio_alloc(&l->aio, advance, l);
		if (!rv)
			rv = nng_aio_alloc(&l->pause, paused, l);
		l->next = p->idle;
		p->idle = l;
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

struct peer *peer_open(const char *name, const char *urls, const uint8_t key[32], int slots)
{
	int lanes = slots < LANES ? slots : LANES;

	return open_peer(name, urls, key, lanes, slots / lanes, slots * WAITING_PER_SLOT);
}

struct peer *peer_open_slow(const char *name, const char *urls, const uint8_t key[32], int slots)
{
	return open_peer(name, urls, key, slots, 1, slots);
}

void ask(struct peer *p, const struct rid *rid, enum msg_type type, const void *rec, int budget_ms,
	ask_done_fn *done, void *arg)
{
	struct pending *q = xcalloc(1, sizeof *q);
	bool full;

	q->rid = *rid;
	q->type = type;
	q->body = rec_write(msg_info((int)type)->rec, rec, &q->body_n);
	q->begun_us = mono_us();
	q->deadline_us = q->begun_us + (int64_t)budget_ms * 1000;
	q->done = done;
	q->arg = arg;
	metric_add(&asked, 1);

	pthread_mutex_lock(&p->mutex);
	full = !p->idle && p->n_waiting >= p->max_waiting;
	if (full) {
		pthread_mutex_unlock(&p->mutex);
		q->e = ERR_OVERLOADED;
		q->transport = true;
		finish(p, q);
		return;
	}
	*p->waiting_end = q;
	p->waiting_end = &q->next;
	p->n_waiting++;
	go_on(p);
}

struct msg *answer_keep(const struct answer *a)
{
	struct msg *m = *a->owner;

	*a->owner = NULL;
	return m;
}
