/*
 * A bridge in this process, with small fakes of auth and jobs behind it and a folder of its own:
 * for the tests of the bridge. The fake of jobs keeps a few jobs in memory and obeys the protocol
 * of leases; tests look into it and bend it under its mutex.
 */
#ifndef ARENA_TESTS_BRIDGE_RIG_H
#define ARENA_TESTS_BRIDGE_RIG_H

#include <pthread.h>

#include "proto/blob.h"
#include "proto/clock.h"
#include "proto/hint.h"
#include "proto/id.h"
#include "proto/log.h"
#include "proto/rpc.h"
#include "proto/secret.h"
#include "services/bridge/bridge.h"
#include "tests/unit/check.h"

#define GOOD_TOKEN "wk_good"
#define JOBS_MAX   512

/* Until cond is true, at most ten seconds; then it is a failure. */
#define EVENTUALLY(cond)                                                                           \
	do {                                                                                       \
		int64_t give_up_ = mono_us() + 10000000;                                           \
		while (!(cond) && mono_us() < give_up_)                                            \
			usleep(2000);                                                              \
		CHECK(cond);                                                                       \
	} while (0)

/* What the fake of jobs has, read under its mutex. (Strings of a job that is over change no more.)
 */
#define SEEN(rig, expr)                                                                            \
	({                                                                                         \
		pthread_mutex_lock(&(rig)->jobs->mutex);                                           \
		__typeof__((expr) + 0) seen_ = (expr);                                             \
		pthread_mutex_unlock(&(rig)->jobs->mutex);                                         \
		seen_;                                                                             \
	})

/* Change how the fake of jobs behaves. */
#define BEND(rig, member, value)                                                                   \
	do {                                                                                       \
		pthread_mutex_lock(&(rig)->jobs->mutex);                                           \
		(rig)->jobs->member = (value);                                                     \
		pthread_mutex_unlock(&(rig)->jobs->mutex);                                         \
	} while (0)

struct fake_job {
	char id[ID_MAX];
	char model[32];
	char status[16]; /* queued, in_progress, completed, failed, cancelled */
	char lease[33];
	int attempts;
	int64_t started_at;
	char input[BLOB_NAME]; /* "" none */
	int64_t input_size;
	const char *role, *input_mime;                    /* of it; NULL: a first frame, a PNG */
	const char *negative_prompt, *operation, *source; /* NULL: not said */
	int64_t fps;
	char video[BLOB_NAME], poster[BLOB_NAME], sprite[BLOB_NAME], mime[16]; /* of the result */
	char second[BLOB_NAME], second_poster[BLOB_NAME]; /* of its second video */
	int outputs;
	int64_t width, progress;
	int progress_asks;
	char stage[65], upstream_ref[65];
	char code[65], message[200]; /* of failed or given back */
	bool retryable;
};

struct fake_jobs {
	pthread_mutex_t mutex;
	struct fake_job jobs[JOBS_MAX];
	int n;
	int down;          /* so many LEASE_DONE are answered with STORE */
	int blob_gone;     /* so many LEASE_DONE are answered with BLOB_GONE */
	int take_delay_ms; /* before a LEASE_TAKE is answered */
	int takes, renews, seen;
	call_fn *hooks; /* HOOK_TAKE and HOOK_TRIED, under the mutex; NULL: there are none */
	void *hooks_arg;
	char workers[512]; /* of the last WORKER_SEEN: "id:busy/slots[model,];" or "id:gone;" */
};

struct rig {
	char *dir;
	struct bridge_conf conf;
	struct bridge *bridge;
	int port;
	char url[64]; /* where the bridge answers asks */
	struct fake_jobs *jobs;
	struct teller *teller;
	struct blobs *blobs;
	struct secret secret;
};

/* more: settings besides, "--lease=1s", ..., NULL; or NULL. */
void rig_open(struct rig *r, char *const *more);
void rig_close(struct rig *r);

/* Stop the bridge and start another on the same folder and the same jobs. */
void rig_restart(struct rig *r);

/* A new queued job, without a hint. */
struct fake_job *rig_job(struct rig *r, const char *model);
void rig_hint_work(struct rig *r, const char *model);
void rig_hint_over(struct rig *r, const struct fake_job *job);

/* Its status now, a copy: good until the next call. */
const char *rig_status(struct rig *r, const struct fake_job *job);
bool rig_is(struct rig *r, const struct fake_job *job, const char *status);
void rig_set_status(struct rig *r, struct fake_job *job, const char *status);
bool rig_workers_are(struct rig *r, const char *want);

#endif
