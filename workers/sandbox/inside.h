/* What the files of the worker share: its state, all of it the loop thread's. */
#ifndef ARENA_SANDBOX_INSIDE_H
#define ARENA_SANDBOX_INSIDE_H

#include <cjson/cJSON.h>
#include <ev.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "workers/sandbox/worker.h"
#include "workers/sandbox/wsc.h"

enum task_state {
	TASK_FETCHING,  /* its images are on their way */
	TASK_RUNNING,   /* the user makes the video */
	TASK_UPLOADING, /* the video goes to the bridge */
	TASK_DELIVERED, /* result was said; done comes next */
	TASK_OVER,      /* failed or release was said; done comes next */
};

/* An image that a job brings. */
struct task_input {
	char *path;
	int number; /* among the job's inputs */
	int fd;
	int64_t size, got; /* size 0: not known yet */
	uint32_t channel;  /* 0: the bridge has not answered on this connection */
};

#define INPUTS_MAX 2 /* first and last frame */

/* A job that we hold. */
struct task {
	struct worker_job job; /* what the user sees; first, so that one is found from the other */
	struct task *prev, *next;
	struct worker *w;
	enum task_state state;
	cJSON *source; /* the message it came with; job points into it */

	int percent;
	const char *stage; /* one of a few constants, kept in a table */
	ev_tstamp told;    /* when progress was last said */

	struct task_input inputs[INPUTS_MAX];
	int n_inputs, inputs_here; /* they are fetched one after the other */

	char *output; /* path, once the video is there */
	int output_fd;
	int64_t output_size, sent, acked;
	uint32_t upload_channel; /* 0: the bridge has not said go on this connection */
	bool end_said;
	int upload_tries;

	cJSON *last; /* failed or release, to be said again after a lost connection */
};

struct post {
	struct post *prev, *next;
	void (*fn)(void *arg);
	void *arg;
};

struct worker {
	struct worker_conf conf;
	struct worker_calls calls;
	struct ev_loop *loop;
	struct wsc *sock;
	struct task *tasks;
	int task_count;
	pthread_t thread;

	atomic_bool live; /* welcome was heard on this connection */
	bool stopping;
	bool rejected;
	int64_t pause_ms; /* before the next try to connect */
	int64_t window;   /* unacknowledged bytes of an upload, at most */
	double silence_s; /* so long without a word, and the bridge is gone */
	ev_timer reconnect, watchdog, give_up;
	ev_async wake;

	pthread_mutex_t lock; /* guards posts */
	struct post *posts;
};

/* ---- say.c: what we send. Takes the object. ---- */

cJSON *say_new(const char *type);
cJSON *say_about(const char *type, const struct task *t); /* with job and lease */
void say(struct worker *w, cJSON *msg);                   /* sends and frees it */
void say_hello(struct worker *w, const char *token);
void say_ready(struct worker *w);
void say_progress(struct task *t);
void say_result(struct task *t);

/* ---- hear.c: what the bridge sends ---- */

void hear_text(struct worker *w, const char *p, size_t n);

/* ---- task.c: the life of a job ---- */

/* Takes msg, also on failure. NULL: it makes no sense, or two jobs have one name. */
struct task *task_new(struct worker *w, cJSON *msg);
/*
 * Files of jobs that an earlier life of this worker held when it was killed: removes them, and
 * remembers the jobs, so that they are handed on at once, not when their leases run out.
 */
void task_leftovers(struct worker *w);

void task_drop(struct task *t);   /* forgets it, and removes its files; the user is not told */
void task_stop(struct task *t);   /* tells the user when he has it, then as above */
void task_resume(struct task *t); /* on a new connection: says again what was not answered */
void task_go(struct task *t);     /* fetch what is missing, or start */
void task_end(struct task *t, cJSON *last); /* says `last` (takes it), and waits for done */
struct task *task_find(struct worker *w, const char *id, const char *lease); /* lease NULL: any */

/* ---- files.c: bytes ---- */

void input_ask(struct task *t);
void input_begin(struct task *t, const cJSON *msg);
void hear_binary(struct worker *w, const unsigned char *p, size_t n);
void upload_ask(struct task *t);
void upload_again(struct task *t, const char *message); /* after it was refused */
void upload_go(struct task *t, const cJSON *msg);
size_t upload_fill(struct worker *w, unsigned char *p);

#endif
