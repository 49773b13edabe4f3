#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "proto/log.h"
#include "store_hooks.h"

#define LOG_MAX       100  /* deliveries that an endpoint's log has, besides those that wait */
#define LOOK_MAX      256  /* deliveries looked at for one HOOK_TAKE: some may be for nobody */
#define HINT_EVERY_MS 1000 /* when nobody takes what is due */

static struct hook_key key_of(const struct delivery *d)
{
	struct hook_key key;

	memccpy(key.owner, d->owner, 0, sizeof key.owner);
	memccpy(key.endpoint, d->endpoint, 0, sizeof key.endpoint);
	memccpy(key.id, d->id, 0, sizeof key.id);
	return key;
}

/* ---- in ---- */

/* The lane that it goes in: hooks.h. */
static const char *lane_of(struct jobs *j, const struct delivery *d)
{
	const char *host = strstr(d->url, "://");

	if (strcmp(d->endpoint, DELIVERY_DEFAULT) != 0 || !host)
		return d->endpoint;
	host += 3;
	return batch_printf(&j->batch, "%.*s", (int)strcspn(host, "/?#"), host);
}

static void hint(struct jobs *j)
{
	j->batch.hooks_due = true;
	j->hook_hint_at = j->batch.mono + HINT_EVERY_MS;
}

/* It is over, one way or the other. */
static void finish(struct jobs *j, const struct delivery *d)
{
	bool worked = !d->error;

	store_hook_over(j->store, d, j->conf.webhook_keep_ms);
	store_hooks_trim(j->store, d->owner, d->endpoint, LOG_MAX, j->conf.webhook_keep_ms);
	hooks_remove(j->hooks, d->id, worked);
	if (worked)
		j->batch.hooks_delivered++;
	else
		j->batch.hooks_failed++;
	log_info("webhook_over", LS("id", d->id), LS("endpoint", d->endpoint),
		LS("state", d->state), LI("attempts", d->attempts), LI("status", d->status));
}

/* A delivery that may be changed. */
static enum err load(struct jobs *j, const struct hook_key *key, struct delivery **ret)
{
	struct delivery *d;
	struct msg *m;
	enum err e = store_hook_get(j->store, HOOK_PENDING, key, &m);

	if (e)
		return e;
	d = batch_mem(&j->batch, sizeof *d);
	*d = *(const struct delivery *)batch_keep(&j->batch, m);
	*ret = d;
	return ERR_OK;
}

static void drop(struct jobs *j, const struct hook_key *key)
{
	store_hook_drop(j->store, key);
	hooks_remove(j->hooks, key->id, false);
}

static void make_room(struct jobs *j, const char *owner)
{
	struct hook_key key;
	struct delivery *d;

	if (hooks_of(j->hooks, owner) < (size_t)j->conf.webhooks_max ||
		!hooks_oldest(j->hooks, owner, &key))
		return;
	if (load(j, &key, &d) != ERR_OK) {
		drop(j, &key);
		return;
	}
	delivery_give_up(d, j->batch.now, "Too many deliveries were waiting; the oldest went.");
	finish(j, d);
}

const struct delivery *outbox_add(struct jobs *j, const struct endpoint *to, const char *id,
	const char *url, const char *type, const struct job *job)
{
	struct delivery *d = batch_mem(&j->batch, sizeof *d);
	struct buf body = {0};
	struct hook_key key;

	delivery_body(&body, id, type, job, j->batch.now);
	*d = (struct delivery){.id = id,
		.owner = to->owner,
		.endpoint = to->id,
		.url = url,
		.type = type,
		.video = job ? job->id : NULL,
		.body = batch_own(&j->batch, body.p),
		.created_at = j->batch.now,
		.state = "pending",
		.next_at = j->batch.now};
	make_room(j, d->owner);
	store_hook_put(j->store, d);
	key = key_of(d);
	hooks_add(j->hooks, &key, lane_of(j, d), d->next_at);
	hint(j);
	return d;
}

