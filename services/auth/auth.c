#include "services/auth/auth.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "proto/metric.h"
#include "proto/rpc.h"
#include "proto/secret.h"
#include "services/auth/bucket.h"
#include "services/auth/inside.h"

#define SLOTS 256 /* asks at once: as many as a gateway sends */
#define QUEUE 64  /* of them for the clerk */

const struct conf_opt auth_conf_table[] = {
	CONF_COMMON(struct auth_conf, common),
	CONF_STR_IF(struct auth_conf, auth_url, "auth-url", "tcp://127.0.0.1:3110", conf_wrong_urls,
		"where the auth service listens"),
	CONF_INT(struct auth_conf, rate_create, "rate-create", "60", 1, 1000000,
		"requests of a key per minute that make something"),
	CONF_INT(struct auth_conf, rate_read, "rate-read", "600", 1, 1000000,
		"other requests of a key per minute"),
	CONF_INT(struct auth_conf, max_running, "max-running", "4", 1, 100000,
		"running jobs of a key"),
	CONF_INT(struct auth_conf, max_waiting, "max-waiting", "100", 1, 1000000,
		"waiting jobs of a key"),
	CONF_MS(struct auth_conf, pair_code_ms, "pairing-code-time", "10m", 1000, 3600000,
		"how long a pairing code works"),
	CONF_END,
};

enum use { USE_CREATE, USE_READ, USE_WORKER, USES };

static const struct {
	const char *name; /* auth_check.what */
	enum key_kind kind;
	const char *wrong_kind; /* what to say to a key of another kind */
} uses[USES] = {
	{"create", KEY_API, "This is a worker's key. Use an API key (av_...)."},
	{"read", KEY_API, "This is a worker's key. Use an API key (av_...)."},
	{"worker", KEY_WORKER, "This is an API key. A worker needs a worker's key (wk_...)."},
};

/* What a key has used up. Apart from the key records, which are replaced at every change. */
struct meter {
	char id[KEY_ID];
	struct bucket buckets[USES];
	UT_hash_handle hh;
};

#define REFUSED(why)                                                                               \
	{                                                                                          \
		.name = "refused_total", .labels = "reason=\"" why "\"",                           \
		.help = "checks refused with UNAUTHORIZED", .type = METRIC_COUNTER                 \
	}

enum refusal { MISSING, UNKNOWN, REVOKED, WRONG_KIND, REFUSALS };

static struct metric refused[REFUSALS] = {
	[MISSING] = REFUSED("missing"),
	[UNKNOWN] = REFUSED("unknown"),
	[REVOKED] = REFUSED("revoked"),
	[WRONG_KIND] = REFUSED("wrong_kind"),
};
static struct metric granted = {
	.name = "granted_total", .help = "checks granted", .type = METRIC_COUNTER};
static struct metric limited = {.name = "limited_total",
	.help = "checks refused because the key's rate was used up",
	.type = METRIC_COUNTER};

static struct meter *meter_of(struct auth *a, const char *id)
{
	struct meter *m;

	HASH_FIND_STR(a->meters, id, m);
	if (!m) {
		m = xcalloc(1, sizeof *m);
		memcpy(m->id, id, KEY_ID);
		HASH_ADD_STR(a->meters, id, m);
	}
	return m;
}

/* Fills grant and its strings, or problem. Under the lock. */
static enum err check(struct auth *a, const struct auth_check *ask, enum use use, struct key *key,
	struct auth_grant *grant, struct problem *problem)
{
	const struct key *found = NULL;
	enum refusal why = MISSING;
	bool good = false;
	struct bucket_answer b;
	int64_t now = mono_us(), rate;

	if (ask->key && *ask->key) {
		found = keys_find(a->keys, ask->key, now);
		good = found && keys_good(a->keys, found, now);
		why = !found ? UNKNOWN : !good ? REVOKED : WRONG_KIND;
	}
	if (!good || found->kind != uses[use].kind) {
		if (why == WRONG_KIND)
			problem->message = uses[use].wrong_kind;
		metric_add(&refused[why], 1);
		return ERR_UNAUTHORIZED;
	}
	*key = *found;
	*grant = (struct auth_grant){.owner = key->id,
		.name = key->name,
		.key_owner = *key->owner ? key->owner : NULL,
		.unlimited = key->unlimited};
	grant->limit = grant->remaining = grant->reset_ms = -1;
	if (use == USE_WORKER || key->unlimited)
		return ERR_OK;

