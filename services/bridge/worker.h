/*
 * One worker: a connection from its first frame on. Who it is, what it offers, what it holds. The
 * loop's thread owns it.
 */
#ifndef ARENA_BRIDGE_WORKER_H
#define ARENA_BRIDGE_WORKER_H

#include <uthash.h>

#include "proto/buf.h"
#include "services/bridge/frame.h"
#include "services/bridge/inside.h"

enum worker_state {
	WORKER_NEW,      /* has not said hello */
	WORKER_CHECKING, /* its token is being checked */
	WORKER_RESUMING, /* what it still holds is being asked for */
	WORKER_LIVE,     /* has been welcomed */
	WORKER_GONE      /* the connection closes or is closed; only references are left */
};

struct worker {
	struct bridge *b;
	struct conn *conn;
	int refs;
	enum worker_state state;
	char id[65], name[129], kind[65];
	struct frame hello;      /* until welcomed; later only for its models */
	struct frame offer;      /* the last `models` */
	const struct model *models;
	size_t n_models;
	const char **model_ids;  /* n_models of them, as LEASE_TAKE wants them */
	int slots;
	int free;                /* jobs that it can take now */
	int asking;              /* LEASE_TAKEs in flight for it */
	bool again;              /* work may have come after the last of them was asked */
	uint64_t turn;           /* of bridge.turn, when it got its last job */
	int64_t opened_ms, heard_ms, pinged_ms;
	int64_t logged_ms;       /* its log frames: when the present second began, */
	int logged;              /* and how many it had */
	uint32_t channel;        /* the last one given out */
	struct lease *leases;    /* list */
	struct worker *prev, *next;
	UT_hash_handle hh;       /* by id, from welcome on */
};

void worker_open(struct bridge *b, struct conn *c);
void worker_text(struct worker *w, const char *p, size_t n);
void worker_binary(struct worker *w, const uint8_t *p, size_t n);

/* Close the connection with code and reason, and let go of all that it holds. */
void worker_drop(struct worker *w, int code, const char *reason);

/* The connection is gone. */
void worker_closed(struct worker *w);

/* References: for asks that come back later. */
struct worker *worker_hold(struct worker *w);
void worker_put(struct worker *w);

/* Send a frame that say_...() wrote, and free it. w may be NULL or gone. */
void worker_say(struct worker *w, struct buf *frame);

/* Leases that fill its slots: given out and not ended. */
int worker_busy(const struct worker *w);

bool worker_offers(const struct worker *w, const char *model);

/* A number for binary frames, new on this connection. */
uint32_t worker_channel(struct worker *w);

/* Pings, and who has been silent for too long. Every tick. */
void workers_tick(struct bridge *b, int64_t now);

#endif
