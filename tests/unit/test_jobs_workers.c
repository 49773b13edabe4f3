/* The jobs service as bridges and operators see it: leases, workers, hints, figures. */
#include <stdatomic.h>

#include "tests/unit/jobs_rig.h"

static const struct empty nothing;

static void a_worker_makes_a_job(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX], got[ID_MAX], token[33] = "", stale[33], blob[BLOB_NAME];
	struct lease_progress p = {.progress = 40, .stage = "rendering", .upstream_ref = "u7"};
	struct msg *m;
	const struct job *job;

	rig_create(&r, "ann", id);
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	CHECK_STR(got, id);
	CHECK_INT(rig_take(&r, token, got), ERR_OK); /* the same ask once more */
	CHECK_STR(got, id);
	p.id = id, p.lease = token;
	CHECK_INT(rig_ask(&r, MSG_LEASE_PROGRESS, &p, NULL), ERR_OK);
	CHECK_INT(rig_ask(&r, MSG_LEASE_PROGRESS, &p, NULL), ERR_OK);
	m = rig_get(&r, "ann", id);
	job = msg_rec(m);
	CHECK_STR(job->status, "in_progress");
	CHECK_INT(job->progress, 40);
	CHECK_STR(job->stage, "rendering");
	CHECK_STR(job->upstream_ref, "u7");
	CHECK_INT(job->attempts, 1);
	CHECK_INT(job->revision, 3); /* the second progress said nothing new */
	CHECK(job->lease == NULL);
	msg_free(m);
	token_hex(16, stale);
	p.lease = stale;
	CHECK_INT(rig_ask(&r, MSG_LEASE_PROGRESS, &p, NULL), ERR_LEASE_LOST);
	CHECK_INT(rig_done(&r, id, stale, NULL), ERR_LEASE_LOST);
	CHECK_INT(rig_done(&r, id, token, NULL), ERR_BAD_PARAM);
	CHECK_INT(rig_done(&r, id, token,
			  "1111111111111111111111111111111111111111111111111111111111111111"),
		ERR_BLOB_GONE);
	rig_blob(&r, "an mp4", blob);
	CHECK_INT(rig_done(&r, id, token, blob), ERR_OK);
	CHECK_INT(rig_done(&r, id, token, blob), ERR_OK); /* the same once more */
	CHECK_INT(rig_failed(&r, id, token, true), ERR_LEASE_LOST);
	CHECK_INT(rig_back(&r, id, token, 0), ERR_LEASE_LOST);
	m = rig_get(&r, "ann", id);
	job = msg_rec(m);
	CHECK_STR(job->status, "completed");
	CHECK_INT(job->n_outputs, 1);
	CHECK_INT(job->progress, 100);
	CHECK(job->ended_at > 0 && job->expires_at > job->ended_at);
	CHECK(job->past_lease == NULL && job->past_end == NULL);
	msg_free(m);
	rig_end(&r);
}

static char *const quick[] = {(char *)"--retry-base=0ms", NULL};

static void failed_tries_are_repeated_up_to_three(void)
{
	struct rig r = rig_new(quick);
	char id[ID_MAX], got[ID_MAX], token[33], before[33] = "";
	struct msg *m;
	const struct job *job;

	rig_create(&r, "ann", id);
	for (int i = 1; i <= 3; i++) {
		token[0] = 0;
		CHECK_INT(rig_take(&r, token, got), ERR_OK);
		CHECK_STR(got, id);
		if (i > 1) /* the last end's repeat, while another try runs */
			CHECK_INT(rig_failed(&r, id, before, true), ERR_OK);
		CHECK(rig_holds(&r, id, token));
		CHECK_INT(rig_failed(&r, id, token, true), ERR_OK);
		CHECK_INT(rig_failed(&r, id, token, true), ERR_OK);
		CHECK_INT(rig_done(&r, id, token, NULL), ERR_LEASE_LOST);
		strcpy(before, token);
	}
	m = rig_get(&r, "ann", id);
	job = msg_rec(m);
	CHECK_STR(job->status, "failed");
	CHECK_STR(job->error_code, "oops");
	CHECK_STR(job->error_message, "It did not work.");
	CHECK_INT(job->attempts, 3);
	msg_free(m);
	rig_create(&r, "ann", id);
	token[0] = 0;
	rig_take(&r, token, got);
	CHECK_INT(rig_failed(&r, id, token, false), ERR_OK);
	CHECK(rig_is(&r, "ann", id, "failed"));
	rig_end(&r);
}

