/*
 * What became of the jobs of the last 24 hours: a ring in memory of how each ended. Pure; one
 * thread owns it; times are arguments. When more jobs end in that time than the ring holds, the
 * figures are those of the newest.
 */
#ifndef ARENA_JOBS_STATS_H
#define ARENA_JOBS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_WINDOW_MS (24LL * 3600 * 1000)
#define STATS_MAX       32768 /* jobs that the service's ring holds: 512 KiB */

struct stats;

struct stats_figures {
	size_t completed, failed;
	double seconds_mean; /* from created to completed; 0 when there is none */
	double seconds_p95;
	double error_ratio; /* failed of all that were not cancelled; 0 when there is none */
};

struct stats *stats_new(size_t max);
void stats_free(struct stats *s);

/* A job ended: completed (ok) or failed, after so long. In the order of time. */
void stats_add(struct stats *s, int64_t at, int64_t took_ms, bool ok);

/* Forgets what is older than the window. */
struct stats_figures stats_read(struct stats *s, int64_t now);

#endif
