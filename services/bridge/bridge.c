#include "services/bridge/bridge.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <utlist.h>

#include "proto/clock.h"
#include "proto/hint.h"
#include "proto/log.h"
#include "proto/origin.h"
#include "services/bridge/courier.h"
#include "services/bridge/feed.h"
#include "services/bridge/lease.h"
#include "services/bridge/media.h"
#include "services/bridge/presence.h"
#include "services/bridge/reference.h"
#include "services/bridge/say.h"

#define ASK_SLOTS    64
#define SERVE_SLOTS  (REFERENCES_MAX + 8) /* a slow image holds its slot; figures need one too */
#define DISK_THREADS 2
#define POLL_MS      2000 /* covers hints that were lost */
#define OUT_MSGS     1024 /* that may wait for a worker */
#define OUT_BYTES    (8 << 20)
#define STRANGERS    50  /* connections that have not said hello, besides the workers */
#define LEFT_OVER_S  600 /* age of probe folders that a killed bridge left */
#define WAIT_STEP_US 5000

/* ---- asking ---- */

bool err_passes(enum err e)
{
	return e == ERR_UNAVAILABLE || e == ERR_TIMEOUT || e == ERR_OVERLOADED || e == ERR_STORE ||
	       e == ERR_NO_MEMORY || e == ERR_BAD_WIRE || e == ERR_BAD_MAC;
}

int64_t pause_ms(int n)
{
	return n >= 4 ? 5000 : 250LL << n;
}

struct asking {
	struct bridge *b;
	asked_fn *fn;
	void *arg;
	enum err e;
	struct msg *msg;
};

static void asked_here(void *arg)
{
	struct asking *a = arg;

	a->b->asks--;
	a->fn(a->b, a->arg, a->e, a->msg ? msg_rec(a->msg) : NULL, &a->msg);
	msg_free(a->msg);
	free(a);
}

/* In a thread of nng's. */
static void asked_there(void *arg, enum err e, const struct answer *answer)
{
	struct asking *a = arg;

	a->e = e;
	if (e == ERR_OK)
		a->msg = answer_keep(answer);
	loop_post(a->b->loop, asked_here, a);
}

void bridge_ask(struct bridge *b, struct peer *p, enum msg_type type, const void *rec, asked_fn *fn,
	void *arg)
{
	struct asking *a = xcalloc(1, sizeof *a);
	struct rid rid = rid_new();

	*a = (struct asking){.b = b, .fn = fn, .arg = arg};
	b->asks++;
	ask(p, &rid, type, rec, ASK_MS, asked_there, a);
}

/* ---- hints ---- */

/* What outlives the bridge, because listeners and servers are never closed. */
struct gate {
	pthread_mutex_t mutex;
	struct bridge *b; /* NULL: stopped */
};

struct hint {
	struct bridge *b;
	int type;
	char text[130]; /* the model, or the job */
};

static void hint_here(void *arg)
{
	struct hint *h = arg;

	if (h->b->draining)
		;
	else if (h->type == MSG_WORK_READY)
		feed_model(h->b, h->text);
	else if (h->type == 0)
		feed_all(h->b);
	if (h->type == MSG_HOOK_READY || h->type == 0)
		courier_look(h->b);
	if (h->type == MSG_LEASE_OVER)
		lease_over_hint(h->b, h->text);
	if (h->type == 0) { /* jobs may be new, and not know who is here */
		leases_renew(h->b);
		presence_touch(h->b);
	}
	free(h);
}

/* In a thread of nng's. */
static void on_hint(void *arg, int type, const void *rec)
{
	struct gate *g = arg;
	struct hint *h = xcalloc(1, sizeof *h);
	const char *text = NULL;

	if (type == MSG_WORK_READY)
		text = ((const struct work_hint *)rec)->model;
	else if (type == MSG_LEASE_OVER)
		text = ((const struct lease_ref *)rec)->id;
	h->type = type;
	snprintf(h->text, sizeof h->text, "%s", text ? text : "");
	pthread_mutex_lock(&g->mutex);
	h->b = g->b;
	if (g->b)
		loop_post(g->b->loop, hint_here, h);
	else
		free(h);
	pthread_mutex_unlock(&g->mutex);
}

/* ---- being asked ---- */

struct asked {
	struct bridge *b;
	struct call *call;
};

static void called_here(void *arg)
{
	struct asked *a = arg;

	reference_fetch(a->b, a->call);
	free(a);
}

/* In a thread of nng's. METRICS and PING do not come here. */
static void on_call(void *arg, struct call *c)
{
	struct gate *g = arg;
	struct asked *a;
	bool there;

	if (call_type(c) != MSG_IMAGE_FETCH) {
		call_refuse(c, ERR_UNKNOWN_MESSAGE, NULL);
		return;
	}
	a = xcalloc(1, sizeof *a);
	a->call = c;
	pthread_mutex_lock(&g->mutex);
	a->b = g->b;
	there = g->b != NULL;
	if (there)
		loop_post(g->b->loop, called_here, a);
	pthread_mutex_unlock(&g->mutex);
	if (there)
		return; /* a is the loop's, and may be gone */
	free(a);
	call_refuse(c, ERR_UNAVAILABLE, NULL);
}

