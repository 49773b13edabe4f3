/*
 * Figures for operators, as Prometheus text (exposition format 0.0.4). Metrics are static objects,
 * registered once at start and never freed; changing one is a lock-free atomic.
 *
 *   static struct metric asks = {.name = "asks_total", .type = METRIC_COUNTER, .help = "..."};
 *   metric_register(&asks);  ...  metric_add(&asks, 1);
 */
#ifndef ARENA_METRIC_H
#define ARENA_METRIC_H

#include <stdint.h>

#include "buf.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

#define METRIC_BUCKETS 12 /* of a histogram: 1 ms to 600 s, see metric.c */

struct metric {
	const char *name;   /* with its unit: _total, _seconds, _bytes; without arena_SERVICE_ */
	const char *labels; /* "route=\"videos\"", or NULL; same name with other labels: register in
			       a row */
	const char *help;
	enum metric_type type;
	double (*read)(
		void *arg); /* a gauge that is asked when it is printed; NULL: the value below */
	void *arg;
	_Atomic int64_t value;                  /* counter, gauge; histogram: sum in microseconds */
	_Atomic int64_t bucket[METRIC_BUCKETS]; /* not cumulative */
	struct metric *next;                    /* of the registry */
};

/* Registering one twice is harmless. */
void metric_register(struct metric *m);
void metric_add(struct metric *m, int64_t n);
void metric_set(struct metric *m, int64_t value);
void metric_observe_us(struct metric *m, int64_t us); /* histogram, in microseconds */

/* What a gauge reads when it is printed. Gone: it reads arg no more, if it did; on return nobody
 * does. */
void metric_source(struct metric *m, double (*read)(void *arg), void *arg);
void metric_source_gone(struct metric *m, const void *arg);

/*
 * All registered metrics as text, each name with arena_PREFIX_ in front; PREFIX is the service's
 * name, so that the figures of several services fit into one text. A read function must not
 * register metrics.
 */
void metric_print(struct buf *out, const char *prefix);

#endif
