#include "services/bridge/bridge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <utlist.h>

#include "proto/clock.h"
#include "proto/log.h"
#include "proto/origin.h"
#include "services/bridge/courier.h"
#include "services/bridge/feed.h"
#include "services/bridge/gate.h"
#include "services/bridge/lease.h"
#include "services/bridge/media.h"
#include "services/bridge/presence.h"
#include "services/bridge/reference.h"
#include "services/bridge/revoked.h"
#include "services/bridge/say.h"
#include "services/bridge/session.h"
#include "services/bridge/votes.h"
#include "services/bridge/waiting.h"

#define ASK_SLOTS    64
#define DISK_THREADS 2
#define POLL_MS      2000 /* covers hints that were lost */
#define KEYS_MS      500 /* a revoked key's workers go within two seconds; auth looks each second */
#define STRANGERS    50  /* connections that have not said hello, besides the workers */
#define LEFT_OVER_S  600 /* age of probe folders that a killed bridge left */
#define WAIT_STEP_US 5000

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
		conn_close(c, WS_GOING_AWAY, "this bridge stops");
	else
		link_open(b, c);
}

static void on_text(void *arg, struct conn *c, const char *p, size_t n)
{
	struct link *w = c->user;

	(void)arg;
	if (w)
		link_text(w, p, n);
}

static void on_binary(void *arg, struct conn *c, const uint8_t *p, size_t n)
{
	struct link *w = c->user;

	(void)arg;
	if (w)
		link_binary(w, p, n);
}

static void on_closed(void *arg, struct conn *c)
{
	struct link *w = c->user;

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
	int64_t now = mono_ms();

	links_tick(b, now);
	sessions_tick(b, now);
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
	const uint8_t *key = b->secret.wire;

	b->auth = peer_open("auth", b->conf.auth_url, key, 16);
	b->jobs = peer_open("jobs", b->conf.jobs_url, key, ASK_SLOTS);
	return b->auth && b->jobs && gate_open(b) ? ERR_OK : ERR_BAD_REQUEST;
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
		.ca = b->conf.fetch_ca,
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
	votes_open(b);
	sessions_open(b);
	b->tick = loop_every(b->loop, tick_ms(&b->conf), on_tick, b);
	b->poll = loop_every(b->loop, POLL_MS, feed_all, b);
	b->look = loop_every(b->loop, POLL_MS, courier_look, b);
	b->count = loop_every(b->loop, WAITING_EVERY_MS, waiting_look, b);
	b->renew = loop_every(b->loop, b->conf.lease_ms / 4, leases_renew, b);
	b->keys = loop_every(b->loop, KEYS_MS, revoked_look, b);
}

/* What is not kept by nng. */
static void bridge_free(struct bridge *b)
{
	ws_free(b->ws);
	leases_clear(b);
	presence_close(b);
	votes_close(b);
	sessions_close(b);
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
	loop_cancel(b->loop, &b->count);
	loop_cancel(b->loop, &b->keys);
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

/* A job that its worker does not hold yet would be given to another, though it may have begun. */
static bool nothing_under_way(struct bridge *b)
{
	const struct lease *l, *tmp;

	HASH_ITER (hh, b->leases, l, tmp) {
		if (l->state == LEASE_OFFERED || l->state == LEASE_ENDING)
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
	gate_close(b->gate);
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
