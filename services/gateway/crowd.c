#include "crowd.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/buf.h"

struct crowd *crowd_join(struct crowds *all, const char *owner)
{
	struct crowd *c;

	HASH_FIND_STR(all->by_owner, owner, c);
	if (!c) {
		c = xcalloc(1, sizeof *c);
		snprintf(c->owner, sizeof c->owner, "%s", owner);
		HASH_ADD_STR(all->by_owner, owner, c);
	}
	c->topics++;
	return c;
}

void crowd_leave(struct crowds *all, struct crowd *c)
{
	if (--c->topics > 0)
		return;
	HASH_DEL(all->by_owner, c);
	free(c);
}

int crowd_size(const struct crowds *all, const char *owner)
{
	const struct crowd *c;

	HASH_FIND_STR(all->by_owner, owner, c);
	return c ? c->watchers : 0;
}
