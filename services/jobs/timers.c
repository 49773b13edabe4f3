#include <string.h>

#include "outbox.h"
#include "proto/log.h"
#include "service.h"

#define STEP        64   /* jobs per transaction, so calls need not wait long */
#define WAIT_MAX_MS 5000 /* look at least so often: somebody may set the wall clock */
#define MINUTE_MS   60000

static bool lease_due(const struct jobs *j)
{
	const struct lease *l = lease_next(j->leases);

	return l && lease_end(l) <= j->batch.mono;
}

static const char *wait_due(const struct jobs *j)
{
	int64_t since;
	const char *id = queue_oldest(j->queue, &since);

	return id && since + j->conf.queue_wait_ms <= j->batch.now ? id : NULL;
}

static bool minute_due(const struct jobs *j)
{
	return j->batch.now / MINUTE_MS != j->minute;
}

bool timers_due(const struct jobs *j)
{
	if (j->batch.mono < j->rest_until)
		return false;
	return lease_due(j) || wait_due(j) || minute_due(j) || j->sweep_at <= j->batch.mono;
}

void timers_wake(struct jobs *j)
{
	queue_wake(j->queue, j->batch.now);
}

/* The lease that is over: of a job that took too long, or of a worker that is silent. */
static void lease_over(struct jobs *j)
{
	const struct lease *l = lease_next(j->leases);
	bool late = l->give_up <= j->batch.mono;
	struct job *job, was;
	char id[ID_MAX];
	unsigned fx;

	memcpy(id, l->id, sizeof id);
	if (job_load(j, id, &job) != ERR_OK) {
		log_error("job_unreadable", LS("id", id));
		lease_remove(j->leases, id);
		return;
	}
	was = *job;
	fx = late ? job_timeout(job, &j->rules, j->batch.now)
		  : job_lose(job, &j->rules, j->batch.now);
	log_warn(late ? "job_timeout" : "lease_lost", LS("id", id), LS("worker", job->worker),
		LI("attempt", job->attempts));
	figures_lost_lease();
	change(j, &was, job, fx);
}

static void wait_over(struct jobs *j, const char *waiting)
{
	struct job *job, was;
	char id[ID_MAX];

	memcpy(id, waiting, sizeof id);
	if (job_load(j, id, &job) != ERR_OK) {
		log_error("job_unreadable", LS("id", id));
		queue_remove(j->queue, id);
		return;
	}
	was = *job;
	change(j, &was, job, job_expire(job, &j->rules, j->batch.now));
}

void timers_run(struct jobs *j)
{
	const char *id;

	for (int i = 0; i < STEP && lease_due(j) && !store_failed(j->store); i++)
		lease_over(j);
	for (int i = 0; i < STEP && (id = wait_due(j)) && !store_failed(j->store); i++)
		wait_over(j, id);
	if (minute_due(j)) {
		j->minute = j->batch.now / MINUTE_MS;
		figures_minute(j);
	}
	if (j->sweep_at <= j->batch.mono)
		sweep_step(j);
}

static void sooner(int64_t *wait, int64_t ms)
{
	if (ms < *wait)
		*wait = ms < 0 ? 0 : ms;
}

int64_t timers_wait_ms(const struct jobs *j)
{
	int64_t now = j->batch.now, mono = j->batch.mono, wait = WAIT_MAX_MS, since;
	const struct lease *l = lease_next(j->leases);

	if (queue_next_wake(j->queue) != INT64_MAX)
		sooner(&wait, queue_next_wake(j->queue) - now);
	if (j->suspects.n)
		sooner(&wait, 0);
	sooner(&wait, outbox_wait_ms(j));
	if (j->ended)
		sooner(&wait, j->figures_at - mono);
	if (mono < j->rest_until) {
		sooner(&wait, j->rest_until - mono);
		return wait;
	}
	if (l)
		sooner(&wait, lease_end(l) - mono);
	if (queue_oldest(j->queue, &since))
		sooner(&wait, since + j->conf.queue_wait_ms - now);
	sooner(&wait, (j->minute + 1) * MINUTE_MS - now);
	sooner(&wait, j->sweep_at - mono);
	return wait;
}
