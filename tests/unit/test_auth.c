#include "services/auth/auth.h"

#include <stdatomic.h>
#include <time.h>

#include "proto/clock.h"
#include "proto/rpc.h"
#include "proto/secret.h"
#include "services/auth/keys.h"
#include "tests/unit/check.h"

/* One auth service of its own, and somebody who asks it. */
struct world {
	char *dir, *api, *worker;
	char url[64];
	struct auth *auth;
	struct peer *peer;
};

static void serve(struct world *w, int64_t rate_create)
{
	static int number;
	struct auth_conf conf = {.rate_create = rate_create,
		.rate_read = 600,
		.max_running = 4,
		.max_waiting = 100,
		.pair_code_ms = 600000};
	struct secret secret;

	snprintf(w->url, sizeof w->url, "inproc://auth-test-%d", number++);
	conf.common.data = w->dir;
	conf.auth_url = w->url;
	CHECK_INT(auth_start(&conf, &w->auth), ERR_OK);
	CHECK_INT(secret_load(w->dir, &secret), ERR_OK);
	w->peer = peer_open("auth", w->url, secret.wire, 4);
}

static void world_make(struct world *w, int64_t rate_create)
{
	char path[600];

	w->dir = tmp_make();
	serve(w, rate_create);
	snprintf(path, sizeof path, "%s/api-key", w->dir);
	CHECK_INT(file_read(path, 1000, &w->api), ERR_OK);
	snprintf(path, sizeof path, "%s/worker-key", w->dir);
	CHECK_INT(file_read(path, 1000, &w->worker), ERR_OK);
}

static void world_end(struct world *w)
{
	auth_stop(w->auth);
	free(w->api);
	free(w->worker);
	tmp_remove(w->dir);
}

/* Another service on the same folder. */
static void world_again(struct world *w)
{
	auth_stop(w->auth);
	serve(w, 60);
}

static enum err asked(struct world *w, const char *key, const char *what, struct msg **ret)
{
	struct auth_check check = {.key = key, .what = what};
	struct rid rid = rid_new();

	return ask_wait(w->peer, &rid, MSG_AUTH_CHECK, &check, 5000, ret);
}

/* The problem record comes only through the asynchronous form. */
struct heard {
	atomic_int done;
	enum err e;
	struct problem problem;
	char message[200];
};

static void hear(void *arg, enum err e, const struct answer *a)
{
	struct heard *h = arg;

	h->e = e;
	h->problem = *a->problem;
	snprintf(h->message, sizeof h->message, "%s",
		a->problem->message ? a->problem->message : "");
	atomic_store(&h->done, 1);
}

static void ask_and_hear(struct world *w, const char *key, const char *what, struct heard *h)
{
	struct auth_check check = {.key = key, .what = what};
	int64_t deadline = mono_us() + 10000000;
	struct rid rid = rid_new();

	memset(h, 0, sizeof *h);
	ask(w->peer, &rid, MSG_AUTH_CHECK, &check, 5000, hear, h);
	while (!atomic_load(&h->done) && mono_us() < deadline)
		nanosleep(&(struct timespec){0, 200000}, NULL);
	CHECK(atomic_load(&h->done));
}

/* Ask until the answer is e; changes count within a second. */
static void becomes(struct world *w, const char *key, const char *what, enum err e)
{
	int64_t deadline = mono_us() + 10000000;
	enum err got;

	do {
		got = asked(w, key, what, NULL);
		if (got != e)
			nanosleep(&(struct timespec){0, 20000000}, NULL);
	} while (got != e && mono_us() < deadline);
	CHECK_STR(err_name(got), err_name(e));
}

static void operators_key_has_no_limits(void)
{
	const struct auth_grant *g;
	struct world w;
	struct msg *m = NULL;

	world_make(&w, 2);
	for (int i = 0; i < 20; i++)
		CHECK_INT(asked(&w, w.api, "create", NULL), ERR_OK);
	CHECK_INT(asked(&w, w.api, "read", &m), ERR_OK);
	g = msg_rec(m);
	CHECK(g->owner && strncmp(g->owner, "key_", 4) == 0);
	CHECK_STR(g->name, "owner");
	CHECK_INT(g->limit, -1);
	CHECK_INT(g->remaining, -1);
	CHECK_INT(g->max_running, 0);
	CHECK_INT(g->max_waiting, 0);
	msg_free(m);
	world_end(&w);
}

