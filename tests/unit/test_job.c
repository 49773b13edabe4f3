/* A job's life: every state with every event, and what each event does. */
#include "services/jobs/job.h"

#include "tests/unit/check.h"

static const struct job_rules rules = {.max_attempts = 3,
	.retry_base_ms = 2000,
	.retry_max_ms = 50000,
	.wait_max_ms = 86400000,
	.retention_ms = 1000000,
	.tombstone_ms = 5000};

static const struct job_new want = {.id = "video_1",
	.owner = "ann",
	.model = "sandbox",
	.prompt = "a red fox",
	.seconds = 4,
	.seed = -1};

static const struct lease_failed why = {.code = "oops", .message = "No.", .retryable = true};
static const struct lease_failed final = {
	.code = "policy", .message = "Never.", .retryable = false};
static const struct lease_back busy = {.reason = "busy"};
static const struct lease_back cooling = {
	.reason = "cooling_down", .not_before = 5000, .upstream_ref = "u9"};
static const struct lease_back for_ever = {.not_before = INT64_MAX};
static const struct output video = {.sha256 = "aa"};

static struct job queued(void)
{
	return job_make(&want, 100);
}

static unsigned take(struct job *j, int64_t now, const char *lease, const char *worker)
{
	return job_take(
		j, now, &(struct lease_new){.lease = lease, .worker = worker, .worker_id = "id"});
}

static unsigned done(struct job *j, int64_t now)
{
	return job_done(j, &rules, now, &(struct lease_done){.outputs = &video, .n_outputs = 1});
}

static struct job running(void)
{
	struct job j = queued();

	take(&j, 200, "t1", "w1");
	return j;
}

static struct job in(enum job_state state)
{
	struct job j = state == JOB_QUEUED ? queued() : running();

	if (state == JOB_COMPLETED)
		done(&j, 300);
	else if (state == JOB_FAILED)
		job_fail(&j, &rules, 300, 0.5, &final);
	else if (state == JOB_CANCELLED)
		job_cancel(&j, &rules, 300);
	else if (state == JOB_DELETED)
		job_delete(&j, &rules, 300, "r1");
	return j;
}

static unsigned happen(struct job *j, enum job_event ev)
{
	switch (ev) {
	case EV_TAKE:
		return take(j, 400, "t2", "w2");
	case EV_PROGRESS:
		return job_progress(j, 50, "half", "u1");
	case EV_DONE:
		return done(j, 400);
	case EV_RETRY:
		j->attempts = 1;
		return job_fail(j, &rules, 400, 0.5, &why);
	case EV_FAIL:
		return job_fail(j, &rules, 400, 0.5, &final);
	case EV_BACK:
		return job_back(j, &rules, 400, &busy);
	case EV_LOSE:
		j->attempts = 2;
		return job_lose(j, &rules, 400);
	case EV_LOSE_LAST:
		j->attempts = 3;
		return job_lose(j, &rules, 400);
	case EV_TIMEOUT:
		return job_timeout(j, &rules, 400);
	case EV_EXPIRE:
		return job_expire(j, &rules, 400);
	case EV_CANCEL:
		return job_cancel(j, &rules, 400);
	case EV_DELETE:
		return job_delete(j, &rules, 400, "r2");
	case EV_VOTE:
		return job_vote(j, 400, "a");
	case JOB_EVENTS:
		break;
	}
	abort();
}

/* Where each event leads from each state, said once more and independently; -: not allowed. */
static const char *const leads[JOB_EVENTS] = {
	/* from          q p c f x d    (queued, in progress, completed, failed, cancelled, deleted)
	 */
	[EV_TAKE] = "p-----",
	[EV_PROGRESS] = "-p----",
	[EV_DONE] = "-c----",
	[EV_RETRY] = "-q----",
	[EV_FAIL] = "-f----",
	[EV_BACK] = "-q----",
	[EV_LOSE] = "-q----",
	[EV_LOSE_LAST] = "-f----",
	[EV_TIMEOUT] = "-f----",
	[EV_EXPIRE] = "f-----",
	[EV_CANCEL] = "xx----",
	[EV_DELETE] = "ddddd-",
	[EV_VOTE] = "--c---",
};

