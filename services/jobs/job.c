#include "job.h"

#include <assert.h>
#include <string.h>

static const struct job_step steps[JOB_STATES][JOB_EVENTS] = {
	[JOB_QUEUED] =
		{
			[EV_TAKE] = {JOB_IN_PROGRESS, FX_CHANGED | FX_UNQUEUE | FX_LEASE},
			[EV_EXPIRE] = {JOB_FAILED, FX_CHANGED | FX_UNQUEUE | FX_OVER},
			[EV_CANCEL] = {JOB_CANCELLED, FX_CHANGED | FX_UNQUEUE | FX_OVER},
			[EV_DELETE] = {JOB_DELETED, FX_CHANGED | FX_UNQUEUE | FX_OVER | FX_GONE},
		},
	[JOB_IN_PROGRESS] =
		{
			[EV_PROGRESS] = {JOB_IN_PROGRESS, FX_CHANGED},
			[EV_DONE] = {JOB_COMPLETED, FX_CHANGED | FX_UNLEASE | FX_OVER},
			[EV_RETRY] = {JOB_QUEUED, FX_CHANGED | FX_UNLEASE | FX_QUEUE},
			[EV_FAIL] = {JOB_FAILED, FX_CHANGED | FX_UNLEASE | FX_OVER},
			[EV_BACK] = {JOB_QUEUED, FX_CHANGED | FX_UNLEASE | FX_QUEUE},
			[EV_LOSE] = {JOB_QUEUED, FX_CHANGED | FX_UNLEASE | FX_STOP | FX_QUEUE},
			[EV_LOSE_LAST] = {JOB_FAILED, FX_CHANGED | FX_UNLEASE | FX_STOP | FX_OVER},
			[EV_TIMEOUT] = {JOB_FAILED, FX_CHANGED | FX_UNLEASE | FX_STOP | FX_OVER},
			[EV_CANCEL] = {JOB_CANCELLED, FX_CHANGED | FX_UNLEASE | FX_STOP | FX_OVER},
			[EV_DELETE] = {JOB_DELETED, FX_CHANGED | FX_UNLEASE | FX_STOP | FX_OVER |
							    FX_GONE},
		},
	[JOB_COMPLETED] = {[EV_DELETE] = {JOB_DELETED, FX_CHANGED | FX_GONE},
		[EV_VOTE] = {JOB_COMPLETED, FX_CHANGED}},
	[JOB_FAILED] = {[EV_DELETE] = {JOB_DELETED, FX_CHANGED | FX_GONE}},
	[JOB_CANCELLED] = {[EV_DELETE] = {JOB_DELETED, FX_CHANGED | FX_GONE}},
	[JOB_DELETED] = {{0}},
};

static const char *const status_names[JOB_STATES] = {
	"queued", "in_progress", "completed", "failed", "cancelled", "deleted"};

/* How a lease ended, in the record, for those events that a worker may ask for again. */
static const char *const lease_ends[JOB_EVENTS] = {
	[EV_DONE] = "done",
	[EV_RETRY] = "failed",
	[EV_FAIL] = "failed",
	[EV_BACK] = "back",
};

struct job_step job_step(enum job_state from, enum job_event ev)
{
	assert(from < JOB_STATES && ev < JOB_EVENTS);
	return steps[from][ev];
}

const char *job_status(enum job_state state)
{
	assert(state < JOB_STATES);
	return status_names[state];
}

bool job_state(const struct job *job, enum job_state *ret)
{
	for (int i = 0; job->status && i < JOB_STATES; i++) {
		if (strcmp(job->status, status_names[i]) == 0) {
			*ret = (enum job_state)i;
			return true;
		}
	}
	return false;
}

/* Move along the table; everything that each event has in common with the others. */
static unsigned step(struct job *job, enum job_event ev)
{
	enum job_state from;
	struct job_step s;

	if (!job_state(job, &from))
		return 0;
	s = job_step(from, ev);
	if (!s.effects)
		return 0;
	job->status = status_names[s.to];
	job->revision++;
	if (s.effects & FX_UNLEASE) {
		job->past_lease = job->lease;
		job->past_end = lease_ends[ev];
		job->lease = NULL;
		job->stage = job->note = NULL;
	}
	return s.effects;
}

static void end(struct job *job, const struct job_rules *rules, int64_t now)
{
	job->ended_at = now;
	job->expires_at = now + rules->retention_ms;
	job->not_before = 0;
}

static void blame(struct job *job, const char *code, const char *message)
{
	job->error_code = code;
	job->error_message = message;
}

