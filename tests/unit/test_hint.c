#include "proto/hint.h"

#include <pthread.h>

#include "proto/clock.h"
#include "proto/id.h"
#include "tests/unit/check.h"

static const uint8_t key[32] = {1}, other_key[32] = {2};
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int jobs, works, looks;
static char last_id[64];

static void on_hint(void *arg, int type, const void *rec)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	if (type == MSG_JOB_CHANGED) {
		jobs++;
		snprintf(
			last_id, sizeof last_id, "%s", ((const struct job_hints *)rec)->jobs[0].id);
	} else if (type == MSG_WORK_READY) {
		works++;
	} else if (type == 0) {
		looks++;
	}
	pthread_mutex_unlock(&mutex);
}

static int seen(const int *what)
{
	int n;

	pthread_mutex_lock(&mutex);
	n = *what;
	pthread_mutex_unlock(&mutex);
	return n;
}

/* Tell until it is heard: the connection is made in the background. */
static void tell_until(
	struct teller *t, enum msg_type type, const void *rec, const int *what, int n)
{
	int64_t give_up = mono_us() + 10000000;

	while (seen(what) < n && mono_us() < give_up) {
		tell(t, type, rec);
		usleep(5000);
	}
}

static void a_listener_hears_what_it_asked_for(void)
{
	static const int types[] = {MSG_JOB_CHANGED, 0};
	struct teller *t = teller_open("inproc://hint-1", key);
	struct job_hint job = {.id = "video_1", .revision = 3};
	struct job_hints j = {.jobs = &job, .n_jobs = 1};
	struct work_hint w = {.model = "m"};

	CHECK(t && listener_open("inproc://hint-1", key, types, on_hint, NULL));
	tell(t, MSG_WORK_READY, &w);
	tell_until(t, MSG_JOB_CHANGED, &j, &jobs, 3);
	CHECK(seen(&jobs) >= 3);
	CHECK_STR(last_id, "video_1");
	CHECK_INT(seen(&works), 0);
	CHECK_INT(seen(&looks), 1); /* the publisher was new; nothing was lost since */
}

static void hints_under_another_key_are_not_heard(void)
{
	static const int types[] = {MSG_WORK_READY, 0};
	struct teller *good = teller_open("inproc://hint-2a", key);
	struct teller *bad = teller_open("inproc://hint-2b", other_key);
	struct work_hint w = {.model = "m"};
	int before;

	CHECK(good && bad);
	CHECK(listener_open("inproc://hint-2a,inproc://hint-2b", key, types, on_hint, NULL) !=
		NULL);
	for (int i = 0; i < 50; i++) {
		tell(bad, MSG_WORK_READY, &w);
		usleep(1000);
	}
	before = seen(&works);
	tell_until(good, MSG_WORK_READY, &w, &works, 1);
	CHECK_INT(before, 0);
	CHECK(seen(&works) >= 1);
}

TESTS("hint", T(a_listener_hears_what_it_asked_for), T(hints_under_another_key_are_not_heard))
