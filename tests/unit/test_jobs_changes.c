/* What has happened since: every change of every job, told once, in order, until it is known. */
#include "tests/unit/jobs_check.h"
#include "tests/unit/jobs_rig.h"

/* Ask for changes; "0:queued 1:deleted ..", by the numbers of the jobs. */
static const char *changes(struct rig *r, const char *owner, int64_t *after, int64_t limit,
	char ids[][ID_MAX], bool *more)
{
	static struct buf out;
	struct change_list want = {.owner = owner, .after = *after, .limit = limit};
	const struct change_page *p;
	struct msg *m = NULL;
	int64_t last = *after;

	buf_clear(&out);
	buf_adds(&out, "");
	if (rig_ask(r, MSG_JOB_CHANGES, &want, &m) != ERR_OK)
		return "refused";
	p = msg_rec(m);
	for (size_t i = 0; i < p->n_jobs; i++) {
		int k = 0;

		while (strcmp(ids[k], p->jobs[i].id) != 0)
			k++;
		buf_addf(&out, "%d:%s ", k, p->jobs[i].status);
		CHECK(p->jobs[i].change > last && p->jobs[i].change <= p->last);
		CHECK_STR(p->jobs[i].owner, owner);
		last = p->jobs[i].change;
	}
	*more = p->has_more;
	*after = p->last;
	msg_free(m);
	return out.p;
}

static void each_job_is_told_once_as_it_is_now(void)
{
	struct rig r = rig_new(NULL);
	char ids[4][ID_MAX], token[33] = "", got[ID_MAX];
	int64_t at = -1, other = 0;
	bool more;

	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "");
	CHECK_INT(at, 0);
	for (int i = 0; i < 3; i++)
		rig_create(&r, "ann", ids[i]);
	rig_create(&r, "bob", ids[3]);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "0:queued 1:queued 2:queued ");
	CHECK(!more);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "");
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	CHECK_INT(rig_ref(&r, MSG_JOB_CANCEL, "ann", ids[2]), ERR_OK);
	CHECK_INT(rig_failed(&r, ids[0], token, false), ERR_OK);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "2:cancelled 0:failed ");
	CHECK_STR(changes(&r, "bob", &other, 100, ids, &more), "3:queued ");
	rig_end(&r);
}

static void who_comes_late_begins_where_we_are(void)
{
	struct rig r = rig_new(NULL);
	char ids[2][ID_MAX];
	int64_t at = -1, later = 1000000;
	bool more = true;

	rig_create(&r, "ann", ids[0]);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "");
	CHECK(at > 0);
	CHECK(!more);
	rig_create(&r, "ann", ids[1]);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "1:queued ");
	/* a number that this store has not given */
	CHECK_STR(changes(&r, "ann", &later, 100, ids, &more), "");
	CHECK_INT(later, at);
	rig_end(&r);
}

static void changes_are_paged(void)
{
	struct rig r = rig_new(NULL);
	char ids[5][ID_MAX];
	int64_t at = 0;
	bool more;

	for (int i = 0; i < 5; i++)
		rig_create(&r, "ann", ids[i]);
	CHECK_STR(changes(&r, "ann", &at, 2, ids, &more), "0:queued 1:queued ");
	CHECK(more);
	/* what has changed meanwhile comes later, and once */
	CHECK_INT(rig_ref(&r, MSG_JOB_CANCEL, "ann", ids[2]), ERR_OK);
	CHECK_STR(changes(&r, "ann", &at, 2, ids, &more), "3:queued 4:queued ");
	CHECK(more);
	CHECK_STR(changes(&r, "ann", &at, 2, ids, &more), "2:cancelled ");
	CHECK(!more);
	at = 0;
	CHECK_STR(changes(&r, "ann", &at, 0, ids, &more), "");
	CHECK(more);
	CHECK_INT(at, 0);
	CHECK_STR(changes(&r, "", &at, 2, ids, &more), "refused");
	rig_end(&r);
}

