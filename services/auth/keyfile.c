#include "services/auth/keyfile.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/log.h"

#define FILE_LIMIT (32 << 20) /* some 100,000 keys */
#define VERSION    1          /* of the file; fields may be added under the same version */

static const char *const kind_names[] = {[KEY_API] = "api", [KEY_WORKER] = "worker"};

const char *key_kind_name(enum key_kind kind)
{
	return kind_names[kind];
}

bool key_name_ok(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n >= KEY_NAME)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return false;
	return true;
}

static enum err store_failed(const char *what, const char *path)
{
	log_error(what, LS("path", path), LS("why", strerror(errno)));
	return ERR_STORE;
}

static void path_in(char out[PATH_MAX], const char *data_dir, const char *name)
{
	snprintf(out, PATH_MAX, "%s/%s", data_dir, name);
}

enum err keyfile_prepare(const char *data_dir)
{
	char path[PATH_MAX];

	if (mkdir(data_dir, 0700) != 0 && errno != EEXIST)
		return store_failed("folder_failed", data_dir);
	path_in(path, data_dir, "auth");
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return store_failed("folder_failed", path);
	return ERR_OK;
}

struct key_stamp keyfile_stamp(const char *data_dir)
{
	struct key_stamp stamp = {0};
	char path[PATH_MAX];
	struct stat st;

	path_in(path, data_dir, "auth/keys.json");
	if (stat(path, &st) == 0) {
		stamp.inode = st.st_ino;
		stamp.size = st.st_size;
		stamp.mtime = st.st_mtim;
	}
	return stamp;
}

bool key_stamp_same(const struct key_stamp *a, const struct key_stamp *b)
{
	return a->inode == b->inode && a->size == b->size && a->mtime.tv_sec == b->mtime.tv_sec &&
	       a->mtime.tv_nsec == b->mtime.tv_nsec;
}

enum err file_read(const char *path, size_t limit, char **ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf b = {0};
	char chunk[4096];
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : store_failed("open_failed", path);
	buf_add(&b, "", 0);
	while ((n = read(fd, chunk, sizeof chunk)) > 0 && b.n <= limit)
		buf_add(&b, chunk, (size_t)n);
	close(fd);
	if (n != 0) {
		if (n > 0)
			errno = EFBIG;
		buf_free(&b);
		return store_failed("read_failed", path);
	}
	*ret = b.p ? b.p : xstrdup("");
	return ERR_OK;
}

static bool write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

static bool sync_folder_of(const char *path)
{
	char copy[PATH_MAX];
	int fd;
	bool ok;

	snprintf(copy, sizeof copy, "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = fsync(fd) == 0;
	close(fd);
	return ok;
}

enum err file_replace(const char *path, const void *p, size_t n)
{
	char tmp[PATH_MAX + 16];
	int fd;

	snprintf(tmp, sizeof tmp, "%s.XXXXXX", path);
	fd = mkostemp(tmp, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return store_failed("write_failed", tmp);
	if (!write_all(fd, p, n) || fsync(fd) != 0 || rename(tmp, path) != 0) {
		enum err e = store_failed("write_failed", path);

		close(fd);
		unlink(tmp);
		return e;
	}
	close(fd);
	return sync_folder_of(path) ? ERR_OK : store_failed("sync_failed", path);
}

void key_list_add(struct key_list *l, const struct key *k)
{
	l->keys = xrealloc(l->keys, (l->n + 1) * sizeof *l->keys);
	l->keys[l->n++] = *k;
}

void key_list_free(struct key_list *l)
{
	free(l->keys);
	*l = (struct key_list){0};
}

static const char *text_of(const cJSON *o, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return s ? s : "";
}

static int64_t time_of(const cJSON *o, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(v) && v->valuedouble > 0 && v->valuedouble < 9e15
		       ? (int64_t)v->valuedouble
		       : 0;
}

static bool key_parse(const cJSON *o, struct key *ret)
{
	const char *id = text_of(o, "id"), *name = text_of(o, "name");
	const char *kind = text_of(o, "kind"), *hash = text_of(o, "hash");
	size_t n = 0;

	*ret = (struct key){0};
	if (strlen(id) != KEY_ID - 1 || strncmp(id, "key_", 4) != 0 || !key_name_ok(name))
		return false;
	if (sodium_hex2bin(ret->hash, KEY_HASH, hash, strlen(hash), NULL, &n, NULL) != 0 ||
		n != KEY_HASH)
		return false;
	memcpy(ret->id, id, KEY_ID);
	snprintf(ret->name, sizeof ret->name, "%s", name);
	ret->unlimited = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "unlimited"));
	ret->created_at = time_of(o, "created_at");
	ret->revoked_at = time_of(o, "revoked_at");
	snprintf(ret->owner, sizeof ret->owner, "%s", text_of(o, "owner"));
	snprintf(ret->code, sizeof ret->code, "%s", text_of(o, "code"));
	snprintf(ret->taken_by, sizeof ret->taken_by, "%s", text_of(o, "taken_by"));
	for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; i++)
		if (strcmp(kind, kind_names[i]) == 0) {
			ret->kind = (enum key_kind)i;
			return true;
		}
	return false;
}