/* ---- connections ---- */

static bool on_allow(void *arg, const char *origin)
{
	const struct bridge *b = arg;

	return origin_allowed(b->conf.origins, origin);
}

static void on_opened(void *arg, struct conn *c)
{
	struct bridge *b = arg;

	if (b->draining)
		ws_close(c, WS_GOING_AWAY, "this bridge stops");
	else
		link_open(b, c);
}

static void on_text(void *arg, struct conn *c, const char *p, size_t n)
{
	struct link *w = conn_get(c);

	(void)arg;
	if (w)
		link_text(w, p, n);
}

static void on_binary(void *arg, struct conn *c, const uint8_t *p, size_t n)
{
	struct link *w = conn_get(c);

	(void)arg;
	if (w)
		link_binary(w, p, n);
}

static void on_closed(void *arg, struct conn *c)
{
	struct link *w = conn_get(c);

	(void)arg;
	if (w)
		link_closed(w);
}

static void on_culled(void *arg)
{
	(void)arg;
	metric_add(&fig_culled, 1);
}

static const struct ws_events events = {
	on_allow, on_opened, on_text, on_binary, on_closed, on_culled};

/* ---- start ---- */

static void on_tick(void *arg)
{
	struct bridge *b = arg;
	int64_t now = mono_us() / 1000;

	links_tick(b, now);
	leases_tick(b, now);
	references_tick(b, now);
}

static int64_t tick_ms(const struct bridge_conf *c)
{
	int64_t least = c->heartbeat_ms;

	if (c->hello_wait_ms < least)
		least = c->hello_wait_ms;
	if (c->accept_wait_ms < least)
		least = c->accept_wait_ms;
	return least / 4 > 500 ? 500 : least / 4 + 1;
}

static enum err open_folder(struct bridge *b)
{
	int64_t in_use_s = 2 * b->conf.media_time_ms / 1000; /* another bridge's, at most */

	snprintf(b->dir, sizeof b->dir, "%s/bridge", b->conf.common.data);
	if (mkdir(b->dir, 0700) != 0 && errno != EEXIST) {
		log_error("cannot_make", LS("folder", b->dir), LS("why", strerror(errno)));
		return ERR_STORE;
	}
	media_dir_sweep(b->dir, in_use_s > LEFT_OVER_S ? in_use_s : LEFT_OVER_S);
	if (*b->conf.media_program)
		snprintf(b->media_program, sizeof b->media_program, "%s", b->conf.media_program);
	else
		media_program_beside(b->media_program, sizeof b->media_program);
	return ERR_OK;
}

static enum err open_peers(struct bridge *b)
{
	static const int wanted[] = {MSG_WORK_READY, MSG_LEASE_OVER, MSG_HOOK_READY, 0};
	const uint8_t *key = b->secret.wire;

	b->auth = peer_open("auth", b->conf.auth_url, key, 16);
	b->jobs = peer_open("jobs", b->conf.jobs_url, key, ASK_SLOTS);
	b->gate = xcalloc(1, sizeof *b->gate);
	pthread_mutex_init(&b->gate->mutex, NULL);
	if (!b->auth || !b->jobs ||
		!server_open("bridge", b->conf.bridge_url, key, SERVE_SLOTS, on_call, b->gate) ||
		!listener_open(b->conf.hints_url, key, wanted, on_hint, b->gate))
		return ERR_BAD_REQUEST;
	pthread_mutex_lock(&b->gate->mutex);
	b->gate->b = b;
	pthread_mutex_unlock(&b->gate->mutex);
	return ERR_OK;
}

static enum err open_ws(struct bridge *b)
{
	struct ws_conf conf = {.addr = b->conf.bridge_addr,
		.frame_max = FRAME_MAX,
		.queue_msgs = OUT_MSGS,
		.queue_bytes = OUT_BYTES,
		.max_conns = (int)b->conf.max_workers + STRANGERS};

	return ws_open(b->loop, &conf, &events, b, &b->ws);
}

static void open_rest(struct bridge *b)
{
	struct fetch_conf fetch = {.hosts = b->conf.fetch_hosts,
		.allow_private = b->conf.fetch_private,
		.size_max = b->conf.video_max,
		.connect_ms = 10000,
		.total_ms = 300000,
		.stalled_ms = 20000};

	figures_register();
	b->fetcher = fetcher_open(&fetch, b->blobs);
	b->disk = pool_open(b->loop, DISK_THREADS);
	b->media = pool_open(b->loop, (int)b->conf.media_jobs);
	references_open(b);
	courier_open(b);
	presence_open(b);
	b->tick = loop_every(b->loop, tick_ms(&b->conf), on_tick, b);
	b->poll = loop_every(b->loop, POLL_MS, feed_all, b);
	b->look = loop_every(b->loop, POLL_MS, courier_look, b);
	b->renew = loop_every(b->loop, b->conf.lease_ms / 4, leases_renew, b);
}

