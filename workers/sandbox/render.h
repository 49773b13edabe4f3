/* Makes a job's video with arena-sandbox-clip: one child process per job. */
#ifndef ARENA_SANDBOX_RENDER_H
#define ARENA_SANDBOX_RENDER_H

#include "workers/sandbox/worker.h"

struct render_conf {
	const char *program; /* path of arena-sandbox-clip */
	const char *folder;  /* where videos are made; the worker's own */
};

/* For struct worker_calls; arg is a struct render_conf, which must outlive the worker. */
void render_start(void *arg, struct worker *w, struct worker_job *job);
void render_cancel(void *arg, struct worker *w, struct worker_job *job);

#endif
