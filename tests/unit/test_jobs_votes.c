/* Votes on two videos, as gateways cast them and bridges carry them; and what resting workers mean.
 */
#include "tests/unit/jobs_rig.h"

static const char *const models[] = {"sandbox"};

static struct worker w7(const char *state)
{
	static const struct model toy = {.id = "sandbox", .outputs = 2};

	return (struct worker){.id = "w7",
		.name = "seven",
		.bridge = "b-1",
		.slots = 2,
		.state = state,
		.models = &toy,
		.n_models = 1};
}

static enum err seen(struct rig *r, struct worker w)
{
	struct worker_list list = {.workers = &w, .n_workers = 1};

	return rig_ask(r, MSG_WORKER_SEEN, &list, NULL);
}

/* A job that w7 has made, with two videos or one. */
static void made(struct rig *r, char id[ID_MAX], size_t videos)
{
	char token[33], first[BLOB_NAME], second[BLOB_NAME];
	struct lease_new want = {.lease = token,
		.worker = "seven",
		.worker_id = "w7",
		.models = models,
		.n_models = 1};
	struct output out[] = {{.label = "a"}, {.label = "b"}};
	struct lease_done say = {.id = id,
		.lease = token,
		.outputs = out,
		.n_outputs = videos,
		.upstream_ref = "session 3"};

	CHECK_INT(seen(r, w7("ready")), ERR_OK);
	rig_create(r, "ann", id);
	token_hex(16, token);
	CHECK_INT(rig_ask(r, MSG_LEASE_TAKE, &want, NULL), ERR_OK);
	rig_blob(r, "one", first);
	rig_blob(r, "two", second);
	out[0].sha256 = first, out[1].sha256 = second;
	CHECK_INT(rig_ask(r, MSG_LEASE_DONE, &say, NULL), ERR_OK);
}

static enum err cast(struct rig *r, const char *owner, const char *id, const char *winner)
{
	struct vote_new say = {.owner = owner, .id = id, .winner = winner};

	return rig_ask(r, MSG_VOTE_CAST, &say, NULL);
}

/* How many votes wait for this worker; the first of them is for this job. */
static size_t waiting(struct rig *r, const char *worker, const char *id)
{
	struct vote_take ask = {.workers = &worker, .n_workers = 1};
	const struct vote_list *list;
	struct msg *m = NULL;
	size_t n;

	CHECK_INT(rig_ask(r, MSG_VOTE_TAKE, &ask, &m), ERR_OK);
	list = msg_rec(m);
	n = list->n_votes;
	if (n) {
		CHECK_STR(list->votes[0].job, id);
		CHECK_STR(list->votes[0].worker, worker);
		CHECK_STR(list->votes[0].upstream_ref, "session 3");
	}
	msg_free(m);
	return n;
}

static enum err voted(struct rig *r, const char *worker, const char *id, bool ok)
{
	static const char *const names[] = {"Red", "Blue"};
	struct vote_done say = {.job = id,
		.worker = worker,
		.ok = ok,
		.message = ok ? NULL : "It is over there.",
		.names = names,
		.n_names = ok ? 2 : 0};

	return rig_ask(r, MSG_VOTE_DONE, &say, NULL);
}

static void state_is(struct rig *r, const char *id, const char *winner, const char *state)
{
	struct msg *m = rig_get(r, "ann", id);
	const struct job *job = msg_rec(m);

	CHECK_STR(job->vote_winner, winner);
	CHECK_STR(job->vote_state, state);
	if (state && strcmp(state, "sent") == 0) {
		CHECK_STR(job->outputs[0].model_name, "Red");
		CHECK_STR(job->outputs[1].model_name, "Blue");
		CHECK_STR(job->outputs[1].label, "b");
	} else {
		CHECK_STR(job->outputs[0].model_name, NULL);
	}
	msg_free(m);
}

static void a_vote_reaches_the_worker_and_names_the_models(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX];

	made(&r, id, 2);
	state_is(&r, id, NULL, NULL);
	CHECK_INT(cast(&r, "ann", id, "a"), ERR_OK);
	CHECK_INT(cast(&r, "ann", id, "a"), ERR_OK); /* the same once more */
	state_is(&r, id, "a", "pending");
	CHECK_INT(cast(&r, "ann", id, "b"), ERR_CONFLICT);
	CHECK_INT((int)waiting(&r, "w7", id), 1);
	CHECK_INT((int)waiting(&r, "w8", id), 0);
	CHECK_INT(voted(&r, "w8", id, true), ERR_OK); /* not its own: nothing happens */
	state_is(&r, id, "a", "pending");
	CHECK_INT(voted(&r, "w7", id, true), ERR_OK);
	CHECK_INT(voted(&r, "w7", id, false), ERR_OK); /* too late */
	state_is(&r, id, "a", "sent");
	CHECK_INT((int)waiting(&r, "w7", id), 0);
	CHECK_INT(cast(&r, "ann", id, "b"), ERR_CONFLICT);
	CHECK_INT(cast(&r, "ann", id, "a"), ERR_OK);
	rig_end(&r);
}

