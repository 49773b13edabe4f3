/* An ask whose caller waits for the answer. */
#include <pthread.h>

#include "rpc.h"

struct wait {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool over;
	enum err e;
	struct msg *msg;
};

static void wait_over(void *arg, enum err e, const struct answer *a)
{
	struct wait *w = arg;

	pthread_mutex_lock(&w->mutex);
	w->e = e;
	w->msg = e == ERR_OK ? answer_keep(a) : NULL;
	w->over = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->mutex);
}

enum err ask_wait(struct peer *p, const struct rid *rid, enum msg_type type, const void *rec,
	int budget_ms, struct msg **ret)
{
	struct wait w = {.mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};

	ask(p, rid, type, rec, budget_ms, wait_over, &w);
	pthread_mutex_lock(&w.mutex);
	while (!w.over)
		pthread_cond_wait(&w.cond, &w.mutex);
	pthread_mutex_unlock(&w.mutex);
	if (ret && w.e == ERR_OK)
		*ret = w.msg;
	else
		msg_free(w.msg);
	return w.e;
}
