/* What an owner is told of a job besides its record: its place, when it may be done; and all that
 * was asked for. */
#include "proto/metadata.h"
#include "tests/unit/jobs_rig.h"

static const struct empty nothing;

static void seen(struct rig *r, const char *id, int64_t slots, int64_t busy)
{
	struct model models[] = {{.id = "sandbox"}, {.id = "other"}};
	struct worker w = {.id = id,
		.bridge = "b1",
		.slots = slots,
		.busy = busy,
		.models = models,
		.n_models = 2};
	struct worker_list all = {.workers = &w, .n_workers = 1};

	CHECK_INT(rig_ask(r, MSG_WORKER_SEEN, &all, NULL), ERR_OK);
}

static struct model_figure figure(struct rig *r, const char *model)
{
	const struct model_list *list;
	struct model_figure f = {.workers = -1};
	struct msg *m;

	CHECK_INT(rig_ask(r, MSG_MODEL_LIST, &nothing, &m), ERR_OK);
	list = msg_rec(m);
	for (size_t i = 0; i < list->n_figures; i++) {
		if (strcmp(list->figures[i].id, model) == 0)
			f = list->figures[i];
	}
	msg_free(m);
	return f;
}

static int64_t position(struct rig *r, const char *owner, const char *id)
{
	struct msg *m = rig_get(r, owner, id);
	int64_t n = m ? ((const struct job *)msg_rec(m))->queue_position : -1;

	msg_free(m);
	return n;
}

static int64_t eta(struct rig *r, const char *id)
{
	struct msg *m = rig_get(r, "ann", id);
	int64_t ms = m ? ((const struct job *)msg_rec(m))->eta_ms : -1;

	msg_free(m);
	return ms;
}

/* One job of ann's made, in so many milliseconds at least. */
static void make_one(struct rig *r, int64_t ms)
{
	char id[ID_MAX], got[ID_MAX], token[33] = "", blob[BLOB_NAME];
	int64_t from;

	rig_blob(r, "mp4", blob);
	rig_create(r, "ann", id);
	CHECK_INT(rig_take(r, token, got), ERR_OK);
	from = now_ms();
	EVENTUALLY(now_ms() > from + ms);
	CHECK_INT(rig_done(r, got, token, blob), ERR_OK);
}

static void a_queued_job_knows_its_place(void)
{
	struct rig r = rig_new(NULL);
	char a[3][ID_MAX], b[ID_MAX], got[ID_MAX], token[33] = "";
	struct job_list all = {.owner = "ann", .limit = 10};
	struct change_list since = {.owner = "ann", .limit = 10};
	struct job_ref ref = {.owner = "ann", .id = a[0]};
	struct job_new want;
	const struct job *told;
	struct msg *m;

	id_new("video_", a[0]);
	want = rig_want(a[0], "ann");
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, &m), ERR_OK);
	CHECK_INT(((const struct job *)msg_rec(m))->queue_position, 1);
	msg_free(m);
	rig_create(&r, "ann", a[1]);
	rig_create(&r, "ann", a[2]);
	rig_create(&r, "bob", b);
	CHECK_INT(position(&r, "bob", b), 2);
	CHECK_INT(position(&r, "ann", a[0]), 1);
	CHECK_INT(position(&r, "ann", a[1]), 3);
	CHECK_INT(rig_ask(&r, MSG_JOB_LIST, &all, &m), ERR_OK);
	told = ((const struct job_page *)msg_rec(m))->jobs;
	CHECK_INT(told[0].queue_position, 4);
	CHECK_INT(told[2].queue_position, 1);
	msg_free(m);
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	CHECK_STR(got, a[0]);
	CHECK_INT(rig_ask(&r, MSG_JOB_CHANGES, &since, &m), ERR_OK);
	told = ((const struct change_page *)msg_rec(m))->jobs;
	CHECK_INT(told[0].queue_position, 2);
	CHECK_STR(told[2].status, "in_progress");
	CHECK_INT(told[2].queue_position, 0);
	msg_free(m);
	rig_again(&r); /* places are not lost */
	CHECK_INT(position(&r, "ann", a[1]) + position(&r, "bob", b), 3);
	CHECK_INT(rig_ask(&r, MSG_JOB_CANCEL, &ref, &m), ERR_OK);
	CHECK_INT(((const struct job *)msg_rec(m))->queue_position, 0);
	msg_free(m);
	rig_end(&r);
}

