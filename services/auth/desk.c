/* Pairing workers, and looking after their keys. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "proto/metric.h"
#include "services/auth/codes.h"
#include "services/auth/inside.h"

static struct metric codes_made = {
	.name = "pairing_codes_total", .help = "pairing codes made", .type = METRIC_COUNTER};
static struct metric paired = {.name = "paired_total",
	.help = "worker keys made of a pairing code",
	.type = METRIC_COUNTER};
static struct metric wrong = {.name = "pairing_wrong_total",
	.help = "pairing codes that were refused",
	.type = METRIC_COUNTER};
static struct metric held_off = {.name = "pairing_limited_total",
	.help = "tries of a pairing code that came too often",
	.type = METRIC_COUNTER};

void desk_register(void)
{
	metric_register(&codes_made);
	metric_register(&paired);
	metric_register(&wrong);
	metric_register(&held_off);
}

/* What the file says now counts from now on. */
static void take_note(struct auth *a)
{
	pthread_mutex_lock(&a->lock);
	if (a->keys)
		(void)keys_reload(a->keys);
	pthread_mutex_unlock(&a->lock);
}

/* ---- pairing ---- */

/* What tells a request that is repeated: the client's word for it, else its id. */
static void request_name(const struct pair_new *ask, const struct call *c, char name[RID_HEX])
{
	const char *key = ask->idempotency_key;
	uint8_t sum[(RID_HEX - 1) / 2];

	if (!key) {
		rid_hex(call_rid(c), name);
		return;
	}
	crypto_generichash(sum, sizeof sum, (const uint8_t *)key, strlen(key), NULL, 0);
	sodium_bin2hex(name, RID_HEX, sum, sizeof sum);
}

void on_pair_new(struct auth *a, struct call *c)
{
	static const char too_many[] =
		"This key has five open pairing codes. Use one of them, or wait: each ends by "
		"itself, after ten minutes as a rule.";
	const struct pair_new *ask = call_rec(c);
	int64_t now = now_ms();
	struct code code = {.expires_at = now + a->conf.pair_code_ms};
	struct pair_code answer;
	char text[CODE_TEXT];
	enum err e;

	if (!ask->owner || strlen(ask->owner) != KEY_ID - 1) {
		call_refuse(c, ERR_BAD_REQUEST, NULL);
		return;
	}
	memcpy(code.owner, ask->owner, KEY_ID);
	request_name(ask, c, code.made_by);
	e = codes_add(a->conf.common.data, a->code_key, now, &code, text);
	if (e == ERR_QUOTA) {
		call_refuse(c, e, &PROBLEM(.message = too_many));
		return;
	}
	if (e) {
		call_refuse(c, e, NULL);
		return;
	}
	metric_add(&codes_made, 1);
	answer = (struct pair_code){.code = text, .expires_at = code.expires_at};
	call_answer(c, &answer);
}

/* False: it has been refused. */
static bool may_try(struct auth *a, struct call *c, const char *peer)
{
	struct problem p = PROBLEM(.param = "code");
	struct bucket_answer b = {0};
	bool there;

	pthread_mutex_lock(&a->lock);
	there = a->tries != NULL;
	if (there)
		b = tries_take(a->tries, peer, mono_us());
	pthread_mutex_unlock(&a->lock);
	if (there && b.ok)
		return true;
	if (!there) {
		call_refuse(c, ERR_UNAVAILABLE, NULL);
		return false;
	}
	p.retry_after_ms = b.retry_after_ms;
	p.message = "Too many pairing codes were tried. Wait as long as Retry-After says.";
	metric_add(&held_off, 1);
	call_refuse(c, ERR_LIMITED, &p);
	return false;
}

static enum err pair(struct auth *a, const char *typed, struct paired *p)
{
	const char *data = a->conf.common.data;
	char hash[KEY_CODE];
	struct code code;
	enum err e;

	if (!code_hash(typed, hash))
		return ERR_BAD_CODE;
	e = codes_find(data, now_ms(), hash, &code);
	if (e != ERR_OK && e != ERR_NOT_FOUND)
		return e;
	/* None is open: the file of keys knows whether this request has used it before. */
	p->owner = e == ERR_OK ? code.owner : NULL;
	p->code = hash;
	e = keys_pair(data, p);
	/* From here on the code is good no more, whether or not it is still in its file. */
	if (e == ERR_OK && p->owner)
		(void)codes_drop(data, now_ms(), hash);
	p->owner = p->code = NULL;
	return e;
}

