#include "lease.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "heap.h"
#include "proto/buf.h"

struct entry {
	struct lease l; /* first: a lease is its entry */
	size_t place;
	UT_hash_handle hh_id, hh_token;
};

struct leases {
	struct entry *by_id, *by_token;
	struct heap ends;
};

bool lease_token_ok(const char *token)
{
	return token && strlen(token) == LEASE_TOKEN - 1 &&
	       strspn(token, "0123456789abcdef") == LEASE_TOKEN - 1;
}

int64_t lease_end(const struct lease *l)
{
	return l->until < l->give_up ? l->until : l->give_up;
}

static bool ends_first(const void *a, const void *b)
{
	return lease_end(&((const struct entry *)a)->l) < lease_end(&((const struct entry *)b)->l);
}

struct leases *leases_new(void)
{
	struct leases *t = xcalloc(1, sizeof *t);

	heap_init(&t->ends, ends_first, offsetof(struct entry, place));
	return t;
}

static struct entry *find(const struct leases *t, const char *id)
{
	struct entry *e;

	HASH_FIND(hh_id, t->by_id, id, strlen(id), e);
	return e;
}

void lease_add(struct leases *t, const struct lease *lease)
{
	struct entry *e = xcalloc(1, sizeof *e);

	assert(!find(t, lease->id) && !lease_of_token(t, lease->token));
	e->l = *lease;
	HASH_ADD(hh_id, t->by_id, l.id, strlen(e->l.id), e);
	HASH_ADD(hh_token, t->by_token, l.token, strlen(e->l.token), e);
	heap_add(&t->ends, e);
}

bool lease_remove(struct leases *t, const char *id)
{
	struct entry *e = find(t, id);

	if (!e)
		return false;
	HASH_DELETE(hh_id, t->by_id, e);
	HASH_DELETE(hh_token, t->by_token, e);
	heap_remove(&t->ends, e);
	free(e);
	return true;
}

const struct lease *lease_of_job(const struct leases *t, const char *id)
{
	const struct entry *e = find(t, id);

	return e ? &e->l : NULL;
}

const struct lease *lease_of_token(const struct leases *t, const char *token)
{
	const struct entry *e;

	HASH_FIND(hh_token, t->by_token, token, strlen(token), e);
	return e ? &e->l : NULL;
}

const struct lease *lease_next(const struct leases *t)
{
	const struct entry *e = heap_top(&t->ends);

	return e ? &e->l : NULL;
}

bool lease_renew(struct leases *t, const char *id, const char *token, int64_t until)
{
	struct entry *e = find(t, id);

	if (!e || strcmp(e->l.token, token) != 0)
		return false;
	e->l.until = until;
	heap_moved(&t->ends, e);
	return true;
}

size_t lease_count(const struct leases *t)
{
	return t->ends.n;
}

void leases_free(struct leases *t)
{
	const struct lease *l;

	if (!t)
		return;
	while ((l = lease_next(t)))
		lease_remove(t, l->id);
	heap_free(&t->ends);
	free(t);
}
