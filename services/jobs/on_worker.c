/* The messages about workers and what they can make. */
#include <stdlib.h>

#include "service.h"

#define WAITING_MAX 1000 /* models in one answer */

enum err on_worker_seen(struct jobs *j, const void *rec, struct reply *r)
{
	const struct worker_list *seen = rec;
	const struct model *m;
	int64_t at;

	(void)r;
	for (size_t i = 0; i < seen->n_workers; i++) {
		if (seen->workers[i].id)
			roster_seen(j->roster, &seen->workers[i], j->batch.mono, j->batch.now);
	}
	while ((m = roster_unsaved(j->roster, &at))) {
		size_t n;
		char *json = rec_write(&rec_model, m, &n);

		store_model_put(j->store, m->id, json, n, at);
		free(json);
	}
	return ERR_OK;
}

enum err on_worker_list(struct jobs *j, const void *rec, struct reply *r)
{
	struct worker_list *told = batch_mem(&j->batch, sizeof *told);

	(void)rec;
	roster_expire(j->roster, j->batch.mono);
	told->workers = batch_own(&j->batch, roster_workers(j->roster, &told->n_workers));
	r->rec = told;
	return ERR_OK;
}

enum err on_model_list(struct jobs *j, const void *rec, struct reply *r)
{
	struct model_list *told = batch_mem(&j->batch, sizeof *told);
	struct model_figure *figures;

	(void)rec;
	roster_expire(j->roster, j->batch.mono);
	told->models = batch_own(&j->batch, roster_models(j->roster, &told->n_models));
	figures = batch_mem(&j->batch, (told->n_models + 1) * sizeof *figures);
	for (size_t i = 0; i < told->n_models; i++) {
		const char *id = told->models[i].id;
		struct crew crew = roster_crew(j->roster, id);

		figures[i] = (struct model_figure){.id = id,
			.workers = crew.workers,
			.slots = crew.slots,
			.typical_ms = typical_ms(j->typical, id)};
	}
	told->figures = figures;
	told->n_figures = told->n_models;
	told->available = batch_own(&j->batch, roster_available(j->roster, &told->n_available));
	r->rec = told;
	return ERR_OK;
}

struct waiting {
	struct jobs *j;
	struct model_waiting *list;
	size_t n, max;
};

static void waits(void *arg, const char *model, size_t n)
{
	struct waiting *w = arg;

	if (w->n < w->max)
		w->list[w->n++] = (struct model_waiting){
			.id = batch_printf(&w->j->batch, "%s", model), .waiting = (int64_t)n};
}

enum err on_waiting_list(struct jobs *j, const void *rec, struct reply *r)
{
	struct waiting_list *told = batch_mem(&j->batch, sizeof *told);
	struct waiting w = {.j = j, .max = WAITING_MAX};

	(void)rec;
	w.list = batch_mem(&j->batch, w.max * sizeof *w.list);
	queue_models(j->queue, waits, &w);
	told->models = w.list;
	told->n_models = w.n;
	r->rec = told;
	return ERR_OK;
}
