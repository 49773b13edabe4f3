/*
 * Two non-blocking sockets joined: what comes from one goes to the other. Holds at most one
 * 64 KiB piece for each direction, and nothing while idle; whoever reads slowly slows the other
 * side down. The end of one direction is passed on, and the other direction goes on until it ends.
 * One thread owns it.
 */
#ifndef ARENA_GATEWAY_RELAY_H
#define ARENA_GATEWAY_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct relay {
	int fd[2];
	struct {
		char *p; /* what fd[i] has not taken yet */
		size_t off, n;
	} wait[2];
	bool eof[2];  /* fd[i] sends no more */
	bool shut[2]; /* and fd[i] was told that nothing more comes */
};

/* Put bytes before all that will come for side `to`. */
void relay_put(struct relay *r, int to, const void *p, size_t n);

/* Write what waits for side `to`. False: an error; the connection is over. */
bool relay_flush(struct relay *r, int to, int64_t *moved);

/* Which of EPOLLIN and EPOLLOUT to wait for on this side; 0: nothing for now. */
uint32_t relay_wants(const struct relay *r, int side);

/*
 * Move what can be moved now from `from` to the other side, but not so much that others starve.
 * Adds what was moved to *moved. False: an error; the connection is over.
 */
bool relay_move(struct relay *r, int from, int64_t *moved);

bool relay_over(const struct relay *r); /* both directions have ended and all is delivered */

void relay_free(struct relay *r); /* what waits; the sockets are the caller's */

#endif
