/* For operators, and what else needs no job: health, figures, the workers' door. */
#include <stdatomic.h>
#include <stdlib.h>

#include "figures.h"
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

/* A service that is asked for its figures. */
struct metrics_part {
	struct metrics_page *page;
	struct peer *peer;
	struct buf labels; /* empty: none */
	char *text;        /* NULL: it has not answered (yet) */
};

struct metrics_page {
	struct request *r;
	_Atomic size_t due; /* answers that have not come, and our own */
	size_t n;
	struct metrics_part parts[2 + BRIDGES_MAX];
};

static struct metrics_part *part_add(struct metrics_page *page, struct peer *peer)
{
	struct metrics_part *p = &page->parts[page->n++];

	p->page = page;
	p->peer = peer;
	return p;
}

static struct metrics_page *page_of(struct request *r)
{
	struct metrics_page *page = xcalloc(1, sizeof *page);
	struct gateway *g = r->g;
	struct bridge_at *at;

	page->r = r;
	part_add(page, g->auth);
	part_add(page, g->jobs);
	for (size_t i = 0; (at = bridges_nth(g->bridges, i)); i++) {
		struct metrics_part *p = part_add(page, bridge_quick(at));

		if (bridges_nth(g->bridges, 1)) /* one alone needs no name */
			buf_addf(&p->labels, "bridge=\"%s\"", bridge_url(at));
	}
	return page;
}

static void page_answer(struct metrics_page *page)
{
	struct figures all[2 + BRIDGES_MAX];
	struct request *r = page->r;
	struct buf text = {0};
	size_t n = 0;

	metric_print(&text, "gateway");
	for (size_t i = 0; i < page->n; i++)
		if (page->parts[i].text)
			all[n++] = (struct figures){page->parts[i].text, page->parts[i].labels.p};
	figures_merge(&text, all, n);
	answer_take(r->x, 200, "text/plain; version=0.0.4", text.p, text.n);
	for (size_t i = 0; i < page->n; i++) {
		buf_free(&page->parts[i].labels);
		free(page->parts[i].text);
	}
	free(page);
	request_resume(r);
}

static void part_done(struct metrics_page *page)
{
	if (atomic_fetch_sub(&page->due, 1) == 1)
		page_answer(page);
}

static void on_metrics(void *arg, enum err e, const struct answer *a)
{
	struct metrics_part *p = arg;

	if (e == ERR_OK)
		p->text = xstrdup(((const struct text *)a->rec)->text);
	part_done(p->page);
}

void ops_metrics(struct request *r)
{
	struct metrics_page *page = page_of(r);

	exchange_suspend(r->x);
	atomic_store(&page->due, page->n + 1);
	for (struct metrics_part *p = page->parts; p < page->parts + page->n; p++)
		ask(p->peer, exchange_rid(r->x), MSG_METRICS, &(struct empty){}, METRIC_BUDGET_MS,
			on_metrics, p);
	part_done(page);
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
