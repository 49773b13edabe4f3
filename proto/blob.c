#include "blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fault.h"
#include "id.h"
#include "log.h"

#define PATH_LEN 1024

struct blobs {
	char dir[PATH_LEN - 128];
};

struct blob_writer {
	struct blobs *blobs;
	int fd;
	int64_t limit;
	int64_t size;
	bool hashed; /* hash covers all that is in the file */
	crypto_hash_sha256_state hash;
	bool sealed;          /* whole, and the file's name says so */
	char key[81];         /* of blob_resume(); else empty */
	char name[BLOB_NAME]; /* once it is known; else empty */
	char path[PATH_LEN];  /* temporary file, then pin */
};

static enum err failed(const char *what, const char *path)
{
	log_error("blob_failed", LS("what", what), LS("path", path), LS("why", strerror(errno)));
	return ERR_STORE;
}

static enum err make_dir(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST ? ERR_OK : failed("mkdir", path);
}

enum err blobs_open(const char *data_dir, struct blobs **ret)
{
	struct blobs *b = xcalloc(1, sizeof *b);
	char path[PATH_LEN];
	enum err e;

	if (snprintf(b->dir, sizeof b->dir, "%s/blobs", data_dir) >= (int)sizeof b->dir) {
		errno = ENAMETOOLONG;
		e = failed("open", data_dir);
		goto out;
	}
	if (sodium_init() < 0) {
		e = ERR_INTERNAL;
		goto out;
	}
	snprintf(path, sizeof path, "%s/tmp", b->dir);
	e = make_dir(data_dir);
	if (e == ERR_OK)
		e = make_dir(b->dir);
	if (e == ERR_OK)
		e = make_dir(path);
out:
	if (e != ERR_OK) {
		free(b);
		return e;
	}
	*ret = b;
	return ERR_OK;
}

void blobs_close(struct blobs *b)
{
	free(b);
}

bool blob_name_ok(const char *name)
{
	return name && strspn(name, "0123456789abcdef") == 64 && !name[64];
}

static void blob_file(const struct blobs *b, const char *name, char out[PATH_LEN])
{
	snprintf(out, PATH_LEN, "%s/%.2s/%s", b->dir, name, name);
}

static struct blob_writer *writer_new(struct blobs *b, int64_t limit)
{
	struct blob_writer *w = xcalloc(1, sizeof *w);

	w->blobs = b;
	w->limit = limit;
	w->fd = -1;
	w->hashed = true;
	crypto_hash_sha256_init(&w->hash);
	return w;
}

enum err blob_create(struct blobs *b, int64_t limit, struct blob_writer **ret)
{
	struct blob_writer *w = writer_new(b, limit);
	char token[33];

