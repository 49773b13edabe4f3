/* The connection's life: made, watched, lost, made again; and the worker's thread. */
#include "workers/sandbox/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/buf.h"
#include "proto/id.h"
#include "proto/log.h"
#include "workers/sandbox/inside.h"

enum { CLOSE_UNAUTHORIZED = 4001, CLOSE_REPLACED = 4003, TOKEN_MAX = 256 };

static const double GOODBYE_S = 1.0; /* for the answers to release, when stopping */

static void maybe_end(struct worker *w)
{
	if (w->stopping && (!w->task_count || !atomic_load(&w->live)))
		ev_break(w->loop, EVBREAK_ALL);
}

/* ---- the connection ---- */

/* The pause, give or take a quarter: many workers of one bridge should not come back at once. */
static double with_jitter(int64_t ms)
{
	return (double)ms / 1000 * (0.75 + 0.5 * drand48());
}

static void connect_later(struct worker *w)
{
	double pause = with_jitter(w->pause_ms);

	w->pause_ms =
		w->pause_ms * 2 < w->conf.backoff_max_ms ? w->pause_ms * 2 : w->conf.backoff_max_ms;
	ev_timer_stop(w->loop, &w->reconnect);
	ev_timer_set(&w->reconnect, pause, 0);
	ev_timer_start(w->loop, &w->reconnect);
}

static void heard(struct worker *w)
{
	w->watchdog.repeat = w->silence_s;
	ev_timer_again(w->loop, &w->watchdog);
}

/* False: there is none, or not yet. */
static bool read_token(const struct worker *w, char token[TOKEN_MAX])
{
	FILE *f;
	size_t n;

	if (w->conf.token && *w->conf.token) {
		snprintf(token, TOKEN_MAX, "%s", w->conf.token);
		return true;
	}
	f = w->conf.token_file ? fopen(w->conf.token_file, "re") : NULL;
	if (!f)
		return false;
	n = fread(token, 1, TOKEN_MAX - 1, f);
	fclose(f);
	token[n] = '\0';
	token[strcspn(token, "\r\n")] = '\0';
	return token[0] != '\0';
}

static void on_opened(void *arg)
{
	struct worker *w = arg;
	char token[TOKEN_MAX];

	heard(w);
	if (!read_token(w, token)) {
		log_warn("no_token", LS("file", w->conf.token_file));
		wsc_drop(w->sock);
		return;
	}
	say_hello(w, token);
}

static void on_text(void *arg, const char *p, size_t n)
{
	struct worker *w = arg;

	hear_text(w, p, n);
	heard(w);
	maybe_end(w);
}

static void on_binary(void *arg, const unsigned char *p, size_t n)
{
	struct worker *w = arg;

	hear_binary(w, p, n);
	heard(w);
}

static void on_closed(void *arg, int code, const char *reason)
{
	struct worker *w = arg;

	if (atomic_exchange(&w->live, false))
		log_warn("disconnected", LI("code", code), LS("reason", reason));
	else
		log_debug("not_connected", LI("code", code), LS("reason", reason));
	ev_timer_stop(w->loop, &w->watchdog);
	maybe_end(w);
	if (code == CLOSE_UNAUTHORIZED || code == CLOSE_REPLACED) {
		/* Trying again would not help, or push the other one out in turn. */
		log_error("rejected", LI("code", code), LS("reason", reason));
		w->rejected = true;
		if (w->calls.rejected)
			w->calls.rejected(w->calls.arg, code, reason);
		return;
	}
	connect_later(w);
}

static size_t on_fill(void *arg, unsigned char *p)
{
	return upload_fill(arg, p);
}

static void on_reconnect(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct worker *w = timer->data;

	(void)loop;
	(void)events;
	wsc_connect(w->sock);
}

/* The bridge pings; two and a half heartbeats without a word, and it is gone. */
static void on_silence(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct worker *w = timer->data;

	(void)loop;
	(void)events;
	log_warn("silence");
	wsc_drop(w->sock);
}

