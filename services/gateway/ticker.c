#include "ticker.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "proto/buf.h"
#include "proto/clock.h"

struct ticker {
	pthread_t thread;
	pthread_mutex_t lock; /* over stop */
	pthread_cond_t wake;
	bool stop;
	int64_t every_ms;
	void (*fn)(void *arg, int64_t now_us);
	void *arg;
};

static void *ticker_main(void *arg)
{
	struct ticker *t = arg;

	pthread_mutex_lock(&t->lock);
	while (!t->stop) {
		struct timespec until;

		pthread_mutex_unlock(&t->lock);
		t->fn(t->arg, mono_us());
		pthread_mutex_lock(&t->lock);
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += t->every_ms % 1000 * 1000000;
		until.tv_sec += t->every_ms / 1000 + until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		while (!t->stop && pthread_cond_timedwait(&t->wake, &t->lock, &until) != ETIMEDOUT)
			;
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

struct ticker *ticker_start(int64_t every_ms, void (*fn)(void *arg, int64_t now_us), void *arg)
{
	struct ticker *t = xcalloc(1, sizeof *t);
	pthread_condattr_t attr;
	int rc;

	t->every_ms = every_ms;
	t->fn = fn;
	t->arg = arg;
	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->wake, &attr);
	pthread_condattr_destroy(&attr);
	rc = pthread_create(&t->thread, NULL, ticker_main, t);
	assert(rc == 0);
	return t;
}

void ticker_stop(struct ticker *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