/* Jobs of three owners, some gone again: they are served in the order that they were told. */
static void places_come_true(void)
{
	static const char *const owners[] = {"ann", "bob", "eve"};
	struct rig r = rig_new(NULL);
	char ids[40][ID_MAX], got[ID_MAX], token[33];
	int64_t told[40], left = 0;
	unsigned rnd = 11;

	for (int i = 0; i < 40; i++) {
		rnd = rnd * 1103515245 + 12345;
		rig_create(&r, owners[(rnd >> 16) % ((rnd >> 20) % 3 + 1)], ids[i]);
	}
	for (int i = 0; i < 40; i += 3) {
		for (int o = 0; o < 3; o++) /* whose it is not does not know it */
			rig_ref(&r, MSG_JOB_CANCEL, owners[o], ids[i]);
	}
	for (int i = 0; i < 40; i++) {
		told[i] = 0;
		for (int o = 0; o < 3 && told[i] <= 0; o++)
			told[i] = position(&r, owners[o], ids[i]);
		left += told[i] > 0;
	}
	CHECK_INT(left, 26);
	for (int64_t place = 1; place <= left; place++) {
		int i = 0;

		token[0] = 0;
		CHECK_INT(rig_take(&r, token, got), ERR_OK);
		while (i < 39 && strcmp(ids[i], got) != 0)
			i++;
		CHECK_INT(told[i], place);
	}
	rig_end(&r);
}

static void workers_are_counted_for_each_model(void)
{
	static char *const args[] = {(char *)"--worker-ttl=400ms", NULL};
	struct rig r = rig_new(args);

	seen(&r, "w1", 2, 0);
	seen(&r, "w2", 3, 0);
	seen(&r, "w3", 0, 0); /* rests */
	CHECK_INT(figure(&r, "sandbox").workers, 2);
	CHECK_INT(figure(&r, "sandbox").slots, 5);
	CHECK_INT(figure(&r, "other").slots, 5);
	CHECK_INT(figure(&r, "sandbox").typical_ms, 0);
	EVENTUALLY(figure(&r, "sandbox").workers == 0);
	rig_end(&r);
}

static void what_was_measured_says_when(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX], next[ID_MAX], got[ID_MAX], token[33] = "";
	int64_t typical;

	seen(&r, "w1", 1, 0);
	rig_create(&r, "ann", id);
	CHECK_INT(eta(&r, id), 0); /* nothing was measured */
	rig_ref(&r, MSG_JOB_CANCEL, "ann", id);
	make_one(&r, 30);
	typical = figure(&r, "sandbox").typical_ms;
	CHECK(typical >= 30);
	CHECK_INT(figure(&r, "other").typical_ms, 0);
	rig_create(&r, "ann", id);
	rig_create(&r, "ann", next);
	CHECK_INT(eta(&r, id), typical);
	CHECK_INT(eta(&r, next), 2 * typical);
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	CHECK(eta(&r, id) > 0 && eta(&r, id) <= typical);
	seen(&r, "w1", 1, 1);
	CHECK_INT(eta(&r, next), 2 * typical); /* the present one's time, and its own */
	rig_again(&r);
	CHECK_INT(eta(&r, next), 0); /* no worker has come back yet */
	CHECK(eta(&r, id) > 0);
	seen(&r, "w1", 1, 1);
	CHECK_INT(figure(&r, "sandbox").typical_ms, typical);
	CHECK_INT(eta(&r, next), 2 * typical);
	rig_ref(&r, MSG_JOB_CANCEL, "ann", id);
	CHECK_INT(eta(&r, id), 0);
	rig_end(&r);
}