static void wrong_keys_are_unauthorized(void)
{
	struct heard h;
	struct world w;

	world_make(&w, 60);
	CHECK_INT(asked(&w, NULL, "read", NULL), ERR_UNAUTHORIZED);
	CHECK_INT(asked(&w, "", "read", NULL), ERR_UNAUTHORIZED);
	CHECK_INT(asked(&w, "av_nonsense", "read", NULL), ERR_UNAUTHORIZED);
	ask_and_hear(&w, w.worker, "create", &h);
	CHECK_INT(h.e, ERR_UNAUTHORIZED);
	CHECK(strstr(h.message, "API key (av_") != NULL);
	ask_and_hear(&w, w.api, "worker", &h);
	CHECK_INT(h.e, ERR_UNAUTHORIZED);
	CHECK(strstr(h.message, "worker's key (wk_") != NULL);
	CHECK_INT(asked(&w, w.worker, "worker", NULL), ERR_OK);
	CHECK_INT(asked(&w, w.api, "fly", NULL), ERR_BAD_REQUEST);
	CHECK_INT(asked(&w, w.api, NULL, NULL), ERR_BAD_REQUEST);
	world_end(&w);
}

static void made_rotated_and_revoked_keys_count_without_a_restart(void)
{
	char ana[KEY_TEXT], ana2[KEY_TEXT], id[KEY_ID];
	struct keys *tool;
	struct world w;
	struct msg *m = NULL;

	world_make(&w, 60);
	CHECK_INT(keys_open(w.dir, &tool), ERR_OK);
	CHECK_INT(keys_add(tool, "ana", KEY_API, false, ana, id), ERR_OK);
	becomes(&w, ana, "read", ERR_OK);
	CHECK_INT(keys_rotate(tool, id, ana2), ERR_OK);
	becomes(&w, ana, "read", ERR_UNAUTHORIZED);
	CHECK_INT(asked(&w, ana2, "read", &m), ERR_OK);
	CHECK_STR(((const struct auth_grant *)msg_rec(m))->owner, id);
	CHECK_INT(((const struct auth_grant *)msg_rec(m))->max_running, 4);
	CHECK_INT(((const struct auth_grant *)msg_rec(m))->max_waiting, 100);
	msg_free(m);
	CHECK_INT(keys_revoke(tool, id), ERR_OK);
	becomes(&w, ana2, "read", ERR_UNAUTHORIZED);
	CHECK_INT(asked(&w, w.api, "read", NULL), ERR_OK);
	keys_close(tool);
	world_end(&w);
}

static void each_key_has_its_own_limit_for_creating_and_for_reading(void)
{
	char ana[KEY_TEXT], bea[KEY_TEXT], id[KEY_ID];
	struct msg *m = NULL;
	struct keys *tool;
	struct heard h;
	struct world w;

	world_make(&w, 3);
	CHECK_INT(keys_open(w.dir, &tool), ERR_OK);
	CHECK_INT(keys_add(tool, "ana", KEY_API, false, ana, id), ERR_OK);
	CHECK_INT(keys_add(tool, "bea", KEY_API, false, bea, id), ERR_OK);
	becomes(&w, bea, "read", ERR_OK);

	CHECK_INT(asked(&w, ana, "create", &m), ERR_OK);
	CHECK_INT(((const struct auth_grant *)msg_rec(m))->limit, 3);
	CHECK_INT(((const struct auth_grant *)msg_rec(m))->remaining, 2);
	msg_free(m);
	CHECK_INT(asked(&w, ana, "create", NULL), ERR_OK);
	CHECK_INT(asked(&w, ana, "create", NULL), ERR_OK);
	ask_and_hear(&w, ana, "create", &h);
	CHECK_INT(h.e, ERR_LIMITED);
	CHECK_INT(h.problem.limit, 3);
	CHECK_INT(h.problem.remaining, 0);
	CHECK(h.problem.retry_after_ms > 15000 && h.problem.retry_after_ms <= 20000);
	CHECK(h.problem.reset_ms > 55000 && h.problem.reset_ms <= 60000);
	CHECK_INT(asked(&w, ana, "read", NULL), ERR_OK);
	CHECK_INT(asked(&w, bea, "create", NULL), ERR_OK);
	keys_close(tool);
	world_end(&w);
}

