/*
 * arena-media IN OUTDIR: is IN a video that plays? Says so in one JSON line and makes poster.webp,
 * sprite.webp and, where it helps, video.mp4 in OUTDIR.
 *
 * The files are opened here; a child with nothing but their descriptors does the work in a jail.
 * Exit 0 with a line, 1 when the files cannot be opened, 3 when the child was killed by a limit.
 */
#include "media.h"
#include "proto/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 3, CPU_SECONDS = 20 };

static const char *const names[FILES] = {"poster.webp", "sprite.webp", "video.mp4"};

static const struct jail_limits limits = {
	.cpu_seconds = CPU_SECONDS,
	.memory_bytes = 2l << 30, /* sixteen 8192x8192 frames of HEVC */
	.file_bytes = 600l << 20,
};

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

/* The child. Never returns; _exit, because what exit() runs is not for a jail. */
static void work(int in, const int fds[FILES])
{
	struct media_files files = {in, fds[0], fds[1], fds[2]};
	struct report report;
	char line[512];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (jail_enter(&limits))
		_exit(1);
	media_examine(&files, &report);
	if (report.error)
		for (int i = 0; i < FILES; i++)
			if (ftruncate(fds[i], 0))
				_exit(1);
	say(line, report_print(&report, line, sizeof(line)));
	_exit(0);
}

/* Outputs that stayed empty, or all of them, go away again. */
static void clean(int dir, const int fds[FILES], int all)
{
	struct stat st;

	for (int i = 0; i < FILES; i++)
		if (all || fstat(fds[i], &st) || !st.st_size)
			unlinkat(dir, names[i], 0);
}

static int run(int in, int dir, const int fds[FILES])
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		return 1;
	if (!child)
		work(in, fds);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	clean(dir, fds, status != 0);
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "arena-media: ended by signal %d\n", WTERMSIG(status));
		return 3;
	}
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	int in, dir, fds[FILES];

	if (argc != 3 || argv[1][0] == '-') {
		fputs("usage: arena-media IN OUTDIR\n", stderr);
		return 1;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	in = open(argv[1], O_RDONLY | O_CLOEXEC);
	dir = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in < 0 || dir < 0) {
		perror(in < 0 ? argv[1] : argv[2]);
		return 1;
	}
	for (int i = 0; i < FILES; i++) {
		fds[i] = openat(dir, names[i], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (fds[i] < 0) {
			perror(names[i]);
			return 1;
		}
	}
	return run(in, dir, fds);
}
