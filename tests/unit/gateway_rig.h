/*
 * A gateway with an auth and a jobs service of the test's own around it, over inproc. The tests
 * change what the fakes do under rig.lock, or before rig_start(). With gateway_client.h: for
 * test_gateway*.c.
 */
#ifndef ARENA_TESTS_GATEWAY_RIG_H
#define ARENA_TESTS_GATEWAY_RIG_H

#include <pthread.h>

#include "proto/blob.h"
#include "proto/clock.h"
#include "proto/hint.h"
#include "proto/rpc.h"
#include "proto/secret.h"
#include "proto/sign.h"
#include "services/gateway/gateway.h"
#include "tests/unit/check.h"
#include "tests/unit/gateway_client.h"

#define ME          "good-me" /* a key; its owner is "me" */
#define RIG_JOBS    64
#define RIG_FILE    "file_00000000000000000000000000000001" /* of the owner "me" */
#define RIG_WAIT_MS 30000

/* A job as the fake keeps it: strings of its own. */
struct rig_job {
	struct job j;
	char id[ID_MAX], owner[40], model[40], prompt[200], idem[80], fingerprint[80];
	char image[BLOB_NAME];
	char inputs[120]; /* their roles and the first digits of their files: "first_frame:ab12 " */
	char operation[16], source[ID_MAX], ignored[60], negative_prompt[40];
	struct output out;
};

struct rig {
	char *dir;
	struct gateway_conf conf;
	struct gateway *g;
	struct blobs *blobs;
	struct secret secret;
	struct teller *teller;
	/* the fake jobs; under lock */
	pthread_mutex_t lock;
	struct rig_job jobs[RIG_JOBS];
	_Atomic int n_jobs;
	_Atomic int creates;        /* JOB_CREATE that came */
	_Atomic int gets;           /* JOB_GET */
	int blob_gone;              /* refuse so many with BLOB_GONE */
	_Atomic enum err jobs_fail; /* refuse all with it */
	int room;                   /* refuse with QUOTA when so many were made; 0: never */
	bool jobs_silent;           /* answer nothing */
	const char *operation;      /* that the model offers; NULL: none */
	char file[BLOB_NAME];       /* what RIG_FILE is */
	_Atomic int fetches; /* IMAGE_FETCH that came: links that end in .png lead to `file` */
	_Atomic int lists;   /* JOB_LIST that came */
	int list_looks;      /* a search looks at so many jobs at a time; 0: at all */
	bool list_barren;    /* a search never finds anything, nor ends */
	int64_t list_limit;  /* of the last JOB_LIST */
	bool list_ascending;
	int64_t change;            /* of the newest change */
	_Atomic int asked_changes; /* JOB_CHANGES that came */
};

extern struct rig rig;

/* Settings in rig.conf may be changed between the two; rig_start() is both. */
void rig_prepare(void);
void rig_go(void);
void rig_start(void);
void rig_stop(void);

/* What became of the newest job; the gateway is told as jobs would. fn changes it. */
void rig_change(void (*fn)(struct rig_job *r));
void rig_change_nth(int i, void (*fn)(struct rig_job *r)); /* 0: the oldest */

/* Files on their way into the store, and pins. */
int rig_temporary_files(void);

/* Put bytes into the store; fills name. */
void rig_blob(const void *p, size_t n, char name[BLOB_NAME]);

/* ---- jobs ---- */

/* What may become of one: for rig_change() and new_video(). */
void complete(struct rig_job *r); /* with the files of make_files() */
void fail_policy(struct rig_job *r);
void fail_worker(struct rig_job *r);
void cancel(struct rig_job *r);
void progress(struct rig_job *r);

/* The 1,000 bytes of the result's file, "abc..", and its poster. */
void make_files(void);

/* The path of a new video of ME, in a state; NULL: queued. */
const char *new_video(void (*state)(struct rig_job *r));

/* Does it become true in time? For what other threads do. */
#define BECOMES(cond)                                                                              \
	({                                                                                         \
		int64_t until_ = mono_us() + RIG_WAIT_MS * 1000;                                   \
		while (!(cond) && mono_us() < until_)                                              \
			usleep(2000);                                                              \
		(cond);                                                                            \
	})

#endif
