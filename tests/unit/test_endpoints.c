/* Where owners want to be told, as a jobs service keeps it. */
#include "services/jobs/store_hooks.h"
#include "tests/unit/webhooks_rig.h"

static void a_rotated_secret_signs_together_with_the_old_one(void)
{
	struct rig r = rig_new(NULL);
	struct rid rid = rid_new();
	char endpoint[ID_MAX], job[ID_MAX], old[64], fresh[64];
	struct endpoint_ref which = {.owner = "a", .id = endpoint};
	const struct endpoint *e;
	const struct delivery *d;
	struct msg *m = NULL, *again = NULL;
	struct box b = {0};

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	e = last(&b, &r, MSG_ENDPOINT_GET, &which);
	snprintf(old, sizeof old, "%s", e->secret);
	CHECK_STR(e->old_secret, NULL);
	CHECK_INT(ask_wait(r.peer, &rid, MSG_ENDPOINT_ROTATE, &which, BUDGET_MS, &m), ERR_OK);
	CHECK_INT(ask_wait(r.peer, &rid, MSG_ENDPOINT_ROTATE, &which, BUDGET_MS, &again), ERR_OK);
	e = msg_rec(m);
	snprintf(fresh, sizeof fresh, "%s", e->secret);
	CHECK(strcmp(fresh, old) != 0);
	CHECK_STR(e->old_secret, old);
	CHECK(e->old_until > now_ms() + 23 * 3600000LL &&
		e->old_until <= now_ms() + 24 * 3600000LL);
	CHECK_STR(((const struct endpoint *)msg_rec(again))->secret, fresh);
	cancelled(&r, "a", NULL, job);
	d = &take(&b, &r, token(), 8)->deliveries[0];
	CHECK_INT(d->n_secrets, 2);
	CHECK_STR(d->secrets[0], fresh);
	CHECK_STR(d->secrets[1], old);
	CHECK_INT(tell_of(&r, MSG_ENDPOINT_ROTATE, "a", endpoint), ERR_OK); /* another one */
	e = last(&b, &r, MSG_ENDPOINT_GET, &which);
	CHECK_STR(e->old_secret, fresh);
	msg_free(b.m);
	msg_free(m);
	msg_free(again);
	rig_end(&r);
}

/* As if the endpoint had been rotated a day ago. */
static void make_old(struct rig *r, const char *owner, const char *id)
{
	struct store *s;
	struct endpoint e;
	struct msg *m;
	char dir[600];

	jobs_stop(r->jobs);
	snprintf(dir, sizeof dir, "%s/jobs", r->dir);
	if (store_open(dir, 256 << 20, &s) != ERR_OK || store_begin(s, true) != ERR_OK ||
		store_endpoint_get(s, owner, id, &m) != ERR_OK)
		abort();
	e = *(const struct endpoint *)msg_rec(m);
	CHECK(e.old_secret != NULL);
	e.old_until = now_ms() - 1;
	store_endpoint_put(s, &e);
	msg_free(m);
	CHECK_INT(store_commit(s), ERR_OK);
	store_close(s);
	CHECK_INT(rig_start(r), ERR_OK);
}

static void an_old_secret_signs_no_more_after_its_time(void)
{
	struct rig r = rig_new(NULL);
	char endpoint[ID_MAX], job[ID_MAX], fresh[64];
	struct endpoint_ref which = {.owner = "a", .id = endpoint};
	const struct endpoint *e;
	const struct delivery *d;
	struct box b = {0};

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	e = last(&b, &r, MSG_ENDPOINT_ROTATE, &which);
	snprintf(fresh, sizeof fresh, "%s", e->secret);
	make_old(&r, "a", endpoint);
	e = last(&b, &r, MSG_ENDPOINT_GET, &which);
	CHECK_STR(e->secret, fresh);
	CHECK_STR(e->old_secret, NULL);
	CHECK_INT(e->old_until, 0);
	cancelled(&r, "a", NULL, job);
	d = take_one(&b, &r);
	CHECK_INT(d->n_secrets, 1);
	CHECK_STR(d->secrets[0], fresh);
	msg_free(b.m);
	rig_end(&r);
}

/* Else the secret that receivers have would sign no more, when an answer is lost. */
static void a_secret_is_rotated_once_under_a_key(void)
{
	struct rig r = rig_new(NULL);
	char endpoint[ID_MAX], old[64], fresh[64];
	struct endpoint_ref which = {
		.owner = "a", .id = endpoint, .idempotency_key = "k", .fingerprint = "rotate"};
	const struct endpoint *e;
	struct box b = {0};

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	e = last(&b, &r, MSG_ENDPOINT_GET, &which);
	snprintf(old, sizeof old, "%s", e->secret);
	e = last(&b, &r, MSG_ENDPOINT_ROTATE, &which);
	snprintf(fresh, sizeof fresh, "%s", e->secret);
	CHECK(strcmp(fresh, old) != 0);
	e = last(&b, &r, MSG_ENDPOINT_ROTATE, &which);
	CHECK_STR(e->secret, fresh);
	CHECK_STR(e->old_secret, old);
	which.fingerprint = "another";
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_ROTATE, &which, NULL), ERR_IDEMPOTENCY_MISMATCH);
	which.id = "default";
	which.idempotency_key = "k2";
	e = last(&b, &r, MSG_ENDPOINT_ROTATE, &which);
	snprintf(fresh, sizeof fresh, "%s", e->secret);
	e = last(&b, &r, MSG_ENDPOINT_ROTATE, &which);
	CHECK_STR(e->secret, fresh);
	msg_free(b.m);
	rig_end(&r);
}

