#include "linkkey.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "log.h"
#include "secret.h"

#define NAME    "link-secret"
#define BYTES   32
#define LOOK_US 1000000

struct linkkey {
	pthread_mutex_t lock; /* over all that follows */
	char *path;
	uint8_t base[32], key[32];
	struct stat seen; /* the file that key was made from; zero: there was none */
	int64_t looked_us;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static enum err read_file(const char *path, uint8_t p[BYTES])
{
	uint8_t more;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && read(fd, p, BYTES) == BYTES && read(fd, &more, 1) == 0;

	if (!ok)
		log_error("secret_bad", LS("path", path),
			LS("why", fd < 0 ? strerror(errno) : "not 32 bytes"));
	if (fd >= 0)
		close(fd);
	return ok ? ERR_OK : ERR_STORE;
}

/* With the lock, or before others know of k. */
static enum err look(struct linkkey *k)
{
	struct stat st = {0};
	uint8_t own[BYTES];
	enum err e;

	if (stat(k->path, &st) != 0 && errno != ENOENT) {
		log_error("secret_bad", LS("path", k->path), LS("why", strerror(errno)));
		return ERR_STORE;
	}
	if (same_file(&st, &k->seen))
		return ERR_OK;
	k->seen = st; /* also when it is no good: it is said once */
	if (!st.st_ino) {
		memcpy(k->key, k->base, sizeof k->key);
		return ERR_OK;
	}
	e = read_file(k->path, own);
	if (e == ERR_OK)
		crypto_generichash(k->key, sizeof k->key, own, sizeof own, k->base, sizeof k->base);
	sodium_memzero(own, sizeof own);
	return e;
}

enum err linkkey_open(const char *data_dir, const uint8_t base[32], struct linkkey **ret)
{
	struct linkkey *k = xcalloc(1, sizeof *k);
	struct buf path = {0};
	enum err e;

	buf_addf(&path, "%s/" NAME, data_dir);
	k->path = path.p;
	pthread_mutex_init(&k->lock, NULL);
	memcpy(k->base, base, sizeof k->base);
	memcpy(k->key, base, sizeof k->key);
	k->looked_us = mono_us();
	e = look(k);
	if (e != ERR_OK)
		linkkey_close(k);
	else
		*ret = k;
	return e;
}

void linkkey_close(struct linkkey *k)
{
	if (!k)
		return;
	pthread_mutex_destroy(&k->lock);
	free(k->path);
	sodium_memzero(k, sizeof *k);
	free(k);
}

void linkkey_now(struct linkkey *k, uint8_t ret[32])
{
	int64_t now_us = mono_us();

	pthread_mutex_lock(&k->lock);
	if (now_us - k->looked_us >= LOOK_US) {
		k->looked_us = now_us;
		(void)look(k); /* logged; the old key goes on */
	}
	memcpy(ret, k->key, sizeof k->key);
	pthread_mutex_unlock(&k->lock);
}

enum err linkkey_rotate(const char *data_dir)
{
	struct buf path = {0};
	uint8_t own[BYTES];
	enum err e;

	if (sodium_init() < 0)
		return ERR_INTERNAL;
	randombytes_buf(own, sizeof own);
	buf_addf(&path, "%s/" NAME, data_dir);
	e = secret_replace(path.p, own, sizeof own);
	sodium_memzero(own, sizeof own);
	buf_free(&path);
	return e;
}
