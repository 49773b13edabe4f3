/* What is on disk: every table, reopening, and failure at every single write. */
#include "services/jobs/store.h"

#include "proto/buf.h"
#include "proto/fault.h"
#include "proto/id.h"
#include "tests/unit/check.h"

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static char *dir;

static struct store *open_store(void)
{
	struct store *s = NULL;

	if (!dir)
		dir = tmp_make();
	if (store_open(dir, 64 << 20, &s) != ERR_OK)
		abort();
	return s;
}

static struct store *begin(struct store *s, bool write)
{
	if (store_begin(s, write) != ERR_OK)
		abort();
	return s;
}

static void finish(struct store *s)
{
	store_close(s);
	tmp_remove(dir);
	dir = NULL;
}

/* Commit, close, open again, begin to read. */
static struct store *reopen(struct store *s)
{
	CHECK_INT(store_commit(s), ERR_OK);
	store_close(s);
	return begin(open_store(), false);
}

static bool add_id(void *arg, const char *id)
{
	buf_addf(arg, "%s ", id);
	return true;
}

static const char *ids(struct store *s, const char *owner, const char *after, bool ascending)
{
	static struct buf b;

	buf_clear(&b);
	buf_adds(&b, "");
	if (owner)
		store_owned_walk(s, owner, after, ascending, add_id, &b);
	else
		store_live_walk(s, add_id, &b);
	return b.p;
}

static void a_job_outlives_the_process(void)
{
	struct store *s = begin(open_store(), true);
	struct output out = {.sha256 = SHA_A, .fps = 23.976};
	struct job job = {.v = 1,
		.id = "video_1",
		.owner = "ann",
		.status = "completed",
		.prompt = "\xf0\x9f\xa6\x8a \"fox\"\n",
		.seed = 7,
		.outputs = &out,
		.n_outputs = 1};
	const struct job *got;
	struct msg *m = NULL;

	store_job_put(s, &job);
	s = reopen(s);
	CHECK(store_job_has(s, "video_1"));
	CHECK(!store_job_has(s, "video_"));
	CHECK_INT(store_jobs(s), 1);
	CHECK_INT(store_job_get(s, "video_2", &m), ERR_NOT_FOUND);
	CHECK_INT(store_job_get(s, "video_1", &m), ERR_OK);
	got = msg_rec(m);
	CHECK_STR(got->prompt, job.prompt);
	CHECK_INT(got->seed, 7);
	CHECK_STR(got->outputs[0].sha256, SHA_A);
	CHECK(got->outputs[0].fps == 23.976);
	msg_free(m);
	store_abort(s);
	begin(s, true);
	store_job_drop(s, "video_1");
	store_job_drop(s, "video_1"); /* twice does no harm */
	s = reopen(s);
	CHECK(!store_job_has(s, "video_1"));
	store_abort(s);
	finish(s);
}

static void a_job_is_told_up_to_what_is_for_jobs_alone(void)
{
	struct store *s = begin(open_store(), true);
	struct job job = {.v = 1,
		.id = "video_1",
		.owner = "ann",
		.status = "in_progress",
		.prompt = "a fox,\"untold\":true",
		.idempotency_key = "k",
		.untold = true,
		.lease = "secret",
		.past_lease = "secret",
		.fingerprint = "secret",
		.ended_by = "secret"};
	struct raw text;

	store_job_put(s, &job);
	CHECK_INT(store_job_text(s, "video_2", &text), ERR_NOT_FOUND);
	CHECK_INT(store_job_text(s, "video_1", &text), ERR_OK);
	CHECK(memmem(text.p, text.n, "secret", 6) == NULL);
	CHECK(memmem(text.p, text.n, "a fox,\\\"untold", 14) != NULL);
	CHECK(memcmp(text.p + text.n - 3, "\"k\"", 3) == 0);
	CHECK_INT(store_job_record(s, "video_1", &text), ERR_OK);
	CHECK(memmem(text.p, text.n, "secret", 6) != NULL);
	job.id = "video_2", job.untold = false; /* as the first version wrote them */
	store_job_put(s, &job);
	CHECK_INT(store_job_text(s, "video_2", &text), ERR_EMPTY);
	store_abort(s);
	finish(s);
}

static void a_folder_has_one_store_at_a_time(void)
{
	struct store *s = open_store(), *second = NULL;

	CHECK_INT(store_open(dir, 64 << 20, &second), ERR_STORE);
	CHECK(second == NULL);
	store_close(s);
	CHECK_INT(store_open(dir, 64 << 20, &second), ERR_OK);
	finish(second);
	CHECK_INT(store_open("/proc/nowhere/jobs", 64 << 20, &second), ERR_STORE);
}

