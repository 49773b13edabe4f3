/*
 * How long a video of a model typically takes: the median of its last tries that came to a video.
 * And what follows for those who wait. In memory; pure; one thread owns it. All in milliseconds.
 */
#ifndef ARENA_JOBS_TYPICAL_H
#define ARENA_JOBS_TYPICAL_H

#include <stddef.h>
#include <stdint.h>

#define TYPICAL_TRIES 50

struct typical;

struct typical *typical_new(void);
void typical_free(struct typical *t); /* NULL is fine */

/* One more try; the oldest is forgotten when there are too many. */
void typical_add(struct typical *t, const char *model, int64_t took_ms);
void typical_drop(struct typical *t, const char *model);

int64_t typical_ms(const struct typical *t, const char *model); /* 0: none yet */

/* All that is known of a model, oldest first: to store it. NULL when there is none. */
const int64_t *typical_tries(const struct typical *t, const char *model, size_t *n);

/* The workers for one model. */
struct crew {
	int64_t workers; /* that offer it and can work */
	int64_t slots;   /* jobs that they can do at once */
	int64_t idle;    /* slots with nothing to do */
};

/*
 * When a job may be done: of one that waits at a position (1: next), and not before delay_ms; and
 * of one that is being made. 0: cannot be said, as nothing was measured or nobody is there.
 */
int64_t eta_waiting(int64_t typical_ms, struct crew crew, int64_t position, int64_t delay_ms);
int64_t eta_working(int64_t typical_ms, int64_t elapsed_ms);

#endif