/* ---- the thread ---- */

static void run_posts(struct worker *w)
{
	struct post *all, *p, *tmp;

	pthread_mutex_lock(&w->lock);
	all = w->posts, w->posts = NULL;
	pthread_mutex_unlock(&w->lock);
	DL_FOREACH_SAFE (all, p, tmp) {
		p->fn(p->arg);
		free(p);
	}
}

static void on_wake(struct ev_loop *loop, ev_async *async, int events)
{
	(void)loop;
	(void)events;
	run_posts(async->data);
}

static void on_give_up(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

/* Whoever waits for these jobs need not wait for their leases to run out. */
static void begin_stop(void *arg)
{
	struct worker *w = arg;
	struct task *t;

	w->stopping = true;
	DL_FOREACH (w->tasks, t) {
		cJSON *release;

		if (t->state == TASK_DELIVERED || t->state == TASK_OVER)
			continue;
		if (t->state == TASK_RUNNING)
			w->calls.cancel(w->calls.arg, w, &t->job);
		release = say_about("release", t);
		cJSON_AddStringToObject(release, "reason", "stopping");
		task_end(t, release);
	}
	ev_timer_set(&w->give_up, GOODBYE_S, 0);
	ev_timer_start(w->loop, &w->give_up);
	maybe_end(w);
}

static void *run(void *arg)
{
	struct worker *w = arg;

	if (!w->stopping)
		wsc_connect(w->sock);
	ev_run(w->loop, 0);
	while (w->tasks)
		task_stop(w->tasks);
	return NULL;
}

static void watch(struct worker *w)
{
	ev_timer_init(&w->reconnect, on_reconnect, 0, 0);
	ev_timer_init(&w->watchdog, on_silence, 0, 0);
	ev_timer_init(&w->give_up, on_give_up, 0, 0);
	ev_async_init(&w->wake, on_wake);
	w->reconnect.data = w->watchdog.data = w->give_up.data = w->wake.data = w;
	ev_async_start(w->loop, &w->wake);
}

static void worker_free(struct worker *w)
{
	while (w->tasks)
		task_drop(w->tasks);
	wsc_close(w->sock);
	if (w->loop) {
		ev_async_stop(w->loop, &w->wake);
		ev_loop_destroy(w->loop);
	}
	pthread_mutex_destroy(&w->lock);
	free(w);
}

enum err worker_start(
	const struct worker_conf *conf, const struct worker_calls *calls, struct worker **ret)
{
	struct worker *w = xcalloc(1, sizeof *w);
	const struct wsc_events events = {on_opened, on_text, on_binary, on_closed, on_fill, w};
	enum err e = ERR_INTERNAL;

	w->conf = *conf;
	w->calls = *calls;
	w->pause_ms = conf->backoff_min_ms;
	w->silence_s = 20;
	pthread_mutex_init(&w->lock, NULL);
	task_leftovers(w);
	w->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (w->loop) {
		watch(w);
		e = wsc_open(conf->url, w->loop, &events, &w->sock);
	}
	if (e == ERR_OK && pthread_create(&w->thread, NULL, run, w))
		e = ERR_INTERNAL;
	if (e != ERR_OK) {
		worker_free(w);
		return e;
	}
	*ret = w;
	return ERR_OK;
}

void worker_stop(struct worker *w)
{
	if (!w)
		return;
	worker_post(w, begin_stop, w);
	pthread_join(w->thread, NULL);
	run_posts(w);
	worker_free(w);
}

void worker_post(struct worker *w, void (*fn)(void *arg), void *arg)
{
	struct post *p = xmalloc(sizeof *p);

	p->fn = fn;
	p->arg = arg;
	pthread_mutex_lock(&w->lock);
	DL_APPEND(w->posts, p);
	pthread_mutex_unlock(&w->lock);
	ev_async_send(w->loop, &w->wake);
}

void *worker_loop(struct worker *w)
{
	return w->loop;
}

bool worker_is_live(struct worker *w)
{
	return atomic_load(&w->live);
}