static void a_job_given_back_costs_no_try(void)
{
	struct rig r = rig_new(quick);
	char id[ID_MAX], got[ID_MAX], token[33];
	int64_t due;
	struct msg *m;

	rig_create(&r, "ann", id);
	for (int i = 0; i < 5; i++) {
		token[0] = 0;
		CHECK_INT(rig_take(&r, token, got), ERR_OK);
		CHECK_INT(rig_back(&r, id, token, 0), ERR_OK);
		CHECK_INT(rig_back(&r, id, token, 0), ERR_OK);
	}
	m = rig_get(&r, "ann", id);
	CHECK_INT(((const struct job *)msg_rec(m))->attempts, 0);
	CHECK_STR(((const struct job *)msg_rec(m))->status, "queued");
	msg_free(m);
	token[0] = 0;
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	due = now_ms() + 1500;
	CHECK_INT(rig_back(&r, id, token, due), ERR_OK);
	token[0] = 0;
	CHECK_INT(rig_take(&r, token, got), ERR_EMPTY);
	EVENTUALLY(rig_take(&r, token, got) == ERR_OK);
	CHECK(now_ms() >= due);
	rig_end(&r);
}

static void cancelling_ends_a_job_for_its_worker_too(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX], got[ID_MAX], token[33] = "", blob[BLOB_NAME];

	rig_blob(&r, "late", blob);
	rig_create(&r, "ann", id);
	CHECK_INT(rig_ref(&r, MSG_JOB_CANCEL, "bob", id), ERR_NOT_FOUND);
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	CHECK_INT(rig_ref(&r, MSG_JOB_CANCEL, "ann", id), ERR_OK);
	CHECK_INT(rig_ref(&r, MSG_JOB_CANCEL, "ann", id), ERR_OK);
	CHECK(!rig_holds(&r, id, token));
	CHECK_INT(rig_done(&r, id, token, blob), ERR_LEASE_LOST);
	CHECK(rig_is(&r, "ann", id, "cancelled"));
	rig_create(&r, "ann", id);
	CHECK_INT(rig_ref(&r, MSG_JOB_CANCEL, "ann", id), ERR_OK);
	token[0] = 0;
	CHECK_INT(rig_take(&r, token, got), ERR_EMPTY);
	rig_end(&r);
}

static void a_silent_worker_loses_its_lease(void)
{
	static char *const args[] = {(char *)"--lease=1s", (char *)"--retry-base=0ms", NULL};
	struct rig r = rig_new(args);
	char id[ID_MAX], got[ID_MAX], first[33] = "", token[33] = "", blob[BLOB_NAME];
	int64_t heard = mono_us();
	struct msg *m;

	rig_blob(&r, "mp4", blob);
	rig_create(&r, "ann", id);
	CHECK_INT(rig_take(&r, first, got), ERR_OK);
	for (int i = 0; i < 15; i++, usleep(100000)) { /* longer than a lease */
		bool holds = rig_holds(&r, id, first);

		/* a machine that stood still for so long is no fault of ours */
		CHECK(holds || mono_us() - heard > 900000);
		heard = mono_us();
	}
	EVENTUALLY(rig_take(&r, token, got) == ERR_OK);
	CHECK_INT(rig_done(&r, id, first, blob), ERR_LEASE_LOST);
	EVENTUALLY(rig_is(&r, "ann", id, "queued"));
	token[0] = 0;
	EVENTUALLY(rig_take(&r, token, got) == ERR_OK);
	EVENTUALLY(rig_is(&r, "ann", id, "failed"));
	m = rig_get(&r, "ann", id);
	CHECK_STR(((const struct job *)msg_rec(m))->error_code, "worker_lost");
	CHECK_INT(((const struct job *)msg_rec(m))->attempts, 3);
	msg_free(m);
	rig_end(&r);
}

