/*
 * What the parts of the bridge share: the one struct that they hang on. Everything in it belongs to
 * the loop's thread, but for what is marked.
 */
#ifndef ARENA_BRIDGE_INSIDE_H
#define ARENA_BRIDGE_INSIDE_H

#include "proto/blob.h"
#include "proto/linkkey.h"
#include "proto/messages.h"
#include "proto/rpc.h"
#include "proto/secret.h"
#include "services/bridge/bridge.h"
#include "services/bridge/fetch.h"
#include "services/bridge/figures.h"
#include "services/bridge/loop.h"
#include "services/bridge/task.h"
#include "services/bridge/ws.h"

#define OUT_MSGS  1024 /* that may wait for a worker */
#define OUT_BYTES (8 << 20)
#define ASK_MS    3000 /* budget of an ask; what must get through is asked again */

struct link;
struct lease;
struct presence;
struct references;
struct courier;
struct votes;
struct gate;
struct sessions;

struct bridge {
	struct bridge_conf conf; /* read-only */
	char id[ID_MAX];         /* of this run: read-only */
	char dir[512];           /* DATA/bridge: read-only */
	char media_program[512]; /* read-only */
	struct secret secret;    /* read-only */
	struct linkkey *linkkey;
	struct loop *loop; /* these do their own locking */
	struct peer *auth, *jobs;
	struct blobs *blobs;
	struct fetcher *fetcher;
	struct pool *disk, *media;
	struct gate *gate;

	struct ws *ws;
	struct link *by_id;   /* uthash: those who said hello */
	struct link *links;   /* list: all connections that are not closing */
	int n_workers;        /* in by_id */
	struct lease *leases; /* uthash by token */
	struct presence *presence;
	struct references *references; /* images that requests link to */
	struct courier *courier;       /* webhooks */
	struct votes *votes;
	struct sessions *sessions; /* connections over plain HTTP */
	struct loop_timer *tick, *poll, *look, *renew, *count, *keys;
	uint64_t turn;    /* grows with each job given out */
	int asks;         /* in flight */
	int intakes;      /* results on their way */
	bool asking_keys; /* KEYS_GONE is in flight */
	bool draining;    /* takes no more work */
	bool stopping;    /* asks no more */
};

/*
 * Ask a service; fn is called once, in the loop. answer: the record on ERR_OK, gone when fn returns
 * unless it is taken out: *keep = NULL after copying the pointer. fn must free what arg is.
 */
typedef void asked_fn(
	struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep);

void bridge_ask(struct bridge *b, struct peer *p, enum msg_type type, const void *rec, asked_fn *fn,
	void *arg);

/* Is e one of those after which the same ask may yet succeed? */
bool err_passes(enum err e);

/* How long to wait before the n-th time (0, 1, ...) that something is tried again. */
int64_t pause_ms(int n);

#endif