struct job job_make(const struct job_new *want, int64_t now)
{
	return (struct job){
		.v = 1,
		.id = want->id,
		.owner = want->owner,
		.status = status_names[JOB_QUEUED],
		.revision = 1,
		.model = want->model,
		.prompt = want->prompt,
		.seconds = want->seconds,
		.width = want->width,
		.height = want->height,
		.seed = want->seed,
		.fps = want->fps,
		.negative_prompt = want->negative_prompt,
		.operation = want->operation,
		.source = want->source,
		.ignored = want->ignored,
		.n_ignored = want->n_ignored,
		.webhook_url = want->webhook_url,
		.metadata = want->metadata,
		.n_metadata = want->n_metadata,
		.inputs = want->inputs,
		.n_inputs = want->n_inputs,
		.created_at = now,
		.max_running = want->max_running,
		.idempotency_key = want->idempotency_key,
		.untold = true,
		.fingerprint = want->fingerprint,
	};
}

unsigned job_take(struct job *job, int64_t now, const struct lease_new *how)
{
	unsigned fx = step(job, EV_TAKE);

	if (!fx)
		return 0;
	job->attempts++;
	job->started_at = now;
	job->not_before = 0;
	job->progress = 0;
	job->stage = job->note = NULL;
	job->lease = how->lease;
	job->worker = how->worker;
	job->worker_id = how->worker_id;
	blame(job, NULL, NULL); /* the last try's complaint */
	return fx;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

unsigned job_progress(struct job *job, int64_t percent, const char *stage, const char *upstream_ref)
{
	unsigned fx;

	percent = percent < 0 ? 0 : percent > 100 ? 100 : percent;
	if (!upstream_ref)
		upstream_ref = job->upstream_ref;
	if (percent == job->progress && same(stage, job->stage) &&
		same(upstream_ref, job->upstream_ref))
		return 0;
	fx = step(job, EV_PROGRESS);
	if (fx) {
		job->progress = percent;
		job->stage = stage;
		job->upstream_ref = upstream_ref;
	}
	return fx;
}

unsigned job_done(
	struct job *job, const struct job_rules *rules, int64_t now, const struct lease_done *how)
{
	unsigned fx = step(job, EV_DONE);

	if (fx) {
		end(job, rules, now);
		job->progress = 100;
		job->outputs = how->outputs;
		job->n_outputs = how->n_outputs;
		if (how->upstream_ref)
			job->upstream_ref = how->upstream_ref;
	}
	return fx;
}

int64_t job_backoff(const struct job_rules *rules, int64_t attempts, double dice)
{
	int64_t cap = rules->retry_base_ms;

	for (int64_t i = 1; i < attempts && cap < rules->retry_max_ms; i++)
		cap *= 5;
	if (cap > rules->retry_max_ms)
		cap = rules->retry_max_ms;
	return (int64_t)((double)cap * dice);
}

/* Waiting again, not before a time that must not be out of all reason. */
static void wait_again(struct job *job, const struct job_rules *rules, int64_t now, int64_t until)
{
	int64_t last = now + rules->wait_max_ms;

	job->progress = 0;
	job->not_before = until <= now ? 0 : until > last ? last : until;
}

/* It was made, and only could not be fetched: the next try finds it there and hands it over. */
static bool still_upstream(const char *code)
{
	return code && strcmp(code, "fetch_failed") == 0;
}

unsigned job_fail(struct job *job, const struct job_rules *rules, int64_t now, double dice,
	const struct lease_failed *why)
{
	bool again = why->retryable && job->attempts < rules->max_attempts;
	int64_t pause = job_backoff(rules, job->attempts, dice);
	unsigned fx = step(job, again ? EV_RETRY : EV_FAIL);

	if (!fx)
		return 0;
	blame(job, why->code ? why->code : "failed", why->message);
	if (!still_upstream(why->code))
		job->upstream_ref = NULL; /* what was under way upstream is what failed */
	if (why->retry_after_ms > pause)
		pause = why->retry_after_ms < rules->wait_max_ms ? why->retry_after_ms
								 : rules->wait_max_ms;
	if (again)
		wait_again(job, rules, now, now + pause);
	else
		end(job, rules, now);
	return fx;
}

unsigned job_back(
	struct job *job, const struct job_rules *rules, int64_t now, const struct lease_back *how)
{
	unsigned fx = step(job, EV_BACK);

	if (fx) {
		job->attempts--;
		job->stage = how->reason;
		job->note = how->message;
		if (how->upstream_ref)
			job->upstream_ref = how->upstream_ref;
		wait_again(job, rules, now, how->not_before);
	}
	return fx;
}

unsigned job_lose(struct job *job, const struct job_rules *rules, int64_t now)
{
	bool again = job->attempts < rules->max_attempts;
	unsigned fx = step(job, again ? EV_LOSE : EV_LOSE_LAST);

	if (!fx)
		return 0;
	if (again) { /* at once, and upstream_ref stays: the next worker may find the work there */
		wait_again(job, rules, now, 0);
		return fx;
	}
	blame(job, "worker_lost",
		"The worker that made the video was lost, each time it was tried.");
	end(job, rules, now);
	return fx;
}

unsigned job_timeout(struct job *job, const struct job_rules *rules, int64_t now)
{
	unsigned fx = step(job, EV_TIMEOUT);

	if (fx) {
		blame(job, "timeout", "The worker did not finish the video in time.");
		end(job, rules, now);
	}
	return fx;
}

unsigned job_expire(struct job *job, const struct job_rules *rules, int64_t now)
{
	unsigned fx = step(job, EV_EXPIRE);

	if (fx) {
		blame(job, "expired", "No worker could take the video in time.");
		end(job, rules, now);
	}
	return fx;
}

unsigned job_cancel(struct job *job, const struct job_rules *rules, int64_t now)
{
	unsigned fx = step(job, EV_CANCEL);

	if (fx)
		end(job, rules, now);
	return fx;
}

unsigned job_delete(struct job *job, const struct job_rules *rules, int64_t now, const char *by)
{
	unsigned fx = step(job, EV_DELETE);

	if (!fx)
		return 0;
	if (fx & FX_OVER)
		job->ended_at = now;
	job->expires_at = now + rules->tombstone_ms;
	job->not_before = 0;
	job->ended_by = by;
	return fx;
}

bool vote_winner_ok(const char *winner)
{
	static const char *const winners[] = {"a", "b", "tie", "both_bad"};

	for (size_t i = 0; winner && i < sizeof winners / sizeof *winners; i++) {
		if (strcmp(winner, winners[i]) == 0)
			return true;
	}
	return false;
}

bool job_vote_waits(const struct job *job)
{
	return job->vote_state && strcmp(job->vote_state, "pending") == 0;
}

unsigned job_vote(struct job *job, int64_t now, const char *winner)
{
	unsigned fx = step(job, EV_VOTE);

	if (fx) {
		job->vote_winner = winner;
		job->vote_state = "pending";
		job->vote_message = NULL;
		job->vote_at = now;
	}
	return fx;
}

unsigned job_voted(struct job *job, const struct vote_done *how, struct output *named)
{
	unsigned fx = job_vote_waits(job) ? step(job, EV_VOTE) : 0;

	if (!fx)
		return 0;
	job->vote_state = how->ok ? "sent" : "failed";
	job->vote_message = how->message;
	if (!how->ok || !how->n_names)
		return fx;
	for (size_t i = 0; i < job->n_outputs; i++) {
		named[i] = job->outputs[i];
		if (i < how->n_names && *how->names[i])
			named[i].model_name = how->names[i];
	}
	job->outputs = named;
	return fx;
}

void job_bury(struct job *job)
{
	*job = (struct job){
		.v = job->v,
		.id = job->id,
		.owner = job->owner,
		.status = job->status,
		.revision = job->revision,
		.model = job->model,
		.seconds = job->seconds,
		.width = job->width,
		.height = job->height,
		.seed = job->seed,
		.attempts = job->attempts,
		.created_at = job->created_at,
		.ended_at = job->ended_at,
		.expires_at = job->expires_at,
		.change = job->change,
		.untold = true,
		.past_lease = job->past_lease,
		.past_end = job->past_end,
		.ended_by = job->ended_by,
	};
}

struct job job_told(const struct job *job)
{
	struct job told = *job;

	told.lease = told.past_lease = told.past_end = NULL;
	told.fingerprint = told.ended_by = NULL;
	told.untold = false;
	return told;
}

enum lease_right job_lease_right(const struct job *job, const char *lease, enum job_event how)
{
	if (!lease)
		return LEASE_STALE;
	if (job->lease && strcmp(job->lease, lease) == 0)
		return LEASE_HELD;
	if (lease_ends[how] && same(job->past_lease, lease) && same(job->past_end, lease_ends[how]))
		return LEASE_REPEATED;
	return LEASE_STALE;
}
