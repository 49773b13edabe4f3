#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "id.h"
#include "log.h"

#define SECRET_BYTES 32

static enum err write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t w = write(fd, at, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return ERR_STORE;
		at += w;
		n -= (size_t)w;
	}
	return ERR_OK;
}

/* A name is on disk when its folder is. */
static void sync_folder(const char *path)
{
	char dir[4096];
	int fd;

	snprintf(dir, sizeof dir, "%s", path);
	fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

/* link() fails when the name is taken: whoever comes second keeps the first one's file. */
static enum err put_file(const char *path, const void *p, size_t n, bool replace, bool *made)
{
	char tmp[4096], token[17];
	enum err e = ERR_STORE;
	int fd;

	token_hex(8, token);
	if (snprintf(tmp, sizeof tmp, "%s.%s", path, token) >= (int)sizeof tmp)
		return ERR_STORE;
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		goto out;
	if (write_all(fd, p, n) != ERR_OK || fsync(fd) != 0)
		goto out;
	if ((replace ? rename(tmp, path) : link(tmp, path)) == 0)
		*made = true;
	else if (errno != EEXIST)
		goto out;
	sync_folder(path);
	e = ERR_OK;
out:
	if (e != ERR_OK)
		log_error("secret_write_failed", LS("path", path), LS("why", strerror(errno)));
	if (fd >= 0) {
		close(fd);
		unlink(tmp);
	}
	return e;
}

enum err secret_file(const char *path, const void *p, size_t n, bool *made)
{
	*made = false;
	return access(path, F_OK) == 0 ? ERR_OK : put_file(path, p, n, false, made);
}

enum err secret_replace(const char *path, const void *p, size_t n)
{
	bool made = false;

	return put_file(path, p, n, true, &made);
}

static void derive(const uint8_t master[SECRET_BYTES], const char *purpose, uint8_t out[32])
{
	crypto_generichash(
		out, 32, (const uint8_t *)purpose, strlen(purpose), master, SECRET_BYTES);
}

enum err secret_load(const char *data_dir, struct secret *ret)
{
	char path[4096];
	uint8_t master[SECRET_BYTES], more;
	bool made;
	enum err e;
	int fd;

	if (sodium_init() < 0)
		return ERR_INTERNAL;
	if (mkdir(data_dir, 0700) != 0 && errno != EEXIST) {
		log_error("data_folder_failed", LS("path", data_dir), LS("why", strerror(errno)));
		return ERR_STORE;
	}
	if (snprintf(path, sizeof path, "%s/cluster-secret", data_dir) >= (int)sizeof path)
		return ERR_STORE;
	randombytes_buf(master, sizeof master);
	e = secret_file(path, master, sizeof master, &made);
	if (e != ERR_OK)
		return e;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, master, sizeof master) != (ssize_t)sizeof master ||
		read(fd, &more, 1) != 0) {
		log_error("secret_bad", LS("path", path),
			LS("why", fd < 0 ? strerror(errno) : "not 32 bytes"));
		e = ERR_STORE;
	}
	if (fd >= 0)
		close(fd);
	if (e == ERR_OK) {
		derive(master, "arena wire v1", ret->wire);
		derive(master, "arena link v1", ret->link);
		derive(master, "arena code v1", ret->code);
	}
	sodium_memzero(master, sizeof master);
	return e;
}
