/*
 * A binary heap of pointers: the least is on top. Each item remembers its place in a size_t of its
 * own, so it can be removed or moved from the middle in O(log n). The heap owns no item.
 */
#ifndef ARENA_JOBS_HEAP_H
#define ARENA_JOBS_HEAP_H

#include <stdbool.h>
#include <stddef.h>

struct heap {
	void **items;
	size_t n, cap;
	bool (*less)(const void *a, const void *b);
	size_t place; /* offset, in an item, of the size_t that holds its place */
};

void heap_init(struct heap *h, bool (*less)(const void *, const void *), size_t place);
void heap_free(struct heap *h); /* the items stay */

void heap_add(struct heap *h, void *item);
void *heap_top(const struct heap *h); /* NULL when empty */
void heap_remove(struct heap *h, void *item);
void heap_moved(struct heap *h, void *item); /* its order has changed */

#endif
