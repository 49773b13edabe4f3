/* A request that takes its time, in a thread of its own, while the test changes what it waits for.
 */
#ifndef ARENA_TESTS_GATEWAY_WAITING_H
#define ARENA_TESTS_GATEWAY_WAITING_H

#include "tests/unit/gateway_rig.h"

struct waiting {
	pthread_t thread;
	const char *target, *json;
	const char *lines; /* of the head; NULL: Content-Type alone */
	/* the answer */
	int status;
	char body[16384];
	char retry[16], applied[40], type[40];
};

/* POST. Returns when n jobs more were made. */
void waiting_begin(
	struct waiting *w, const char *target, const char *json, const char *lines, int n);

/* Until the answer is here. The test makes no request of its own before: answers are static. */
void waiting_end(struct waiting *w);

#endif
