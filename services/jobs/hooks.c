#include "hooks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "heap.h"
#include "proto/buf.h"

/* Where deliveries of an owner go together. */
struct lane {
	struct party *party;
	struct heap waiting; /* of its items */
	size_t n, out;       /* items, and those of them on their way */
	bool failing;        /* the last that came back had failed */
	bool ready;          /* in the party's heap */
	size_t place;
	UT_hash_handle hh;
	char name[];
};

struct item {
	struct hook_key key;
	struct lane *lane;
	int64_t due;             /* on its way: until when */
	char token[LEASE_TOKEN]; /* "": it waits */
	size_t place;
	struct item *prev, *next; /* of its party, oldest first */
	UT_hash_handle hh;
};

/* An owner. */
struct party {
	char name[OWNER_MAX];
	struct lane *lanes;
	struct heap ready; /* lanes with an item that waits, and room for it */
	struct item *items;
	size_t n, out;
	uint64_t turn; /* when it was served last */
	UT_hash_handle hh;
};

struct hooks {
	struct item *items;
	struct party *parties;
	struct heap leased; /* items on their way, by their end */
	uint64_t turn;
	int64_t next; /* what hooks_next() says, if it is known */
	bool known;
};

static bool item_less(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->due != y->due ? x->due < y->due : strcmp(x->key.id, y->key.id) < 0;
}

static bool lane_less(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;

	return item_less(heap_top(&x->waiting), heap_top(&y->waiting));
}

struct hooks *hooks_new(void)
{
	struct hooks *h = xcalloc(1, sizeof *h);

	heap_init(&h->leased, item_less, offsetof(struct item, place));
	return h;
}

static void lane_free(struct lane *l)
{
	HASH_DEL(l->party->lanes, l);
	heap_free(&l->waiting);
	free(l);
}

static void party_free(struct hooks *h, struct party *p)
{
	HASH_DEL(h->parties, p);
	heap_free(&p->ready);
	free(p);
}

void hooks_free(struct hooks *h)
{
	struct item *i, *next;

	if (!h)
		return;
	HASH_ITER (hh, h->items, i, next) {
		hooks_remove(h, i->key.id, false);
	}
	heap_free(&h->leased);
	free(h);
}

/* ---- places ---- */

static struct party *party_of(const struct hooks *h, const char *owner)
{
	struct party *p;

	HASH_FIND_STR(h->parties, owner, p);
	return p;
}

static struct party *party_get(struct hooks *h, const char *owner)
{
	struct party *p = party_of(h, owner);

	if (p)
		return p;
	p = xcalloc(1, sizeof *p);
	assert(strlen(owner) < sizeof p->name);
	memccpy(p->name, owner, 0, sizeof p->name);
	heap_init(&p->ready, lane_less, offsetof(struct lane, place));
	HASH_ADD_STR(h->parties, name, p);
	return p;
}

static struct lane *lane_get(struct party *p, const char *name)
{
	size_t n = strlen(name);
	struct lane *l;

	HASH_FIND(hh, p->lanes, name, n, l);
	if (l)
		return l;
	l = xcalloc(1, sizeof *l + n + 1);
	memcpy(l->name, name, n);
	l->party = p;
	heap_init(&l->waiting, item_less, offsetof(struct item, place));
	HASH_ADD_KEYPTR(hh, p->lanes, l->name, n, l);
	return l;
}

/*
 * Take the lane out of the party's heap: that compares lanes by their first items, so it must not
 * be there while these change.
 */
static void lane_lift(struct lane *l)
{
	if (l->ready)
		heap_remove(&l->party->ready, l);
	l->ready = false;
}

/* And back to its place, if it has something that may be taken. */
static void lane_settle(struct hooks *h, struct lane *l)
{
	size_t room = l->failing ? 1 : HOOKS_OF_LANE;

	assert(!l->ready);
	h->known = false;
	l->ready = heap_top(&l->waiting) && l->out < room;
	if (l->ready)
		heap_add(&l->party->ready, l);
}

static void item_wait(struct hooks *h, struct item *i, int64_t due)
{
	lane_lift(i->lane);
	i->due = due;
	i->token[0] = 0;
	heap_add(&i->lane->waiting, i);
	lane_settle(h, i->lane);
}

static void item_send(struct hooks *h, struct item *i, const char *token, int64_t until)
{
	lane_lift(i->lane);
	heap_remove(&i->lane->waiting, i);
	i->due = until;
	memccpy(i->token, token, 0, sizeof i->token);
	i->lane->out++;
	i->lane->party->out++;
	heap_add(&h->leased, i);
	lane_settle(h, i->lane);
}

