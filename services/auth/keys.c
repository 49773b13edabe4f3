#include "services/auth/keys.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/id.h"
#include "proto/log.h"
#include "proto/secret.h"

#define LOOK_EVERY_US 1000000 /* how often to look for changes by other processes */

struct entry {
	const struct key *key; /* in the list */
	UT_hash_handle hh;     /* by key->hash */
	UT_hash_handle hh_id;  /* by key->id */
};

struct keys {
	char *data_dir;
	struct key_list list;
	struct entry *entries; /* one for each of the list, in one piece */
	struct entry *by_hash; /* the tables over them */
	struct entry *by_id;
	struct key_stamp stamp; /* of the file that the list was read from */
	int64_t looked_us;
};

/* The files that keep a key's text for those who run on this machine. */
static const struct local_key {
	enum key_kind kind;
	const char *file, *name;
	bool unlimited;
} local_keys[] = {
	{KEY_API, "api-key", "owner", true},
	{KEY_WORKER, "worker-key", "local worker", false},
};

static void hash_of(const char *text, uint8_t out[KEY_HASH])
{
	crypto_generichash(out, KEY_HASH, (const uint8_t *)text, strlen(text), NULL, 0);
}

static void text_new(enum key_kind kind, char out[KEY_TEXT])
{
	uint8_t secret[32];

	randombytes_buf(secret, sizeof secret);
	snprintf(out, KEY_TEXT, "%s", kind == KEY_WORKER ? "wk_" : "av_");
	sodium_bin2base64(out + 3, KEY_TEXT - 3, secret, sizeof secret,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(secret, sizeof secret);
}

static struct key record_new(const char *name, enum key_kind kind, bool unlimited, const char *text)
{
	struct key k = {.kind = kind, .unlimited = unlimited, .created_at = now_ms()};

	memcpy(k.id, "key_", 4);
	token_hex(8, k.id + 4);
	snprintf(k.name, sizeof k.name, "%s", name);
	hash_of(text, k.hash);
	return k;
}

static void index_drop(struct keys *k)
{
	HASH_CLEAR(hh, k->by_hash);
	HASH_CLEAR(hh_id, k->by_id);
	free(k->entries);
	k->entries = NULL;
	key_list_free(&k->list);
}

static void index_make(struct keys *k, struct key_list *list)
{
	index_drop(k);
	k->list = *list;
	*list = (struct key_list){0};
	k->entries = xcalloc(k->list.n + 1, sizeof *k->entries);
	for (size_t i = 0; i < k->list.n; i++) {
		struct entry *e = &k->entries[i];

		e->key = &k->list.keys[i];
		HASH_ADD_KEYPTR(hh, k->by_hash, e->key->hash, KEY_HASH, e);
		HASH_ADD_KEYPTR(hh_id, k->by_id, e->key->id, KEY_ID - 1, e);
	}
}

enum err keys_reload(struct keys *k)
{
	struct key_list list;
	struct key_stamp stamp;
	enum err e = keyfile_read(k->data_dir, &list, &stamp);

	/* Remember also a stamp that could not be read: say so once, not at every look. */
	k->stamp = stamp;
	if (e == ERR_OK)
		index_make(k, &list);
	return e;
}

/*
 * The text comes from the file if a first start got that far and no further: so a crash at any
 * moment leaves files and records that fit each other.
 */
static enum err local_make(const char *data_dir, const struct local_key *local, char text[KEY_TEXT])
{
	char path[PATH_MAX], *old;
	bool made;
	enum err e;

	text_new(local->kind, text);
	snprintf(path, sizeof path, "%s/%s", data_dir, local->file);
	e = secret_file(path, text, strlen(text), &made);
	if (e || made)
		return e;
	e = file_read(path, 1024, &old);
	if (e)
		return e;
	old[strcspn(old, "\r\n")] = '\0';
	if (strlen(old) == KEY_TEXT - 1) {
		memcpy(text, old, KEY_TEXT);
	} else {
		log_error("key_file_strange", LS("path", path),
			LS("hint", "remove it to get a new key"));
		e = ERR_STORE;
	}
	free(old);
	return e;
}

static enum err first_start(void *data_dir, bool fresh, struct key_list *list)
{
	if (!fresh)
		return ERR_EMPTY; /* another process was faster */
	for (size_t i = 0; i < sizeof local_keys / sizeof *local_keys; i++) {
		const struct local_key *local = &local_keys[i];
		char text[KEY_TEXT];
		struct key k;
		enum err e = local_make(data_dir, local, text);

		if (e)
			return e;
		k = record_new(local->name, local->kind, local->unlimited, text);
		key_list_add(list, &k);
	}
	return ERR_OK;
}

enum err keys_open(const char *data_dir, struct keys **ret)
{
	static const struct key_stamp none;
	struct key_stamp stamp;
	struct keys *k;
	enum err e;

	if (sodium_init() < 0)
		return ERR_INTERNAL;
	e = keyfile_prepare(data_dir);
	if (e)
		return e;
	stamp = keyfile_stamp(data_dir);
	if (key_stamp_same(&stamp, &none)) {
		e = keyfile_change(data_dir, first_start, (void *)data_dir);
		if (e == ERR_OK)
			log_info("keys_made", LS("folder", data_dir));
		else if (e != ERR_EMPTY)
			return e;
	}
	k = xcalloc(1, sizeof *k);
	k->data_dir = xstrdup(data_dir);
	e = keys_reload(k);
	if (e) {
		keys_close(k);
		return e;
	}
	*ret = k;
	return ERR_OK;
}

void keys_close(struct keys *k)
{
	if (!k)
		return;
	index_drop(k);
	free(k->data_dir);
	free(k);
}

static void look(struct keys *k, int64_t now_us)
{
	struct key_stamp stamp;

	if (k->looked_us && now_us - k->looked_us < LOOK_EVERY_US)
		return;
	k->looked_us = now_us;
	stamp = keyfile_stamp(k->data_dir);
	/* A file that is gone is an accident or an attack: what is known stays known. */
	if (stamp.inode == 0 || key_stamp_same(&stamp, &k->stamp))
		return;
	if (keys_reload(k) == ERR_OK)
		log_info("keys_reloaded", LI("keys", (int64_t)k->list.n));
}

const struct key *keys_find(struct keys *k, const char *text, int64_t now_us)
{
	uint8_t hash[KEY_HASH];
	struct entry *e;

	look(k, now_us);
	if (strlen(text) != KEY_TEXT - 1)
		return NULL;
	hash_of(text, hash);
	HASH_FIND(hh, k->by_hash, hash, KEY_HASH, e);
	return e && sodium_memcmp(e->key->hash, hash, KEY_HASH) == 0 ? e->key : NULL;
}

const struct key *keys_by_id(struct keys *k, const char *id, int64_t now_us)
{
	struct entry *e;

	look(k, now_us);
	HASH_FIND(hh_id, k->by_id, id, strlen(id), e);
	return e ? e->key : NULL;
}

bool keys_good(struct keys *k, const struct key *key, int64_t now_us)
{
	const struct key *owner;
	struct key copy = *key; /* the next call may replace it */

	if (copy.revoked_at || !*copy.owner)
		return !copy.revoked_at;
	owner = keys_by_id(k, copy.owner, now_us);
	return owner && !owner->revoked_at;
}

const struct key_list *keys_all(const struct keys *k)
{
	return &k->list;
}

static enum err add_record(void *arg, bool fresh, struct key_list *list)
{
	(void)fresh;
	key_list_add(list, arg);
	return ERR_OK;
}

enum err keys_add(struct keys *k, const char *name, enum key_kind kind, bool unlimited,
	char text[KEY_TEXT], char id[KEY_ID])
{
	struct key record;
	enum err e;

	if (!key_name_ok(name))
		return ERR_BAD_PARAM;
	text_new(kind, text);
	record = record_new(name, kind, unlimited, text);
	memcpy(id, record.id, KEY_ID);
	e = keyfile_change(k->data_dir, add_record, &record);
	return e ? e : keys_reload(k);
}

struct change {
	const char *id;
	const uint8_t *hash; /* the new one; NULL: revoke */
	struct key before;
};

static enum err change_record(void *arg, bool fresh, struct key_list *list)
{
	struct change *c = arg;

	(void)fresh;
	for (size_t i = 0; i < list->n; i++) {
		struct key *k = &list->keys[i];

		if (strcmp(k->id, c->id) != 0)
			continue;
		c->before = *k;
		if (!c->hash && !k->revoked_at)
			k->revoked_at = now_ms();
		if (c->hash && k->revoked_at)
			return ERR_NOT_FOUND;
		if (c->hash)
			memcpy(k->hash, c->hash, KEY_HASH);
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

/* The local file follows when it held the key that was just replaced. */
static enum err local_follow(const char *data_dir, const uint8_t before[KEY_HASH], const char *text)
{
	for (size_t i = 0; i < sizeof local_keys / sizeof *local_keys; i++) {
		char path[PATH_MAX], *old;
		uint8_t hash[KEY_HASH];

		snprintf(path, sizeof path, "%s/%s", data_dir, local_keys[i].file);
		if (file_read(path, 1024, &old) != ERR_OK)
			continue;
		old[strcspn(old, "\r\n")] = '\0';
		hash_of(old, hash);
		free(old);
		if (sodium_memcmp(hash, before, KEY_HASH) == 0)
			return file_replace(path, text, strlen(text));
	}
	return ERR_OK;
}

void key_mark(const struct key *key, char mark[KEY_MARK])
{
	sodium_bin2hex(mark, KEY_MARK, key->hash, (KEY_MARK - 1) / 2);
}

enum err keys_rotate(struct keys *k, const char *id, char text[KEY_TEXT])
{
	uint8_t hash[KEY_HASH];
	struct change c = {.id = id, .hash = hash};
	enum err e;

	/* The kind never changes, so what is in memory will do to choose the prefix. */
	text_new(KEY_API, text);
	for (size_t i = 0; i < k->list.n; i++)
		if (strcmp(k->list.keys[i].id, id) == 0)
			text_new(k->list.keys[i].kind, text);
	hash_of(text, hash);
	e = keyfile_change(k->data_dir, change_record, &c);
	if (e == ERR_OK)
		e = local_follow(k->data_dir, c.before.hash, text);
	return e ? e : keys_reload(k);
}

enum err keys_revoke_file(const char *data_dir, const char *id)
{
	struct change c = {.id = id};

	return keyfile_change(data_dir, change_record, &c);
}

enum err keys_revoke(struct keys *k, const char *id)
{
	enum err e = keys_revoke_file(k->data_dir, id);

	return e ? e : keys_reload(k);
}

static enum err pair_record(void *arg, bool fresh, struct key_list *list)
{
	struct paired *p = arg;
	bool owner_good = false;
	struct key k;

	(void)fresh;
	for (size_t i = 0; i < list->n; i++) {
		struct key *old = &list->keys[i];

		if (p->owner && strcmp(old->id, p->owner) == 0)
			owner_good = !old->revoked_at;
		if (strcmp(old->code, p->code) != 0)
			continue;
		if (strcmp(old->taken_by, p->taken_by) != 0)
			return ERR_BAD_CODE;
		hash_of(p->text, old->hash);
		memcpy(p->id, old->id, KEY_ID);
		return ERR_OK;
	}
	if (!owner_good)
		return ERR_BAD_CODE;
	k = record_new(p->name, KEY_WORKER, false, p->text);
	snprintf(k.owner, sizeof k.owner, "%s", p->owner);
	snprintf(k.code, sizeof k.code, "%s", p->code);
	snprintf(k.taken_by, sizeof k.taken_by, "%s", p->taken_by);
	key_list_add(list, &k);
	memcpy(p->id, k.id, KEY_ID);
	return ERR_OK;
}

enum err keys_pair(const char *data_dir, struct paired *p)
{
	if (!key_name_ok(p->name))
		return ERR_BAD_PARAM;
	text_new(KEY_WORKER, p->text);
	return keyfile_change(data_dir, pair_record, p);
}
