/*
 * arena-sandbox-clip OUT.mp4: makes one clip of the job on standard input and says on standard
 * output how far it is. One process per job, so that cancelling is killing.
 */
#include "clip.h"
#include "proto/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int jail(void)
{
	/* 20 s of 1920x1080 take less than 40 s of CPU, with 60 frames a second less than 100 s; an
	 * image of 8192x8192 takes 260 MB. */
	static const struct jail_limits limits = {
		.cpu_seconds = 300,
		.memory_bytes = 2l << 30,
		.file_bytes = 512l << 20,
	};

	return jail_enter(&limits);
}

/* By write(2): one call, one line, nothing kept back. */
static void say(const char *line, int n)
{
	while (n > 0) {
		ssize_t put = write(STDOUT_FILENO, line, (size_t)n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return;
		line += put;
		n -= (int)put;
	}
}

static void on_progress(void *arg, int percent, const char *stage)
{
	char line[64];

	(void)arg;
	say(line, snprintf(line, sizeof(line), "progress %d %s\n", percent, stage));
}

static int fail(enum clip_err e, const char *why)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "error %s %s\n", clip_err_name(e), why);

	say(line, n < (int)sizeof(line) ? n : (int)sizeof(line) - 1);
	return 1;
}

static enum clip_err read_spec(const char **why, struct spec *ret)
{
	char *json = malloc(SPEC_JSON_MAX + 1);
	size_t n = 0;
	ssize_t got = 1;
	enum clip_err e;

	*why = "not enough memory";
	if (!json)
		return CLIP_INTERNAL;
	while (n <= SPEC_JSON_MAX && got > 0) {
		got = read(STDIN_FILENO, json + n, SPEC_JSON_MAX + 1 - n);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			n += (size_t)got;
	}
	e = spec_parse(json, n, why, ret);
	free(json);
	return e;
}

int main(int argc, char **argv)
{
	static const struct clip_hooks hooks = {jail, on_progress, NULL};
	struct spec spec = {0};
	const char *why = "";
	enum clip_err e;
	int fd;

	if (argc != 2 || argv[1][0] == '-') {
		fputs("usage: arena-sandbox-clip OUT.mp4 < job.json\n", stderr);
		return 2;
	}
	/* Whoever asked for it is gone: so is the reason to go on. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	e = read_spec(&why, &spec);
	if (e)
		return fail(e, why);
	fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail(CLIP_INTERNAL, "the output file cannot be made");
	e = clip_make(&spec, fd, &hooks, &why);
	if (e)
		fail(e, why);
	/* Not exit(): nothing that runs then may run in the jail, and nothing is left to flush. */
	_exit(e != CLIP_OK);
}
