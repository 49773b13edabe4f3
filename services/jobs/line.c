#include "line.h"

#include <assert.h>
#include <string.h>

/* FNV-1a, and a last stir, as names often differ in their last digits only. */
static uint32_t weigh(const char *name)
{
	uint32_t h = 2166136261;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619;
	h = (h ^ h >> 16) * 0x85ebca6b;
	h = (h ^ h >> 13) * 0xc2b2ae35;
	return h ^ h >> 16;
}

static size_t count(const struct place *t)
{
	return t ? t->n : 0;
}

static void recount(struct place *t)
{
	t->n = 1 + count(t->left) + count(t->right);
}

/* Those before a name, and the others. */
static void split(struct place *t, const char *name, struct place **before, struct place **rest)
{
	if (!t) {
		*before = *rest = NULL;
	} else if (strcmp(t->name, name) < 0) {
		*before = t;
		split(t->right, name, &t->right, rest);
		recount(t);
	} else {
		*rest = t;
		split(t->left, name, before, &t->left);
		recount(t);
	}
}

static struct place *join(struct place *a, struct place *b)
{
	if (!a || !b)
		return a ? a : b;
	if (a->weight > b->weight) {
		a->right = join(a->right, b);
		recount(a);
		return a;
	}
	b->left = join(a, b->left);
	recount(b);
	return b;
}

static struct place *add(struct place *t, struct place *p)
{
	if (!t || p->weight > t->weight) {
		split(t, p->name, &p->left, &p->right);
		recount(p);
		return p;
	}
	if (strcmp(p->name, t->name) < 0)
		t->left = add(t->left, p);
	else
		t->right = add(t->right, p);
	t->n++;
	return t;
}

static struct place *without(struct place *t, struct place *p)
{
	assert(t);
	if (t == p)
		return join(t->left, t->right);
	if (strcmp(p->name, t->name) < 0)
		t->left = without(t->left, p);
	else
		t->right = without(t->right, p);
	t->n--;
	return t;
}

void line_add(struct line *l, struct place *p)
{
	p->weight = weigh(p->name);
	l->root = add(l->root, p);
}

void line_remove(struct line *l, struct place *p)
{
	l->root = without(l->root, p);
}

struct place *line_first(const struct line *l)
{
	struct place *t = l->root;

	while (t && t->left)
		t = t->left;
	return t;
}

size_t line_count(const struct line *l)
{
	return count(l->root);
}

size_t line_before(const struct line *l, const char *name)
{
	size_t n = 0;

	for (const struct place *t = l->root; t;) {
		if (strcmp(t->name, name) < 0) {
			n += count(t->left) + 1;
			t = t->right;
		} else {
			t = t->left;
		}
	}
	return n;
}