/* ---- pairing ---- */

static struct msg *code_new(struct world *w, const char *owner, enum err want)
{
	struct pair_new ask = {.owner = owner};
	struct rid rid = rid_new();
	struct msg *m = NULL;

	CHECK_INT(ask_wait(w->peer, &rid, MSG_PAIR_NEW, &ask, 5000, &m), want);
	return m;
}

static enum err pair_as(struct world *w, const struct rid *rid, const char *code, const char *peer,
	struct msg **ret)
{
	struct pair_take ask = {.code = code, .name = "the tab", .peer = peer};

	return ask_wait(w->peer, rid, MSG_PAIR_TAKE, &ask, 5000, ret);
}

static enum err pair(struct world *w, const char *code, const char *peer, struct msg **ret)
{
	struct rid rid = rid_new();

	return pair_as(w, &rid, code, peer, ret);
}

/* An API key of its own in the world: its id. */
static void key_new(struct world *w, const char *name, char id[KEY_ID])
{
	char text[KEY_TEXT];
	struct keys *tool;

	CHECK_INT(keys_open(w->dir, &tool), ERR_OK);
	CHECK_INT(keys_add(tool, name, KEY_API, false, text, id), ERR_OK);
	keys_close(tool);
	becomes(w, text, "read", ERR_OK);
}