/* It is not on its way any more; it is nowhere then. */
static void item_back(struct hooks *h, struct item *i)
{
	heap_remove(&h->leased, i);
	i->lane->out--;
	i->lane->party->out--;
}

/* ---- what others do ---- */

static struct item *find(const struct hooks *h, const char *id)
{
	struct item *i;

	HASH_FIND(hh, h->items, id, strlen(id), i);
	return i;
}

void hooks_add(struct hooks *h, const struct hook_key *key, const char *lane, int64_t due)
{
	struct item *i = xcalloc(1, sizeof *i);
	struct party *p = party_get(h, key->owner);

	assert(!find(h, key->id));
	i->key = *key;
	i->lane = lane_get(p, lane);
	i->lane->n++;
	p->n++;
	DL_APPEND(p->items, i);
	HASH_ADD(hh, h->items, key.id, strlen(i->key.id), i);
	item_wait(h, i, due);
}

/* The item that the party would send next; NULL: none. */
static struct item *party_next(const struct party *p)
{
	struct lane *l = p->out < HOOKS_OF_OWNER ? heap_top(&p->ready) : NULL;

	return l ? heap_top(&l->waiting) : NULL;
}

bool hooks_take(
	struct hooks *h, int64_t now, const char *token, int64_t until, struct hook_key *ret)
{
	struct party *p, *tmp, *best = NULL;
	struct item *i;

	HASH_ITER (hh, h->parties, p, tmp) {
		i = party_next(p);
		if (i && i->due <= now && (!best || p->turn < best->turn))
			best = p;
	}
	if (!best)
		return false;
	best->turn = ++h->turn;
	i = party_next(best);
	item_send(h, i, token, until);
	*ret = i->key;
	return true;
}

void hooks_leased(struct hooks *h, const char *id, const char *token, int64_t until)
{
	item_send(h, find(h, id), token, until);
}

size_t hooks_under(const struct hooks *h, const char *token, struct hook_key *ret, size_t max)
{
	size_t n = 0;

	for (size_t k = 0; k < h->leased.n && n < max; k++) {
		const struct item *i = h->leased.items[k];

		if (strcmp(i->token, token) == 0)
			ret[n++] = i->key;
	}
	return n;
}

void hooks_again(struct hooks *h, const char *id, int64_t due)
{
	struct item *i = find(h, id);

	if (i->token[0]) {
		item_back(h, i);
	} else {
		lane_lift(i->lane);
		heap_remove(&i->lane->waiting, i);
	}
	i->lane->failing = true;
	item_wait(h, i, due);
}

void hooks_remove(struct hooks *h, const char *id, bool worked)
{
	struct item *i = find(h, id);
	struct lane *l;
	struct party *p;

	if (!i)
		return;
	l = i->lane;
	p = l->party;
	lane_lift(l);
	if (i->token[0])
		item_back(h, i);
	else
		heap_remove(&l->waiting, i);
	if (worked)
		l->failing = false;
	HASH_DEL(h->items, i);
	DL_DELETE(p->items, i);
	free(i);
	lane_settle(h, l);
	if (--l->n == 0)
		lane_free(l);
	if (--p->n == 0)
		party_free(h, p);
}

void hooks_lapse(struct hooks *h, int64_t now)
{
	struct item *i;

	while ((i = heap_top(&h->leased)) && i->due <= now) {
		item_back(h, i);
		item_wait(h, i, now);
	}
}

int64_t hooks_next(struct hooks *h)
{
	const struct item *i = heap_top(&h->leased);
	struct party *p, *tmp;

	if (h->known)
		return h->next;
	h->next = i ? i->due : INT64_MAX;
	HASH_ITER (hh, h->parties, p, tmp) {
		i = party_next(p);
		if (i && i->due < h->next)
			h->next = i->due;
	}
	h->known = true;
	return h->next;
}

size_t hooks_count(const struct hooks *h)
{
	return HASH_COUNT(h->items);
}

size_t hooks_of(const struct hooks *h, const char *owner)
{
	const struct party *p = party_of(h, owner);

	return p ? p->n : 0;
}

bool hooks_oldest(const struct hooks *h, const char *owner, struct hook_key *ret)
{
	const struct party *p = party_of(h, owner);
	const struct item *i = p ? p->items : NULL;

	while (i && i->token[0])
		i = i->next;
	if (i)
		*ret = i->key;
	return i != NULL;
}
