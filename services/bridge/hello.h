/* How a worker comes in: hello, its token, what it still holds, welcome. */
#ifndef ARENA_BRIDGE_HELLO_H
#define ARENA_BRIDGE_HELLO_H

#include "services/bridge/link.h"

/*
 * The first frame of w. Takes f over when it is a good hello. Returns what is wrong, or NULL; the
 * worker may be gone afterwards.
 */
const char *hello_begin(struct link *w, struct frame *f);

/* What it offers from now on; borrowed from w->hello or w->offer. */
void link_offer(struct link *w, const struct model *models, size_t n);

#endif
