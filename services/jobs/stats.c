#include "stats.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/buf.h"

struct end {
	int64_t at;
	uint32_t took_ms; /* 49 days: more than a job may take */
	bool ok;
};

struct stats {
	struct end *ring;
	size_t first, n, cap, max;
};

struct stats *stats_new(size_t max)
{
	struct stats *s = xcalloc(1, sizeof *s);

	assert(max > 0);
	s->max = max;
	return s;
}

void stats_free(struct stats *s)
{
	if (!s)
		return;
	free(s->ring);
	free(s);
}

static struct end *nth(const struct stats *s, size_t i)
{
	return &s->ring[(s->first + i) % s->cap];
}

static void drop_first(struct stats *s)
{
	s->first = (s->first + 1) % s->cap;
	s->n--;
}

static void grow(struct stats *s)
{
	size_t cap = s->cap ? 2 * s->cap : 64;
	struct end *ring;

	if (cap > s->max)
		cap = s->max;
	ring = xcalloc(cap, sizeof *ring);
	for (size_t i = 0; i < s->n; i++)
		ring[i] = *nth(s, i);
	free(s->ring);
	s->ring = ring;
	s->first = 0;
	s->cap = cap;
}

void stats_add(struct stats *s, int64_t at, int64_t took_ms, bool ok)
{
	if (s->n == s->max)
		drop_first(s);
	else if (s->n == s->cap)
		grow(s);
	took_ms = took_ms < 0 ? 0 : took_ms > UINT32_MAX ? UINT32_MAX : took_ms;
	s->n++;
	*nth(s, s->n - 1) = (struct end){.at = at, .took_ms = (uint32_t)took_ms, .ok = ok};
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

struct stats_figures stats_read(struct stats *s, int64_t now)
{
	struct stats_figures f = {0};
	uint32_t *took;
	size_t rank;
	double sum = 0;

	while (s->n && nth(s, 0)->at <= now - STATS_WINDOW_MS)
		drop_first(s);
	if (!s->n)
		return f;
	took = xmalloc(s->n * sizeof *took);
	for (size_t i = 0; i < s->n; i++) {
		const struct end *e = nth(s, i);

		if (!e->ok) {
			f.failed++;
			continue;
		}
		took[f.completed++] = e->took_ms;
		sum += e->took_ms;
	}
	if (f.completed) {
		qsort(took, f.completed, sizeof *took, by_size);
		f.seconds_mean = sum / (double)f.completed / 1000;
		rank = (f.completed * 95 + 99) / 100; /* the nearest rank */
		f.seconds_p95 = took[rank - 1] / 1000.0;
	}
	f.error_ratio = (double)f.failed / (double)(f.completed + f.failed);
	free(took);
	return f;
}