	token_hex(16, token);
	snprintf(w->path, sizeof w->path, "%s/tmp/%s", b->dir, token);
	w->fd = open(w->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (w->fd < 0) {
		failed("create", w->path);
		free(w);
		return ERR_STORE;
	}
	*ret = w;
	return ERR_OK;
}

/* A keyed file that is whole has another name than one that is not: it outlives its writer. */
static void key_path(const struct blob_writer *w, bool sealed, char out[PATH_LEN])
{
	snprintf(out, PATH_LEN, "%s/tmp/%c-%s", w->blobs->dir, sealed ? 's' : 'r', w->key);
}

static void open_key(struct blob_writer *w)
{
	key_path(w, true, w->path);
	w->fd = open(w->path, O_RDWR | O_APPEND | O_CLOEXEC);
	w->sealed = w->fd >= 0;
	if (w->sealed || errno != ENOENT)
		return;
	key_path(w, false, w->path);
	w->fd = open(w->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

enum err blob_resume(
	struct blobs *b, const char *key, int64_t limit, struct blob_writer **ret, int64_t *size)
{
	struct blob_writer *w;
	struct stat st;

	if (!*key || strlen(key) > 80 ||
		strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
			strlen(key))
		return ERR_BAD_PARAM;
	w = writer_new(b, limit);
	snprintf(w->key, sizeof w->key, "%s", key);
	open_key(w);
	if (w->fd < 0 || fstat(w->fd, &st) != 0) {
		failed("resume", w->path);
		if (w->fd >= 0)
			close(w->fd);
		free(w);
		return ERR_STORE;
	}
	w->size = st.st_size;
	w->hashed = st.st_size == 0;
	*ret = w;
	*size = w->size;
	return ERR_OK;
}

enum err blob_write(struct blob_writer *w, const void *p, size_t n)
{
	const char *at = p;

	if (w->size + (int64_t)n > w->limit)
		return ERR_TOO_LARGE;
	if (FAULT("blob.write")) {
		errno = ENOSPC;
		return failed("write", w->path);
	}
	if (w->hashed)
		crypto_hash_sha256_update(&w->hash, p, n);
	while (n) {
		ssize_t k = write(w->fd, at, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			w->hashed = false;
			return failed("write", w->path);
		}
		at += k;
		n -= (size_t)k;
		w->size += k;
	}
	return ERR_OK;
}

int64_t blob_written(const struct blob_writer *w)
{
	return w->size;
}

/* A file that was resumed is hashed as a whole, once, when it is complete. */
static enum err hash_file(struct blob_writer *w)
{
	char *p = xmalloc(1 << 16);
	int64_t at = 0;
	enum err e = ERR_OK;

	crypto_hash_sha256_init(&w->hash);
	while (at < w->size) {
		ssize_t k = pread(w->fd, p, 1 << 16, at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			e = failed("read", w->path);
			break;
		}
		crypto_hash_sha256_update(&w->hash, (const uint8_t *)p, (size_t)k);
		at += k;
	}
	free(p);
	return e;
}

static enum err sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e = fd >= 0 && fsync(fd) == 0 ? ERR_OK : failed("sync", path);

	if (fd >= 0)
		close(fd);
	return e;
}

static enum err name_file(struct blob_writer *w)
{
	uint8_t sum[crypto_hash_sha256_BYTES];

	if (*w->name)
		return ERR_OK;
	if (!w->hashed && hash_file(w) != ERR_OK)
		return ERR_STORE;
	if (FAULT("blob.sync")) {
		errno = EIO;
		return failed("sync", w->path);
	}
	if (fdatasync(w->fd) != 0)
		return failed("sync", w->path);
	crypto_hash_sha256_final(&w->hash, sum);
	sodium_bin2hex(w->name, sizeof w->name, sum, sizeof sum);
	return ERR_OK;
}

/* So that who resumes it knows that it is whole. */
static enum err mark_sealed(struct blob_writer *w)
{
	char path[PATH_LEN], dir[PATH_LEN];

	if (!*w->key || w->sealed)
		return ERR_OK;
	key_path(w, true, path);
	if (rename(w->path, path) != 0)
		return failed("seal", path);
	memcpy(w->path, path, sizeof path);
	snprintf(dir, sizeof dir, "%s/tmp", w->blobs->dir);
	return sync_dir(dir);
}

enum err blob_seal(struct blob_writer *w, char name[BLOB_NAME])
{
	enum err e = name_file(w);

	if (e == ERR_OK)
		e = mark_sealed(w);
	if (e != ERR_OK)
		return e;
	w->sealed = true;
	memcpy(name, w->name, BLOB_NAME);
	return ERR_OK;
}

bool blob_sealed(const struct blob_writer *w)
{
	return w->sealed;
}

/*
 * Link our file under its name. When the name is taken, the bytes are there already: make our pin
 * a link to that file instead, so that it is seen to be in use; if it goes away in between, try
 * again.
 */
static enum err publish(struct blob_writer *w, const char *file)
{
	char pin[PATH_LEN + 8];

	for (int i = 0; i < 100; i++) {
		if (link(w->path, file) == 0)
			return ERR_OK;
		if (errno != EEXIST)
			return failed("link", file);
		snprintf(pin, sizeof pin, "%s.p", w->path);
		if (link(file, pin) == 0) {
			/* both may be links to one file already: rename() then leaves both */
			if (rename(pin, w->path) != 0) {
				unlink(pin);
				return failed("pin", w->path);
			}
			unlink(pin);
			return ERR_OK;
		}
		if (errno != ENOENT)
			return failed("pin", pin);
	}
	errno = EBUSY;
	return failed("link", file);
}

enum err blob_commit(struct blob_writer *w, char name[BLOB_NAME])
{
	char dir[PATH_LEN], file[PATH_LEN];
	enum err e;

	e = name_file(w);
	if (e != ERR_OK)
		return e;
	snprintf(dir, sizeof dir, "%s/%.2s", w->blobs->dir, w->name);
	blob_file(w->blobs, w->name, file);
	e = make_dir(dir);
	if (e == ERR_OK)
		e = publish(w, file);
	if (e == ERR_OK)
		e = sync_dir(dir);
	if (e != ERR_OK)
		return e;
	memcpy(name, w->name, BLOB_NAME);
	return ERR_OK;
}

const char *blob_path(const struct blob_writer *w)
{
	return w->path;
}

const char *blob_temporary(const struct blob_writer *w)
{
	return strrchr(w->path, '/') + 1;
}

enum err blob_open_temporary(struct blobs *b, const char *name, int *fd)
{
	char path[PATH_LEN];

	if (!*name || *name == '.' || strchr(name, '/') || strlen(name) > 100)
		return ERR_NOT_FOUND;
	snprintf(path, sizeof path, "%s/tmp/%s", b->dir, name);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd >= 0)
		return ERR_OK;
	return errno == ENOENT ? ERR_NOT_FOUND : ERR_STORE;
}

void blob_release(struct blob_writer *w)
{
	if (!w)
		return;
	unlink(w->path);
	close(w->fd);
	free(w);
}

void blob_suspend(struct blob_writer *w)
{
	if (!w)
		return;
	close(w->fd);
	free(w);
}

enum err blob_import(struct blobs *b, const char *path, int64_t limit, struct blob_writer **ret,
	char name[BLOB_NAME], int64_t *size)
{
	struct blob_writer *w = NULL;
	char *p = xmalloc(1 << 16);
	enum err e = ERR_STORE;
	ssize_t k = -1;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		failed("import", path);
		goto out;
	}
	e = blob_create(b, limit, &w);
	while (e == ERR_OK && (k = read(fd, p, 1 << 16)) > 0)
		e = blob_write(w, p, (size_t)k);
	if (e == ERR_OK && k < 0)
		e = failed("read", path);
	if (e == ERR_OK)
		e = blob_seal(w, name);
	if (e != ERR_OK)
		goto out;
	*size = w->size;
	*ret = w, w = NULL;
out:
	blob_release(w);
	if (fd >= 0)
		close(fd);
	free(p);
	return e;
}