static void jobs_that_take_or_wait_too_long_fail(void)
{
	static char *const args[] = {
		(char *)"--job-timeout=500ms", (char *)"--queue-wait=3s", NULL};
	struct rig r = rig_new(args);
	char a[ID_MAX], b[ID_MAX], got[ID_MAX], token[33] = "";
	struct msg *m;

	rig_create(&r, "ann", a);
	rig_take(&r, token, got);
	rig_create(&r, "ann", b);
	EVENTUALLY(!rig_holds(&r, a, token)); /* renewing does not help */
	EVENTUALLY(rig_is(&r, "ann", b, "failed"));
	m = rig_get(&r, "ann", a);
	CHECK_STR(((const struct job *)msg_rec(m))->error_code, "timeout");
	msg_free(m);
	m = rig_get(&r, "ann", b);
	CHECK_STR(((const struct job *)msg_rec(m))->error_code, "expired");
	msg_free(m);
	rig_end(&r);
}

static void workers_and_models_come_and_go(void)
{
	static char *const args[] = {(char *)"--worker-ttl=2s", NULL};
	struct rig r = rig_new(args);
	struct model models[2] = {{.id = "sandbox", .name = "Sandbox"}, {.id = "m2"}};
	struct worker w[2] = {
		{.id = "w1", .bridge = "b1", .slots = 2, .models = models, .n_models = 2},
		{.id = "w1", .bridge = "b2", .slots = 0, .models = models + 1, .n_models = 1}};
	struct worker_list seen = {.workers = w, .n_workers = 2};
	const struct worker_list *list_told;
	const struct model_list *told;
	struct msg *m = NULL;

	CHECK_INT(rig_ask(&r, MSG_WORKER_SEEN, &seen, NULL), ERR_OK);
	w[0].busy = 1;
	CHECK_INT(rig_ask(&r, MSG_WORKER_SEEN, &seen, NULL), ERR_OK);
	CHECK_INT(rig_ask(&r, MSG_WORKER_LIST, &nothing, &m), ERR_OK);
	list_told = msg_rec(m);
	CHECK_INT(list_told->n_workers, 2);
	CHECK_INT(list_told->workers[0].busy + list_told->workers[1].busy, 1);
	msg_free(m), m = NULL;
	CHECK_INT(rig_ask(&r, MSG_MODEL_LIST, &nothing, &m), ERR_OK);
	told = msg_rec(m);
	CHECK_INT(told->n_models, 2);
	CHECK_INT(told->n_available, 2);
	msg_free(m), m = NULL;
	w[0].gone = true;
	CHECK_INT(rig_ask(&r, MSG_WORKER_SEEN, &seen, NULL), ERR_OK);
	CHECK_INT(rig_ask(&r, MSG_MODEL_LIST, &nothing, &m), ERR_OK);
	told = msg_rec(m);
	CHECK_INT(told->n_available, 0); /* the other one has no slot */
	msg_free(m), m = NULL;
	rig_again(&r);
	CHECK_INT(rig_ask(&r, MSG_MODEL_LIST, &nothing, &m), ERR_OK);
	told = msg_rec(m);
	CHECK_INT(told->n_models, 2); /* known, though nobody is there */
	CHECK_INT(told->n_available, 0);
	msg_free(m), m = NULL;
	w[0].gone = false;
	CHECK_INT(rig_ask(&r, MSG_WORKER_SEEN, &seen, NULL), ERR_OK);
	for (int64_t end = mono_us() + 10000000; mono_us() < end; usleep(5000)) {
		msg_free(m), m = NULL;
		rig_ask(&r, MSG_WORKER_LIST, &nothing, &m);
		if (((const struct worker_list *)msg_rec(m))->n_workers == 0)
			break;
	}
	CHECK_INT(((const struct worker_list *)msg_rec(m))->n_workers, 0);
	msg_free(m);
	rig_end(&r);
}

