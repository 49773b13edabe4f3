#include "services/bridge/loop.h"

#include <pthread.h>
#include <stdatomic.h>

#include "proto/clock.h"
#include "services/bridge/task.h"
#include "tests/unit/check.h"

static struct loop *l;
static int seen[4], n_seen; /* the loop's */
static pthread_t where;

static void note(void *arg)
{
	seen[n_seen++ % 4] = (int)(intptr_t)arg;
	where = pthread_self();
}

static void nothing(void *arg)
{
	(void)arg;
}

static void posts_run_in_order_in_the_loop(void)
{
	l = loop_open();
	n_seen = 0;
	loop_post(l, note, (void *)1); /* also before it starts */
	loop_start(l);
	loop_post(l, note, (void *)2);
	loop_call(l, note, (void *)3);
	CHECK_INT(n_seen, 3);
	CHECK_INT(seen[0] * 100 + seen[1] * 10 + seen[2], 123);
	CHECK(!pthread_equal(where, pthread_self()));
	loop_post(l, note, (void *)4);
	loop_stop(l); /* what was posted before has run */
	CHECK_INT(n_seen, 4);
	loop_post(l, note, (void *)5);
	loop_close(l); /* what came too late has not */
	CHECK_INT(n_seen, 4);
}

static atomic_int posts_left;

static void count_down(void *arg)
{
	(void)arg;
	posts_left--;
}

static void *post_many(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20000; i++)
		loop_post(l, count_down, NULL);
	return NULL;
}

static void no_post_of_many_threads_is_lost(void)
{
	pthread_t threads[4];

	posts_left = 4 * 20000;
	l = loop_open();
	loop_start(l);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, post_many, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	loop_call(l, nothing, NULL);
	CHECK_INT(posts_left, 0);
	loop_stop(l);
	loop_close(l);
}

static struct loop_timer *once, *again;
static atomic_int fired_once, fired_again;

static void fire_once(void *arg)
{
	(void)arg;
	CHECK(!once); /* the slot was cleared before */
	fired_once++;
}

static void fire_again(void *arg)
{
	(void)arg;
	if (++fired_again == 3)
		loop_cancel(l, &again);
}

static void arm(void *arg)
{
	(void)arg;
	loop_after(l, 10, fire_once, NULL, &once);
	again = loop_every(l, 5, fire_again, NULL);
}

static void disarm(void *arg)
{
	(void)arg;
	loop_after(l, 10, fire_once, NULL, &once);
	loop_cancel(l, &once);
	CHECK(!once);
	loop_cancel(l, &once);
}

static void timers_fire_once_or_again_until_cancelled(void)
{
	int64_t began = mono_us(), until = began + 10000000;

	l = loop_open();
	loop_start(l);
	loop_call(l, arm, NULL);
	while ((fired_once < 1 || fired_again < 3) && mono_us() < until)
		usleep(1000);
	CHECK(mono_us() - began >= 10000);
	loop_call(l, disarm, NULL);
	loop_call(l, arm, NULL); /* left armed: loop_close() frees them */
	loop_stop(l);
	CHECK(fired_once >= 1);
	CHECK_INT(fired_again, 3);
	loop_close(l);
}

static atomic_int at_once, most, worked, reported;

static void work(void *arg)
{
	int now = ++at_once;

	(void)arg;
	if (now > most)
		most = now;
	usleep(2000);
	at_once--;
	worked++;
}

static void report(void *arg)
{
	(void)arg;
	reported++;
	where = pthread_self();
}

static void tasks_run_aside_and_report_to_the_loop(void)
{
	struct pool *p;

	l = loop_open();
	loop_start(l);
	p = pool_open(l, 2);
	for (int i = 0; i < 20; i++)
		pool_run(p, work, report, NULL);
	pool_close(p); /* waits for all */
	CHECK_INT(worked, 20);
	CHECK(most <= 2);
	loop_stop(l);
	CHECK_INT(reported, 20);
	CHECK(!pthread_equal(where, pthread_self()));
	loop_close(l);
}

TESTS("loop", T(posts_run_in_order_in_the_loop), T(no_post_of_many_threads_is_lost),
	T(timers_fire_once_or_again_until_cancelled), T(tasks_run_aside_and_report_to_the_loop))
