/*
 * One worker: a connection from its first frame on. Who it is, what it offers, what it holds. The
 * loop's thread owns it.
 */
#ifndef ARENA_BRIDGE_LINK_H
#define ARENA_BRIDGE_LINK_H

#include <uthash.h>

#include "proto/buf.h"
#include "services/bridge/condition.h"
#include "services/bridge/frame.h"
#include "services/bridge/inside.h"

enum link_state {
	LINK_NEW,      /* has not said hello */
	LINK_CHECKING, /* its token is being checked */
	LINK_RESUMING, /* what it still holds is being asked for */
	LINK_LIVE,     /* has been welcomed */
	LINK_GONE      /* the connection closes or is closed; only references are left */
};

struct link {
	struct bridge *b;
	struct conn *conn;
	int refs;
	enum link_state state;
	char id[65], name[129], kind[65], version[65];
	char owner[80];        /* id of the API key that made that one; "": the operator */
	char key[80];          /* id of its worker key */
	char key_mark[24];     /* which text of that key it has; a rotation makes another one */
	const char *transport; /* "websocket", "http" */
	int64_t connected_at;  /* by the wall clock; since it was welcomed */
	struct condition condition;
	struct frame hello; /* until welcomed; later only for its models */
	struct frame offer; /* the last `models` */
	const struct model *models;
	size_t n_models;
	const char **model_names; /* all that jobs may say: for LEASE_TAKE */
	size_t n_model_names;
	int slots;
	int free;      /* jobs that it can take now */
	int asking;    /* LEASE_TAKEs in flight for it */
	bool again;    /* work may have come after the last of them was asked */
	uint64_t turn; /* of bridge.turn, when it got its last job */
	int64_t opened_ms, heard_ms, pinged_ms;
	int64_t logged_ms;       /* its log frames: when the present second began, */
	int logged;              /* and how many it had */
	struct vote_said *votes; /* uthash: votes.c */
	int64_t waiting;         /* jobs for its models, as it was told; -1: never */
	uint32_t channel;        /* the last one given out */
	struct lease *leases;    /* list */
	struct link *prev, *next;
	UT_hash_handle hh; /* by id, from welcome on */
};

void link_open(struct bridge *b, struct conn *c);
void link_text(struct link *w, const char *p, size_t n);
void link_binary(struct link *w, const uint8_t *p, size_t n);

/* Close the connection with code and reason, and let go of all that it holds. */
void link_drop(struct link *w, int code, const char *reason);

/* The connection is gone. */
void link_closed(struct link *w);

/* References: for asks that come back later. */
struct link *link_hold(struct link *w);
void link_put(struct link *w);

/* Send a frame that say_...() wrote, and free it. w may be NULL or gone. */
void link_say(struct link *w, struct buf *frame);

/* Leases that fill its slots: given out and not ended. */
int link_busy(const struct link *w);

/*
 * The id, in the worker's own spelling, of its model that does jobs for `model`: that one itself,
 * or else one that is called so too (proto/alias.h). NULL: none. Lives as long as w->models.
 */
const char *link_offers(const struct link *w, const char *model);

/* A number for binary frames, new on this connection. */
uint32_t link_channel(struct link *w);

/* Pings, and who has been silent for too long. Every tick. */
void links_tick(struct bridge *b, int64_t now);

#endif
