/*
 * Workers whose key was revoked are sent away. Auth is asked again and again which of the keys of
 * those who are here are good no more; a hint could get lost, and the keys may also be changed by
 * another process.
 */
#ifndef ARENA_BRIDGE_REVOKED_H
#define ARENA_BRIDGE_REVOKED_H

/* For a timer. While auth does not answer everybody stays. */
void revoked_look(void *bridge);

#endif
