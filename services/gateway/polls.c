#include "polls.h"

#include <pthread.h>
#include <stdlib.h>
#include <utlist.h>

#include "bridges.h"
#include "proto/json.h"
#include "request.h"

#define BUDGET_MS 35000 /* the bridge holds it for 25 s */

struct poll {
	struct polls *all;
	struct bridge_at *at;
	struct request *r; /* NULL: answered, as the gateway stops or the bridge is gone */
	int64_t ack;
	struct poll *prev, *next;
};

struct polls {
	pthread_mutex_t lock; /* over all below, and each poll's r */
	bool stopped;
	struct poll *list;
};

struct polls *polls_new(void)
{
	struct polls *all = xlasting(1, sizeof *all);

	pthread_mutex_init(&all->lock, NULL);
	return all;
}

static void answer_news(struct request *r, int64_t seq, const char *frames)
{
	struct buf json = {0};

	buf_adds(&json, "{");
	json_kv_int(&json, "seq", seq);
	json_key(&json, "frames");
	buf_adds(&json, frames);
	buf_adds(&json, "}");
	request_json(r, 200, &json);
}

static void on_news(void *arg, enum err e, const struct answer *a)
{
	const struct session_news *news = a->rec;
	struct poll *p = arg;
	struct request *r;

	pthread_mutex_lock(&p->all->lock);
	r = p->r;
	if (r)
		DL_DELETE(p->all->list, p);
	pthread_mutex_unlock(&p->all->lock);
	free(p);
	if (!r)
		return;
	if (request_ok(r, e, a))
		answer_news(r, news->seq, news->frames ? news->frames : "[]");
}

void poll_begin(struct request *r, struct bridge_at *at, const struct session_pull *pull)
{
	struct polls *all = r->g->polls;
	struct poll *p = xcalloc(1, sizeof *p);
	struct rid rid = *exchange_rid(r->x);
	bool stopped;

	*p = (struct poll){.all = all, .at = at, .r = r, .ack = pull->ack};
	pthread_mutex_lock(&all->lock);
	stopped = all->stopped;
	if (!stopped)
		DL_APPEND(all->list, p);
	pthread_mutex_unlock(&all->lock);
	if (stopped) {
		free(p);
		request_fail(r, ERR_UNAVAILABLE, NULL);
		return;
	}
	ask(bridge_slow(at), &rid, MSG_SESSION_PULL, pull, BUDGET_MS, on_news, p);
}

void polls_gone(struct polls *all, const struct bridge_at *at)
{
	struct poll *p, *tmp;

	pthread_mutex_lock(&all->lock);
	DL_FOREACH_SAFE (all->list, p, tmp) {
		struct request *r = p->r;

		if (p->at != at)
			continue;
		DL_DELETE(all->list, p);
		p->r = NULL;
		request_fail(r, ERR_UNKNOWN_SESSION, NULL);
	}
	pthread_mutex_unlock(&all->lock);
}

void polls_stop(struct polls *all)
{
	struct poll *p, *tmp;

	pthread_mutex_lock(&all->lock);
	all->stopped = true;
	DL_FOREACH_SAFE (all->list, p, tmp) {
		struct request *r = p->r;

		DL_DELETE(all->list, p);
		p->r = NULL;
		answer_news(r, p->ack, "[]");
	}
	pthread_mutex_unlock(&all->lock);
}
