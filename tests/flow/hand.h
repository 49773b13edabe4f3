/*
 * A worker for flow tests: a thread that connects through the gateway's /ws and obeys the prompt.
 *
 *   "hang"     accepts and does nothing until it is cancelled
 *   "fail"     fails, and another try would not help
 *   "retry N"  fails the first N tries, then makes it
 *   "vanish"   drops the connection on the first try, comes back and goes on with the same lease
 *   else       makes it: two progress messages, the video, the result
 */
#ifndef ARENA_TESTS_HAND_H
#define ARENA_TESTS_HAND_H

#include "house.h"

struct hand;

struct hand *hand_open(struct house *h, const char *id);
void hand_close(struct hand *w);

int hand_made(struct hand *w);      /* jobs done */
int hand_cancelled(struct hand *w); /* cancel messages */

#endif
