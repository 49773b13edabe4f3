/* Uploaded files: kept, listed, counted, forgotten; and what jobs make of them. */
#include "tests/unit/jobs_check.h"
#include "tests/unit/jobs_rig.h"

static struct image_file file(char id[ID_MAX], const char *owner, const char *blob)
{
	id_new("file_", id);
	return (struct image_file){.id = id,
		.owner = owner,
		.name = "fox.png",
		.purpose = "vision",
		.sha256 = blob,
		.mime = "image/png",
		.size = 3,
		.width = 64,
		.height = 32};
}

static enum err create(struct rig *r, const char *owner, const char *blob, char id[ID_MAX])
{
	struct image_file f = file(id, owner, blob);

	return rig_ask(r, MSG_FILE_CREATE, &f, NULL);
}

static enum err ref(struct rig *r, enum msg_type type, const char *owner, const char *id)
{
	struct file_ref which = {.owner = owner, .id = id};

	return rig_ask(r, type, &which, NULL);
}

static void a_file_is_told_as_it_came(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX], blob[BLOB_NAME];
	struct image_file f;
	struct file_ref which = {.owner = "ann", .id = id};
	const struct image_file *got;
	struct msg *m;

	rig_blob(&r, "png", blob);
	f = file(id, "ann", blob);
	f.idempotency_key = "k", f.fingerprint = "secret";
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, &m), ERR_OK);
	CHECK_STR(((const struct image_file *)msg_rec(m))->id, id);
	msg_free(m);
	rig_again(&r);
	CHECK_INT(rig_ask(&r, MSG_FILE_GET, &which, &m), ERR_OK);
	got = msg_rec(m);
	CHECK_STR(got->name, "fox.png");
	CHECK_STR(got->purpose, "vision");
	CHECK_STR(got->sha256, blob);
	CHECK_INT(got->width, 64);
	CHECK(got->created_at > 0);
	CHECK(got->expires_at > got->created_at);
	CHECK(got->fingerprint == NULL);
	msg_free(m);
	CHECK_INT(ref(&r, MSG_FILE_GET, "bob", id), ERR_NOT_FOUND);
	CHECK_INT(ref(&r, MSG_FILE_DELETE, "bob", id), ERR_NOT_FOUND);
	CHECK_INT(ref(&r, MSG_FILE_GET, "ann", "file_1"), ERR_NOT_FOUND);
	CHECK_INT(ref(&r, MSG_FILE_GET, NULL, NULL), ERR_NOT_FOUND);
	rig_end(&r);
}

static void creating_is_idempotent_under_id_and_key(void)
{
	struct rig r = rig_new(NULL);
	char a[ID_MAX], b[ID_MAX], v[ID_MAX], blob[BLOB_NAME];
	struct image_file f;
	struct job_new job;
	struct file_list all = {.owner = "ann", .limit = 10};
	struct msg *m;

	rig_blob(&r, "png", blob);
	f = file(a, "ann", blob);
	f.idempotency_key = "k", f.fingerprint = "p";
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, NULL), ERR_OK);
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, NULL), ERR_OK);
	id_new("file_", b);
	f.id = b;
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, &m), ERR_OK);
	CHECK_STR(((const struct image_file *)msg_rec(m))->id, a);
	msg_free(m);
	f.fingerprint = "another";
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, NULL), ERR_IDEMPOTENCY_MISMATCH);
	id_new("video_", v);
	job = rig_want(v, "ann"); /* the key was for a file */
	job.idempotency_key = "k", job.fingerprint = "p";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &job, NULL), ERR_IDEMPOTENCY_MISMATCH);
	job.idempotency_key = "j";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &job, NULL), ERR_OK);
	f.idempotency_key = "j", f.fingerprint = "p"; /* and this one for a job */
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, NULL), ERR_IDEMPOTENCY_MISMATCH);
	CHECK_INT(rig_ask(&r, MSG_FILE_LIST, &all, &m), ERR_OK);
	CHECK_INT(((const struct file_page *)msg_rec(m))->n_files, 1);
	msg_free(m);
	/* a late repeat does not bring back what was deleted */
	CHECK_INT(ref(&r, MSG_FILE_DELETE, "ann", a), ERR_OK);
	f.idempotency_key = "k";
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, NULL), ERR_NOT_FOUND);
	f.id = a, f.idempotency_key = NULL;
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, NULL), ERR_NOT_FOUND);
	rig_end(&r);
}

static void nonsense_is_refused(void)
{
	static const char none[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	struct rig r = rig_new(NULL);
	char id[ID_MAX], blob[BLOB_NAME], name[1100];
	struct image_file f;

	rig_blob(&r, "png", blob);
	CHECK_INT(create(&r, "ann", none, id), ERR_BLOB_GONE);
	CHECK_INT(create(&r, "ann", "png", id), ERR_BAD_PARAM);
	CHECK_INT(create(&r, "", blob, id), ERR_BAD_PARAM);
	f = file(id, "ann", blob);
	f.id = "video_00000000000000000000000000000000";
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, NULL), ERR_BAD_PARAM);
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = 0;
	f = file(id, "ann", blob);
	f.name = name;
	CHECK_INT(rig_ask(&r, MSG_FILE_CREATE, &f, NULL), ERR_BAD_PARAM);
	rig_end(&r);
}

static const char *list(struct rig *r, const struct file_list *want, char ids[][ID_MAX], bool *more)
{
	static char out[40];
	const struct file_page *p;
	struct msg *m;
	size_t n = 0;

	if (rig_ask(r, MSG_FILE_LIST, want, &m) != ERR_OK)
		return "refused";
	p = msg_rec(m);
	for (size_t i = 0; i < p->n_files && n < sizeof out - 1; i++) {
		int k = 0;

		while (strcmp(ids[k], p->files[i].id) != 0)
			k++;
		out[n++] = (char)('0' + k);
	}
	out[n] = 0;
	*more = p->has_more;
	msg_free(m);
	return out;
}