	rate = use == USE_CREATE ? a->conf.rate_create : a->conf.rate_read;
	b = bucket_take(&meter_of(a, key->id)->buckets[use], now, rate, rate);
	if (!b.ok) {
		problem->limit = rate;
		problem->remaining = b.remaining;
		problem->reset_ms = b.reset_ms;
		problem->retry_after_ms = b.retry_after_ms;
		metric_add(&limited, 1);
		return ERR_LIMITED;
	}
	grant->limit = rate;
	grant->remaining = b.remaining;
	grant->reset_ms = b.reset_ms;
	grant->max_running = a->conf.max_running;
	grant->max_waiting = a->conf.max_waiting;
	return ERR_OK;
}

static void on_check(struct auth *a, struct call *c)
{
	const struct auth_check *ask = call_rec(c);
	struct problem problem = PROBLEM();
	char mark[KEY_MARK];
	struct auth_grant grant;
	struct key key;
	int use = 0;
	enum err e = ERR_UNAVAILABLE;

	while (use < USES && (!ask->what || strcmp(ask->what, uses[use].name) != 0))
		use++;
	if (use == USES) {
		call_refuse(c, ERR_BAD_REQUEST, NULL);
		return;
	}
	pthread_mutex_lock(&a->lock);
	if (a->keys)
		e = check(a, ask, (enum use)use, &key, &grant, &problem);
	pthread_mutex_unlock(&a->lock);
	if (e) {
		call_refuse(c, e, &problem);
	} else {
		metric_add(&granted, 1);
		key_mark(&key, mark);
		grant.mark = mark;
		call_answer(c, &grant);
	}
}

static const struct {
	enum msg_type type;
	void (*fn)(struct auth *a, struct call *c);
	bool slow; /* waits for the disk: in the clerk's thread */
} handlers[] = {
	{MSG_AUTH_CHECK, on_check, false},
	{MSG_KEYS_GONE, on_keys_gone, false},
	{MSG_WORKER_KEYS, on_worker_keys, false},
	{MSG_PAIR_NEW, on_pair_new, true},
	{MSG_PAIR_TAKE, on_pair_take, true},
	{MSG_WORKER_KEY_REVOKE, on_worker_key_revoke, true},
};

#define HANDLERS (sizeof handlers / sizeof *handlers)

static size_t handler_of(const struct call *c)
{
	size_t i = 0;

	while (i < HANDLERS && handlers[i].type != call_type(c))
		i++;
	return i;
}

static void on_call(void *arg, struct call *c)
{
	struct auth *a = arg;
	size_t i = handler_of(c);

	if (i == HANDLERS)
		call_refuse(c, ERR_UNKNOWN_MESSAGE, NULL);
	else if (!handlers[i].slow)
		handlers[i].fn(a, c);
	else if (!clerk_give(a->clerk, c))
		call_refuse(c, ERR_OVERLOADED, NULL);
}

static void on_slow_call(void *arg, struct call *c)
{
	handlers[handler_of(c)].fn(arg, c);
}

static void register_metrics(void)
{
	for (int i = 0; i < REFUSALS; i++)
		metric_register(&refused[i]);
	metric_register(&granted);
	metric_register(&limited);
	desk_register();
}

enum err auth_start(const struct auth_conf *conf, struct auth **ret)
{
	struct secret secret;
	struct keys *keys;
	struct auth *a;
	int64_t n; /* keys; from the first call on they change */
	enum err e;

	e = keys_open(conf->common.data, &keys);
	if (e)
		return e;
	e = secret_load(conf->common.data, &secret);
	if (e) {
		keys_close(keys);
		return e;
	}
	register_metrics();
	a = xcalloc(1, sizeof *a);
	a->conf = *conf;
	memcpy(a->code_key, secret.code, sizeof a->code_key);
	a->keys = keys;
	n = (int64_t)keys_all(keys)->n;
	pthread_mutex_init(&a->lock, NULL);
	a->tries = tries_new();
	a->clerk = clerk_start(QUEUE, on_slow_call, a);
	if (!server_open("auth", conf->auth_url, secret.wire, SLOTS, on_call, a)) {
		auth_stop(a);
		free(a);
		return ERR_UNAVAILABLE;
	}
	log_info("auth_serves", LS("url", conf->auth_url), LI("keys", n));
	*ret = a;
	return ERR_OK;
}

void auth_stop(struct auth *a)
{
	struct meter *m, *next;

	if (!a)
		return;
	clerk_stop(a->clerk);
	pthread_mutex_lock(&a->lock);
	tries_free(a->tries);
	a->tries = NULL;
	keys_close(a->keys);
	a->keys = NULL;
	m = a->meters;
	HASH_CLEAR(hh, a->meters); /* frees its table, not what is in it */
	for (; m; m = next) {
		next = m->hh.next;
		free(m);
	}
	pthread_mutex_unlock(&a->lock);
}
