/*
 * A line of those who wait, in the order of their names: who is first, and how many stand before
 * a name; all in O(log n). A treap: each weighs what its name hashes to, so a shape needs no luck.
 * Places are the caller's, and so are the names.
 */
#ifndef ARENA_JOBS_LINE_H
#define ARENA_JOBS_LINE_H

#include <stddef.h>
#include <stdint.h>

struct place {
	const char *name; /* set this; the rest is the line's */
	struct place *left, *right;
	size_t n; /* places in this tree */
	uint32_t weight;
};

struct line {
	struct place *root;
};

void line_add(struct line *l, struct place *p); /* its name must be new */
void line_remove(struct line *l, struct place *p);

struct place *line_first(const struct line *l); /* NULL: nobody is there */
size_t line_count(const struct line *l);
size_t line_before(const struct line *l, const char *name); /* itself need not be there */

#endif