static void add_event(struct jobs *j, const struct endpoint *to, const char *url, const char *type,
	const struct job *job)
{
	char id[ID_MAX];

	if (!delivery_wanted(to, type))
		return;
	id_new("evt_", id);
	outbox_add(j, to, batch_printf(&j->batch, "%s", id), url, type, job);
}

void outbox_job_over(struct jobs *j, const struct job *job)
{
	const struct endpoint *all[ENDPOINTS_MAX];
	const char *type = delivery_event(job->status);
	struct endpoint *own;
	size_t n;

	if (!type)
		return; /* it was deleted: nobody wants to hear of it any more */
	n = endpoints_load(j, job->owner, all);
	for (size_t i = 0; i < n; i++)
		add_event(j, all[i], all[i]->url, type, job);
	if (job->webhook_url && endpoint_load(j, job->owner, DELIVERY_DEFAULT, &own) == ERR_OK)
		add_event(j, own, job->webhook_url, type, job);
}

/* ---- out ---- */

/* As the bridge gets it. */
static struct delivery told(struct jobs *j, const struct delivery *d, const struct endpoint *to)
{
	const char **secrets = batch_mem(&j->batch, 2 * sizeof *secrets);
	struct delivery t = *d;

	secrets[t.n_secrets++] = to->secret;
	if (to->old_secret && j->batch.now < to->old_until)
		secrets[t.n_secrets++] = to->old_secret;
	t.secrets = secrets;
	t.past_lease = NULL;
	return t;
}

/* Send this one, if it still is for somebody. */
static bool take(
	struct jobs *j, const struct hook_key *key, const char *token, struct delivery *ret)
{
	struct endpoint *to;
	struct delivery *d;
	enum err e = load(j, key, &d);

	if (e == ERR_OK)
		e = endpoint_load(j, key->owner, key->endpoint, &to);
	if (e) {
		if (e != ERR_STORE)
			drop(j, key);
		return false;
	}
	if (to->disabled && strcmp(d->type, DELIVERY_TEST) != 0) {
		delivery_give_up(d, j->batch.now, "The endpoint is disabled.");
		finish(j, d);
		return false;
	}
	if (delivery_late(d, &j->delivery_rules, j->batch.now)) {
		delivery_give_up(d, j->batch.now, "Nobody took it in time.");
		finish(j, d);
		return false;
	}
	if (to->url)
		d->url = to->url; /* it may have got another one since */
	delivery_take(d, &j->delivery_rules, j->batch.now, token);
	store_hook_put(j->store, d);
	*ret = told(j, d, to);
	return true;
}

/* The same ask once more. */
static size_t take_again(struct jobs *j, const char *token, struct delivery *ret, size_t max)
{
	struct hook_key *keys = batch_mem(&j->batch, max * sizeof *keys);
	size_t n = hooks_under(j->hooks, token, keys, max), kept = 0;
	struct endpoint *to;
	struct delivery *d;

	for (size_t i = 0; i < n; i++) {
		if (load(j, &keys[i], &d) == ERR_OK &&
			endpoint_load(j, keys[i].owner, keys[i].endpoint, &to) == ERR_OK)
			ret[kept++] = told(j, d, to);
	}
	return kept;
}

size_t outbox_take(struct jobs *j, const char *token, struct delivery *ret, size_t max)
{
	int64_t until = j->batch.now + j->delivery_rules.lease_ms;
	size_t n = take_again(j, token, ret, max);
	struct hook_key key;

	if (n)
		return n;
	for (int i = 0; i < LOOK_MAX && n < max && !store_failed(j->store); i++) {
		if (!hooks_take(j->hooks, j->batch.now, token, until, &key))
			break;
		n += take(j, &key, token, &ret[n]);
	}
	return n;
}

static double dice(void)
{
	return arc4random() / 4294967296.0;
}