static void an_abort_leaves_no_trace(void)
{
	struct store *s = begin(open_store(), true);

	store_live_add(s, "video_1");
	store_abort(s);
	begin(s, false);
	CHECK_STR(ids(s, NULL, NULL, true), "");
	store_abort(s);
	finish(s);
}

static void owners_are_walked_in_both_directions(void)
{
	struct store *s = begin(open_store(), true);

	CHECK_STR(ids(s, "ann", NULL, false), "");
	store_owned_add(s, "ann", "v2");
	CHECK_STR(ids(s, "ann", NULL, false), "v2 "); /* the last of the table */
	store_owned_add(s, "ann", "v1");
	store_owned_add(s, "ann", "v3");
	store_owned_add(s, "an", "v9");
	store_owned_add(s, "anna", "v0");
	s = reopen(s);
	CHECK_STR(ids(s, "ann", NULL, false), "v3 v2 v1 ");
	CHECK_STR(ids(s, "ann", NULL, true), "v1 v2 v3 ");
	CHECK_STR(ids(s, "ann", "v2", false), "v1 ");
	CHECK_STR(ids(s, "ann", "v2", true), "v3 ");
	CHECK_STR(ids(s, "ann", "v3", true), "");
	CHECK_STR(ids(s, "ann", "v1", false), "");
	CHECK_STR(ids(s, "anna", NULL, false), "v0 ");
	CHECK_STR(ids(s, "an", NULL, false), "v9 ");
	CHECK_STR(ids(s, "zoe", NULL, false), "");
	CHECK_STR(ids(s, "a", NULL, true), "");
	CHECK(store_owned_has(s, "ann", "v1"));
	CHECK(!store_owned_has(s, "ann", "v0"));
	store_abort(s);
	begin(s, true);
	store_owned_drop(s, "ann", "v2");
	CHECK_STR(ids(s, "ann", NULL, true), "v1 v3 ");
	store_abort(s);
	finish(s);
}

static void live_jobs_are_walked_in_order(void)
{
	struct store *s = begin(open_store(), true);

	store_live_add(s, "v2"), store_live_add(s, "v1"), store_live_add(s, "v3");
	store_live_drop(s, "v2");
	s = reopen(s);
	CHECK_STR(ids(s, NULL, NULL, true), "v1 v3 ");
	store_abort(s);
	finish(s);
}

static void what_expires_comes_in_the_order_of_time(void)
{
	struct store *s = begin(open_store(), true);
	struct expiry e = {0};

	store_expiry_add(s, 300, EXPIRY_JOB, "v3", 2);
	store_expiry_add(s, 100, EXPIRY_JOB, "v1", 2);
	store_expiry_add(s, 200, EXPIRY_IDEM, "a\0k", 3);
	store_expiry_add(s, 1LL << 40, EXPIRY_JOB, "v9", 2);
	s = reopen(s);
	CHECK(!store_expiry_next(s, 99, &e));
	CHECK(store_expiry_next(s, 100, &e));
	CHECK_STR(e.key, "v1");
	CHECK_INT(e.at, 100);
	store_abort(s);
	begin(s, true);
	store_expiry_drop(s, e.at, e.kind, e.key, e.n);
	CHECK(store_expiry_next(s, 1000, &e));
	CHECK_INT(e.kind, EXPIRY_IDEM);
	CHECK_INT(e.n, 3);
	CHECK(memcmp(e.key, "a\0k", 3) == 0);
	store_expiry_drop(s, e.at, e.kind, e.key, e.n);
	CHECK(store_expiry_next(s, 1000, &e));
	CHECK_STR(e.key, "v3");
	store_expiry_drop(s, e.at, e.kind, e.key, e.n);
	CHECK(!store_expiry_next(s, 1000, &e));
	store_abort(s);
	finish(s);
}

static void an_idempotency_key_leads_to_its_job(void)
{
	struct store *s = begin(open_store(), true);
	struct idem idem = {.id = "v1", .fingerprint = "f1"}, got = {0};
	struct expiry e = {0};

	store_idem_put(s, "ann", "k", &idem, 500);
	s = reopen(s);
	CHECK(store_idem_get(s, "ann", "k", &got));
	CHECK_STR(got.id, "v1");
	CHECK_STR(got.fingerprint, "f1");
	CHECK(!store_idem_get(s, "bob", "k", &got));
	CHECK(!store_idem_get(s, "ann", "kk", &got));
	store_abort(s);
	begin(s, true);
	CHECK(store_expiry_next(s, 500, &e));
	CHECK_INT(e.kind, EXPIRY_IDEM);
	store_idem_drop(s, &e);
	CHECK(!store_idem_get(s, "ann", "k", &got));
	store_abort(s);
	finish(s);
}

