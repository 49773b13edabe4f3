/* The jobs service as the owners of jobs see it, message by message, over inproc. */
#include "tests/unit/jobs_rig.h"

static void a_created_job_is_told_and_listed(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX];
	struct msg *m;
	const struct job *job;

	CHECK_INT(rig_create(&r, "ann", id), ERR_OK);
	m = rig_get(&r, "ann", id);
	CHECK(m != NULL);
	job = msg_rec(m);
	CHECK_STR(job->id, id);
	CHECK_STR(job->status, "queued");
	CHECK_STR(job->prompt, "a red fox");
	CHECK_INT(job->revision, 1);
	CHECK_INT(job->attempts, 0);
	CHECK(job->created_at > 0);
	msg_free(m);
	CHECK(rig_gone(&r, "bob", id));
	rig_end(&r);
}

static void creating_is_idempotent_under_the_id(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX], again[ID_MAX] = "", token[33] = "";
	struct job_new want;
	struct rid rid = rid_new();

	id_new("video_", id);
	want = rig_want(id, "ann");
	CHECK_INT(ask_wait(r.peer, &rid, MSG_JOB_CREATE, &want, BUDGET_MS, NULL), ERR_OK);
	CHECK_INT(ask_wait(r.peer, &rid, MSG_JOB_CREATE, &want, BUDGET_MS, NULL), ERR_OK);
	want.owner = "bob";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_CONFLICT);
	CHECK_INT(rig_take(&r, token, again), ERR_OK);
	CHECK_STR(again, id);
	token[0] = 0;
	CHECK_INT(rig_take(&r, token, again), ERR_EMPTY);
	rig_end(&r);
}

static void an_idempotency_key_gives_the_same_job(void)
{
	struct rig r = rig_new(NULL);
	char a[ID_MAX], b[ID_MAX], c[ID_MAX];
	struct job_new want;
	struct msg *m = NULL;

	id_new("video_", a), id_new("video_", b), id_new("video_", c);
	want = rig_want(a, "ann");
	want.idempotency_key = "k1";
	want.fingerprint = "f1";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	want.id = b;
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, &m), ERR_OK);
	CHECK_STR(((const struct job *)msg_rec(m))->id, a);
	msg_free(m);
	want.fingerprint = "f2";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_IDEMPOTENCY_MISMATCH);
	want.owner = "bob"; /* keys belong to their owners */
	want.id = c;
	m = NULL;
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, &m), ERR_OK);
	CHECK_STR(((const struct job *)msg_rec(m))->id, c);
	msg_free(m);
	rig_end(&r);
}

static void a_key_leads_to_the_job_that_was_made_under_it(void)
{
	struct rig r = rig_new(NULL);
	struct job_again again = {.owner = "ann", .idempotency_key = "k1", .fingerprint = "f1"};
	struct job_new want;
	struct msg *m = NULL;
	char a[ID_MAX];

	id_new("video_", a);
	want = rig_want(a, "ann");
	want.idempotency_key = "k1";
	want.fingerprint = "f1";
	CHECK_INT(rig_ask(&r, MSG_JOB_AGAIN, &again, NULL), ERR_NOT_FOUND);
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	CHECK_INT(rig_ask(&r, MSG_JOB_AGAIN, &again, &m), ERR_OK);
	CHECK_STR(((const struct job *)msg_rec(m))->id, a);
	msg_free(m);
	again.fingerprint = "f2";
	CHECK_INT(rig_ask(&r, MSG_JOB_AGAIN, &again, NULL), ERR_IDEMPOTENCY_MISMATCH);
	again.owner = "bob";
	CHECK_INT(rig_ask(&r, MSG_JOB_AGAIN, &again, NULL), ERR_NOT_FOUND);
	again = (struct job_again){.owner = "ann"}; /* no key, no job */
	CHECK_INT(rig_ask(&r, MSG_JOB_AGAIN, &again, NULL), ERR_NOT_FOUND);
	again = (struct job_again){.owner = "ann", .idempotency_key = "k1", .fingerprint = "f1"};
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", a), ERR_OK);
	CHECK_INT(rig_ask(&r, MSG_JOB_AGAIN, &again, NULL), ERR_NOT_FOUND);
	rig_end(&r);
}