static void every_event_in_every_state(void)
{
	for (int s = 0; s < JOB_STATES; s++) {
		for (int ev = 0; ev < JOB_EVENTS; ev++) {
			struct job j = in((enum job_state)s), was = j;
			unsigned fx = happen(&j, (enum job_event)ev);
			char to = leads[ev][s];
			enum job_state now;

			CHECK(job_state(&j, &now));
			if (to == '-') {
				CHECK_INT(fx, 0);
				CHECK_INT(now, s);
				CHECK_INT(j.revision, was.revision);
				continue;
			}
			CHECK(fx & FX_CHANGED);
			CHECK_INT("qpcfxd"[now], to);
			CHECK_INT(j.revision, was.revision + 1);
			/* who enters or leaves the queue or a lease, and who ends, follows */
			CHECK_INT(!!(fx & FX_QUEUE), s != JOB_QUEUED && now == JOB_QUEUED);
			CHECK_INT(!!(fx & FX_UNQUEUE), s == JOB_QUEUED && now != JOB_QUEUED);
			CHECK_INT(
				!!(fx & FX_LEASE), s != JOB_IN_PROGRESS && now == JOB_IN_PROGRESS);
			CHECK_INT(!!(fx & FX_UNLEASE),
				s == JOB_IN_PROGRESS && now != JOB_IN_PROGRESS);
			CHECK_INT(!!(fx & FX_OVER), s <= JOB_IN_PROGRESS && now > JOB_IN_PROGRESS);
			CHECK_INT(!!(fx & FX_GONE), now == JOB_DELETED);
			CHECK_INT(j.lease != NULL, now == JOB_IN_PROGRESS);
			CHECK_INT(j.ended_at != 0, now > JOB_IN_PROGRESS);
			CHECK_INT(j.expires_at != 0, now > JOB_IN_PROGRESS);
		}
	}
}

static void a_worker_is_told_only_what_it_does_not_know(void)
{
	static const enum job_event own[] = {EV_DONE, EV_RETRY, EV_FAIL, EV_BACK};
	static const enum job_event ours[] = {
		EV_LOSE, EV_LOSE_LAST, EV_TIMEOUT, EV_CANCEL, EV_DELETE};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		CHECK(!(job_step(JOB_IN_PROGRESS, own[i]).effects & FX_STOP));
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		CHECK(job_step(JOB_IN_PROGRESS, ours[i]).effects & FX_STOP);
}

static void a_status_that_nobody_knows_is_no_state(void)
{
	struct job j = queued();
	enum job_state s;

	j.status = "dreaming";
	CHECK(!job_state(&j, &s));
	CHECK_INT(take(&j, 200, "t", "w"), 0);
	j.status = NULL;
	CHECK(!job_state(&j, &s));
}

static void a_try_is_counted_when_it_begins(void)
{
	struct job j = running();

	CHECK_INT(j.attempts, 1);
	CHECK_INT(j.started_at, 200);
	CHECK_STR(j.lease, "t1");
	CHECK_STR(j.worker, "w1");
	CHECK(job_back(&j, &rules, 300, &cooling));
	CHECK_INT(j.attempts, 0);
	CHECK_INT(j.not_before, 5000);
	CHECK_STR(j.stage, "cooling_down");
	CHECK_STR(j.upstream_ref, "u9"); /* said with its last word */
	CHECK(take(&j, 5000, "t2", "w1"));
	CHECK_INT(j.attempts, 1);
	CHECK_INT(j.not_before, 0);
	CHECK(job_back(&j, &rules, 6000, &busy));
	CHECK_STR(j.upstream_ref, "u9"); /* nothing was said: as before */
	CHECK_STR(j.stage, "busy");
}

static void three_tries_and_no_more(void)
{
	struct job j = queued();

	for (int i = 1; i <= 3; i++) {
		CHECK(take(&j, 200, "t", "w"));
		CHECK(job_fail(&j, &rules, 300, 0.5, &why));
		CHECK_INT(j.attempts, i);
		CHECK_STR(j.status, i < 3 ? "queued" : "failed");
		CHECK_STR(j.error_code, "oops");
	}
	CHECK_STR(j.error_message, "No.");
	CHECK_INT(j.expires_at, 300 + rules.retention_ms);
	CHECK_INT(take(&j, 400, "t", "w"), 0);
}

static void a_lost_worker_counts_as_a_try(void)
{
	struct job j = queued();

	for (int i = 1; i <= 3; i++) {
		CHECK(take(&j, 200, "t", "w"));
		CHECK(job_progress(&j, 70, "rendering", "u1"));
		CHECK(job_lose(&j, &rules, 300));
		CHECK_INT(j.not_before, 0);      /* the next worker at once */
		CHECK_STR(j.upstream_ref, "u1"); /* and it finds the work there */
	}
	CHECK_STR(j.status, "failed");
	CHECK_STR(j.error_code, "worker_lost");
}

static void what_cannot_be_retried_fails_at_once(void)
{
	struct job j = running();

	CHECK(job_fail(&j, &rules, 300, 0.5, &final));
	CHECK_STR(j.status, "failed");
	CHECK_STR(j.error_code, "policy");
	CHECK_INT(j.attempts, 1);
}

