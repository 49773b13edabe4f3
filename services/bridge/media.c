#include "services/bridge/media.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "proto/shape.h"

#define SAYS_MAX     8192    /* bytes on its standard output */
#define WAIT_STEP_NS 1000000 /* between looks whether it has ended */

struct finding {
	bool ok;
	const char *error;
	struct media media;
};

#define AT(m) .offset = offsetof(struct finding, m)
#define INT(name, m)                                                                               \
	{                                                                                          \
		name, SHAPE_INT, AT(m), 0, 1 << 30                                                 \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, SHAPE_END, 0, 0, 0, false, 0, NULL, 0, 0, NULL                               \
	}

static const struct shape finding[] = {{"ok", SHAPE_BOOL, AT(ok), .need = true},
	{"error", SHAPE_STR, AT(error), 0, 1000}, INT("width", media.width),
	INT("height", media.height), INT("duration_ms", media.duration_ms),
	{"fps", SHAPE_NUM, AT(media.fps), 0, 100000}, {"remuxed", SHAPE_BOOL, AT(media.remuxed)},
	INT("sprite_columns", media.sprite_columns), INT("sprite_rows", media.sprite_rows), END};

static enum err broke(const char *what, int64_t n)
{
	log_error("media_failed", LS("what", what), LI("n", n));
	return ERR_INTERNAL;
}

/* Start the program with its standard output in *out. */
static enum err start(const char *program, const char *in, const char *outdir, pid_t *pid, int *out)
{
	char *argv[] = {(char *)program, (char *)in, (char *)outdir, NULL};
	char *envp[] = {NULL}; /* nothing of ours is its business */
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none;
	int fds[2], rv;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return broke("pipe", errno);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, fds[1], 1);
	posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	rv = posix_spawn(pid, program, &fa, &attr, argv, envp);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	close(fds[1]);
	if (rv != 0) {
		close(fds[0]);
		return broke("start", rv);
	}
	*out = fds[0];
	return ERR_OK;
}

/* Read all that the program says; false: it goes on for too long, or says too much. */
static bool listen_to(int out, int64_t until_us, struct buf *says)
{
	struct pollfd p = {.fd = out, .events = POLLIN};
	char part[1024];
	ssize_t n;

	while (says->n <= SAYS_MAX) {
		int64_t left = (until_us - mono_us()) / 1000;

		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			return false;
		if (!p.revents)
			continue;
		n = read(out, part, sizeof part);
		if (n > 0)
			buf_add(says, part, (size_t)n);
		else if (n == 0 || errno != EINTR)
			return n == 0;
	}
	return false;
}

/* Wait for its end, which follows that of its words at once; false: it does not come. */
static bool wait_for(pid_t pid, int64_t until_us, int *status)
{
	const struct timespec step = {0, WAIT_STEP_NS};
	pid_t got;

	while ((got = waitpid(pid, status, WNOHANG)) == 0 && mono_us() < until_us)
		nanosleep(&step, NULL);
	return got == pid;
}

static enum err judge(const struct buf *says, struct media *ret, char why[MEDIA_WHY])
{
	const struct finding *f;
	char broken[SHAPE_WHY];
	struct doc *d = NULL;
	enum err e = ERR_INTERNAL;

	if (doc_parse(says->p ? says->p : "", says->n, &d) != ERR_OK)
		return broke("what it says is no JSON", (int64_t)says->n);
	f = doc_read(d, finding, sizeof *f, broken);
	if (!f) {
		log_error("media_failed", LS("what", broken));
	} else if (f->ok) {
		*ret = f->media;
		e = ERR_OK;
	} else {
		snprintf(why, MEDIA_WHY, "%s", f->error ? f->error : "it cannot be played");
		if (!utf8_ok(why, strlen(why))) /* cut within a character */
			snprintf(why, MEDIA_WHY, "it cannot be played");
		e = ERR_BAD_PARAM;
	}
	doc_free(d);
	return e;
}

enum err media_probe(const char *program, const char *in, const char *outdir, int64_t time_ms,
	struct media *ret, char why[MEDIA_WHY])
{
	struct buf says = {0};
	int status = 0, out = -1;
	int64_t until_us = mono_us() + time_ms * 1000;
	bool ended;
	pid_t pid;
	enum err e = start(program, in, outdir, &pid, &out);

	if (e != ERR_OK)
		return e;
	ended = listen_to(out, until_us, &says) && wait_for(pid, until_us, &status);
	if (!ended) {
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(out);
	if (!ended || WIFSIGNALED(status)) {
		/* it met one of its limits: whatever the bytes are, they are no video to keep */
		snprintf(why, MEDIA_WHY, "looking at it took too much time or memory");
		log_warn("media_killed", LI("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
		e = ERR_BAD_PARAM;
	} else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		e = broke("exit", WEXITSTATUS(status));
	} else {
		e = judge(&says, ret, why);
	}
	buf_free(&says);
	return e;
}

/* ---- folders ---- */

enum err media_dir_make(const char *base, char *path, size_t size)
{
	if (snprintf(path, size, "%s/media-XXXXXX", base) < (int)size && mkdtemp(path))
		return ERR_OK;
	log_error("media_folder", LS("below", base), LS("why", strerror(errno)));
	return ERR_STORE;
}

void media_dir_remove(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0); /* "." and ".." refuse */
	closedir(d);
	rmdir(path);
}

void media_dir_sweep(const char *base, int64_t age_s)
{
	DIR *d = opendir(base);
	struct dirent *e;
	struct stat st;
	char path[1024];

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (strncmp(e->d_name, "media-", 6) != 0 ||
			fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
			st.st_mtime > time(NULL) - age_s)
			continue;
		if (snprintf(path, sizeof path, "%s/%s", base, e->d_name) < (int)sizeof path)
			media_dir_remove(path);
	}
	closedir(d);
}

void media_program_beside(char *path, size_t size)
{
	char exe[1024];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *slash;

	exe[n > 0 ? n : 0] = 0;
	slash = strrchr(exe, '/');
	snprintf(path, size, "%.*s/arena-media", slash ? (int)(slash - exe) : 0, exe);
}