static void a_deleted_job_is_not_made_again_by_its_key(void)
{
	struct rig r = rig_new(NULL);
	char a[ID_MAX], b[ID_MAX];
	struct job_new want = rig_want(a, "ann");

	id_new("video_", a), id_new("video_", b);
	want.idempotency_key = "k1";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", a), ERR_OK);
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_NOT_FOUND);
	want.id = b; /* a late repeat of the request, with an id of its own */
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_NOT_FOUND);
	CHECK(rig_gone(&r, "ann", b));
	rig_end(&r);
}

static void an_idempotency_key_is_forgotten_in_time(void)
{
	static char *const args[] = {
		(char *)"--idempotency-keep=50ms", (char *)"--sweep-every=10ms", NULL};
	struct rig r = rig_new(args);
	char a[ID_MAX], b[ID_MAX];
	struct job_new want;

	id_new("video_", a);
	want = rig_want(a, "ann");
	want.idempotency_key = "k1";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	id_new("video_", b);
	want.id = b;
	want.fingerprint = "other";
	EVENTUALLY(rig_ask(&r, MSG_JOB_CREATE, &want, NULL) == ERR_OK);
	CHECK(rig_is(&r, "ann", a, "queued"));
	CHECK(rig_is(&r, "ann", b, "queued"));
	rig_end(&r);
}

static void nonsense_is_refused(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX], token[33] = "not a token";
	struct job_new want;
	struct lease_done nothing = {.id = NULL};
	struct auth_check check = {.key = NULL};

	id_new("video_", id);
	want = rig_want(id, "ann");
	want.id = "video_1";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_BAD_PARAM);
	want = rig_want(id, NULL);
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_BAD_PARAM);
	want = rig_want(id, "ann");
	want.prompt = "";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_BAD_PARAM);
	CHECK_INT(rig_take(&r, token, id), ERR_BAD_PARAM);
	CHECK_INT(rig_ref(&r, MSG_JOB_GET, NULL, NULL), ERR_NOT_FOUND);
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", "video_"), ERR_NOT_FOUND);
	CHECK_INT(rig_ask(&r, MSG_LEASE_DONE, &nothing, NULL), ERR_LEASE_LOST);
	CHECK_INT(rig_ask(&r, MSG_AUTH_CHECK, &check, NULL), ERR_UNKNOWN_MESSAGE);
	rig_end(&r);
}

static void inputs_must_be_in_the_blob_store(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX], blob[BLOB_NAME];
	struct input in = {.role = "first_frame", .mime = "image/png", .size = 3};
	struct job_new want;
	struct msg *m;

	id_new("video_", id);
	want = rig_want(id, "ann");
	want.inputs = &in;
	want.n_inputs = 1;
	in.sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_BLOB_GONE);
	rig_blob(&r, "png", blob);
	in.sha256 = blob;
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	m = rig_get(&r, "ann", id);
	CHECK_INT(((const struct job *)msg_rec(m))->n_inputs, 1);
	CHECK_STR(((const struct job *)msg_rec(m))->inputs[0].sha256, blob);
	msg_free(m);
	rig_end(&r);
}

static void limits_are_kept(void)
{
	static char *const args[] = {(char *)"--max-queued=3", NULL};
	struct rig r = rig_new(args);
	char id[ID_MAX], token[33] = "";
	struct job_new want = rig_want(id, "ann");

	want.max_waiting = 2;
	want.max_running = 1;
	for (int i = 0; i < 2; i++) {
		id_new("video_", id);
		CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	}
	id_new("video_", id);
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_QUOTA);
	CHECK_INT(rig_create(&r, "bob", id), ERR_OK);
	CHECK_INT(rig_create(&r, "eve", id), ERR_QUEUE_FULL);
	CHECK_INT(rig_take(&r, token, id), ERR_OK);
	token[0] = 0;
	CHECK_INT(rig_take(&r, token, id), ERR_OK); /* bob's: ann may have one running */
	token[0] = 0;
	CHECK_INT(rig_take(&r, token, id), ERR_EMPTY);
	rig_end(&r);
}

