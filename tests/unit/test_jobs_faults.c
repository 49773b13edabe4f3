/*
 * The service when its store fails: at every single write of every message, and at the commit.
 * The ask is refused with STORE, nothing has changed, and the next try works.
 */
#include "tests/unit/jobs_check.h"
#include "tests/unit/jobs_rig.h"

static char *const calm[] = {(char *)"--retry-base=0ms", (char *)"--sweep-every=1h", NULL};
static const char *const owners[] = {"ann"};

struct scene {
	struct rig r;
	char id[ID_MAX], file[ID_MAX], token[33];
	char input[BLOB_NAME], video[BLOB_NAME];
	struct rid rid;
};

static enum err create(struct scene *s)
{
	struct input in = {.role = "first_frame", .sha256 = s->input};
	struct job_new want = rig_want(s->id, "ann");

	want.inputs = &in;
	want.n_inputs = 1;
	want.idempotency_key = "key";
	want.fingerprint = "print";
	return rig_ask(&s->r, MSG_JOB_CREATE, &want, NULL);
}

static enum err take(struct scene *s)
{
	char id[ID_MAX];

	return rig_take(&s->r, s->token, id);
}

static enum err progress(struct scene *s)
{
	struct lease_progress say = {.id = s->id, .lease = s->token, .progress = 30};

	return rig_ask(&s->r, MSG_LEASE_PROGRESS, &say, NULL);
}

static enum err done(struct scene *s)
{
	return rig_done(&s->r, s->id, s->token, s->video);
}

static enum err fail_try(struct scene *s)
{
	return rig_failed(&s->r, s->id, s->token, true);
}

static enum err give_back(struct scene *s)
{
	return rig_back(&s->r, s->id, s->token, 0);
}

static enum err cancel(struct scene *s)
{
	return rig_ref(&s->r, MSG_JOB_CANCEL, "ann", s->id);
}

static enum err delete (struct scene *s) {
	struct job_ref ref = {.owner = "ann", .id = s->id};

	return ask_wait(s->r.peer, &s->rid, MSG_JOB_DELETE, &ref, BUDGET_MS, NULL);
}

static enum err file_create(struct scene *s)
{
	struct image_file want = {
		.id = s->file, .owner = "ann", .sha256 = s->input, .idempotency_key = "file key"};

	return rig_ask(&s->r, MSG_FILE_CREATE, &want, NULL);
}

static enum err file_delete(struct scene *s)
{
	struct file_ref ref = {.owner = "ann", .id = s->file};

	return ask_wait(s->r.peer, &s->rid, MSG_FILE_DELETE, &ref, BUDGET_MS, NULL);
}

static bool file_there(struct scene *s)
{
	struct file_ref ref = {.owner = "ann", .id = s->file};

	return rig_ask(&s->r, MSG_FILE_GET, &ref, NULL) == ERR_OK;
}

static int64_t revision(struct scene *s)
{
	struct msg *m = rig_get(&s->r, "ann", s->id);
	int64_t n = m ? ((const struct job *)msg_rec(m))->revision : 0;

	msg_free(m);
	return n;
}

/* Do one thing, with its n-th write failing, for every n until it works. */
static void survive(struct scene *s, const char *fault, enum err (*act)(struct scene *))
{
	int64_t before = revision(s);
	enum err e = ERR_STORE;

	for (int n = 1; e != ERR_OK; n++) {
		CHECK(n < 100);
		fault_arm(fault, n);
		e = act(s);
		fault_arm(fault, 0);
		if (e == ERR_OK)
			break;
		CHECK_INT(e, ERR_STORE);
		CHECK_INT(revision(s), before);
		if (n >= 100)
			return;
	}
	CHECK(act == delete ? revision(s) == 0 : revision(s) == before + 1);
	CHECK_INT(act(s), ERR_OK); /* once more is the same */
	CHECK(act == delete ? revision(s) == 0 : revision(s) == before + 1);
}