static void a_failed_commit_measures_nothing(void)
{
	static char *const args[] = {(char *)"--sweep-every=1h", NULL};
	struct rig r = rig_new(args);
	char id[ID_MAX], got[ID_MAX], token[33] = "", blob[BLOB_NAME];

	seen(&r, "w1", 1, 0);
	rig_blob(&r, "mp4", blob);
	rig_create(&r, "ann", id);
	CHECK_INT(rig_take(&r, token, got), ERR_OK);
	fault_arm("store.commit", 1);
	CHECK_INT(rig_done(&r, id, token, blob), ERR_STORE);
	fault_arm("store.commit", 0);
	CHECK_INT(figure(&r, "sandbox").typical_ms, 0);
	CHECK_INT(rig_done(&r, id, token, blob), ERR_OK);
	CHECK(figure(&r, "sandbox").typical_ms > 0);
	rig_end(&r);
}

static void all_that_was_asked_for_is_told(void)
{
	static const char *const ignored[] = {"seed", "fps"};
	static const struct tag notes[] = {{"scene", "3"}, {"empty", ""}};
	struct rig r = rig_new(NULL);
	char id[ID_MAX], blob[BLOB_NAME];
	struct input in = {.role = "video", .sha256 = blob};
	struct job_new want = rig_want(id, "ann");
	const struct job *job;
	struct msg *m;

	rig_blob(&r, "mp4", blob);
	id_new("video_", id);
	want.fps = 24;
	want.negative_prompt = "no hens";
	want.operation = "dance";
	want.source = "video_0123456789abcdef0123456789abcdef";
	want.ignored = ignored;
	want.n_ignored = 2;
	want.webhook_url = "https://example.com/hook";
	want.metadata = notes;
	want.n_metadata = 2;
	want.inputs = &in;
	want.n_inputs = 1;
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_BAD_PARAM);
	want.operation = "remix";
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	m = rig_get(&r, "ann", id);
	job = msg_rec(m);
	CHECK_INT(job->fps, 24);
	CHECK_STR(job->negative_prompt, "no hens");
	CHECK_STR(job->operation, "remix");
	CHECK_STR(job->source, want.source);
	CHECK_INT(job->n_ignored, 2);
	CHECK_STR(job->ignored[1], "fps");
	CHECK_STR(job->webhook_url, "https://example.com/hook");
	CHECK_STR(job->inputs[0].role, "video");
	CHECK_INT(job->n_metadata, 2);
	CHECK_STR(job->metadata[0].key, "scene");
	CHECK_STR(job->metadata[0].value, "3");
	CHECK_STR(job->metadata[1].value, "");
	msg_free(m);
	rig_end(&r);
}

static void metadata_that_is_none_is_refused(void)
{
	static const struct tag bad[] = {{NULL, "3"}, {"scene", NULL}, {"", "3"}};
	struct rig r = rig_new(NULL);
	struct tag many[METADATA_PAIRS + 1];
	char id[ID_MAX];
	struct job_new want = rig_want(id, "ann");

	id_new("video_", id);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		want.metadata = &bad[i];
		want.n_metadata = 1;
		CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_BAD_PARAM);
	}
	for (size_t i = 0; i < METADATA_PAIRS + 1; i++)
		many[i] = (struct tag){"a", "1"};
	want.metadata = many;
	want.n_metadata = METADATA_PAIRS + 1;
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_BAD_PARAM);
	want.n_metadata = METADATA_PAIRS;
	CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	rig_end(&r);
}

TESTS("jobs_told", T(a_queued_job_knows_its_place), T(places_come_true),
	T(workers_are_counted_for_each_model), T(what_was_measured_says_when),
	T(a_failed_commit_measures_nothing), T(all_that_was_asked_for_is_told),
	T(metadata_that_is_none_is_refused))
