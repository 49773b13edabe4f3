/*
 * How a worker is, by its own words: whether it needs a human, is paused, or cools down. Only for
 * people and for estimates: how many jobs it takes is told by `ready`. Pure; times are wall clock,
 * milliseconds.
 */
#ifndef ARENA_BRIDGE_CONDITION_H
#define ARENA_BRIDGE_CONDITION_H

#include "proto/messages.h"
#include "services/bridge/frame.h"

/* What counts for a worker is the last of these that is true of it. */
enum worker_state {
	WORKER_READY,
	WORKER_BUSY, /* all its slots have jobs */
	WORKER_COOLING_DOWN,
	WORKER_PAUSED,
	WORKER_ATTENTION,
	WORKER_STATES
};

/* Why a human is needed. */
enum attention {
	ATTENTION_OTHER, /* and any word that is not one of the others */
	ATTENTION_CHALLENGE,
	ATTENTION_LOGIN,
	ATTENTION_BLOCKED,
	ATTENTION_VERIFICATION,
	ATTENTION_CHANGED,
	ATTENTIONS
};

struct condition {
	bool needs_human;
	enum attention reason;
	int64_t since;
	char message[1001], url[2049];
	bool paused;
	int64_t until; /* 0: no cool-down */
	char note[1001];
};

/* Each says whether something has changed. */
bool condition_attention(struct condition *c, const struct frame_attention *f, int64_t now);
bool condition_attention_over(struct condition *c);
bool condition_stated(struct condition *c, const struct frame_state *f, int64_t now);
bool condition_tick(struct condition *c, int64_t now); /* a cool-down ends by itself */

enum worker_state condition_state(const struct condition *c, int64_t slots, int64_t busy);
const char *worker_state_name(enum worker_state s); /* "cooling_down" */

/* What jobs is told of it, besides slots and busy, which are there. Borrows from c. */
void condition_tell(const struct condition *c, struct worker *to);

#endif
