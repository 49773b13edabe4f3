#include "services/auth/clerk.h"

#include <assert.h>
#include <pthread.h>

#include "proto/buf.h"

struct clerk {
	call_fn *fn;
	void *arg;
	size_t max;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct call *first, **last; /* linked by call_next() */
	size_t n;
	bool stop;
};

static void *work(void *arg)
{
	struct clerk *k = arg;

	pthread_mutex_lock(&k->lock);
	for (;;) {
		struct call *c;

		while (!k->first && !k->stop)
			pthread_cond_wait(&k->wake, &k->lock);
		c = k->first;
		if (!c)
			break;
		k->first = *call_next(c);
		if (!k->first)
			k->last = &k->first;
		k->n--;
		pthread_mutex_unlock(&k->lock);
		k->fn(k->arg, c);
		pthread_mutex_lock(&k->lock);
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

struct clerk *clerk_start(size_t max_queued, call_fn *fn, void *arg)
{
	struct clerk *k = xlasting(1, sizeof *k);
	int rc;

	*k = (struct clerk){.fn = fn, .arg = arg, .max = max_queued, .last = &k->first};
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->wake, NULL);
	rc = pthread_create(&k->thread, NULL, work, k);
	assert(rc == 0);
	return k;
}

bool clerk_give(struct clerk *k, struct call *c)
{
	bool ok;

	pthread_mutex_lock(&k->lock);
	ok = k->n < k->max && !k->stop;
	if (ok) {
		*call_next(c) = NULL;
		*k->last = c;
		k->last = call_next(c);
		k->n++;
		pthread_cond_signal(&k->wake);
	}
	pthread_mutex_unlock(&k->lock);
	return ok;
}

void clerk_stop(struct clerk *k)
{
	bool stopped;

	pthread_mutex_lock(&k->lock);
	stopped = k->stop;
	k->stop = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
	if (!stopped)
		pthread_join(k->thread, NULL);
}