static void deleting_removes_job_and_files_once(void)
{
	struct rig r = rig_new(NULL);
	char a[ID_MAX], b[ID_MAX], got[ID_MAX], token[33] = "", blob[BLOB_NAME];
	struct job_ref ref = {.owner = "ann", .id = a};
	struct rid rid = rid_new();

	rig_blob(&r, "shared video", blob);
	rig_create(&r, "ann", a);
	rig_create(&r, "ann", b);
	rig_take(&r, token, got);
	CHECK_INT(rig_done(&r, a, token, blob), ERR_OK);
	token[0] = 0;
	rig_take(&r, token, got);
	CHECK_INT(rig_done(&r, b, token, blob), ERR_OK);
	CHECK_INT(ask_wait(r.peer, &rid, MSG_JOB_DELETE, &ref, BUDGET_MS, NULL), ERR_OK);
	CHECK_INT(ask_wait(r.peer, &rid, MSG_JOB_DELETE, &ref, BUDGET_MS, NULL), ERR_OK);
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", a), ERR_NOT_FOUND);
	CHECK_INT(rig_ref(&r, MSG_JOB_CANCEL, "ann", a), ERR_NOT_FOUND);
	CHECK(rig_gone(&r, "ann", a));
	CHECK(blob_exists(r.blobs, blob)); /* the other job's */
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", b), ERR_OK);
	EVENTUALLY(!blob_exists(r.blobs, blob));
	rig_create(&r, "ann", a);
	token[0] = 0;
	rig_take(&r, token, got);
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", a), ERR_OK);
	CHECK(!rig_holds(&r, a, token));
	rig_end(&r);
}

static void results_are_swept_after_their_time(void)
{
	static char *const args[] = {
		(char *)"--retention=100ms", (char *)"--sweep-every=20ms", NULL};
	struct rig r = rig_new(args);
	char id[ID_MAX], got[ID_MAX], token[33] = "", blob[BLOB_NAME];
	struct job_list all = {.owner = "ann", .limit = 10};
	struct msg *m = NULL;

	rig_blob(&r, "mp4", blob);
	rig_create(&r, "ann", id);
	rig_take(&r, token, got);
	CHECK_INT(rig_done(&r, id, token, blob), ERR_OK);
	EVENTUALLY(rig_gone(&r, "ann", id));
	EVENTUALLY(!blob_exists(r.blobs, blob));
	CHECK_INT(rig_ask(&r, MSG_JOB_LIST, &all, &m), ERR_OK);
	CHECK_INT(((const struct job_page *)msg_rec(m))->n_jobs, 0);
	msg_free(m);
	rig_end(&r);
}

static void the_search_for_orphans_spares_what_is_needed(void)
{
	/* the age must be longer than it takes to write a file: temporary ones are orphans too */
	static char *const args[] = {
		(char *)"--orphans-every=20ms", (char *)"--orphan-age=2s", NULL};
	struct rig r = rig_new(args);
	char id[ID_MAX], blob[BLOB_NAME], orphan[BLOB_NAME];
	struct input in = {.role = "first_frame", .sha256 = blob};
	struct job_new want = rig_want(id, "ann");

	rig_blob(&r, "png", blob);
	id_new("video_", id);
	want.inputs = &in;
	want.n_inputs = 1;
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	rig_blob(&r, "nobody's", orphan); /* younger than the other one */
	EVENTUALLY(!blob_exists(r.blobs, orphan));
	CHECK(blob_exists(r.blobs, blob));
	rig_end(&r);
}

TESTS("jobs", T(a_created_job_is_told_and_listed), T(creating_is_idempotent_under_the_id),
	T(an_idempotency_key_gives_the_same_job), T(a_key_leads_to_the_job_that_was_made_under_it),
	T(a_deleted_job_is_not_made_again_by_its_key), T(an_idempotency_key_is_forgotten_in_time),
	T(nonsense_is_refused), T(inputs_must_be_in_the_blob_store), T(limits_are_kept),
	T(deleting_removes_job_and_files_once), T(results_are_swept_after_their_time),
	T(the_search_for_orphans_spares_what_is_needed))
