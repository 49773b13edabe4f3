/* Figures of several services of one kind as one Prometheus text. Pure. */
#ifndef ARENA_GATEWAY_FIGURES_H
#define ARENA_GATEWAY_FIGURES_H

#include "proto/buf.h"

struct figures {
	const char *text;   /* as metric_print() writes it */
	const char *labels; /* that tell these from the others: "bridge=\"..\""; NULL: none */
};

/* Adds them family by family, each with one head, as the format wants it. */
void figures_merge(struct buf *out, const struct figures *each, size_t n);

#endif
