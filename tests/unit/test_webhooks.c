/* Deliveries of webhooks, as a jobs service keeps them. */
#include "tests/unit/webhooks_rig.h"

static void an_event_goes_to_those_who_want_it(void)
{
	static const char *const only_failed[] = {"video.failed"};
	struct rig r = rig_new(NULL);
	char all[ID_MAX], failed[ID_MAX], off[ID_MAX], other[ID_MAX], job[ID_MAX];
	struct endpoint say = {.owner = "a", .events = only_failed, .n_events = 1};
	const struct delivery_list *got;
	struct box b = {0};

	CHECK_INT(make(&r, "a", all), ERR_OK);
	CHECK_INT(make(&r, "a", failed), ERR_OK);
	CHECK_INT(make(&r, "a", off), ERR_OK);
	CHECK_INT(make(&r, "b", other), ERR_OK);
	say.id = failed;
	say.set = (const char *const[]){"events"};
	say.n_set = 1;
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_UPDATE, &say, NULL), ERR_OK);
	say = (struct endpoint){.owner = "a", .id = off, .disabled = true};
	say.set = (const char *const[]){"disabled"};
	say.n_set = 1;
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_UPDATE, &say, NULL), ERR_OK);
	cancelled(&r, "a", "https://example.org/own", job);

	got = take(&b, &r, token(), 8);
	CHECK_INT(got->n_deliveries, 2);
	for (size_t i = 0; i < got->n_deliveries; i++) {
		const struct delivery *d = &got->deliveries[i];
		bool own = strcmp(d->endpoint, "default") == 0;

		CHECK(own || strcmp(d->endpoint, all) == 0);
		CHECK_STR(d->url, own ? "https://example.org/own" : URL);
		CHECK_STR(d->owner, "a");
		CHECK_STR(d->type, "video.cancelled");
		CHECK_STR(d->video, job);
		CHECK_INT(d->n_secrets, 1);
		CHECK(strncmp(d->secrets[0], "whsec_", 6) == 0);
		CHECK_INT(d->attempts, 1);
		CHECK(strstr(d->body, job) && strstr(d->body, d->id));
	}
	msg_free(b.m);
	rig_end(&r);
}

static void all_ends_but_deletion_are_told(void)
{
	struct rig r = rig_new(NULL);
	char endpoint[ID_MAX], id[ID_MAX], done[ID_MAX], lease[33] = "", blob[BLOB_NAME];
	const struct delivery_list *got;
	struct box b = {0};

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	rig_blob(&r, "a video", blob);
	CHECK_INT(rig_create(&r, "a", id), ERR_OK);
	CHECK_INT(rig_take(&r, lease, done), ERR_OK);
	CHECK_INT(rig_done(&r, done, lease, blob), ERR_OK);
	CHECK_INT(rig_done(&r, done, lease, blob), ERR_OK); /* and no second event */
	CHECK_INT(rig_create(&r, "a", id), ERR_OK);
	lease[0] = 0;
	CHECK_INT(rig_take(&r, lease, done), ERR_OK);
	CHECK_INT(rig_failed(&r, done, lease, false), ERR_OK);
	CHECK_INT(rig_create(&r, "a", id), ERR_OK);
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "a", id), ERR_OK);
	cancelled(&r, "a", NULL, id);

	got = list(&b, &r, "a", endpoint);
	CHECK_INT(got->n_deliveries, 3);
	CHECK_STR(got->deliveries[0].type, "video.cancelled");
	CHECK_STR(got->deliveries[1].type, "video.failed");
	CHECK_STR(got->deliveries[2].type, "video.completed");
	CHECK_STR(got->deliveries[0].state, "pending");
	CHECK_STR(got->deliveries[0].lease, NULL);
	CHECK_INT(got->deliveries[0].n_secrets, 0);
	msg_free(b.m);
	rig_end(&r);
}

