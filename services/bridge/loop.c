#include "services/bridge/loop.h"

#include <assert.h>
#include <ev.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <utlist.h>

#include "proto/buf.h"

struct post {
	loop_fn *fn;
	void *arg;
	struct post *next;
};

struct loop {
	struct ev_loop *ev;
	ev_async wake;
	pthread_t thread;
	bool running;
	pthread_mutex_t mutex; /* the three below */
	struct post *first, **last;
	bool stop;
	struct loop_timer *timers; /* all that are armed */
};

struct loop_timer {
	ev_timer w;
	struct loop *loop;
	loop_fn *fn;
	void *arg;
	struct loop_timer **slot;
	bool again;
	struct loop_timer *prev, *next;
};

static struct post *posts_take(struct loop *l, bool *stop)
{
	struct post *p;

	pthread_mutex_lock(&l->mutex);
	p = l->first;
	l->first = NULL;
	l->last = &l->first;
	*stop = l->stop;
	pthread_mutex_unlock(&l->mutex);
	return p;
}

static void on_wake(struct ev_loop *ev, ev_async *w, int revents)
{
	struct loop *l = w->data;
	bool stop;
	struct post *p = posts_take(l, &stop);

	(void)revents;
	while (p) {
		struct post *next = p->next;

		p->fn(p->arg);
		free(p);
		p = next;
	}
	if (stop)
		ev_break(ev, EVBREAK_ALL);
}

struct loop *loop_open(void)
{
	struct loop *l = xcalloc(1, sizeof *l);

	l->ev = ev_loop_new(EVFLAG_AUTO);
	assert(l->ev);
	l->last = &l->first;
	pthread_mutex_init(&l->mutex, NULL);
	ev_async_init(&l->wake, on_wake);
	l->wake.data = l;
	ev_async_start(l->ev, &l->wake);
	return l;
}

static void *run(void *arg)
{
	struct loop *l = arg;

	ev_run(l->ev, 0);
	return NULL;
}

void loop_start(struct loop *l)
{
	int rv = pthread_create(&l->thread, NULL, run, l);

	assert(rv == 0);
	l->running = true;
}

void loop_stop(struct loop *l)
{
	if (!l->running)
		return;
	pthread_mutex_lock(&l->mutex);
	l->stop = true;
	pthread_mutex_unlock(&l->mutex);
	ev_async_send(l->ev, &l->wake);
	pthread_join(l->thread, NULL);
	l->running = false;
}

static void timer_free(struct loop_timer *t)
{
	ev_timer_stop(t->loop->ev, &t->w);
	DL_DELETE(t->loop->timers, t);
	free(t);
}

void loop_close(struct loop *l)
{
	struct loop_timer *t;
	bool stop;

	if (!l)
		return;
	assert(!l->running);
	for (struct post *p = posts_take(l, &stop), *next; p; p = next) {
		next = p->next;
		free(p);
	}
	while ((t = l->timers)) /* timer_free() unlinks what it frees */
		timer_free(t);  /* NOLINT(clang-analyzer-unix.Malloc) */
	ev_async_stop(l->ev, &l->wake);
	ev_loop_destroy(l->ev);
	pthread_mutex_destroy(&l->mutex);
	free(l);
}

void *loop_raw(struct loop *l)
{
	return l->ev;
}

void loop_post(struct loop *l, loop_fn *fn, void *arg)
{
	struct post *p = xmalloc(sizeof *p);
	bool empty;

	*p = (struct post){.fn = fn, .arg = arg};
	pthread_mutex_lock(&l->mutex);
	empty = !l->first;
	*l->last = p;
	l->last = &p->next;
	if (empty) /* inside: the loop may be gone as soon as it has seen the last post */
		ev_async_send(l->ev, &l->wake);
	pthread_mutex_unlock(&l->mutex);
}

struct waited {
	loop_fn *fn;
	void *arg;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool done;
};

static void run_waited(void *arg)
{
	struct waited *w = arg;

	w->fn(w->arg);
	pthread_mutex_lock(&w->mutex);
	w->done = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->mutex);
}

void loop_call(struct loop *l, loop_fn *fn, void *arg)
{
	struct waited w = {.fn = fn,
		.arg = arg,
		.mutex = PTHREAD_MUTEX_INITIALIZER,
		.cond = PTHREAD_COND_INITIALIZER};

	assert(l->running && !pthread_equal(pthread_self(), l->thread));
	loop_post(l, run_waited, &w);
	pthread_mutex_lock(&w.mutex);
	while (!w.done)
		pthread_cond_wait(&w.cond, &w.mutex);
	pthread_mutex_unlock(&w.mutex);
}

static void on_timer(struct ev_loop *ev, ev_timer *w, int revents)
{
	struct loop_timer *t = w->data;
	loop_fn *fn = t->fn;
	void *arg = t->arg;

	(void)ev;
	(void)revents;
	if (!t->again) {
		if (t->slot)
			*t->slot = NULL;
		timer_free(t);
	}
	fn(arg);
}

static struct loop_timer *timer_new(struct loop *l, int64_t ms, bool again, loop_fn *fn, void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof *t);
	double s = ms > 0 ? (double)ms / 1e3 : 0.001;

	t->loop = l;
	t->fn = fn;
	t->arg = arg;
	t->again = again;
	ev_timer_init(&t->w, on_timer, s, again ? s : 0);
	t->w.data = t;
	ev_now_update(l->ev); /* else the pause is counted from the start of this turn */
	ev_timer_start(l->ev, &t->w);
	DL_APPEND(l->timers, t);
	return t;
}

void loop_after(struct loop *l, int64_t ms, loop_fn *fn, void *arg, struct loop_timer **slot)
{
	struct loop_timer *t = timer_new(l, ms, false, fn, arg);

	t->slot = slot;
	if (slot)
		*slot = t;
}

struct loop_timer *loop_every(struct loop *l, int64_t ms, loop_fn *fn, void *arg)
{
	return timer_new(l, ms, true, fn, arg);
}

void loop_cancel(struct loop *l, struct loop_timer **slot)
{
	(void)l;
	if (*slot)
		timer_free(*slot);
	*slot = NULL;
}
