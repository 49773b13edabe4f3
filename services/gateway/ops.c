/* For operators, and what else needs no job: health, figures, the workers' door. */
#include <pthread.h>
#include <stdlib.h>

#include "handlers.h"
#include "proto/metric.h"
#include "request.h"
#include "userscript.h"

/* ---- health ---- */

void ops_health(struct request *r)
{
	static const char ok[] = "{\"status\":\"ok\"}";

	answer_const(r->x, 200, "application/json", ok, sizeof ok - 1);
}

void ops_ready(struct request *r)
{
	struct buf json = {0};
	bool ready = health_report(r->g->health, &json);

	exchange_set(r->x, "Cache-Control", "no-store");
	answer_json(r->x, ready ? 200 : 503, &json);
}

/* ---- figures: our own, and those of who answers in time ---- */

struct metrics_page {
	pthread_mutex_t lock;
	int due; /* answers that have not come */
	struct buf text;
};

static void part_done(struct request *r, const struct text *t)
{
	struct metrics_page *page = r->metrics;
	bool last;

	pthread_mutex_lock(&page->lock);
	if (t && t->text)
		buf_adds(&page->text, t->text);
	last = --page->due == 0;
	pthread_mutex_unlock(&page->lock);
	if (!last)
		return;
	answer_take(r->x, 200, "text/plain; version=0.0.4", page->text.p, page->text.n);
	pthread_mutex_destroy(&page->lock);
	free(page);
	request_resume(r);
}

static void on_metrics(void *arg, enum err e, const struct answer *a)
{
	part_done(arg, e == ERR_OK ? a->rec : NULL);
}

void ops_metrics(struct request *r)
{
	struct peer *const peers[] = {r->g->auth, r->g->jobs, r->g->bridge};
	struct metrics_page *page = xcalloc(1, sizeof *page);

	pthread_mutex_init(&page->lock, NULL);
	page->due = 4;
	metric_print(&page->text, "gateway");
	r->metrics = page;
	exchange_suspend(r->x);
	for (int i = 0; i < 3; i++)
		ask(peers[i], exchange_rid(r->x), MSG_METRICS, &(struct empty){}, METRIC_BUDGET_MS,
			on_metrics, r);
	part_done(r, NULL);
}

/* ---- workers, and the page ---- */

void workers_tunnel(struct request *r)
{
	tunnel_begin(r->g->tunnels, r->x);
}

void ops_page(struct request *r)
{
	pages_answer(r->g->pages, r->x);
}

void ops_userscript(struct request *r)
{
	userscript_answer(r->x, r->base);
}