/* What is not kept by nng. */
static void bridge_free(struct bridge *b)
{
	ws_free(b->ws);
	leases_clear(b);
	presence_close(b);
	references_close(b);
	courier_close(b);
	loop_close(b->loop);
	blobs_close(b->blobs);
	linkkey_close(b->linkkey);
	free(b);
}

enum err bridge_start(const struct bridge_conf *conf, struct bridge **ret)
{
	struct bridge *b = xcalloc(1, sizeof *b);
	enum err e;

	b->conf = *conf;
	id_new("b-", b->id);
	b->loop = loop_open();
	e = blobs_open(conf->common.data, &b->blobs);
	if (e == ERR_OK)
		e = secret_load(conf->common.data, &b->secret);
	if (e == ERR_OK)
		e = linkkey_open(conf->common.data, b->secret.link, &b->linkkey);
	if (e == ERR_OK)
		e = open_folder(b);
	if (e == ERR_OK)
		e = open_ws(b);
	if (e == ERR_OK)
		e = open_peers(b);
	if (e != ERR_OK) {
		bridge_free(b);
		return e;
	}
	open_rest(b);
	loop_start(b->loop);
	log_info("listening", LS("addr", conf->bridge_addr), LI("port", bridge_port(b)),
		LS("bridge", b->id));
	*ret = b;
	return ERR_OK;
}

int bridge_port(const struct bridge *b)
{
	return ws_port(b->ws);
}

/* ---- stop ---- */

static void drain(void *arg)
{
	struct bridge *b = arg;
	struct link *w;

	b->draining = true;
	DL_FOREACH (b->links, w) {
		struct buf out = {0};

		say_drain(&out, 500);
		link_say(w, &out);
	}
}

static void close_links(void *arg)
{
	struct bridge *b = arg;
	struct link *w, *tmp;

	b->stopping = true;
	loop_cancel(b->loop, &b->tick);
	loop_cancel(b->loop, &b->poll);
	loop_cancel(b->loop, &b->look);
	loop_cancel(b->loop, &b->renew);
	DL_FOREACH_SAFE (b->links, w, tmp) {
		link_drop(w, WS_GOING_AWAY, "this bridge stops");
	}
}

struct question {
	struct bridge *b;
	bool (*holds)(struct bridge *b);
	bool yes;
};

static void look(void *arg)
{
	struct question *q = arg;

	q->yes = q->holds(q->b);
}

/* Wait until it holds, at most ms. */
static bool wait_until(struct bridge *b, bool (*holds)(struct bridge *b), int64_t ms)
{
	struct question q = {b, holds, false};
	int64_t until = mono_us() + ms * 1000;

	for (;;) {
		struct timespec step = {0, WAIT_STEP_US * 1000};

		loop_call(b->loop, look, &q);
		if (q.yes || mono_us() >= until)
			return q.yes;
		nanosleep(&step, NULL);
	}
}

static void nothing(void *arg)
{
	(void)arg;
}

static bool nothing_under_way(struct bridge *b)
{
	const struct lease *l, *tmp;

	HASH_ITER (hh, b->leases, l, tmp) {
		if (l->state == LEASE_ENDING)
			return false;
	}
	return b->asks == 0 && b->intakes == 0 && references_busy(b) == 0 && courier_busy(b) == 0 &&
	       pool_busy(b->disk) == 0;
}

static bool nobody_connected(struct bridge *b)
{
	return ws_conns(b->ws) == 0;
}

static bool nothing_asked(struct bridge *b)
{
	return b->asks == 0 && courier_busy(b) == 0;
}

void bridge_stop(struct bridge *b)
{
	if (!b)
		return;
	loop_call(b->loop, drain, b);
	if (!wait_until(b, nothing_under_way, b->conf.drain_ms))
		log_warn("drain_cut_short", LI("ms", b->conf.drain_ms));
	loop_call(b->loop, close_links, b);
	(void)wait_until(b, nobody_connected, 1000);
	pthread_mutex_lock(&b->gate->mutex);
	b->gate->b = NULL;
	pthread_mutex_unlock(&b->gate->mutex);
	fetcher_close(b->fetcher);
	references_stop(b);
	courier_stop(b);
	loop_call(b->loop, nothing, NULL); /* behind what these posted */
	pool_close(b->media);              /* what it finds good goes on to the disk's */
	pool_close(b->disk);
	/* answers come to us as long as somebody asks: each ask has its budget */
	if (!wait_until(b, nothing_asked, 3 * ASK_MS)) {
		log_error("asks_left", LI("n", b->asks));
		return; /* rather leak than be written into */
	}
	loop_stop(b->loop);
	bridge_free(b);
}
