/* How many wait for news: in all, and of each owner. For watch.c, under its lock. */
#ifndef ARENA_GATEWAY_CROWD_H
#define ARENA_GATEWAY_CROWD_H

#include <uthash.h>

/* An owner's; lives while it has topics. */
struct crowd {
	char owner[80];
	int watchers, topics;
	UT_hash_handle hh;
};

struct crowds { /* zeroed */
	struct crowd *by_owner;
	int watchers;
};

/* For one more topic of the owner. Must be given back with crowd_leave(). */
struct crowd *crowd_join(struct crowds *all, const char *owner);
void crowd_leave(struct crowds *all, struct crowd *c);

int crowd_size(const struct crowds *all, const char *owner); /* its watchers */

#endif