static void a_try_is_told_of_once_and_by_its_holder(void)
{
	struct rig r = rig_new((char *[]){(char *)"--webhook-retry=1ms", NULL});
	char endpoint[ID_MAX], job[ID_MAX], first[33];
	struct box b = {0}, b2 = {0};
	const struct delivery *d, *d2;
	struct delivery stranger;

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	cancelled(&r, "a", NULL, job);
	snprintf(first, sizeof first, "%s", token());
	CHECK_INT(take(&b, &r, first, 8)->n_deliveries, 1);
	CHECK_INT(take(&b, &r, first, 8)->n_deliveries, 1); /* the same again */
	d = &((const struct delivery_list *)msg_rec(b.m))->deliveries[0];
	CHECK_INT(d->attempts, 1);
	CHECK_INT(take(&b2, &r, token(), 8)->n_deliveries, 0);
	stranger = *d;
	stranger.lease = token();
	CHECK_INT(tried(&r, &stranger, 200, NULL), ERR_LEASE_LOST);
	stranger = *d;
	stranger.owner = "b";
	CHECK_INT(tried(&r, &stranger, 200, NULL), ERR_LEASE_LOST);

	CHECK_INT(tried(&r, d, 500, "it said no"), ERR_OK);
	CHECK_INT(tried(&r, d, 500, "it said no"), ERR_OK);
	d2 = take_one(&b2, &r);
	CHECK_STR(d2->id, d->id);
	CHECK_STR(d2->body, d->body);
	CHECK_INT(d2->attempts, 2);
	CHECK_INT(d2->status, 500);
	CHECK_STR(d2->error, "it said no");
	CHECK_INT(tried(&r, d2, 200, NULL), ERR_OK);
	CHECK_INT(tried(&r, d2, 200, NULL), ERR_OK);
	CHECK_INT(tried(&r, d, 500, "it said no"), ERR_LEASE_LOST);

	d = &list(&b, &r, "a", endpoint)->deliveries[0];
	CHECK_STR(d->state, "delivered");
	CHECK_INT(d->status, 200);
	CHECK_STR(d->error, NULL);
	CHECK(d->ended_at > 0);
	msg_free(b.m);
	msg_free(b2.m);
	rig_end(&r);
}

static void a_restart_forgets_nothing(void)
{
	struct rig r = rig_new((char *[]){(char *)"--webhook-lease=50ms", NULL});
	char endpoint[ID_MAX], held[ID_MAX], waits[ID_MAX];
	struct box b = {0}, b2 = {0};
	const struct delivery *d;

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	cancelled(&r, "a", NULL, held);
	CHECK_INT(take(&b, &r, token(), 8)->n_deliveries, 1);
	cancelled(&r, "a", NULL, waits);
	rig_again(&r);
	d = &((const struct delivery_list *)msg_rec(b.m))->deliveries[0];
	CHECK_INT(tried(&r, d, 200, NULL), ERR_OK); /* as if nothing had been */
	CHECK_INT(take(&b2, &r, token(), 8)->n_deliveries, 1);
	rig_again(&r);
	d = take_one(&b, &r); /* its taker was silent */
	CHECK_STR(d->video, waits);
	CHECK_INT(d->attempts, 2);
	CHECK_INT(tried(&r, d, 200, NULL), ERR_OK);
	rig_again(&r);
	CHECK_INT(take(&b, &r, token(), 8)->n_deliveries, 0);
	CHECK_INT(list(&b, &r, "a", endpoint)->n_deliveries, 2);
	msg_free(b.m);
	msg_free(b2.m);
	rig_end(&r);
}

static void gone_disables_and_what_waits_fails(void)
{
	struct rig r = rig_new(NULL);
	char endpoint[ID_MAX], job[ID_MAX], event[ID_MAX];
	const struct delivery_list *got;
	const struct endpoint *e;
	struct delivery d;
	struct hook_tried say;
	struct box b = {0}, b2 = {0};

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	cancelled(&r, "a", NULL, job);
	cancelled(&r, "a", NULL, job);
	d = take(&b, &r, token(), 1)->deliveries[0];
	say = (struct hook_tried){d.owner, d.endpoint, d.id, d.lease, 410, "it is gone", true, 1};
	CHECK_INT(rig_ask(&r, MSG_HOOK_TRIED, &say, NULL), ERR_OK);
	e = last(&b2, &r, MSG_ENDPOINT_GET, &(struct endpoint_ref){.owner = "a", .id = endpoint});
	CHECK(e->disabled);
	CHECK_INT(take(&b2, &r, token(), 8)->n_deliveries, 0);
	cancelled(&r, "a", NULL, job); /* no event for it */
	got = list(&b2, &r, "a", endpoint);
	CHECK_INT(got->n_deliveries, 2);
	CHECK_STR(got->deliveries[0].state, "failed");
	CHECK_STR(got->deliveries[0].error, "The endpoint is disabled.");
	CHECK_STR(got->deliveries[1].error, "it is gone");
	/* a test goes there nevertheless */
	id_new("evt_", event);
	CHECK_INT(
		rig_ask(&r, MSG_ENDPOINT_TEST,
			&(struct endpoint_ref){.owner = "a", .id = endpoint, .event = event}, NULL),
		ERR_OK);
	CHECK_INT(take(&b2, &r, token(), 8)->n_deliveries, 1);
	msg_free(b.m);
	msg_free(b2.m);
	rig_end(&r);
}