static void endpoints_are_made_once_and_twenty_at_most(void)
{
	struct rig r = rig_new(NULL);
	char id[ID_MAX], again[ID_MAX];
	struct endpoint want = {.id = id,
		.owner = "a",
		.url = URL,
		.name = "mine",
		.idempotency_key = "k",
		.fingerprint = "f"};
	const struct endpoint *e;
	const struct endpoint_list *all;
	struct box b = {0};

	id_new("we_", id);
	e = last(&b, &r, MSG_ENDPOINT_CREATE, &want);
	CHECK_STR(e->name, "mine");
	CHECK_STR(e->idempotency_key, NULL);
	CHECK(e->created_at > 0);
	e = last(&b, &r, MSG_ENDPOINT_CREATE, &want);
	CHECK_STR(e->id, id);
	id_new("we_", again);
	want.id = again;
	e = last(&b, &r, MSG_ENDPOINT_CREATE, &want);
	CHECK_STR(e->id, id);
	want.fingerprint = "g";
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_CREATE, &want, NULL), ERR_IDEMPOTENCY_MISMATCH);
	CHECK(last(&b, &r, MSG_ENDPOINT_GET,
		      &(struct endpoint_ref){.owner = "a", .id = "default"}) !=
		NULL); /* does not count */
	for (int i = 1; i < 20; i++)
		CHECK_INT(make(&r, "a", again), ERR_OK);
	CHECK_INT(make(&r, "a", again), ERR_QUOTA);
	CHECK_INT(make(&r, "b", again), ERR_OK);
	all = last(&b, &r, MSG_ENDPOINT_LIST, &(struct endpoint_ref){.owner = "a"});
	CHECK_INT(all->n_endpoints, 20);
	CHECK_STR(all->endpoints[0].id, id);
	msg_free(b.m);
	rig_end(&r);
}

static void a_deleted_endpoint_gets_nothing_more(void)
{
	struct rig r = rig_new(NULL);
	char endpoint[ID_MAX], job[ID_MAX];
	struct endpoint_ref which = {.owner = "a", .id = endpoint};
	struct rid rid = rid_new();
	struct box b = {0};

	CHECK_INT(make(&r, "a", endpoint), ERR_OK);
	cancelled(&r, "a", NULL, job);
	CHECK_INT(tell_of(&r, MSG_ENDPOINT_DELETE, "b", endpoint), ERR_NOT_FOUND);
	CHECK_INT(tell_of(&r, MSG_ENDPOINT_DELETE, "a", "default"), ERR_CONFLICT);
	CHECK_INT(ask_wait(r.peer, &rid, MSG_ENDPOINT_DELETE, &which, BUDGET_MS, NULL), ERR_OK);
	CHECK_INT(ask_wait(r.peer, &rid, MSG_ENDPOINT_DELETE, &which, BUDGET_MS, NULL), ERR_OK);
	CHECK_INT(tell_of(&r, MSG_ENDPOINT_DELETE, "a", endpoint), ERR_NOT_FOUND);
	CHECK_INT(tell_of(&r, MSG_ENDPOINT_GET, "a", endpoint), ERR_NOT_FOUND);
	CHECK_INT(tell_of(&r, MSG_DELIVERY_LIST, "a", endpoint), ERR_NOT_FOUND);
	CHECK_INT(take(&b, &r, token(), 8)->n_deliveries, 0);
	cancelled(&r, "a", NULL, job);
	CHECK_INT(take(&b, &r, token(), 8)->n_deliveries, 0);
	msg_free(b.m);
	rig_end(&r);
}

static void what_is_wrong_is_refused(void)
{
	static const char *const bad_events[] = {"video.deleted"};
	struct rig r = rig_new(NULL);
	char id[ID_MAX], name[300];
	struct endpoint good = {.id = id, .owner = "a", .url = URL}, e;

	id_new("we_", id);
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = 0;
	e = good, e.id = "video_1";
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_CREATE, &e, NULL), ERR_BAD_PARAM);
	e = good, e.owner = NULL;
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_CREATE, &e, NULL), ERR_BAD_PARAM);
	e = good, e.url = NULL;
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_CREATE, &e, NULL), ERR_BAD_PARAM);
	e = good, e.name = name;
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_CREATE, &e, NULL), ERR_BAD_PARAM);
	e = good, e.events = bad_events, e.n_events = 1;
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_CREATE, &e, NULL), ERR_BAD_PARAM);
	CHECK_INT(
		rig_ask(&r, MSG_HOOK_TAKE, &(struct hook_take){.lease = "x"}, NULL), ERR_BAD_PARAM);
	CHECK_INT(tell_of(&r, MSG_ENDPOINT_GET, "a", "we_nothing"), ERR_NOT_FOUND);
	CHECK_INT(tell_of(&r, MSG_ENDPOINT_GET, "a", id), ERR_NOT_FOUND);
	e = (struct endpoint){.id = "default", .owner = "a", .url = URL};
	e.set = (const char *const[]){"url"};
	e.n_set = 1;
	CHECK_INT(rig_ask(&r, MSG_ENDPOINT_UPDATE, &e, NULL), ERR_BAD_PARAM);
	rig_end(&r);
}

TESTS("endpoints", T(a_rotated_secret_signs_together_with_the_old_one),
	T(an_old_secret_signs_no_more_after_its_time), T(a_secret_is_rotated_once_under_a_key),
	T(endpoints_are_made_once_and_twenty_at_most), T(a_deleted_endpoint_gets_nothing_more),
	T(what_is_wrong_is_refused))
