/* What an owner is told of a job: the record, and what may become of it. */
#include <stdlib.h>
#include <string.h>

#include "proto/json.h"
#include "service.h"

struct outlook {
	int64_t position, eta_ms; /* as in the record; 0: nothing to say */
};

/* A model's name, in the text of a record, is short and was checked. */
static void model_of(struct raw text, struct buf *model)
{
	struct raw value;

	if (scan_field(text, "model", &value))
		scan_string(value, model);
	buf_add(model, "", 1);
}

static struct outlook waiting(struct jobs *j, const struct queue_place *p)
{
	int64_t delay = p->not_before > j->batch.now ? p->not_before - j->batch.now : 0;

	return (struct outlook){.position = (int64_t)p->position,
		.eta_ms = eta_waiting(typical_ms(j->typical, p->model),
			roster_crew(j->roster, p->model), (int64_t)p->position, delay)};
}

static struct outlook working(struct jobs *j, const char *model, int64_t started_at)
{
	return (struct outlook){
		.eta_ms = eta_working(typical_ms(j->typical, model), j->batch.now - started_at)};
}

/* Of a job in memory: text is its record, which is looked at only when a worker has it. */
static struct outlook outlook(struct jobs *j, const char *id, struct raw text)
{
	struct outlook o = {0};
	struct queue_place p;
	struct buf model = {0};

	if (queue_place(j->queue, id, &p))
		return waiting(j, &p);
	if (!lease_of_job(j->leases, id))
		return o;
	model_of(text, &model);
	o = working(j, model.p, scan_int(text, "started_at", 0));
	buf_free(&model);
	return o;
}

struct job *told_job(struct jobs *j, const struct job *job)
{
	struct job *told = batch_mem(&j->batch, sizeof *told);
	struct outlook o = {0};
	struct queue_place p;

	*told = job_told(job);
	if (queue_place(j->queue, job->id, &p))
		o = waiting(j, &p);
	else if (lease_of_job(j->leases, job->id))
		o = working(j, job->model, job->started_at);
	told->queue_position = o.position;
	told->eta_ms = o.eta_ms;
	return told;
}

/* A record of an older version, or none that can be read. */
static enum err tell_decoded(struct jobs *j, const char *id, struct buf *out)
{
	struct job *job;
	enum err e = job_load(j, id, &job);
	char *json;
	size_t n;

	if (e)
		return e;
	json = rec_write(&rec_job, told_job(j, job), &n);
	buf_add(out, json, n);
	free(json);
	return ERR_OK;
}

enum err tell_stored(struct jobs *j, const char *id, struct buf *out)
{
	struct outlook o;
	struct raw text;
	enum err e = store_job_text(j->store, id, &text);

	if (e == ERR_EMPTY)
		return tell_decoded(j, id, out);
	if (e)
		return e;
	buf_add(out, text.p, text.n);
	o = outlook(j, id, text);
	if (o.position)
		json_kv_int(out, "queue_position", o.position);
	if (o.eta_ms)
		json_kv_int(out, "eta_ms", o.eta_ms);
	buf_add(out, "}", 1);
	return ERR_OK;
}
