#include "typical.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "proto/buf.h"

struct model {
	char *name;
	int64_t tries[TYPICAL_TRIES]; /* oldest first */
	size_t n;
	int64_t median;
	UT_hash_handle hh;
};

struct typical {
	struct model *models;
};

struct typical *typical_new(void)
{
	return xcalloc(1, sizeof(struct typical));
}

static struct model *find(const struct typical *t, const char *name)
{
	struct model *m;

	HASH_FIND_STR(t->models, name, m);
	return m;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t median(const struct model *m)
{
	int64_t sorted[TYPICAL_TRIES];

	memcpy(sorted, m->tries, m->n * sizeof *sorted);
	qsort(sorted, m->n, sizeof *sorted, by_size);
	return (sorted[(m->n - 1) / 2] + sorted[m->n / 2]) / 2;
}

void typical_add(struct typical *t, const char *model, int64_t took_ms)
{
	struct model *m = find(t, model);

	if (!m) {
		m = xcalloc(1, sizeof *m);
		m->name = xstrdup(model);
		HASH_ADD_KEYPTR(hh, t->models, m->name, strlen(m->name), m);
	}
	if (m->n == TYPICAL_TRIES)
		memmove(m->tries, m->tries + 1, --m->n * sizeof *m->tries);
	m->tries[m->n++] = took_ms < 1 ? 1 : took_ms;
	m->median = median(m);
}

static void drop(struct typical *t, struct model *m)
{
	HASH_DEL(t->models, m); /* NOLINT(clang-analyzer-unix.Malloc): it moves the head */
	free(m->name);
	free(m);
}

void typical_drop(struct typical *t, const char *model)
{
	struct model *m = find(t, model);

	if (m)
		drop(t, m);
}

void typical_free(struct typical *t)
{
	if (!t)
		return;
	for (struct model *m = t->models, *next; m; m = next) {
		next = m->hh.next;
		drop(t, m);
	}
	free(t);
}

int64_t typical_ms(const struct typical *t, const char *model)
{
	const struct model *m = find(t, model);

	return m ? m->median : 0;
}

const int64_t *typical_tries(const struct typical *t, const char *model, size_t *n)
{
	const struct model *m = find(t, model);

	*n = m ? m->n : 0;
	return m ? m->tries : NULL;
}

/*
 * Slots that are busy become free evenly over a typical time, so the p-th in the line of s of them
 * begins after p / s of it.
 */
int64_t eta_waiting(int64_t typical_ms, struct crew crew, int64_t position, int64_t delay_ms)
{
	int64_t behind = position - crew.idle, begin = 0;

	if (!typical_ms || crew.slots <= 0)
		return 0;
	if (behind > 0)
		begin = (int64_t)((double)typical_ms * (double)behind / (double)crew.slots);
	return (begin > delay_ms ? begin : delay_ms) + typical_ms;
}

/* What takes longer than it typically does may be done at any moment, and says so. */
int64_t eta_working(int64_t typical_ms, int64_t elapsed_ms)
{
	int64_t left = typical_ms - elapsed_ms, least = typical_ms / 10 + 1;

	if (!typical_ms)
		return 0;
	return left > typical_ms ? typical_ms : left > least ? left : least;
}