static void references_are_counted(void)
{
	struct store *s = begin(open_store(), true);

	CHECK_INT(store_ref_get(s, SHA_A), 0);
	CHECK_INT(store_ref_add(s, SHA_A, 1), 1);
	CHECK_INT(store_ref_add(s, SHA_A, 1), 2);
	CHECK_INT(store_ref_add(s, SHA_B, 1), 1);
	s = reopen(s);
	CHECK_INT(store_ref_get(s, SHA_A), 2);
	store_abort(s);
	begin(s, true);
	CHECK_INT(store_ref_add(s, SHA_A, -1), 1);
	CHECK_INT(store_ref_add(s, SHA_A, -1), 0);
	CHECK_INT(store_ref_get(s, SHA_A), 0);
	CHECK_INT(store_ref_get(s, SHA_B), 1);
	store_abort(s);
	finish(s);
}

static void add_end(void *arg, int64_t at, int64_t took_ms, bool ok)
{
	buf_addf(arg, "%d:%d:%d ", (int)at, (int)took_ms, ok);
}

static void ends_and_minutes_are_kept_and_trimmed(void)
{
	struct store *s = begin(open_store(), true);
	struct buf b = {0};

	store_end_add(s, 60000, "v1", 10, true);
	store_end_add(s, 60000, "v2", 20, false);
	store_end_add(s, 120000, "v3", 30, true);
	for (int i = 0; i < 5; i++)
		store_minute_mark(s, i);
	store_minute_mark(s, 4);
	s = reopen(s);
	store_end_walk(s, 0, add_end, &b);
	CHECK_STR(b.p, "60000:10:1 60000:20:0 120000:30:1 ");
	buf_clear(&b);
	store_end_walk(s, 60001, add_end, &b);
	CHECK_STR(b.p, "120000:30:1 ");
	CHECK_INT(store_minutes_since(s, 0), 5);
	CHECK_INT(store_minutes_since(s, 3), 2);
	store_abort(s);
	begin(s, true);
	CHECK_INT(store_trim(s, 60000, 1), 1); /* minute 0; no end is that old */
	CHECK_INT(store_trim(s, 120000, 1), 2);
	CHECK_INT(store_trim(s, 120000, 100), 1);
	buf_clear(&b);
	store_end_walk(s, 0, add_end, &b);
	CHECK_STR(b.p, "120000:30:1 ");
	CHECK_INT(store_minutes_since(s, 0), 3);
	store_abort(s);
	buf_free(&b);
	finish(s);
}

static void add_model(void *arg, const char *id, const char *json, size_t n, int64_t seen_at)
{
	buf_addf(arg, "%s=%.*s@%d ", id, (int)n, json, (int)seen_at);
}

static void models_and_numbers_are_kept(void)
{
	struct store *s = begin(open_store(), true);
	struct buf b = {0};

	store_model_put(s, "m1", "{}", 2, 5);
	store_model_put(s, "m2", "{1}", 3, 6);
	store_model_put(s, "m1", "{2}", 3, 7);
	store_number_put(s, "videos", -3);
	s = reopen(s);
	store_model_walk(s, add_model, &b);
	CHECK_STR(b.p, "m1={2}@7 m2={1}@6 ");
	CHECK_INT(store_number_get(s, "videos"), -3);
	CHECK_INT(store_number_get(s, "other"), 0);
	store_abort(s);
	begin(s, true);
	store_model_drop(s, "m1");
	buf_clear(&b);
	store_model_walk(s, add_model, &b);
	CHECK_STR(b.p, "m2={1}@6 ");
	store_abort(s);
	buf_free(&b);
	finish(s);
}

/* ---- failures ---- */

/* One job's end, as the service writes it: all of this or nothing. */
static enum err write_all(struct store *s, const struct job *job)
{
	struct idem idem = {.id = "v1", .fingerprint = "f"};

	begin(s, true);
	store_job_put(s, job);
	store_owned_add(s, "ann", "v1");
	store_live_add(s, "v1");
	store_idem_put(s, "ann", "k", &idem, 900);
	store_ref_add(s, SHA_A, 1);
	store_end_add(s, 100, "v1", 5, true);
	store_minute_mark(s, 9);
	store_model_put(s, "m", "{}", 2, 5);
	store_number_put(s, "videos", 1);
	store_live_drop(s, "v1");
	return store_commit(s);
}

static bool nothing_there(struct store *s)
{
	struct idem idem;
	struct expiry e;
	bool none;

	begin(s, false);
	none = !store_job_has(s, "v1") && !store_owned_has(s, "ann", "v1") &&
	       !*ids(s, NULL, NULL, true) && !store_idem_get(s, "ann", "k", &idem) &&
	       !store_expiry_next(s, INT64_MAX - 1, &e) && store_ref_get(s, SHA_A) == 0 &&
	       store_minutes_since(s, 0) == 0 && store_number_get(s, "videos") == 0;
	store_abort(s);
	return none;
}