static void what_cannot_be_voted_on_is_refused(void)
{
	struct rig r = rig_new(NULL);
	char one[ID_MAX], two[ID_MAX], new[ID_MAX];
	struct worker gone = w7(NULL);

	made(&r, one, 1);
	made(&r, two, 2);
	rig_create(&r, "ann", new);
	CHECK_INT(cast(&r, "ann", new, "a"), ERR_NOT_READY);
	CHECK_INT(cast(&r, "ann", one, "a"), ERR_CONFLICT);
	CHECK_INT(cast(&r, "bob", two, "a"), ERR_NOT_FOUND);
	CHECK_INT(cast(&r, "ann", two, "c"), ERR_BAD_PARAM);
	CHECK_INT(cast(&r, "ann", two, NULL), ERR_BAD_PARAM);
	gone.gone = true;
	CHECK_INT(seen(&r, gone), ERR_OK);
	CHECK_INT(cast(&r, "ann", two, "a"), ERR_NO_WORKER);
	state_is(&r, two, NULL, NULL);
	rig_end(&r);
}

static void a_vote_that_failed_may_be_cast_again(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX];

	made(&r, id, 2);
	CHECK_INT(cast(&r, "ann", id, "a"), ERR_OK);
	CHECK_INT(voted(&r, "w7", id, false), ERR_OK);
	state_is(&r, id, "a", "failed");
	CHECK_INT((int)waiting(&r, "w7", id), 0);
	CHECK_INT(cast(&r, "ann", id, "both_bad"), ERR_OK);
	state_is(&r, id, "both_bad", "pending");
	CHECK_INT((int)waiting(&r, "w7", id), 1);
	rig_end(&r);
}

static void a_vote_outlives_the_service_and_a_deletion_ends_it(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX];

	made(&r, id, 2);
	CHECK_INT(cast(&r, "ann", id, "b"), ERR_OK);
	rig_again(&r);
	CHECK_INT((int)waiting(&r, "w7", id), 1);
	CHECK_INT(cast(&r, "ann", id, "b"), ERR_OK); /* nobody is connected, but it is the same */
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", id), ERR_OK);
	CHECK_INT((int)waiting(&r, "w7", id), 0);
	CHECK_INT(voted(&r, "w7", id, true), ERR_OK);
	CHECK(rig_gone(&r, "ann", id));
	rig_end(&r);
}

static char *const hasty[] = {(char *)"--vote-keep=50ms", (char *)"--sweep-every=20ms", NULL};

static bool has_failed(struct rig *r, const char *id)
{
	struct msg *m = rig_get(r, "ann", id);
	const char *state = ((const struct job *)msg_rec(m))->vote_state;
	bool yes = state && strcmp(state, "failed") == 0;

	msg_free(m);
	return yes;
}

static void a_vote_does_not_wait_for_ever(void)
{
	struct rig r = rig_new(hasty);
	char id[ID_MAX];

	made(&r, id, 2);
	CHECK_INT(cast(&r, "ann", id, "b"), ERR_OK);
	EVENTUALLY(has_failed(&r, id));
	CHECK_INT((int)waiting(&r, "w7", id), 0);
	rig_end(&r);
}

static int64_t slots(struct rig *r, bool *available)
{
	const struct model_list *list;
	struct msg *m = NULL;
	int64_t n;

	CHECK_INT(rig_ask(r, MSG_MODEL_LIST, &(struct empty){}, &m), ERR_OK);
	list = msg_rec(m);
	n = list->figures[0].slots;
	*available = list->n_available == 1;
	msg_free(m);
	return n;
}

static void who_rests_has_no_slots_and_is_told_with_its_state(void)
{
	static const char *const resting[] = {"attention", "paused", "cooling_down"};
	struct rig r = rig_new(NULL);
	const struct worker_list *list;
	struct worker w = w7("attention");
	struct worker_job has = {.id = "video_1", .owner = "ann"};
	struct msg *m = NULL;
	bool available;

	for (size_t i = 0; i < 3; i++) {
		CHECK_INT(seen(&r, w7("ready")), ERR_OK);
		CHECK_INT(slots(&r, &available), 2);
		CHECK_INT(seen(&r, w7(resting[i])), ERR_OK);
		CHECK_INT(slots(&r, &available), 0);
		CHECK(available); /* it will have some again */
	}
	w.attention_reason = "login", w.attention_url = "https://example.com/";
	w.jobs = &has, w.n_jobs = 1, w.busy = 1;
	CHECK_INT(seen(&r, w), ERR_OK);
	CHECK_INT(rig_ask(&r, MSG_WORKER_LIST, &(struct empty){}, &m), ERR_OK);
	list = msg_rec(m);
	CHECK_INT((int)list->n_workers, 1);
	CHECK_STR(list->workers[0].state, "attention");
	CHECK_STR(list->workers[0].attention_reason, "login");
	CHECK_INT(list->workers[0].busy, 1);
	CHECK_STR(list->workers[0].jobs[0].owner, "ann");
	msg_free(m);
	rig_end(&r);
}

static void who_waits_is_counted_by_model(void)
{
	struct rig r = rig_new(NULL);
	const struct waiting_list *list;
	struct msg *m = NULL;
	char id[ID_MAX];

	rig_create(&r, "ann", id);
	rig_create(&r, "bob", id);
	CHECK_INT(rig_ask(&r, MSG_WAITING_LIST, &(struct empty){}, &m), ERR_OK);
	list = msg_rec(m);
	CHECK_INT((int)list->n_models, 1);
	CHECK_STR(list->models[0].id, "sandbox");
	CHECK_INT(list->models[0].waiting, 2);
	msg_free(m);
	rig_end(&r);
}

TESTS("jobs_votes", T(a_vote_reaches_the_worker_and_names_the_models),
	T(what_cannot_be_voted_on_is_refused), T(a_vote_that_failed_may_be_cast_again),
	T(a_vote_does_not_wait_for_ever), T(a_vote_outlives_the_service_and_a_deletion_ends_it),
	T(who_rests_has_no_slots_and_is_told_with_its_state), T(who_waits_is_counted_by_model))
