/*
 * Thousands of random asks against what must hold whatever happens: a job ends once and stays
 * ended, one lease holds a job, tries are counted and bounded, files are counted right, who waits
 * has a place in the line, who follows the changes knows all, and a restart in the middle changes
 * nothing of this.
 */
#include "tests/unit/jobs_check.h"
#include "tests/unit/jobs_rig.h"

#define JOBS  150
#define STEPS 6000
#define BLOBS 6

static char *const args[] = {(char *)"--lease=300ms", (char *)"--retry-base=1ms",
	(char *)"--sweep-every=50ms", (char *)"--retention=1h", NULL};
static const char *const owners[] = {"ann", "bob", "eve"};

/* What we know of a job. */
struct known {
	char id[ID_MAX];
	const char *owner;
	char token[33]; /* the last lease that we were given; "" for none */
	char status[16];
	int64_t revision;
	bool deleted;
	char followed[16]; /* its status, as the changes say */
};

static struct known jobs[JOBS];
static int n_jobs;
static char blobs[BLOBS][BLOB_NAME];
static unsigned seed = 42;

static unsigned dice(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 12) % n;
}

static bool over(const char *status)
{
	return strcmp(status, "queued") != 0 && strcmp(status, "in_progress") != 0;
}

static void create(struct rig *r)
{
	struct known *k = &jobs[n_jobs];
	struct input in = {.role = "first_frame", .sha256 = blobs[dice(BLOBS)]};
	struct job_new want = rig_want(k->id, owners[dice(3)]);

	if (n_jobs == JOBS)
		return;
	k->owner = want.owner;
	id_new("video_", k->id);
	strcpy(k->status, "queued");
	want.inputs = &in;
	want.n_inputs = dice(2);
	want.max_running = dice(2) * 3;
	CHECK_INT(rig_ask(r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	n_jobs++;
}

/* What the service says now must follow from what it said before. */
static void look(struct rig *r, struct known *k)
{
	struct msg *m = rig_get(r, k->owner, k->id);
	const struct job *job;

	CHECK_INT(m == NULL, k->deleted);
	if (!m)
		return;
	job = msg_rec(m);
	CHECK(job->revision >= k->revision);
	if (over(k->status)) {
		CHECK_STR(job->status, k->status);
		CHECK_INT(job->revision, k->revision);
	}
	CHECK(job->attempts >= 0 && job->attempts <= 3);
	CHECK(job->lease == NULL);
	CHECK_INT(job->queue_position > 0, strcmp(job->status, "queued") == 0);
	CHECK(job->queue_position <= JOBS);
	snprintf(k->status, sizeof k->status, "%s", job->status);
	k->revision = job->revision;
	msg_free(m);
}

static void take(struct rig *r)
{
	char token[33] = "", again[33], id[ID_MAX], id2[ID_MAX];

	if (rig_take(r, token, id) != ERR_OK)
		return;
	strcpy(again, token);
	if (dice(4) == 0 && rig_take(r, again, id2) == ERR_OK && rig_holds(r, id, token))
		CHECK_STR(id2, id);
	for (int i = 0; i < n_jobs; i++) {
		struct known *k = &jobs[i];

		if (strcmp(k->id, id) != 0)
			continue;
		CHECK(!k->deleted && !over(k->status));
		if (*k->token) /* two must not hold it */
			CHECK(!rig_holds(r, id, k->token));
		strcpy(k->token, token);
		return;
	}
	CHECK(!"a job that nobody made");
}

static void work(struct rig *r, struct known *k)
{
	struct lease_progress p = {.id = k->id, .lease = k->token, .progress = dice(100)};
	unsigned what = dice(6);
	enum err e = ERR_OK;

	if (!*k->token)
		return;
	if (what < 2)
		e = rig_ask(r, MSG_LEASE_PROGRESS, &p, NULL);
	else if (what == 2)
		e = rig_done(r, k->id, k->token, blobs[dice(BLOBS)]);
	else if (what == 3)
		e = rig_failed(r, k->id, k->token, dice(4) > 0);
	else if (what == 4)
		e = rig_back(r, k->id, k->token, dice(2) ? now_ms() + 5 : 0);
	else
		rig_holds(r, k->id, k->token);
	CHECK(e == ERR_OK || e == ERR_LEASE_LOST);
	look(r, k);
	if (what == 2 && e == ERR_OK)
		CHECK_STR(k->status, "completed");
}

static void end(struct rig *r, struct known *k)
{
	enum err e;

	if (dice(3)) {
		e = rig_ref(r, MSG_JOB_CANCEL, k->owner, k->id);
		CHECK_INT(e, k->deleted ? ERR_NOT_FOUND : ERR_OK);
		look(r, k);
		CHECK(k->deleted || over(k->status));
	} else {
		e = rig_ref(r, MSG_JOB_DELETE, k->owner, k->id);
		CHECK_INT(e, k->deleted ? ERR_NOT_FOUND : ERR_OK);
		k->deleted = true;
		look(r, k);
	}
}

static struct known *known(const char *id)
{
	for (int i = 0; i < n_jobs; i++) {
		if (strcmp(jobs[i].id, id) == 0)
			return &jobs[i];
	}
	return NULL;
}

/* One page of what an owner's jobs did since we asked last. True: there is more. */
static bool follow(struct rig *r, int owner)
{
	static int64_t after[3];
	struct change_list want = {
		.owner = owners[owner], .after = after[owner], .limit = 1 + dice(20)};
	const struct change_page *p;
	struct msg *m = NULL;
	bool more;

	CHECK_INT(rig_ask(r, MSG_JOB_CHANGES, &want, &m), ERR_OK);
	p = msg_rec(m);
	for (size_t i = 0; i < p->n_jobs; i++) {
		struct known *k = known(p->jobs[i].id);

		CHECK(k && k->owner == owners[owner]);
		CHECK(p->jobs[i].change > after[owner]);
		after[owner] = p->jobs[i].change;
		if (k)
			snprintf(k->followed, sizeof k->followed, "%s", p->jobs[i].status);
	}
	CHECK_INT(after[owner], p->last);
	more = p->has_more;
	msg_free(m);
	return more;
}

static void step(struct rig *r, int i)
{
	unsigned what = dice(100);
	struct known *k = n_jobs ? &jobs[dice((unsigned)n_jobs)] : NULL;

	if (what < 8 || !k)
		create(r);
	else if (what < 30)
		take(r);
	else if (what < 75)
		work(r, k);
	else if (what < 95)
		look(r, k);
	else if (what < 97)
		end(r, k);
	else
		follow(r, (int)dice(3));
	if (i % 1500 == 1499) {
		jobs_stop(r->jobs);
		CHECK_INT(jobs_check(r->dir, owners, 3), 0);
		CHECK_INT(rig_start(r), ERR_OK);
	}
}

static void whatever_happens_the_promises_hold(void)
{
	struct rig r = rig_new(args);
	struct blob_writer *pins[BLOBS];
	int ended = 0;

	for (int i = 0; i < BLOBS; i++) { /* the pins keep them while nothing refers to them */
		char byte = (char)('a' + i);

		CHECK_INT(blob_create(r.blobs, 10, &pins[i]), ERR_OK);
		CHECK_INT(blob_write(pins[i], &byte, 1), ERR_OK);
		CHECK_INT(blob_commit(pins[i], blobs[i]), ERR_OK);
	}
	for (int i = 0; i < STEPS && !CU_get_number_of_failures(); i++)
		step(&r, i);
	for (int i = 0; i < n_jobs; i++) {
		if (!over(jobs[i].status) && !jobs[i].deleted)
			rig_ref(&r, MSG_JOB_CANCEL, jobs[i].owner, jobs[i].id);
		look(&r, &jobs[i]);
		ended += jobs[i].deleted || over(jobs[i].status);
	}
	for (int o = 0; o < 3; o++) {
		while (follow(&r, o))
			;
	}
	for (int i = 0; i < n_jobs; i++)
		CHECK_STR(jobs[i].followed, jobs[i].deleted ? "deleted" : jobs[i].status);
	CHECK_INT(ended, n_jobs);
	jobs_stop(r.jobs);
	CHECK_INT(jobs_check(r.dir, owners, 3), 0);
	CHECK_INT(rig_start(&r), ERR_OK);
	for (int i = 0; i < n_jobs; i++) {
		if (!jobs[i].deleted)
			CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, jobs[i].owner, jobs[i].id), ERR_OK);
	}
	for (int i = 0; i < BLOBS; i++) { /* nothing refers to them, so nothing keeps them */
		blob_release(pins[i]);
		rig_create(&r, "ann", jobs[0].id);
	}
	rig_end(&r);
}

TESTS("jobs_random", T(whatever_happens_the_promises_hold))
