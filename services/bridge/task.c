#include "services/bridge/task.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "proto/buf.h"

#define THREADS_MAX 16

struct task {
	struct pool *pool;
	loop_fn *fn, *done;
	void *arg;
	struct task *next;
};

struct pool {
	struct loop *loop;
	pthread_t threads[THREADS_MAX];
	int n_threads;
	atomic_int busy;
	pthread_mutex_t mutex; /* the three below */
	pthread_cond_t cond;
	struct task *first, **last;
	bool stop;
};

static void task_done(void *arg)
{
	struct task *t = arg;

	t->pool->busy--;
	t->done(t->arg);
	free(t);
}

static void *work(void *arg)
{
	struct pool *p = arg;
	struct task *t;

	pthread_mutex_lock(&p->mutex);
	for (;;) {
		while (!p->first && !p->stop)
			pthread_cond_wait(&p->cond, &p->mutex);
		t = p->first;
		if (!t)
			break;
		p->first = t->next;
		if (!p->first)
			p->last = &p->first;
		pthread_mutex_unlock(&p->mutex);
		t->fn(t->arg);
		loop_post(p->loop, task_done, t);
		pthread_mutex_lock(&p->mutex);
	}
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

static void nothing(void *arg)
{
	(void)arg;
}

struct pool *pool_open(struct loop *l, int threads)
{
	struct pool *p = xcalloc(1, sizeof *p);

	assert(threads > 0 && threads <= THREADS_MAX);
	p->loop = l;
	p->last = &p->first;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_cond_init(&p->cond, NULL);
	for (; p->n_threads < threads; p->n_threads++) {
		int rv = pthread_create(&p->threads[p->n_threads], NULL, work, p);

		assert(rv == 0);
	}
	return p;
}

void pool_run(struct pool *p, loop_fn *fn, loop_fn *done, void *arg)
{
	struct task *t = xmalloc(sizeof *t);

	*t = (struct task){.pool = p, .fn = fn, .done = done, .arg = arg};
	p->busy++;
	pthread_mutex_lock(&p->mutex);
	assert(!p->stop);
	*p->last = t;
	p->last = &t->next;
	pthread_cond_signal(&p->cond);
	pthread_mutex_unlock(&p->mutex);
}

int pool_busy(const struct pool *p)
{
	return p->busy;
}

void pool_close(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->mutex);
	p->stop = true;
	pthread_cond_broadcast(&p->cond);
	pthread_mutex_unlock(&p->mutex);
	for (int i = 0; i < p->n_threads; i++)
		pthread_join(p->threads[i], NULL);
	loop_call(p->loop, nothing, NULL); /* behind all that the threads posted */
	assert(p->busy == 0);
	pthread_cond_destroy(&p->cond);
	pthread_mutex_destroy(&p->mutex);
	free(p);
}