static void tests_are_sent_once(void)
{
	struct rig r = rig_new(NULL);
	char endpoint[ID_MAX], event[ID_MAX], other[ID_MAX];
	struct endpoint_ref which = {.owner = "a",
		.id = endpoint,
		.event = event,
		.idempotency_key = "k",
		.fingerprint = "test"};
	const struct delivery *d;
	struct box b = {0};

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	id_new("evt_", event);
	d = last(&b, &r, MSG_ENDPOINT_TEST, &which);
	CHECK_STR(d->type, "webhook.test");
	CHECK_STR(d->id, event);
	CHECK(last(&b, &r, MSG_ENDPOINT_TEST, &which) != NULL);
	CHECK_INT(take(&b, &r, token(), 8)->n_deliveries, 1);
	d = &((const struct delivery_list *)msg_rec(b.m))->deliveries[0];
	CHECK_INT(tried(&r, d, 500, "no"), ERR_OK);
	d = last(&b, &r, MSG_ENDPOINT_TEST, &which);
	CHECK_STR(d->state, "failed");
	id_new("evt_", other);
	which.event = other;
	d = last(&b, &r, MSG_ENDPOINT_TEST, &which);
	CHECK_STR(d->id, event);
	CHECK_INT(list(&b, &r, "a", endpoint)->n_deliveries, 1);
	which.fingerprint = "another";
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_TEST, &which, NULL), ERR_IDEMPOTENCY_MISMATCH);
	which.id = "default";
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_TEST, &which, NULL), ERR_CONFLICT);
	which = (struct endpoint_ref){.owner = "b", .id = endpoint, .event = event};
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_TEST, &which, NULL), ERR_NOT_FOUND);
	msg_free(b.m);
	rig_end(&r);
}

static void too_many_that_wait_push_out_the_oldest(void)
{
	struct rig r = rig_new((char *[]){(char *)"--webhooks-max=5", NULL});
	char endpoint[ID_MAX], jobs[7][ID_MAX];
	const struct delivery_list *got;
	struct box b = {0};

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	for (int i = 0; i < 7; i++)
		cancelled(&r, "a", NULL, jobs[i]);
	got = list(&b, &r, "a", endpoint);
	CHECK_INT(got->n_deliveries, 7);
	for (int i = 0; i < 7; i++) {
		const struct delivery *d = &got->deliveries[6 - i];

		CHECK_STR(d->video, jobs[i]);
		CHECK_STR(d->state, i < 2 ? "failed" : "pending");
		CHECK_STR(d->error,
			i < 2 ? "Too many deliveries were waiting; the oldest went." : NULL);
	}
	msg_free(b.m);
	rig_end(&r);
}

static void the_log_has_the_last_100_for_a_while(void)
{
	struct rig r = rig_new(
		(char *[]){(char *)"--webhook-keep=1s", (char *)"--sweep-every=10ms", NULL});
	char endpoint[ID_MAX], job[ID_MAX];
	const struct delivery_list *got;
	struct box b = {0};

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	for (int i = 0; i < 103; i++) {
		cancelled(&r, "a", NULL, job);
		got = take(&b, &r, token(), 8);
		CHECK_INT(got->n_deliveries, 1);
		if (got->n_deliveries == 1)
			CHECK_INT(tried(&r, &got->deliveries[0], 200, NULL), ERR_OK);
	}
	got = list(&b, &r, "a", endpoint);
	CHECK(got->n_deliveries <= 100 && got->n_deliveries > 0);
	CHECK_STR(got->deliveries[0].video, job);
	EVENTUALLY(list(&b, &r, "a", endpoint)->n_deliveries == 0);
	msg_free(b.m);
	rig_end(&r);
}

