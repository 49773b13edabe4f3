/*
 * A worker's half of the protocol in proto/WORKER.md, as a library: it connects, takes jobs, hands
 * videos back, and survives lost connections. What makes the videos is up to its user.
 *
 * All calls into the user, and all calls of the user about jobs, happen in the worker's one thread.
 * Other threads use worker_post().
 */
#ifndef ARENA_SANDBOX_WORKER_H
#define ARENA_SANDBOX_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/err.h"

struct worker;

struct worker_conf {
	const char *url;        /* ws://HOST:PORT/ws, or wss:// */
	const char *token;      /* a worker key; NULL or empty: */
	const char *token_file; /* read it here at every connection */
	const char *id;         /* [A-Za-z0-9_-]{1,64}, the same after a restart */
	const char *name, *kind, *version;
	const char *models; /* JSON array, as hello wants it */
	const char *folder; /* for files named JOB.LEASE.*: exists, and is this worker's alone */
	int slots;
	int64_t backoff_min_ms, backoff_max_ms; /* pauses between tries to connect */
};

/* Valid from start() until worker_done(), worker_failed() or cancel(), whichever comes first. */
struct worker_job {
	const char *id, *lease;
	const char *model, *prompt;
	const char *image, *last_image; /* paths of first and last frame; NULL: there is none */
	int seconds, width, height;
	int fps; /* 0: not said */
	int64_t seed;
	bool has_seed;
	void *user; /* yours */
};

struct worker_calls {
	/* Begin, and come back soon. Reports may come from inside. */
	void (*start)(void *arg, struct worker *w, struct worker_job *job);
	/* Stop at once: the job is not wanted any more, and must not be reported. */
	void (*cancel)(void *arg, struct worker *w, struct worker_job *job);
	/* For good, with a reason: the bridge does not want this worker. May be NULL. */
	void (*rejected)(void *arg, int code, const char *reason);
	void *arg;
};

/* Copies conf's pointers, not what they point to: that must outlive the worker. */
enum err worker_start(
	const struct worker_conf *conf, const struct worker_calls *calls, struct worker **ret);

/* Gives jobs back, waits a moment for the answers, ends the thread. NULL is fine. */
void worker_stop(struct worker *w);

/* Run fn(arg) in the worker's thread, soon. From any thread. */
void worker_post(struct worker *w, void (*fn)(void *arg), void *arg);

/* The rest: in the worker's thread only. */

/* percent 0..100. As often as you like. */
void worker_progress(struct worker *w, struct worker_job *job, int percent, const char *stage);

/* The video is the file at path, which is the worker's from now on: it is removed when sent. */
void worker_done(struct worker *w, struct worker_job *job, const char *path);

/* code and message go to whoever asked for the video. */
void worker_failed(struct worker *w, struct worker_job *job, const char *code, const char *message,
	bool retryable);

/* The struct ev_loop of the thread. */
void *worker_loop(struct worker *w);

/* Is it connected and welcome? For tests; from any thread. */
bool worker_is_live(struct worker *w);

#endif