/* Its endpoint says that it is gone: it gets no more. */
static void gone(struct jobs *j, const struct hook_key *key)
{
	struct endpoint *to;

	if (strcmp(key->endpoint, DELIVERY_DEFAULT) == 0 ||
		endpoint_load(j, key->owner, key->endpoint, &to) != ERR_OK)
		return;
	to->disabled = true;
	store_endpoint_put(j->store, to);
	log_info("webhook_endpoint_gone", LS("endpoint", to->id), LS("owner", to->owner));
}

/* It is not pending: was that this very try? */
static enum err tried_before(struct jobs *j, const struct hook_key *key, const char *token)
{
	const struct delivery *d;
	struct msg *m;
	enum err e = store_hook_get(j->store, HOOK_OVER, key, &m);

	if (e)
		return e == ERR_STORE ? e : ERR_LEASE_LOST;
	d = batch_keep(&j->batch, m);
	return d->past_lease && strcmp(d->past_lease, token) == 0 ? ERR_OK : ERR_LEASE_LOST;
}

enum err outbox_tried(struct jobs *j, const struct hook_tried *say)
{
	struct hook_key key = key_of(
		&(struct delivery){.owner = say->owner, .endpoint = say->endpoint, .id = say->id});
	struct delivery *d;
	enum err e = load(j, &key, &d);

	if (e)
		return e == ERR_NOT_FOUND ? tried_before(j, &key, say->lease) : e;
	if (d->past_lease && strcmp(d->past_lease, say->lease) == 0)
		return ERR_OK;
	if (!d->lease || strcmp(d->lease, say->lease) != 0)
		return ERR_LEASE_LOST;
	delivery_tried(d, &j->delivery_rules, j->batch.now, dice(), say);
	if (delivery_over(d)) {
		finish(j, d);
	} else {
		store_hook_put(j->store, d);
		hooks_again(j->hooks, d->id, d->next_at);
	}
	if (say->status == 410)
		gone(j, &key);
	return ERR_OK;
}

void outbox_forget(struct jobs *j, const char *owner, const char *endpoint)
{
	while (store_hooks_trim(j->store, owner, endpoint, 0, j->conf.webhook_keep_ms) > 0 &&
		!store_failed(j->store))
		;
}

/* ---- the memory ---- */

static void load_one(void *arg, const struct delivery *d)
{
	struct jobs *j = arg;
	struct hook_key key;
	int64_t last;

	if (!d->owner || !d->endpoint || !d->id || !d->url || !d->type || !d->state ||
		strlen(d->owner) >= OWNER_MAX || strlen(d->endpoint) >= ID_MAX ||
		strlen(d->id) >= ID_MAX) {
		log_error("store_bad_record", LS("what", "delivery"));
		return;
	}
	/* the wall clock may have been set back since */
	last = j->batch.now + (lease_token_ok(d->lease)
					      ? j->delivery_rules.lease_ms
					      : delivery_pause(&j->delivery_rules, d->attempts, 1));
	key = key_of(d);
	hooks_add(j->hooks, &key, lane_of(j, d), d->next_at < last ? d->next_at : last);
	if (lease_token_ok(d->lease))
		hooks_leased(j->hooks, d->id, d->lease, d->next_at < last ? d->next_at : last);
}

void outbox_load(struct jobs *j)
{
	hooks_free(j->hooks);
	j->hooks = hooks_new();
	store_hooks_pending(j->store, load_one, j);
}

void outbox_wake(struct jobs *j)
{
	hooks_lapse(j->hooks, j->batch.now);
	if (hooks_next(j->hooks) <= j->batch.now && j->hook_hint_at <= j->batch.mono)
		hint(j);
}

int64_t outbox_wait_ms(const struct jobs *j)
{
	int64_t next = hooks_next(j->hooks);

	if (next == INT64_MAX)
		return next;
	return next > j->batch.now ? next - j->batch.now : j->hook_hint_at - j->batch.mono;
}