enum err blob_open(struct blobs *b, const char *name, int *fd, int64_t *size)
{
	char path[PATH_LEN];
	struct stat st;
	int f;

	if (!blob_name_ok(name))
		return ERR_NOT_FOUND;
	blob_file(b, name, path);
	f = open(path, O_RDONLY | O_CLOEXEC);
	if (f < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : failed("open", path);
	if (fstat(f, &st) != 0) {
		close(f);
		return failed("stat", path);
	}
	*fd = f;
	*size = st.st_size;
	return ERR_OK;
}

bool blob_exists(struct blobs *b, const char *name)
{
	char path[PATH_LEN];

	if (!blob_name_ok(name))
		return false;
	blob_file(b, name, path);
	return access(path, F_OK) == 0;
}

bool blob_remove(struct blobs *b, const char *name)
{
	char path[PATH_LEN];
	struct stat st;

	if (!blob_name_ok(name))
		return true;
	blob_file(b, name, path);
	if (stat(path, &st) != 0)
		return errno == ENOENT;
	if (st.st_nlink > 1)
		return false;
	if (unlink(path) != 0 && errno != ENOENT) {
		failed("remove", path);
		return false;
	}
	return true;
}

/* ---- sweeping ---- */

struct sweep {
	struct blobs *blobs;
	int64_t before_ms;
	bool (*fn)(void *arg, const char *name);
	void *arg;
	int64_t removed;
};

/* A linked file's change time moves when its pin goes, so an old one has long been alone. */
static bool untouched(const struct sweep *s, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (int64_t)st.st_mtim.tv_sec * 1000 < s->before_ms &&
	       (int64_t)st.st_ctim.tv_sec * 1000 < s->before_ms;
}

static void sweep_dir(struct sweep *s, const char *dir, bool tmp)
{
	char path[PATH_LEN];
	struct dirent *e;
	DIR *d = opendir(dir);

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' ||
			snprintf(path, sizeof path, "%s/%s", dir, e->d_name) >= (int)sizeof path ||
			!untouched(s, path))
			continue;
		if (tmp)
			s->removed += unlink(path) == 0;
		else if (blob_name_ok(e->d_name) && s->fn(s->arg, e->d_name))
			s->removed += blob_remove(s->blobs, e->d_name);
	}
	closedir(d);
}

int64_t blob_sweep(struct blobs *b, int64_t now, int64_t min_age_ms,
	bool (*fn)(void *arg, const char *name), void *arg)
{
	struct sweep s = {b, now - min_age_ms, fn, arg, 0};
	char dir[PATH_LEN];

	snprintf(dir, sizeof dir, "%s/tmp", b->dir);
	sweep_dir(&s, dir, true);
	for (int i = 0; i < 256; i++) {
		snprintf(dir, sizeof dir, "%s/%02x", b->dir, i);
		sweep_dir(&s, dir, false);
	}
	return s.removed;
}
