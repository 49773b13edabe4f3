/* One job from its struct to its file. */
#ifndef ARENA_SANDBOX_CLIP_H
#define ARENA_SANDBOX_CLIP_H

#include "clip_err.h"
#include "spec.h"

struct clip_hooks {
	/* Enters the jail; 0 or -1. NULL for tests that stay outside. */
	int (*jail)(void);
	/* percent 0..100; stage is a constant. Called in the thread of clip_make(). */
	void (*progress)(void *arg, int percent, const char *stage);
	void *arg;
};

/*
 * Makes the clip in fd (open for reading and writing, empty; stays the caller's). Everything that
 * must be opened is opened first, then the jail is entered, then bytes of others are decoded.
 * *why (a constant) says what is wrong.
 */
enum clip_err clip_make(
	const struct spec *spec, int fd, const struct clip_hooks *hooks, const char **why);

#endif