static void fail_at_every(const char *fault, int at_least)
{
	struct store *s = open_store();
	struct job job = {.v = 1, .id = "v1", .owner = "ann", .status = "queued"};
	int n = 1;

	for (;; n++) {
		enum err e;

		fault_arm(fault, n);
		e = write_all(s, &job);
		fault_arm(fault, 0);
		if (e == ERR_OK)
			break;
		CHECK_INT(e, ERR_STORE);
		CHECK(nothing_there(s));
		if (n % 3 == 0) { /* and as the next process sees it */
			store_close(s);
			s = open_store();
			CHECK(nothing_there(s));
		}
	}
	CHECK(n > at_least);
	begin(s, false);
	CHECK(store_job_has(s, "v1"));
	CHECK(store_owned_has(s, "ann", "v1"));
	CHECK_INT(store_number_get(s, "videos"), 1);
	store_abort(s);
	finish(s);
}

static void a_failed_write_anywhere_leaves_nothing(void)
{
	fail_at_every("store.put", 10);
}

static void a_failed_commit_leaves_nothing(void)
{
	fail_at_every("store.commit", 1);
}

static void failure_sticks_to_its_transaction(void)
{
	struct store *s = begin(open_store(), true);

	CHECK(!store_failed(s));
	fault_arm("store.put", 1);
	store_live_add(s, "v1");
	CHECK(store_failed(s));
	store_live_add(s, "v2");
	CHECK_STR(ids(s, NULL, NULL, true), "");
	CHECK(!store_owned_has(s, "ann", "v1"));
	CHECK_INT(store_commit(s), ERR_STORE);
	begin(s, true);
	CHECK(!store_failed(s));
	store_live_add(s, "v3");
	CHECK_INT(store_commit(s), ERR_OK);
	begin(s, false);
	CHECK_STR(ids(s, NULL, NULL, true), "v3 ");
	store_abort(s);
	finish(s);
}

static void a_broken_environment_is_opened_anew(void)
{
	struct store *s = begin(open_store(), true);

	store_live_add(s, "v1");
	CHECK_INT(store_commit(s), ERR_OK);
	fault_arm("store.panic", 1);
	begin(s, true);
	CHECK_STR(ids(s, NULL, NULL, true), "v1 ");
	store_live_add(s, "v2");
	s = reopen(s);
	CHECK_STR(ids(s, NULL, NULL, true), "v1 v2 ");
	store_abort(s);
	finish(s);
}

static void a_full_map_fails_and_recovers(void)
{
	struct store *s = NULL;
	struct job job = {.v = 1, .owner = "ann", .status = "queued"};
	char *prompt = xmalloc(20001), id[32];
	int n = 0;

	memset(prompt, 'x', 20000);
	prompt[20000] = 0;
	job.prompt = prompt;
	job.id = id;
	dir = tmp_make();
	CHECK_INT(store_open(dir, 1 << 20, &s), ERR_OK);
	for (enum err e = ERR_OK; e == ERR_OK; n++) {
		snprintf(id, sizeof id, "v%d", n);
		begin(s, true);
		store_job_put(s, &job);
		e = store_commit(s);
	}
	CHECK(n > 10 && n < 60);
	begin(s, true); /* deleting makes room */
	for (int i = 0; i < 5; i++) {
		snprintf(id, sizeof id, "v%d", i);
		store_job_drop(s, id);
	}
	CHECK_INT(store_commit(s), ERR_OK);
	begin(s, true); /* pages are free again one transaction later */
	store_number_put(s, "videos", 1);
	CHECK_INT(store_commit(s), ERR_OK);
	snprintf(id, sizeof id, "v999");
	begin(s, true);
	store_job_put(s, &job);
	CHECK_INT(store_commit(s), ERR_OK);
	free(prompt);
	finish(s);
}

TESTS("store", T(a_job_outlives_the_process), T(a_job_is_told_up_to_what_is_for_jobs_alone),
	T(a_folder_has_one_store_at_a_time), T(an_abort_leaves_no_trace),
	T(owners_are_walked_in_both_directions), T(live_jobs_are_walked_in_order),
	T(what_expires_comes_in_the_order_of_time), T(an_idempotency_key_leads_to_its_job),
	T(references_are_counted), T(ends_and_minutes_are_kept_and_trimmed),
	T(models_and_numbers_are_kept), T(a_failed_write_anywhere_leaves_nothing),
	T(a_failed_commit_leaves_nothing), T(failure_sticks_to_its_transaction),
	T(a_broken_environment_is_opened_anew), T(a_full_map_fails_and_recovers))