static void files_are_listed_in_both_directions(void)
{
	struct rig r = rig_new(NULL);
	char ids[6][ID_MAX], blob[BLOB_NAME];
	struct file_list want = {.owner = "ann", .limit = 2};
	bool more;

	rig_blob(&r, "png", blob);
	for (int i = 0; i < 5; i++)
		CHECK_INT(create(&r, "ann", blob, ids[i]), ERR_OK);
	CHECK_INT(create(&r, "anna", blob, ids[5]), ERR_OK);
	CHECK_STR(list(&r, &want, ids, &more), "43");
	CHECK(more);
	want.after = ids[3];
	CHECK_STR(list(&r, &want, ids, &more), "21");
	CHECK_INT(ref(&r, MSG_FILE_DELETE, "ann", ids[1]), ERR_OK);
	want.after = ids[1]; /* deleted while they were listed */
	CHECK_STR(list(&r, &want, ids, &more), "0");
	CHECK(!more);
	want.after = NULL, want.ascending = true, want.limit = 100;
	CHECK_STR(list(&r, &want, ids, &more), "0234");
	want.limit = 0;
	CHECK_STR(list(&r, &want, ids, &more), "");
	CHECK(more);
	want.after = ids[5]; /* another one's */
	CHECK_STR(list(&r, &want, ids, &more), "refused");
	rig_end(&r);
}

static void deleting_is_done_once_and_spares_the_jobs(void)
{
	struct rig r = rig_new(NULL);
	static const char *const owners[] = {"ann"};
	char a[ID_MAX], b[ID_MAX], v[ID_MAX], shared[BLOB_NAME], used[BLOB_NAME];
	struct file_ref which = {.owner = "ann", .id = a};
	struct input in = {.role = "first_frame", .sha256 = used};
	struct job_new job;
	struct rid rid = rid_new();

	rig_blob(&r, "of two files", shared);
	rig_blob(&r, "of a job", used);
	CHECK_INT(create(&r, "ann", shared, a), ERR_OK);
	CHECK_INT(create(&r, "ann", shared, b), ERR_OK);
	CHECK_INT(ask_wait(r.peer, &rid, MSG_FILE_DELETE, &which, BUDGET_MS, NULL), ERR_OK);
	CHECK_INT(ask_wait(r.peer, &rid, MSG_FILE_DELETE, &which, BUDGET_MS, NULL), ERR_OK);
	CHECK_INT(ref(&r, MSG_FILE_DELETE, "ann", a), ERR_NOT_FOUND);
	CHECK_INT(ref(&r, MSG_FILE_GET, "ann", a), ERR_NOT_FOUND);
	CHECK(blob_exists(r.blobs, shared));
	CHECK_INT(ref(&r, MSG_FILE_DELETE, "ann", b), ERR_OK);
	EVENTUALLY(!blob_exists(r.blobs, shared));

	CHECK_INT(create(&r, "ann", used, a), ERR_OK);
	id_new("video_", v);
	job = rig_want(v, "ann");
	job.inputs = &in;
	job.n_inputs = 1;
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &job, NULL), ERR_OK);
	CHECK_INT(ref(&r, MSG_FILE_DELETE, "ann", a), ERR_OK);
	rig_again(&r); /* whatever was to be swept is */
	CHECK(blob_exists(r.blobs, used));
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", v), ERR_OK);
	EVENTUALLY(!blob_exists(r.blobs, used));
	jobs_stop(r.jobs);
	CHECK_INT(jobs_check(r.dir, owners, 1), 0);
	CHECK_INT(rig_start(&r), ERR_OK);
	rig_end(&r);
}

static void a_file_goes_after_its_time(void)
{
	static char *const args[] = {(char *)"--file-keep=1s", (char *)"--sweep-every=20ms", NULL};
	static const char *const owners[] = {"ann"};
	struct rig r = rig_new(args);
	char a[ID_MAX], b[ID_MAX], blob[BLOB_NAME];

	rig_blob(&r, "png", blob);
	CHECK_INT(create(&r, "ann", blob, a), ERR_OK);
	CHECK_INT(create(&r, "ann", blob, b), ERR_OK);
	CHECK_INT(ref(&r, MSG_FILE_DELETE, "ann", b), ERR_OK);
	EVENTUALLY(ref(&r, MSG_FILE_GET, "ann", a) == ERR_NOT_FOUND);
	EVENTUALLY(!blob_exists(r.blobs, blob));
	jobs_stop(r.jobs);
	CHECK_INT(jobs_check(r.dir, owners, 1), 0);
	CHECK_INT(rig_start(&r), ERR_OK);
	rig_end(&r);
}

static void an_owner_has_a_thousand_files_at_most(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX], blob[BLOB_NAME];
	int n = 0;

	rig_blob(&r, "png", blob);
	while (n < 1100 && create(&r, "ann", blob, id) == ERR_OK)
		n++;
	CHECK_INT(n, 1000);
	CHECK_INT(create(&r, "ann", blob, id), ERR_QUOTA);
	CHECK_INT(create(&r, "bob", blob, id), ERR_OK);
	rig_end(&r);
}

TESTS("jobs_files", T(a_file_is_told_as_it_came), T(creating_is_idempotent_under_id_and_key),
	T(nonsense_is_refused), T(files_are_listed_in_both_directions),
	T(deleting_is_done_once_and_spares_the_jobs), T(a_file_goes_after_its_time),
	T(an_owner_has_a_thousand_files_at_most))
