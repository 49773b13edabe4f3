#include "inbox.h"

#include <assert.h>
#include <time.h>

void inbox_init(struct inbox *in)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&in->mutex, NULL);
	pthread_cond_init(&in->wake, &attr);
	pthread_condattr_destroy(&attr);
	in->first = NULL;
	in->last = &in->first;
	in->woken = in->closed = false;
}

bool inbox_put(struct inbox *in, struct call *c)
{
	bool ok, was_empty;

	pthread_mutex_lock(&in->mutex);
	ok = !in->closed;
	was_empty = !in->first;
	if (ok) {
		*call_next(c) = NULL;
		*in->last = c;
		in->last = call_next(c);
	}
	pthread_mutex_unlock(&in->mutex);
	if (ok && was_empty) /* a taker that is at work will look by itself */
		pthread_cond_signal(&in->wake);
	return ok;
}

void inbox_wake(struct inbox *in)
{
	pthread_mutex_lock(&in->mutex);
	in->woken = true;
	pthread_mutex_unlock(&in->mutex);
	pthread_cond_signal(&in->wake);
}

void inbox_close(struct inbox *in)
{
	pthread_mutex_lock(&in->mutex);
	in->closed = true;
	pthread_mutex_unlock(&in->mutex);
	pthread_cond_signal(&in->wake);
}

static struct timespec after(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

struct call *inbox_take(struct inbox *in, int64_t wait_ms, bool *closed)
{
	struct timespec until;
	struct call *calls;

	pthread_mutex_lock(&in->mutex);
	if (!in->first && !in->woken && !in->closed && wait_ms > 0) {
		until = after(wait_ms);
		while (!in->first && !in->woken && !in->closed &&
			pthread_cond_timedwait(&in->wake, &in->mutex, &until) == 0)
			;
	}
	calls = in->first;
	in->first = NULL;
	in->last = &in->first;
	in->woken = false;
	*closed = in->closed;
	pthread_mutex_unlock(&in->mutex);
	return calls;
}