void on_pair_take(struct auth *a, struct call *c)
{
	const struct pair_take *ask = call_rec(c);
	char rid[RID_HEX];
	struct paired p = {.name = ask->name, .taken_by = rid_hex(call_rid(c), rid)};
	struct pair_token answer;
	enum err e;

	if (!ask->code || !ask->name || !key_name_ok(ask->name)) {
		call_refuse(c, ERR_BAD_REQUEST, NULL);
		return;
	}
	if (!may_try(a, c, ask->peer))
		return;
	e = pair(a, ask->code, &p);
	if (e) {
		metric_add(&wrong, e == ERR_BAD_CODE);
		call_refuse(c, e, &PROBLEM(.param = "code"));
		return;
	}
	take_note(a);
	metric_add(&paired, 1);
	log_info("worker_paired", LS("key", p.id), LS("name", p.name));
	answer = (struct pair_token){.token = p.text, .key_id = p.id, .name = p.name};
	call_answer(c, &answer);
}

/* ---- worker keys ---- */

/* Revoked, or it has another text by now. mark NULL: any text. */
static bool is_gone(struct auth *a, const char *id, const char *mark, int64_t now)
{
	const struct key *k = keys_by_id(a->keys, id, now);
	char is[KEY_MARK];

	if (!k || k->kind != KEY_WORKER)
		return true;
	key_mark(k, is);
	return (mark && strcmp(mark, is) != 0) || !keys_good(a->keys, k, now);
}

void on_keys_gone(struct auth *a, struct call *c)
{
	const struct key_ids *ask = call_rec(c);
	const char **ids = xcalloc(ask->n_ids + 1, sizeof *ids);
	const char **marks = xcalloc(ask->n_ids + 1, sizeof *marks);
	struct key_ids gone = {.ids = ids, .marks = marks};
	bool marked = ask->n_marks == ask->n_ids;
	int64_t now = mono_us();

	pthread_mutex_lock(&a->lock);
	for (size_t i = 0; a->keys && i < ask->n_ids; i++) {
		if (!is_gone(a, ask->ids[i], marked ? ask->marks[i] : NULL, now))
			continue;
		ids[gone.n_ids++] = ask->ids[i];
		if (marked)
			marks[gone.n_marks++] = ask->marks[i];
	}
	pthread_mutex_unlock(&a->lock);
	call_answer(c, &gone);
	free(ids);
	free(marks);
}

static bool is_shown(
	struct auth *a, const struct key *k, const struct worker_keys *ask, int64_t now)
{
	return k->kind == KEY_WORKER && keys_good(a->keys, k, now) &&
	       (ask->all || (ask->owner && *k->owner && strcmp(k->owner, ask->owner) == 0));
}

void on_worker_keys(struct auth *a, struct call *c)
{
	const struct worker_keys *ask = call_rec(c);
	struct worker_key_list list = {0};
	struct worker_key *told;
	struct key *copies;
	int64_t now = mono_us();
	size_t n;

	pthread_mutex_lock(&a->lock);
	if (!a->keys) {
		pthread_mutex_unlock(&a->lock);
		call_refuse(c, ERR_UNAVAILABLE, NULL);
		return;
	}
	(void)keys_by_id(a->keys, "", now); /* reads the file now, not between two of the list */
	n = keys_all(a->keys)->n;
	copies = xcalloc(n + 1, sizeof *copies);
	told = xcalloc(n + 1, sizeof *told);
	for (size_t i = 0; i < n; i++) {
		struct key *k = &copies[list.n_keys];

		*k = keys_all(a->keys)->keys[i];
		if (is_shown(a, k, ask, now))
			told[list.n_keys++] = (struct worker_key){.id = k->id,
				.owner = *k->owner ? k->owner : NULL,
				.name = k->name,
				.created_at = k->created_at};
	}
	pthread_mutex_unlock(&a->lock);
	list.keys = told;
	call_answer(c, &list);
	free(told);
	free(copies);
}

/* ERR_NOT_FOUND: it is none that the asker may revoke. */
static enum err may_revoke(struct auth *a, const struct worker_key_ref *ask)
{
	const struct key *k = NULL;
	bool may = false;

	pthread_mutex_lock(&a->lock);
	if (a->keys && ask->id)
		k = keys_by_id(a->keys, ask->id, mono_us());
	if (k && k->kind == KEY_WORKER)
		may = ask->all || (ask->owner && *k->owner && strcmp(k->owner, ask->owner) == 0);
	pthread_mutex_unlock(&a->lock);
	return may ? ERR_OK : ERR_NOT_FOUND;
}

void on_worker_key_revoke(struct auth *a, struct call *c)
{
	static const char unknown[] = "No such worker, or it belongs to another key.";
	const struct worker_key_ref *ask = call_rec(c);
	enum err e = may_revoke(a, ask);

	if (e == ERR_OK)
		e = keys_revoke_file(a->conf.common.data, ask->id);
	if (e) {
		call_refuse(c, e, &PROBLEM(.message = e == ERR_NOT_FOUND ? unknown : NULL));
		return;
	}
	take_note(a);
	log_info("worker_revoked", LS("key", ask->id));
	call_answer(c, NULL);
}