/* ---- hints ---- */

static atomic_int heard_changed, heard_ready, heard_over, heard_hello;
static _Atomic char last_status; /* its first letter */

static void on_hint(void *arg, int type, const void *rec)
{
	(void)arg;
	if (type == 0)
		heard_hello++;
	if (type == MSG_JOB_CHANGED) {
		const struct job_hints *hints = rec;

		last_status = *hints->jobs[hints->n_jobs - 1].status;
		heard_changed++;
	}
	if (type == MSG_WORK_READY)
		heard_ready++;
	if (type == MSG_LEASE_OVER)
		heard_over += ((const struct lease_ref *)rec)->lease == NULL;
}

static void changes_are_told(void)
{
	static const int types[] = {MSG_JOB_CHANGED, MSG_WORK_READY, MSG_LEASE_OVER, 0};
	struct rig r = rig_new(NULL);
	char a[ID_MAX], b[ID_MAX], got[ID_MAX], token[33] = "";
	struct job_new want = rig_want(a, "ann");
	int ready;

	CHECK(listener_open(r.hints, r.secret.wire, types, on_hint, NULL) != NULL);
	for (int i = 0; i < 5000 && !heard_changed; i++) { /* until the connection is there */
		rig_create(&r, "warm", a);
		usleep(1000);
	}
	CHECK(heard_ready > 0);
	while (token[0] = 0, rig_take(&r, token, got) == ERR_OK)
		;
	want.max_running = 1;
	id_new("video_", a);
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	want.id = b;
	id_new("video_", b);
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	token[0] = 0;
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	EVENTUALLY(last_status == 'i');
	ready = heard_ready;
	CHECK_INT(rig_ref(&r, MSG_JOB_CANCEL, "ann", got), ERR_OK);
	EVENTUALLY(heard_over == 1);
	EVENTUALLY(heard_ready == ready + 1); /* the owner is under its limit again */
	EVENTUALLY(last_status == 'c');
	rig_end(&r);
}

static void figures_are_published(void)
{
	static const char *const names[] = {"arena_jobs_videos_total 1\n",
		"arena_jobs_jobs{status=\"queued\"} 1\n", "arena_jobs_queue_depth 1\n",
		"arena_jobs_seconds_p95_24h ", "arena_jobs_seconds_mean_24h ",
		"arena_jobs_error_ratio_24h ", "arena_jobs_availability_ratio_24h 1\n",
		"arena_jobs_uptime_seconds ", "arena_jobs_leases 0\n"};
	struct rig r = rig_new(NULL);
	char id[ID_MAX], got[ID_MAX], token[33] = "", blob[BLOB_NAME];
	struct msg *m = NULL;
	const char *text;

	rig_blob(&r, "mp4", blob);
	rig_create(&r, "ann", id);
	rig_take(&r, token, got);
	CHECK_INT(rig_done(&r, id, token, blob), ERR_OK);
	rig_create(&r, "ann", id);
	rig_again(&r); /* the count of videos outlives the process */
	CHECK_INT(rig_ask(&r, MSG_METRICS, &nothing, &m), ERR_OK);
	text = ((const struct text *)msg_rec(m))->text;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!strstr(text, names[i]))
			fprintf(stderr, "not in the figures: %s\n%s\n", names[i], text);
		CHECK(strstr(text, names[i]) != NULL);
	}
	msg_free(m);
	rig_end(&r);
}

TESTS("jobs_workers", T(a_worker_makes_a_job), T(failed_tries_are_repeated_up_to_three),
	T(a_job_given_back_costs_no_try), T(cancelling_ends_a_job_for_its_worker_too),
	T(a_silent_worker_loses_its_lease), T(jobs_that_take_or_wait_too_long_fail),
	T(workers_and_models_come_and_go), T(changes_are_told), T(figures_are_published))
