#include "services/bridge/gate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/hint.h"
#include "services/bridge/courier.h"
#include "services/bridge/feed.h"
#include "services/bridge/lease.h"
#include "services/bridge/presence.h"
#include "services/bridge/reference.h"
#include "services/bridge/session.h"
#include "services/bridge/votes.h"

/* a slow image holds its slot, and so does a worker that waits for news; others need some too */
#define SERVE_SLOTS (REFERENCES_MAX + SESSIONS_MAX + 16)

struct gate {
	pthread_mutex_t mutex;
	struct bridge *b; /* NULL: stopped */
};

/* ---- hints ---- */

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
	if (h->type == MSG_VOTE_READY || h->type == 0)
		votes_look(h->b);
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

static const struct {
	enum msg_type type;
	void (*fn)(struct bridge *b, struct call *c);
} asks[] = {{MSG_IMAGE_FETCH, reference_fetch}, {MSG_SESSION_OPEN, session_open},
	{MSG_SESSION_PUSH, session_push}, {MSG_SESSION_PULL, session_pull},
	{MSG_SESSION_BYTES, session_bytes}, {MSG_SESSION_CLOSE, session_close},
	{MSG_BRIDGE_WHO, session_who}};

struct asked {
	struct bridge *b;
	struct call *call;
	void (*fn)(struct bridge *b, struct call *c);
};

static void called_here(void *arg)
{
	struct asked *a = arg;

	a->fn(a->b, a->call);
	free(a);
}

/* In a thread of nng's. METRICS and PING do not come here. */
static void on_call(void *arg, struct call *c)
{
	struct gate *g = arg;
	struct asked *a;
	bool there;
	size_t i = 0;

	while (i < sizeof asks / sizeof *asks && asks[i].type != call_type(c))
		i++;
	if (i == sizeof asks / sizeof *asks) {
		call_refuse(c, ERR_UNKNOWN_MESSAGE, NULL);
		return;
	}
	a = xcalloc(1, sizeof *a);
	a->fn = asks[i].fn;
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

/* ---- open and close ---- */

static void let_in(struct gate *g, struct bridge *b)
{
	pthread_mutex_lock(&g->mutex);
	g->b = b;
	pthread_mutex_unlock(&g->mutex);
}

bool gate_open(struct bridge *b)
{
	static const int wanted[] = {
		MSG_WORK_READY, MSG_LEASE_OVER, MSG_HOOK_READY, MSG_VOTE_READY, 0};
	const uint8_t *key = b->secret.wire;
	struct gate *g = xcalloc(1, sizeof *g);

	pthread_mutex_init(&g->mutex, NULL);
	b->gate = g;
	if (!server_open("bridge", b->conf.bridge_url, key, SERVE_SLOTS, on_call, g) ||
		!listener_open(b->conf.hints_url, key, wanted, on_hint, g))
		return false;
	let_in(g, b);
	return true;
}

void gate_close(struct gate *g)
{
	let_in(g, NULL);
}