static void a_deletion_is_told_until_its_tombstone_goes(void)
{
	static char *const args[] = {
		(char *)"--idempotency-keep=300ms", (char *)"--sweep-every=20ms", NULL};
	struct rig r = rig_new(args);
	static const char *const owners[] = {"ann"};
	char ids[2][ID_MAX];
	int64_t at = 0, from = 0;
	bool more;

	rig_create(&r, "ann", ids[0]);
	rig_create(&r, "ann", ids[1]);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "0:queued 1:queued ");
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", ids[0]), ERR_OK);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "0:deleted ");
	EVENTUALLY(
		(from = 0, strcmp(changes(&r, "ann", &from, 100, ids, &more), "1:queued ") == 0));
	jobs_stop(r.jobs);
	CHECK_INT(jobs_check(r.dir, owners, 1), 0);
	CHECK_INT(rig_start(&r), ERR_OK);
	rig_end(&r);
}

static void numbers_grow_over_restarts_and_failures(void)
{
	static char *const args[] = {(char *)"--sweep-every=1h", NULL};
	struct rig r = rig_new(args);
	char ids[4][ID_MAX];
	int64_t at = 0, before;
	bool more;

	rig_create(&r, "ann", ids[0]);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "0:queued ");
	before = at;
	rig_again(&r);
	rig_create(&r, "ann", ids[1]);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "1:queued ");
	CHECK(at > before);
	before = at;
	fault_arm("store.commit", 1);
	CHECK_INT(rig_create(&r, "ann", ids[2]), ERR_STORE);
	fault_arm("store.commit", 0);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "");
	CHECK_INT(at, before);
	CHECK_INT(rig_create(&r, "ann", ids[3]), ERR_OK);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "3:queued ");
	CHECK(at > before);
	rig_end(&r);
}

/* As the first version wrote it: no number, no mark where what is told ends. */
static void put_old(const char *data, const char *id)
{
	struct job job = {.v = 1,
		.id = id,
		.owner = "ann",
		.status = "queued",
		.revision = 1,
		.model = "sandbox",
		.prompt = "a red fox",
		.seconds = 4,
		.width = 720,
		.height = 1280,
		.seed = -1,
		.created_at = now_ms(),
		.fingerprint = "secret"};
	struct store *s;
	char dir[600];

	snprintf(dir, sizeof dir, "%s/jobs", data);
	if (store_open(dir, 256 << 20, &s) != ERR_OK || store_begin(s, true) != ERR_OK)
		abort();
	store_job_put(s, &job);
	store_owned_add(s, "ann", id);
	store_live_add(s, id);
	CHECK_INT(store_commit(s), ERR_OK);
	store_close(s);
}

static void a_store_of_the_first_version_goes_on_working(void)
{
	struct rig r = rig_new(NULL);
	char ids[2][ID_MAX], token[33] = "", got[ID_MAX], blob[BLOB_NAME];
	struct job_list all = {.owner = "ann", .limit = 10, .q = "fox"};
	struct msg *m;
	int64_t at = 0;
	bool more;

	id_new("video_", ids[0]);
	jobs_stop(r.jobs);
	put_old(r.dir, ids[0]);
	CHECK_INT(rig_start(&r), ERR_OK);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), ""); /* it has not changed */
	m = rig_get(&r, "ann", ids[0]);
	CHECK(m != NULL);
	CHECK_STR(((const struct job *)msg_rec(m))->prompt, "a red fox");
	CHECK_STR(((const struct job *)msg_rec(m))->fingerprint, NULL);
	CHECK_INT(((const struct job *)msg_rec(m))->queue_position, 1);
	msg_free(m);
	CHECK_INT(rig_ask(&r, MSG_JOB_LIST, &all, &m), ERR_OK);
	CHECK_INT(((const struct job_page *)msg_rec(m))->n_jobs, 1);
	msg_free(m);
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	CHECK_STR(got, ids[0]);
	rig_blob(&r, "mp4", blob);
	CHECK_INT(rig_done(&r, got, token, blob), ERR_OK);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "0:completed ");
	CHECK(rig_is(&r, "ann", ids[0], "completed"));
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", ids[0]), ERR_OK);
	CHECK_STR(changes(&r, "ann", &at, 100, ids, &more), "0:deleted ");
	rig_end(&r);
}

TESTS("jobs_changes", T(each_job_is_told_once_as_it_is_now), T(who_comes_late_begins_where_we_are),
	T(changes_are_paged), T(a_deletion_is_told_until_its_tombstone_goes),
	T(numbers_grow_over_restarts_and_failures), T(a_store_of_the_first_version_goes_on_working))
