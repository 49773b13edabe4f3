#include "orphans.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "proto/clock.h"

#define AT_ONCE 256 /* names handed over together */

struct orphans {
	struct blobs *blobs;
	struct inbox *inbox;
	int64_t every_ms, age_ms;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct buf found; /* the searcher's until `ready`, then the taker's */
	bool ready, stop;
};

/* Let the jobs thread have what was found, and wait until it has taken it. */
static void hand_over(struct orphans *o)
{
	if (!o->found.n)
		return;
	pthread_mutex_lock(&o->mutex);
	o->ready = true;
	pthread_mutex_unlock(&o->mutex);
	inbox_wake(o->inbox);
	pthread_mutex_lock(&o->mutex);
	while (o->ready && !o->stop)
		pthread_cond_wait(&o->wake, &o->mutex);
	pthread_mutex_unlock(&o->mutex);
}

static bool stopped(struct orphans *o)
{
	bool stop;

	pthread_mutex_lock(&o->mutex);
	stop = o->stop;
	pthread_mutex_unlock(&o->mutex);
	return stop;
}

/* Never says yes: see the header. */
static bool collect(void *arg, const char *name)
{
	struct orphans *o = arg;

	if (stopped(o))
		return false;
	buf_add(&o->found, name, BLOB_NAME);
	if (o->found.n >= (size_t)AT_ONCE * BLOB_NAME)
		hand_over(o);
	return false;
}

/* False: time to stop. */
static bool pause_for(struct orphans *o)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += o->every_ms / 1000;
	until.tv_nsec += o->every_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&o->mutex);
	while (!o->stop && pthread_cond_timedwait(&o->wake, &o->mutex, &until) == 0)
		;
	stop = o->stop;
	pthread_mutex_unlock(&o->mutex);
	return !stop;
}

static void *search(void *arg)
{
	struct orphans *o = arg;

	while (pause_for(o)) {
		blob_sweep(o->blobs, now_ms(), o->age_ms, collect, o);
		if (!stopped(o))
			hand_over(o);
	}
	return NULL;
}

void orphans_take(struct orphans *o, struct buf *names)
{
	pthread_mutex_lock(&o->mutex);
	if (o->ready) {
		buf_add(names, o->found.p, o->found.n);
		buf_clear(&o->found);
		o->ready = false;
		pthread_cond_signal(&o->wake);
	}
	pthread_mutex_unlock(&o->mutex);
}

struct orphans *orphans_start(
	struct blobs *blobs, struct inbox *inbox, int64_t every_ms, int64_t age_ms)
{
	struct orphans *o = xcalloc(1, sizeof *o);
	pthread_condattr_t attr;

	o->blobs = blobs;
	o->inbox = inbox;
	o->every_ms = every_ms;
	o->age_ms = age_ms;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&o->mutex, NULL);
	pthread_cond_init(&o->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&o->thread, NULL, search, o) != 0)
		abort();
	return o;
}

void orphans_stop(struct orphans *o)
{
	if (!o)
		return;
	pthread_mutex_lock(&o->mutex);
	o->stop = true;
	pthread_mutex_unlock(&o->mutex);
	pthread_cond_signal(&o->wake);
	pthread_join(o->thread, NULL);
	pthread_cond_destroy(&o->wake);
	pthread_mutex_destroy(&o->mutex);
	buf_free(&o->found);
	free(o);
}