static void pauses_grow_with_jitter(void)
{
	CHECK_INT(job_backoff(&rules, 1, 0), 0);
	CHECK_INT(job_backoff(&rules, 1, 0.5), 1000);
	CHECK_INT(job_backoff(&rules, 2, 0.5), 5000);
	CHECK_INT(job_backoff(&rules, 3, 0.5), 25000);
	CHECK_INT(job_backoff(&rules, 4, 0.5), 25000); /* they stop at 50 s */
	CHECK_INT(job_backoff(&rules, 1000000, 0.5), 25000);
}

static void a_worker_may_ask_for_a_longer_pause(void)
{
	struct lease_failed asks = why;
	struct job j = running();

	asks.retry_after_ms = 9000;
	CHECK(job_fail(&j, &rules, 300, 0.5, &asks));
	CHECK_INT(j.not_before, 9300);
	take(&j, 9300, "t", "w");
	asks.retry_after_ms = INT64_MAX; /* but not for ever */
	CHECK(job_fail(&j, &rules, 9400, 0.5, &asks));
	CHECK_INT(j.not_before, 9400 + rules.wait_max_ms);
	j = running();
	CHECK(job_back(&j, &rules, 300, &for_ever));
	CHECK_INT(j.not_before, 300 + rules.wait_max_ms);
}

static void a_new_try_starts_clean(void)
{
	struct job j = running();

	job_progress(&j, 70, "rendering", "u1");
	job_fail(&j, &rules, 300, 0, &why);
	CHECK_INT(j.progress, 0);
	CHECK_STR(j.stage, NULL);
	CHECK_STR(j.upstream_ref, NULL); /* what was there is what failed */
	take(&j, 400, "t2", "w2");
	CHECK_STR(j.error_code, NULL);
	CHECK_STR(j.error_message, NULL);
}

static void what_could_not_be_fetched_is_still_there(void)
{
	const struct lease_failed unfetched = {.code = "fetch_failed", .retryable = true};
	struct job j = running();

	job_progress(&j, 70, "rendering", "u1");
	CHECK(job_fail(&j, &rules, 300, 0, &unfetched));
	CHECK_STR(j.upstream_ref, "u1");
}

static void progress_without_news_changes_nothing(void)
{
	struct job j = running();

	CHECK(job_progress(&j, 10, "a", "u1"));
	CHECK_INT(job_progress(&j, 10, "a", "u1"), 0);
	CHECK_INT(job_progress(&j, 10, "a", NULL), 0); /* NULL: as before */
	CHECK(job_progress(&j, 10, "b", NULL));
	CHECK_STR(j.upstream_ref, "u1");
	CHECK(job_progress(&j, 1000, "b", NULL));
	CHECK_INT(j.progress, 100);
	CHECK(job_progress(&j, -5, "b", NULL));
	CHECK_INT(j.progress, 0);
}

static void the_last_token_remembers_how_it_ended(void)
{
	struct job j = running();

	CHECK_INT(job_lease_right(&j, "t1", EV_DONE), LEASE_HELD);
	CHECK_INT(job_lease_right(&j, "tX", EV_DONE), LEASE_STALE);
	CHECK_INT(job_lease_right(&j, NULL, EV_DONE), LEASE_STALE);
	job_fail(&j, &rules, 300, 0, &why);
	CHECK_INT(job_lease_right(&j, "t1", EV_FAIL), LEASE_REPEATED);
	CHECK_INT(job_lease_right(&j, "t1", EV_DONE), LEASE_STALE);
	CHECK_INT(job_lease_right(&j, "t1", EV_BACK), LEASE_STALE);
	take(&j, 400, "t2", "w");
	CHECK_INT(job_lease_right(&j, "t1", EV_FAIL), LEASE_REPEATED);
	CHECK_INT(job_lease_right(&j, "t2", EV_FAIL), LEASE_HELD);
	job_back(&j, &rules, 500, &busy);
	CHECK_INT(job_lease_right(&j, "t2", EV_BACK), LEASE_REPEATED);
	CHECK_INT(job_lease_right(&j, "t1", EV_FAIL), LEASE_STALE);
	take(&j, 600, "t3", "w");
	job_cancel(&j, &rules, 700);
	CHECK_INT(job_lease_right(&j, "t3", EV_DONE), LEASE_STALE);
	CHECK_INT(job_lease_right(&j, "t3", EV_PROGRESS), LEASE_STALE);
	j = running();
	done(&j, 300);
	CHECK_INT(job_lease_right(&j, "t1", EV_DONE), LEASE_REPEATED);
	CHECK_INT(job_lease_right(&j, "t1", EV_FAIL), LEASE_STALE);
}