static _Atomic int hints;

static void on_hint(void *arg, int type, const void *rec)
{
	(void)arg, (void)rec;
	if (type == MSG_HOOK_READY)
		hints++;
}

static void bridges_are_told_when_something_is_due(void)
{
	static const int types[] = {MSG_HOOK_READY, 0};
	struct rig r = rig_new((char *[]){(char *)"--webhook-retry=200ms", NULL});
	char endpoint[ID_MAX], job[ID_MAX];
	struct delivery d;
	struct box b = {0};
	int before;

	hints = 0;
	CHECK(listener_open(r.hints, r.secret.wire, types, on_hint, NULL) != NULL);
	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	/* the first hints may be lost while the listener connects: another is told each second */
	cancelled(&r, "a", NULL, job);
	EVENTUALLY(hints > 0);
	d = *take_one(&b, &r);
	before = hints;
	CHECK_INT(tried(&r, &d, 500, "no"), ERR_OK);
	EVENTUALLY(hints > before);
	CHECK_INT(take_one(&b, &r)->attempts, 2);
	msg_free(b.m);
	rig_end(&r);
}

/* Each step with its n-th write failing, for every n until it works: it happens once, or not. */
static void whatever_write_fails_an_event_is_one_event(const char *fault)
{
	struct rig r = rig_new((char *[]){(char *)"--webhook-retry=1ms", NULL});
	char endpoint[ID_MAX], job[ID_MAX];
	const struct delivery_list *got = NULL;
	struct box b = {0}, log = {0};
	struct delivery d;
	enum err e = ERR_STORE;

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	CHECK_INT(rig_create(&r, "a", job), ERR_OK);
	for (int n = 1; e != ERR_OK && n < 50; n++) {
		CHECK_INT(list(&log, &r, "a", endpoint)->n_deliveries, 0);
		fault_arm(fault, n);
		e = rig_ref(&r, MSG_JOB_CANCEL, "a", job);
		fault_arm(fault, 0);
	}
	CHECK_INT(list(&log, &r, "a", endpoint)->n_deliveries, 1);
	for (int n = 1; !got && n < 50; n++) {
		fault_arm(fault, n);
		got = take(&b, &r, token(), 8);
		fault_arm(fault, 0);
	}
	CHECK_INT(got->n_deliveries, 1);
	d = got->deliveries[0];
	CHECK_INT(d.attempts, 1); /* what failed was no try */
	e = ERR_STORE;
	for (int n = 1; e != ERR_OK && n < 50; n++) {
		CHECK_STR(list(&log, &r, "a", endpoint)->deliveries[0].state, "pending");
		fault_arm(fault, n);
		e = tried(&r, &d, 200, NULL);
		fault_arm(fault, 0);
	}
	CHECK_INT(list(&log, &r, "a", endpoint)->n_deliveries, 1);
	CHECK_STR(list(&log, &r, "a", endpoint)->deliveries[0].state, "delivered");
	CHECK_INT(take(&log, &r, token(), 8)->n_deliveries, 0);
	msg_free(b.m);
	msg_free(log.m);
	rig_end(&r);
}

static void a_failing_store_doubles_no_event(void)
{
	whatever_write_fails_an_event_is_one_event("store.put");
	whatever_write_fails_an_event_is_one_event("store.commit");
}

TESTS("webhooks", T(an_event_goes_to_those_who_want_it), T(all_ends_but_deletion_are_told),
	T(a_try_is_told_of_once_and_by_its_holder), T(a_restart_forgets_nothing),
	T(gone_disables_and_what_waits_fails), T(tests_are_sent_once),
	T(too_many_that_wait_push_out_the_oldest), T(the_log_has_the_last_100_for_a_while),
	T(bridges_are_told_when_something_is_due), T(a_failing_store_doubles_no_event))
