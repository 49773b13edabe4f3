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

static void world_make(struct world *w, int64_t rate_create)
{
	static int number;
	struct auth_conf conf = {
		.rate_create = rate_create, .rate_read = 600, .max_running = 4, .max_waiting = 100};
	struct secret secret;
	char path[600];

	w->dir = tmp_make();
	snprintf(w->url, sizeof w->url, "inproc://auth-test-%d", number++);
	conf.common.data = w->dir;
	conf.auth_url = w->url;
	CHECK_INT(auth_start(&conf, &w->auth), ERR_OK);
	CHECK_INT(secret_load(w->dir, &secret), ERR_OK);
	w->peer = peer_open("auth", w->url, secret.wire, 4);
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
	T(stopped_service_refuses_and_a_new_one_takes_over),
	T(folder_that_makes_no_sense_stops_the_start))