static void secrets_are_not_told(void)
{
	struct job j = running(), told;

	j.fingerprint = "f", j.past_lease = "p", j.past_end = "done", j.ended_by = "r";
	told = job_told(&j);
	CHECK_STR(told.lease, NULL);
	CHECK_STR(told.past_lease, NULL);
	CHECK_STR(told.past_end, NULL);
	CHECK_STR(told.fingerprint, NULL);
	CHECK_STR(told.ended_by, NULL);
	CHECK_STR(told.prompt, "a red fox");
}

static void a_vote_waits_until_its_worker_has_cast_it(void)
{
	static const struct output two[] = {{.sha256 = "aa"}, {.sha256 = "bb"}};
	static const char *const names[] = {"first", "second"};
	const struct lease_done made = {.outputs = two, .n_outputs = 2, .upstream_ref = "u1"};
	const struct vote_done counted = {.ok = true, .names = names, .n_names = 2};
	const struct vote_done no = {.ok = false, .message = "Not now."};
	struct output named[2];
	struct job j = running();

	CHECK(job_done(&j, &rules, 300, &made));
	CHECK_STR(j.upstream_ref, "u1");
	CHECK_STR(j.worker_id, "id");
	CHECK_INT(job_voted(&j, &counted, named), 0); /* there is none */
	CHECK(job_vote(&j, 400, "tie"));
	CHECK(job_vote_waits(&j));
	CHECK(job_voted(&j, &no, named));
	CHECK_STR(j.vote_state, "failed");
	CHECK_STR(j.vote_message, "Not now.");
	CHECK_STR(j.outputs[0].model_name, NULL);
	CHECK_INT(job_voted(&j, &counted, named), 0); /* it is over */
	CHECK(job_vote(&j, 500, "a"));
	CHECK_STR(j.vote_message, NULL);
	CHECK(job_voted(&j, &counted, named));
	CHECK_STR(j.vote_state, "sent");
	CHECK_STR(j.vote_winner, "a");
	CHECK_STR(j.outputs[0].model_name, "first");
	CHECK_STR(j.outputs[1].model_name, "second");
	CHECK_STR(j.outputs[1].sha256, "bb");
	CHECK(!job_vote_waits(&j));
}

static void who_gives_a_job_back_says_why(void)
{
	static const struct lease_back login = {.reason = "login", .message = "Log in there."};
	struct job j = running();

	CHECK(job_progress(&j, 20, "drawing", "u5"));
	CHECK(job_back(&j, &rules, 300, &login));
	CHECK_STR(j.stage, "login");
	CHECK_STR(j.note, "Log in there.");
	CHECK_STR(j.upstream_ref, "u5");
	CHECK_INT(j.attempts, 0);
	CHECK(take(&j, 400, "t2", "w2"));
	CHECK_STR(j.note, NULL);
	CHECK_STR(j.upstream_ref, "u5");
}

static void nothing_personal_is_buried(void)
{
	struct job j = in(JOB_COMPLETED);

	j.error_message = "m", j.idempotency_key = "k", j.upstream_ref = "u";
	CHECK(job_delete(&j, &rules, 900, "r1"));
	job_bury(&j);
	CHECK_STR(j.id, "video_1");
	CHECK_STR(j.owner, "ann");
	CHECK_STR(j.status, "deleted");
	CHECK_STR(j.ended_by, "r1");
	CHECK_INT(j.expires_at, 900 + rules.tombstone_ms);
	CHECK_STR(j.prompt, NULL);
	CHECK_STR(j.error_message, NULL);
	CHECK_STR(j.idempotency_key, NULL);
	CHECK_STR(j.upstream_ref, NULL);
	CHECK_INT(j.n_outputs, 0);
	CHECK_INT(j.n_inputs, 0);
}

TESTS("job", T(every_event_in_every_state), T(a_worker_is_told_only_what_it_does_not_know),
	T(a_status_that_nobody_knows_is_no_state), T(a_try_is_counted_when_it_begins),
	T(three_tries_and_no_more), T(a_lost_worker_counts_as_a_try),
	T(what_cannot_be_retried_fails_at_once), T(pauses_grow_with_jitter),
	T(a_worker_may_ask_for_a_longer_pause), T(a_new_try_starts_clean),
	T(what_could_not_be_fetched_is_still_there), T(progress_without_news_changes_nothing),
	T(the_last_token_remembers_how_it_ended), T(a_vote_waits_until_its_worker_has_cast_it),
	T(who_gives_a_job_back_says_why), T(secrets_are_not_told), T(nothing_personal_is_buried))
