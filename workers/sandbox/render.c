#include "workers/sandbox/render.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/log.h"

enum { LINE_MAX_HERE = 512, PATH_MAX_HERE = 1024 };

/* A child at work. */
struct render {
	struct worker *w;
	struct worker_job *job;
	pid_t pid;
	int out; /* the end of the pipe that it talks into */
	ev_io io;
	char line[LINE_MAX_HERE];
	size_t n;
	char path[PATH_MAX_HERE];              /* of the video */
	char code[40], message[LINE_MAX_HERE]; /* of its error line */
};

/* The job as the program reads it, in a file without a name: a prompt can be larger than a pipe. */
static int spec_file(const struct worker_job *job)
{
	cJSON *spec = cJSON_CreateObject();
	int fd = memfd_create("job", MFD_CLOEXEC);
	char *text;
	size_t n;

	cJSON_AddStringToObject(spec, "prompt", job->prompt);
	cJSON_AddNumberToObject(spec, "seconds", job->seconds);
	cJSON_AddNumberToObject(spec, "width", job->width);
	cJSON_AddNumberToObject(spec, "height", job->height);
	if (job->has_seed)
		cJSON_AddNumberToObject(spec, "seed", (double)job->seed);
	if (job->fps)
		cJSON_AddNumberToObject(spec, "fps", job->fps);
	if (job->image)
		cJSON_AddStringToObject(spec, "image", job->image);
	if (job->last_image)
		cJSON_AddStringToObject(spec, "last_image", job->last_image);
	text = cJSON_PrintUnformatted(spec);
	cJSON_Delete(spec);
	n = text ? strlen(text) : 0;
	if (fd >= 0 && (write(fd, text, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET))) {
		close(fd);
		fd = -1;
	}
	free(text);
	return fd;
}

/* The child's standard input is `in`, its output `out`; signals as a new program expects them. */
static int spawn(const char *program, const char *path, int in, int out, pid_t *ret)
{
	char *const argv[] = {(char *)program, (char *)path, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int bad;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	bad = posix_spawn(ret, program, &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return bad;
}

static void render_free(struct render *r)
{
	ev_io_stop(worker_loop(r->w), &r->io);
	if (r->out >= 0)
		close(r->out);
	free(r);
}

static int reap(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* It closed its output, so it is at its end: the wait is short. */
static void finish(struct render *r)
{
	struct worker *w = r->w;
	struct worker_job *job = r->job;
	int status = reap(r->pid);

	job->user = NULL;
	if (status == 0) {
		worker_done(w, job, r->path);
	} else {
		bool named = r->code[0] != '\0';

		unlink(r->path);
		if (!named)
			log_error("renderer_died", LS("job", job->id), LI("status", status));
		/* Only what is nobody's fault may go better the next time. */
		worker_failed(w, job, named ? r->code : "internal",
			named ? r->message : "the renderer ended unexpectedly",
			!named || strcmp(r->code, "internal") == 0);
	}
	render_free(r);
}

static void take_line(struct render *r)
{
	char stage[32];
	int percent;

	if (sscanf(r->line, "progress %d %31s", &percent, stage) == 2)
		worker_progress(r->w, r->job, percent, stage);
	else
		(void)sscanf(r->line, "error %39s %511[^\n]", r->code, r->message);
}

static void take_bytes(struct render *r, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n') {
			r->line[r->n] = '\0';
			r->n = 0;
			take_line(r);
		} else if (r->n < sizeof r->line - 1) {
			r->line[r->n++] = p[i];
		}
	}
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct render *r = io->data;
	char buf[4096];
	ssize_t n = read(r->out, buf, sizeof buf);

	(void)loop;
	(void)events;
	if (n > 0)
		take_bytes(r, buf, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		finish(r);
}

void render_start(void *arg, struct worker *w, struct worker_job *job)
{
	const struct render_conf *conf = arg;
	struct render *r = xcalloc(1, sizeof *r);
	int in = spec_file(job), pipe_fds[2] = {-1, -1};

	r->w = w;
	r->job = job;
	r->out = -1;
	snprintf(r->path, sizeof r->path, "%s/%s.%s.mp4", conf->folder, job->id, job->lease);
	if (in < 0 || pipe2(pipe_fds, O_CLOEXEC) ||
		spawn(conf->program, r->path, in, pipe_fds[1], &r->pid)) {
		log_error("renderer_not_started", LS("program", conf->program));
		worker_failed(w, job, "internal", "the renderer could not be started", true);
		if (pipe_fds[0] >= 0)
			close(pipe_fds[0]);
		free(r);
	} else {
		r->out = pipe_fds[0];
		fcntl(r->out, F_SETFL, O_NONBLOCK);
		job->user = r;
		ev_io_init(&r->io, on_readable, r->out, EV_READ);
		r->io.data = r;
		ev_io_start(worker_loop(w), &r->io);
	}
	if (pipe_fds[1] >= 0)
		close(pipe_fds[1]);
	if (in >= 0)
		close(in);
}

void render_cancel(void *arg, struct worker *w, struct worker_job *job)
{
	struct render *r = job->user;

	(void)arg;
	(void)w;
	if (!r)
		return;
	kill(r->pid, SIGKILL);
	reap(r->pid);
	unlink(r->path);
	job->user = NULL;
	render_free(r);
}