static void code_makes_one_worker_key_of_its_owner(void)
{
	const struct pair_token *t;
	const struct auth_grant *g;
	struct msg *code, *made, *grant, *none;
	char ana[KEY_ID], typed[40];
	const char *text;
	struct world w;

	world_make(&w, 60);
	key_new(&w, "ana", ana);
	code = code_new(&w, ana, ERR_OK);
	text = ((const struct pair_code *)msg_rec(code))->code;
	CHECK_INT(strlen(text), 9);
	CHECK_INT(text[4], '-');
	/* as people type it */
	snprintf(typed, sizeof typed, " %.4s %s", text, text + 5);
	for (char *c = typed; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	CHECK_INT(pair(&w, typed, "192.0.2.1", &made), ERR_OK);
	t = msg_rec(made);
	CHECK(strncmp(t->token, "wk_", 3) == 0);
	CHECK_STR(t->name, "the tab");
	CHECK_INT(asked(&w, t->token, "worker", &grant), ERR_OK);
	g = msg_rec(grant);
	CHECK_STR(g->owner, t->key_id);
	CHECK_STR(g->key_owner, ana);
	CHECK(!g->unlimited);
	CHECK_INT(asked(&w, t->token, "create", NULL), ERR_UNAUTHORIZED);
	CHECK_INT(pair(&w, text, "192.0.2.1", &none), ERR_BAD_CODE);
	msg_free(grant);
	msg_free(made);
	msg_free(code);
	world_end(&w);
}

static void repeated_request_is_the_same_pairing(void)
{
	char ana[KEY_ID], first_key[KEY_ID];
	struct msg *code, *a, *b;
	struct rid rid = rid_new();
	struct world w;
	const char *text;

	world_make(&w, 60);
	key_new(&w, "ana", ana);
	code = code_new(&w, ana, ERR_OK);
	text = ((const struct pair_code *)msg_rec(code))->code;
	CHECK_INT(pair_as(&w, &rid, text, "192.0.2.1", &a), ERR_OK);
	CHECK_INT(pair_as(&w, &rid, text, "192.0.2.1", &b), ERR_OK);
	snprintf(
		first_key, sizeof first_key, "%s", ((const struct pair_token *)msg_rec(a))->key_id);
	CHECK_STR(((const struct pair_token *)msg_rec(b))->key_id, first_key);
	CHECK_INT(
		asked(&w, ((const struct pair_token *)msg_rec(b))->token, "worker", NULL), ERR_OK);
	/* the first answer never came: its key is nobody's */
	CHECK_INT(asked(&w, ((const struct pair_token *)msg_rec(a))->token, "worker", NULL),
		ERR_UNAUTHORIZED);
	msg_free(a);
	msg_free(b);
	msg_free(code);
	world_end(&w);
}

static void codes_outlive_the_service_and_end_with_their_owner(void)
{
	struct msg *code[2];
	char ana[KEY_ID];
	struct keys *tool;
	struct world w;

	world_make(&w, 60);
	key_new(&w, "ana", ana);
	code[0] = code_new(&w, ana, ERR_OK);
	code[1] = code_new(&w, ana, ERR_OK);
	world_again(&w);
	CHECK_INT(pair(&w, ((const struct pair_code *)msg_rec(code[0]))->code, "192.0.2.1", NULL),
		ERR_OK);
	CHECK_INT(keys_open(w.dir, &tool), ERR_OK);
	CHECK_INT(keys_revoke(tool, ana), ERR_OK);
	keys_close(tool);
	CHECK_INT(pair(&w, ((const struct pair_code *)msg_rec(code[1]))->code, "192.0.2.1", NULL),
		ERR_BAD_CODE);
	msg_free(code[0]);
	msg_free(code[1]);
	world_end(&w);
}

static void an_owner_has_five_open_codes(void)
{
	char ana[KEY_ID], bea[KEY_ID];
	struct msg *code = NULL;
	struct world w;

	world_make(&w, 60);
	key_new(&w, "ana", ana);
	key_new(&w, "bea", bea);
	for (int i = 0; i < 5; i++) {
		msg_free(code);
		code = code_new(&w, ana, ERR_OK);
	}
	code_new(&w, ana, ERR_QUOTA);
	msg_free(code_new(&w, bea, ERR_OK));
	/* a used one is open no more */
	CHECK_INT(pair(&w, ((const struct pair_code *)msg_rec(code))->code, "192.0.2.1", NULL),
		ERR_OK);
	msg_free(code_new(&w, ana, ERR_OK));
	msg_free(code);
	world_end(&w);
}

static void guessing_is_limited_for_each_address_and_for_all(void)
{
	char ana[KEY_ID], peer[40];
	struct msg *code;
	struct world w;
	const char *text;

	world_make(&w, 60);
	key_new(&w, "ana", ana);
	code = code_new(&w, ana, ERR_OK);
	text = ((const struct pair_code *)msg_rec(code))->code;
	for (int i = 0; i < 10; i++)
		CHECK_INT(pair(&w, "AAAA-AAAA", "192.0.2.1", NULL), ERR_BAD_CODE);
	CHECK_INT(pair(&w, text, "192.0.2.1", NULL), ERR_LIMITED);
	/* the whole of a subscriber's network is one address */
	for (int i = 0; i < 10; i++) {
		snprintf(peer, sizeof peer, "2001:db8::%d", i);
		CHECK_INT(pair(&w, "not a code", peer, NULL), ERR_BAD_CODE);
	}
	CHECK_INT(pair(&w, text, "2001:db8::99", NULL), ERR_LIMITED);
	for (int i = 0; i < 10; i++) {
		snprintf(peer, sizeof peer, "2001:db8:%d::1", i + 1);
		CHECK_INT(pair(&w, "AAAA-AAAA", peer, NULL), ERR_BAD_CODE);
	}
	CHECK_INT(pair(&w, text, "198.51.100.7", NULL), ERR_LIMITED);
	msg_free(code);
	world_end(&w);
}

static enum err revoke_as(struct world *w, const char *owner, const char *id, bool all)
{
	struct worker_key_ref ask = {.owner = owner, .id = id, .all = all};
	struct rid rid = rid_new();

	return ask_wait(w->peer, &rid, MSG_WORKER_KEY_REVOKE, &ask, 5000, NULL);
}

static size_t keys_shown(struct world *w, const char *owner, bool all)
{
	struct worker_keys ask = {.owner = owner, .all = all};
	struct rid rid = rid_new();
	struct msg *m;
	size_t n;

	CHECK_INT(ask_wait(w->peer, &rid, MSG_WORKER_KEYS, &ask, 5000, &m), ERR_OK);
	n = ((const struct worker_key_list *)msg_rec(m))->n_keys;
	msg_free(m);
	return n;
}

static size_t keys_gone(struct world *w, const char *id)
{
	const char *ids[] = {id, "key_nonsense"};
	struct key_ids ask = {.ids = ids, .n_ids = 2};
	struct rid rid = rid_new();
	struct msg *m;
	size_t n;

	CHECK_INT(ask_wait(w->peer, &rid, MSG_KEYS_GONE, &ask, 5000, &m), ERR_OK);
	n = ((const struct key_ids *)msg_rec(m))->n_ids;
	msg_free(m);
	return n;
}

static void owners_see_and_revoke_their_own_worker_keys(void)
{
	char ana[KEY_ID], bea[KEY_ID];
	struct msg *code, *made;
	const char *id;
	struct world w;

	world_make(&w, 60);
	key_new(&w, "ana", ana);
	key_new(&w, "bea", bea);
	code = code_new(&w, ana, ERR_OK);
	CHECK_INT(pair(&w, ((const struct pair_code *)msg_rec(code))->code, NULL, &made), ERR_OK);
	id = ((const struct pair_token *)msg_rec(made))->key_id;
	CHECK_INT(keys_shown(&w, ana, false), 1);
	CHECK_INT(keys_shown(&w, bea, false), 0);
	CHECK_INT(keys_shown(&w, NULL, false), 0);
	CHECK_INT(keys_shown(&w, bea, true), 2); /* this machine's worker too */
	CHECK_INT(keys_gone(&w, id), 1);         /* only the nonsense */
	CHECK_INT(revoke_as(&w, bea, id, false), ERR_NOT_FOUND);
	CHECK_INT(revoke_as(&w, NULL, id, false), ERR_NOT_FOUND);
	CHECK_INT(revoke_as(&w, ana, ana, true), ERR_NOT_FOUND); /* no worker's key */
	CHECK_INT(revoke_as(&w, ana, id, false), ERR_OK);
	CHECK_INT(revoke_as(&w, ana, id, false), ERR_OK);
	CHECK_INT(keys_gone(&w, id), 2);
	CHECK_INT(keys_shown(&w, ana, false), 0);
	CHECK_INT(asked(&w, ((const struct pair_token *)msg_rec(made))->token, "worker", NULL),
		ERR_UNAUTHORIZED);
	msg_free(made);
	msg_free(code);
	world_end(&w);
}

static void stopped_service_refuses_and_a_new_one_takes_over(void)
{
	struct world w;
	char *key;

	world_make(&w, 60);
	key = strdup(w.api);
	auth_stop(w.auth);
	CHECK_INT(asked(&w, key, "read", NULL), ERR_UNAVAILABLE);
	world_end(&w);
	free(key);
	auth_stop(NULL);
}

static void folder_that_makes_no_sense_stops_the_start(void)
{
	struct auth_conf conf = {.auth_url = "inproc://auth-test-none",
		.rate_create = 1,
		.rate_read = 1,
		.max_running = 1,
		.max_waiting = 1};
	struct auth *a;

	conf.common.data = "/proc/no-such-folder";
	CHECK_INT(auth_start(&conf, &a), ERR_STORE);
}

TESTS("auth", T(operators_key_has_no_limits), T(wrong_keys_are_unauthorized),
	T(made_rotated_and_revoked_keys_count_without_a_restart),
	T(each_key_has_its_own_limit_for_creating_and_for_reading),
	T(code_makes_one_worker_key_of_its_owner), T(repeated_request_is_the_same_pairing),
	T(codes_outlive_the_service_and_end_with_their_owner), T(an_owner_has_five_open_codes),
	T(guessing_is_limited_for_each_address_and_for_all),
	T(owners_see_and_revoke_their_own_worker_keys),
	T(stopped_service_refuses_and_a_new_one_takes_over),
	T(folder_that_makes_no_sense_stops_the_start))
