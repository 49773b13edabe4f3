#include "task.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "proto/buf.h"

struct task {
	void (*fn)(void *arg);
	void *arg;
};

struct tasks {
	pthread_mutex_t lock; /* over the ring */
	pthread_cond_t wake;
	bool stop;
	int n_threads;
	pthread_t *threads;
	int max, n, head;
	struct task *ring;
};

static void *task_main(void *arg)
{
	struct tasks *t = arg;

	pthread_mutex_lock(&t->lock);
	for (;;) {
		struct task task;

		while (!t->n && !t->stop)
			pthread_cond_wait(&t->wake, &t->lock);
		if (!t->n)
			break;
		task = t->ring[t->head];
		t->head = (t->head + 1) % t->max;
		t->n--;
		pthread_mutex_unlock(&t->lock);
		task.fn(task.arg);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

struct tasks *tasks_start(int threads, int max_queued)
{
	struct tasks *t = xcalloc(1, sizeof *t);

	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->wake, NULL);
	t->max = max_queued;
	t->ring = xcalloc((size_t)max_queued, sizeof *t->ring);
	t->threads = xcalloc((size_t)threads, sizeof *t->threads);
	for (; t->n_threads < threads; t->n_threads++) {
		int rc = pthread_create(&t->threads[t->n_threads], NULL, task_main, t);

		assert(rc == 0);
	}
	return t;
}

bool task_run(struct tasks *t, void (*fn)(void *arg), void *arg)
{
	bool ok;

	pthread_mutex_lock(&t->lock);
	ok = t->n < t->max && !t->stop;
	if (ok) {
		t->ring[(t->head + t->n) % t->max] = (struct task){fn, arg};
		t->n++;
		pthread_cond_signal(&t->wake);
	}
	pthread_mutex_unlock(&t->lock);
	return ok;
}

void tasks_stop(struct tasks *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_broadcast(&t->wake);
	pthread_mutex_unlock(&t->lock);
	for (int i = 0; i < t->n_threads; i++)
		pthread_join(t->threads[i], NULL);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->wake);
	free(t->threads);
	free(t->ring);
	free(t);
}