/* The same for a file: it is there afterwards, or not, and not before. */
static void survive_file(struct scene *s, const char *fault, enum err (*act)(struct scene *))
{
	bool before = file_there(s);
	enum err e = ERR_STORE;

	for (int n = 1; e != ERR_OK && n < 100; n++) {
		fault_arm(fault, n);
		e = act(s);
		fault_arm(fault, 0);
		if (e != ERR_OK) {
			CHECK_INT(e, ERR_STORE);
			CHECK_INT(file_there(s), before);
		}
	}
	CHECK_INT(file_there(s), !before);
	CHECK_INT(act(s), ERR_OK); /* once more is the same */
	CHECK_INT(file_there(s), !before);
}

static void every_message_survives(const char *fault)
{
	struct scene s = {.r = rig_new(calm), .rid = rid_new()};

	rig_blob(&s.r, "input", s.input);
	rig_blob(&s.r, "video", s.video);
	id_new("file_", s.file);
	survive_file(&s, fault, file_create);
	id_new("video_", s.id);
	survive(&s, fault, create);
	survive(&s, fault, take);
	survive(&s, fault, progress);
	survive(&s, fault, fail_try);
	s.token[0] = 0;
	survive(&s, fault, take);
	survive(&s, fault, give_back);
	s.token[0] = 0;
	survive(&s, fault, take);
	survive(&s, fault, done);
	CHECK(blob_exists(s.r.blobs, s.video));
	survive(&s, fault, delete);
	CHECK(blob_exists(s.r.blobs, s.input)); /* the file's, too */
	survive_file(&s, fault, file_delete);
	EVENTUALLY(!blob_exists(s.r.blobs, s.video));
	EVENTUALLY(!blob_exists(s.r.blobs, s.input));
	jobs_stop(s.r.jobs);
	CHECK_INT(jobs_check(s.r.dir, owners, 1), 0);
	CHECK_INT(rig_start(&s.r), ERR_OK);
	id_new("video_", s.id);
	CHECK_INT(rig_create(&s.r, "ann", s.id), ERR_OK);
	survive(&s, fault, cancel);
	rig_end(&s.r);
}

static void every_write_may_fail(void)
{
	every_message_survives("store.put");
}

static void every_commit_may_fail(void)
{
	every_message_survives("store.commit");
}

static void a_lease_that_ends_survives_a_failure(void)
{
	static char *const args[] = {(char *)"--lease=100ms", (char *)"--sweep-every=1h", NULL};
	struct rig r = rig_new(args);
	char id[ID_MAX], got[ID_MAX], token[33] = "";

	rig_create(&r, "ann", id);
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	fault_arm("store.commit", 1); /* of the timer */
	EVENTUALLY(rig_is(&r, "ann", id, "queued"));
	fault_arm("store.commit", 0);
	token[0] = 0;
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	CHECK_STR(got, id);
	rig_end(&r);
}

static void a_full_disk_refuses_and_recovers(void)
{
	static char *const args[] = {(char *)"--map-size=1M", (char *)"--sweep-every=1h", NULL};
	struct rig r = rig_new(args);
	char id[ID_MAX], first[ID_MAX] = "", prompt[20001];
	struct job_new want;
	enum err e = ERR_OK;
	int n;

	memset(prompt, 'x', 20000);
	prompt[20000] = 0;
	for (n = 0; e == ERR_OK && n < 100; n++) {
		id_new("video_", id);
		want = rig_want(id, "ann");
		want.prompt = prompt;
		e = rig_ask(&r, MSG_JOB_CREATE, &want, NULL);
		if (!*first)
			strcpy(first, id);
	}
	CHECK_INT(e, ERR_STORE);
	CHECK(n > 5);
	CHECK(rig_gone(&r, "ann", id));            /* not accepted, not there */
	CHECK(rig_is(&r, "ann", first, "queued")); /* reading goes on */
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", first), ERR_OK);
	id_new("video_", id);
	EVENTUALLY(rig_create(&r, "ann", id) == ERR_OK);
	rig_end(&r);
}

static void two_services_do_not_share_a_folder(void)
{
	struct rig r = rig_new(NULL), second = {.dir = r.dir};

	CHECK(rig_start(&second) != ERR_OK);
	rig_again(&r);
	rig_end(&r);
}

TESTS("jobs_faults", T(every_write_may_fail), T(every_commit_may_fail),
	T(a_lease_that_ends_survives_a_failure), T(a_full_disk_refuses_and_recovers),
	T(two_services_do_not_share_a_folder))