static bool list_parse(const char *json, struct key_list *ret)
{
	cJSON *root = cJSON_Parse(json);
	const cJSON *keys = cJSON_GetObjectItemCaseSensitive(root, "keys"), *o;
	bool ok = cJSON_IsArray(keys);

	cJSON_ArrayForEach (o, keys) {
		struct key k;

		if (!key_parse(o, &k)) {
			ok = false;
			break;
		}
		key_list_add(ret, &k);
	}
	cJSON_Delete(root);
	return ok;
}

enum err keyfile_read(const char *data_dir, struct key_list *ret, struct key_stamp *stamp)
{
	struct key_list list = {0};
	char path[PATH_MAX], *json;
	enum err e;

	path_in(path, data_dir, "auth/keys.json");
	/* The stamp first: if the file is replaced in between, the next look reads it again. */
	*stamp = keyfile_stamp(data_dir);
	e = file_read(path, FILE_LIMIT, &json);
	if (e == ERR_NOT_FOUND) {
		*ret = list;
		return ERR_OK;
	}
	if (e)
		return e;
	if (!list_parse(json, &list)) {
		log_error("keys_unreadable", LS("path", path));
		key_list_free(&list);
		e = ERR_STORE;
	} else {
		*ret = list;
	}
	free(json);
	return e;
}

static void text_put(cJSON *o, const char *name, const char *text)
{
	if (*text)
		cJSON_AddStringToObject(o, name, text);
}

static cJSON *key_json(const struct key *k)
{
	char hash[2 * KEY_HASH + 1];
	cJSON *o = cJSON_CreateObject();

	sodium_bin2hex(hash, sizeof hash, k->hash, KEY_HASH);
	cJSON_AddStringToObject(o, "id", k->id);
	cJSON_AddStringToObject(o, "name", k->name);
	cJSON_AddStringToObject(o, "kind", key_kind_name(k->kind));
	cJSON_AddStringToObject(o, "hash", hash);
	cJSON_AddNumberToObject(o, "created_at", (double)k->created_at);
	if (k->unlimited)
		cJSON_AddTrueToObject(o, "unlimited");
	if (k->revoked_at)
		cJSON_AddNumberToObject(o, "revoked_at", (double)k->revoked_at);
	text_put(o, "owner", k->owner);
	text_put(o, "code", k->code);
	text_put(o, "taken_by", k->taken_by);
	return o;
}

static enum err list_write(const char *path, const struct key_list *list)
{
	cJSON *root = cJSON_CreateObject(), *keys;
	char *json;
	enum err e;

	cJSON_AddNumberToObject(root, "v", VERSION);
	keys = cJSON_AddArrayToObject(root, "keys");
	for (size_t i = 0; i < list->n; i++)
		cJSON_AddItemToArray(keys, key_json(&list->keys[i]));
	json = cJSON_Print(root);
	cJSON_Delete(root);
	if (!json)
		return ERR_NO_MEMORY;
	e = file_replace(path, json, strlen(json));
	free(json);
	return e;
}

int keyfile_lock(const char *data_dir, const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof path, "%s/auth/%s", data_dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	(void)store_failed("lock_failed", path);
	if (fd >= 0)
		close(fd);
	return -1;
}

enum err keyfile_change(const char *data_dir, keyfile_fn *fn, void *arg)
{
	struct key_list list = {0};
	struct key_stamp stamp;
	char path[PATH_MAX];
	enum err e;
	int lock;

	lock = keyfile_lock(data_dir, "keys.lock");
	if (lock < 0)
		return ERR_STORE;
	path_in(path, data_dir, "auth/keys.json");
	e = keyfile_read(data_dir, &list, &stamp);
	if (e == ERR_OK)
		e = fn(arg, stamp.inode == 0, &list);
	if (e == ERR_OK)
		e = list_write(path, &list);
	key_list_free(&list);
	close(lock);
	return e;
}
