#include "services/auth/codes.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/log.h"

#define LETTERS    "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" /* 32; without I, O, 0 and 1 */
#define LENGTH     8
#define FILE_LIMIT (1 << 20)
#define MOST       2000 /* open codes of all owners: far below FILE_LIMIT */

struct codes {
	struct code *all;
	size_t n;
};

bool code_hash(const char *typed, char hash[KEY_CODE])
{
	char plain[5 + LENGTH] = "code ";
	uint8_t bin[(KEY_CODE - 1) / 2];
	size_t n = 5;

	for (; *typed; typed++) {
		int c = toupper((unsigned char)*typed);

		if (c == ' ' || c == '-')
			continue;
		if (n == sizeof plain || !strchr(LETTERS, c))
			return false;
		plain[n++] = (char)c;
	}
	if (n != sizeof plain)
		return false;
	crypto_generichash(bin, sizeof bin, (const uint8_t *)plain, n, NULL, 0);
	sodium_bin2hex(hash, KEY_CODE, bin, sizeof bin);
	return true;
}

static void text_of_code(const uint8_t key[32], const struct code *c, char text[CODE_TEXT])
{
	char what[sizeof c->owner + sizeof c->made_by + 24];
	uint8_t sum[crypto_generichash_BYTES_MIN];
	int n = snprintf(what, sizeof what, "%s %s %" PRId64, c->owner, c->made_by, c->expires_at);

	crypto_generichash(sum, sizeof sum, (const uint8_t *)what, (unsigned long long)n, key, 32);
	for (int i = 0; i < CODE_TEXT - 1; i++)
		text[i] = i == LENGTH / 2 ? '-' : LETTERS[sum[i] % 32];
	text[CODE_TEXT - 1] = '\0';
}

/* ---- the file ---- */

static const char *text_of(const cJSON *o, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return s ? s : "";
}

static void path_of(const char *data_dir, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/auth/codes.json", data_dir);
}

/* Those that are open. A file that makes no sense has none: people ask for another code. */
static enum err codes_read(const char *data_dir, int64_t now, struct codes *ret)
{
	char path[PATH_MAX], *json;
	const cJSON *o;
	cJSON *root;
	enum err e;

	*ret = (struct codes){0};
	path_of(data_dir, path);
	e = file_read(path, FILE_LIMIT, &json);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	root = cJSON_Parse(json);
	free(json);
	if (!root)
		log_error("codes_unreadable", LS("path", path));
	ret->all = xcalloc(MOST, sizeof *ret->all);
	cJSON_ArrayForEach (o, cJSON_GetObjectItemCaseSensitive(root, "codes")) {
		const cJSON *until = cJSON_GetObjectItemCaseSensitive(o, "expires_at");
		struct code c = {0};

		snprintf(c.hash, sizeof c.hash, "%s", text_of(o, "hash"));
		snprintf(c.owner, sizeof c.owner, "%s", text_of(o, "owner"));
		snprintf(c.made_by, sizeof c.made_by, "%s", text_of(o, "made_by"));
		c.expires_at = cJSON_IsNumber(until) ? (int64_t)until->valuedouble : 0;
		if (c.expires_at > now && strlen(c.hash) == KEY_CODE - 1 && ret->n < MOST)
			ret->all[ret->n++] = c;
	}
	cJSON_Delete(root);
	return ERR_OK;
}

static enum err codes_write(const char *data_dir, const struct codes *codes)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(root, "codes");
	char path[PATH_MAX], *json;
	enum err e;

	for (size_t i = 0; i < codes->n; i++) {
		const struct code *c = &codes->all[i];
		cJSON *o = cJSON_CreateObject();

		cJSON_AddStringToObject(o, "hash", c->hash);
		cJSON_AddStringToObject(o, "owner", c->owner);
		cJSON_AddStringToObject(o, "made_by", c->made_by);
		cJSON_AddNumberToObject(o, "expires_at", (double)c->expires_at);
		cJSON_AddItemToArray(list, o);
	}
	json = cJSON_Print(root);
	cJSON_Delete(root);
	if (!json)
		return ERR_NO_MEMORY;
	path_of(data_dir, path);
	e = file_replace(path, json, strlen(json));
	free(json);
	return e;
}

/* ---- changing it ---- */

/* The open one of the same request; NULL: there is none. *open: how many its owner has. */
static struct code *same_request(struct codes *codes, const struct code *c, size_t *open)
{
	struct code *same = NULL;

	*open = 0;
	for (size_t i = 0; i < codes->n; i++) {
		if (strcmp(codes->all[i].owner, c->owner) != 0)
			continue;
		if (strcmp(codes->all[i].made_by, c->made_by) == 0)
			same = &codes->all[i];
		++*open;
	}
	return same;
}

/* same: its place, if it has one already. */
static enum err put(
	const char *data_dir, struct codes *codes, struct code *same, const struct code *c)
{
	if (!codes->all)
		codes->all = xcalloc(MOST, sizeof *codes->all);
	if (!same)
		same = &codes->all[codes->n++];
	*same = *c;
	return codes_write(data_dir, codes);
}

enum err codes_add(const char *data_dir, const uint8_t key[32], int64_t now, struct code *c,
	char text[CODE_TEXT])
{
	struct code *same = NULL;
	struct codes codes;
	size_t open = 0;
	enum err e;
	int lock = keyfile_lock(data_dir, "codes.lock");

	if (lock < 0)
		return ERR_STORE;
	e = codes_read(data_dir, now, &codes);
	if (e == ERR_OK)
		same = same_request(&codes, c, &open);
	if (same)
		c->expires_at = same->expires_at;
	text_of_code(key, c, text);
	(void)code_hash(text, c->hash);
	if (e == ERR_OK && !same && (open >= CODES_OPEN || codes.n == MOST))
		e = ERR_QUOTA;
	else if (e == ERR_OK && (!same || strcmp(same->hash, c->hash) != 0)) /* another key: anew */
		e = put(data_dir, &codes, same, c);
	free(codes.all);
	close(lock);
	return e;
}

/* Looks at all of them, whichever it is, and at all of each. */
static size_t place_of(const struct codes *codes, const char *hash)
{
	size_t found = codes->n;

	for (size_t i = 0; i < codes->n; i++)
		if (sodium_memcmp(codes->all[i].hash, hash, KEY_CODE) == 0)
			found = i;
	return found;
}

enum err codes_find(const char *data_dir, int64_t now, const char *hash, struct code *ret)
{
	struct codes codes;
	enum err e = codes_read(data_dir, now, &codes);
	size_t i;

	if (e == ERR_OK) {
		i = place_of(&codes, hash);
		e = i < codes.n ? ERR_OK : ERR_NOT_FOUND;
		if (e == ERR_OK)
			*ret = codes.all[i];
	}
	free(codes.all);
	return e;
}

enum err codes_drop(const char *data_dir, int64_t now, const char *hash)
{
	struct codes codes;
	enum err e;
	size_t i;
	int lock = keyfile_lock(data_dir, "codes.lock");

	if (lock < 0)
		return ERR_STORE;
	e = codes_read(data_dir, now, &codes);
	if (e == ERR_OK) {
		i = place_of(&codes, hash);
		if (i < codes.n)
			codes.all[i] = codes.all[--codes.n];
		e = codes_write(data_dir, &codes);
	}
	free(codes.all);
	close(lock);
	return e;
}
