#include "services/bridge/link.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/alias.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "services/bridge/feed.h"
#include "services/bridge/handle.h"
#include "services/bridge/hello.h"
#include "services/bridge/lease.h"
#include "services/bridge/presence.h"
#include "services/bridge/say.h"
#include "services/bridge/upload.h"
#include "services/bridge/votes.h"

/* ---- life ---- */

struct link *link_hold(struct link *w)
{
	w->refs++;
	return w;
}

void link_put(struct link *w)
{
	if (--w->refs > 0)
		return;
	assert(w->state == LINK_GONE && !w->leases);
	frame_clear(&w->hello);
	frame_clear(&w->offer);
	votes_leave(w);
	free(w->model_names);
	free(w);
}

void link_open(struct bridge *b, struct conn *c)
{
	struct link *w = xcalloc(1, sizeof *w);

	w->b = b;
	w->conn = c;
	w->refs = 1;
	w->slots = 1;
	w->transport = c->ops->transport;
	w->waiting = -1;
	w->opened_ms = w->heard_ms = w->pinged_ms = mono_ms();
	c->user = w;
	DL_APPEND(b->links, w);
}

/* Let go of all that hangs on it; what is in flight for it finds it gone. */
static void leave(struct link *w)
{
	struct bridge *b = w->b;
	bool known = w->state == LINK_RESUMING || w->state == LINK_LIVE;

	w->state = LINK_GONE;
	w->conn->user = NULL;
	w->conn = NULL;
	DL_DELETE(b->links, w);
	if (known) {
		HASH_DEL(b->by_id, w);
		b->n_workers--;
		metric_set(&fig_workers, b->n_workers);
		presence_left(b, w->id);
		log_info("worker_left", LS("worker", w->id), LS("name", w->name));
	}
	leases_leave(w);
	link_put(w);
}

void link_drop(struct link *w, int code, const char *reason)
{
	if (w->state == LINK_GONE)
		return;
	log_debug("worker_dropped", LS("worker", w->id), LI("code", code), LS("reason", reason));
	conn_close(w->conn, code, reason);
	leave(w);
}

void link_closed(struct link *w)
{
	leave(w);
}

/* ---- frames ---- */

void link_text(struct link *w, const char *p, size_t n)
{
	struct frame f = {0};
	char why[SHAPE_WHY];
	const char *wrong = NULL;

	metric_add(&fig_frames_in, 1);
	w->heard_ms = mono_ms();
	link_hold(w);
	if (frame_read(p, n, &f, why) != ERR_OK)
		wrong = why;
	else if (w->state == LINK_LIVE)
		wrong = handle_frame(w, &f);
	else if (w->state == LINK_NEW)
		wrong = hello_begin(w, &f);
	else if (f.type != FRAME_PONG && f.type != FRAME_UNKNOWN)
		wrong = "wait for welcome";
	frame_clear(&f);
	if (wrong) {
		metric_add(&fig_bad_frames, 1);
		link_drop(w, WS_NONSENSE, wrong);
	}
	link_put(w);
}

void link_binary(struct link *w, const uint8_t *p, size_t n)
{
	const char *wrong;

	metric_add(&fig_frames_in, 1);
	w->heard_ms = mono_ms();
	link_hold(w);
	wrong = w->state == LINK_LIVE ? upload_chunk(w, p, n) : "wait for welcome";
	if (wrong) {
		metric_add(&fig_bad_frames, 1);
		link_drop(w, WS_NONSENSE, wrong);
	}
	link_put(w);
}

void link_say(struct link *w, struct buf *frame)
{
	if (w && w->state != LINK_GONE)
		conn_send_text(w->conn, frame->p, frame->n);
	buf_free(frame);
}

/* ---- small questions ---- */

int link_busy(const struct link *w)
{
	const struct lease *l;
	int n = 0;

	DL_FOREACH (w->leases, l) {
		n += l->state == LEASE_OFFERED || l->state == LEASE_HELD;
	}
	return n;
}

const char *link_offers(const struct link *w, const char *model)
{
	const char *found = NULL;

	for (size_t i = 0; i < w->n_models; i++) {
		if (strcmp(w->models[i].id, model) == 0)
			return w->models[i].id;
		if (!found && alias_fits(model, &w->models[i]))
			found = w->models[i].id;
	}
	return found;
}

uint32_t link_channel(struct link *w)
{
	return ++w->channel;
}

/* ---- time ---- */

static void tick(struct link *w, int64_t now)
{
	const struct bridge_conf *conf = &w->b->conf;
	struct buf out = {0};

	if (w->state == LINK_NEW && now - w->opened_ms >= conf->hello_wait_ms) {
		link_drop(w, WS_NO_HELLO, "no hello came");
		return;
	}
	if (now - w->heard_ms > conf->heartbeat_ms * 5 / 2) {
		link_drop(w, WS_SILENT, "nothing was heard for too long");
		return;
	}
	if (condition_tick(&w->condition, now_ms()))
		presence_touch(w->b);
	if (w->state == LINK_LIVE && now - w->pinged_ms >= conf->heartbeat_ms) {
		w->pinged_ms = now;
		say_ping(&out, now_ms());
		link_say(w, &out);
	}
}

void links_tick(struct bridge *b, int64_t now)
{
	struct link *w, *tmp;

	DL_FOREACH_SAFE (b->links, w, tmp) {
		tick(w, now);
	}
}
