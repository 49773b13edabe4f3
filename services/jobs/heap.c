#include "heap.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/buf.h"

static size_t *place_of(const struct heap *h, void *item)
{
	return (size_t *)((char *)item + h->place);
}

static void set(struct heap *h, size_t i, void *item)
{
	h->items[i] = item;
	*place_of(h, item) = i;
}

static void up(struct heap *h, size_t i)
{
	void *item = h->items[i];

	while (i > 0 && h->less(item, h->items[(i - 1) / 2])) {
		set(h, i, h->items[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	set(h, i, item);
}

static void down(struct heap *h, size_t i)
{
	void *item = h->items[i];

	for (;;) {
		size_t kid = 2 * i + 1;

		if (kid >= h->n)
			break;
		if (kid + 1 < h->n && h->less(h->items[kid + 1], h->items[kid]))
			kid++;
		if (!h->less(h->items[kid], item))
			break;
		set(h, i, h->items[kid]);
		i = kid;
	}
	set(h, i, item);
}

void heap_init(struct heap *h, bool (*less)(const void *, const void *), size_t place)
{
	*h = (struct heap){.less = less, .place = place};
}

void heap_free(struct heap *h)
{
	free(h->items);
	h->items = NULL;
	h->n = h->cap = 0;
}

void heap_add(struct heap *h, void *item)
{
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 4;
		h->items = xrealloc(h->items, h->cap * sizeof *h->items);
	}
	h->n++;
	set(h, h->n - 1, item);
	up(h, h->n - 1);
}

void *heap_top(const struct heap *h)
{
	return h->n ? h->items[0] : NULL;
}

void heap_moved(struct heap *h, void *item)
{
	size_t i = *place_of(h, item);

	assert(i < h->n && h->items[i] == item);
	up(h, i);
	down(h, *place_of(h, item));
}

void heap_remove(struct heap *h, void *item)
{
	size_t i = *place_of(h, item);
	void *last = h->items[h->n - 1];

	assert(i < h->n && h->items[i] == item);
	h->n--;
	if (last == item)
		return;
	set(h, i, last);
	heap_moved(h, last);
}
