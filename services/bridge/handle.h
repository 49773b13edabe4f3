/* What each frame of a welcomed worker does: a table. */
#ifndef ARENA_BRIDGE_HANDLE_H
#define ARENA_BRIDGE_HANDLE_H

#include "services/bridge/link.h"

/* Returns what makes no sense about it, or NULL. May take f over; the worker may be gone
 * afterwards. */
const char *handle_frame(struct link *w, struct frame *f);

#endif
