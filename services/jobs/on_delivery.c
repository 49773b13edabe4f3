/* The messages about deliveries of webhooks, as their owners send them. */
#include <string.h>

#include "outbox.h"
#include "store_hooks.h"

#define LIST_MAX 100

static enum err tell_delivery(struct jobs *j, const struct delivery *d, struct reply *r)
{
	struct delivery *told = batch_mem(&j->batch, sizeof *told);

	*told = delivery_told(d);
	r->rec = told;
	return ERR_OK;
}

/* The test that was asked for before. ERR_EMPTY: it was not. */
static enum err test_again(struct jobs *j, const struct endpoint_ref *which, struct reply *r)
{
	static const enum hook_table tables[] = {HOOK_PENDING, HOOK_OVER};
	char id[ID_MAX];
	struct hook_key key;
	struct msg *m;
	enum err known =
		idem_find(j, which->owner, which->idempotency_key, which->fingerprint, "evt_", id);

	if (known != ERR_OK && known != ERR_EMPTY)
		return known;

	memccpy(key.owner, which->owner, 0, sizeof key.owner);
	memccpy(key.endpoint, which->id, 0, sizeof key.endpoint);
	memccpy(key.id, known ? which->event : id, 0, sizeof key.id);
	for (int i = 0; i < 2; i++) {
		enum err e = store_hook_get(j->store, tables[i], &key, &m);

		if (e == ERR_OK)
			return tell_delivery(j, batch_keep(&j->batch, m), r);
		if (e != ERR_NOT_FOUND)
			return e;
	}
	return known ? ERR_EMPTY : ERR_NOT_FOUND;
}

enum err on_endpoint_test(struct jobs *j, const void *rec, struct reply *r)
{
	const struct endpoint_ref *which = rec;
	struct endpoint *to;
	enum err e = endpoint_find(j, which->owner, which->id, &to, r);

	if (e)
		return e;
	if (strcmp(to->id, DELIVERY_DEFAULT) == 0) {
		r->problem.message = "The default endpoint has no url to test: each video has its "
				     "own webhook_url.";
		return ERR_CONFLICT;
	}
	if (!which->event || !id_ok("evt_", which->event)) {
		r->problem.param = "event";
		return ERR_BAD_PARAM;
	}
	if (!idem_key_ok(which->idempotency_key) || !idem_print_ok(which->fingerprint)) {
		r->problem.param = "Idempotency-Key";
		return ERR_BAD_PARAM;
	}
	e = test_again(j, which, r);
	if (e != ERR_EMPTY)
		return e;
	idem_remember(j, which->owner, which->idempotency_key, which->fingerprint, which->event);
	return tell_delivery(j, outbox_add(j, to, which->event, to->url, DELIVERY_TEST, NULL), r);
}

/* Newest first: ids grow with time. */
static size_t merge(struct delivery *to, const struct delivery *const *a, size_t n_a,
	const struct delivery *const *b, size_t n_b)
{
	size_t n = 0;

	while (n < LIST_MAX && (n_a || n_b)) {
		bool first = !n_b || (n_a && strcmp((*a)->id, (*b)->id) > 0);

		to[n++] = delivery_told(first ? *a : *b);
		if (first)
			a++, n_a--;
		else
			b++, n_b--;
	}
	return n;
}

static size_t newest(struct jobs *j, enum hook_table t, const struct endpoint *of,
	const struct delivery *ret[LIST_MAX])
{
	struct msg *msgs[LIST_MAX];
	size_t n = store_hooks_newest(j->store, t, of->owner, of->id, msgs, LIST_MAX);

	for (size_t i = 0; i < n; i++)
		ret[i] = batch_keep(&j->batch, msgs[i]);
	return n;
}

enum err on_delivery_list(struct jobs *j, const void *rec, struct reply *r)
{
	const struct endpoint_ref *which = rec;
	const struct delivery *waiting[LIST_MAX], *over[LIST_MAX];
	struct delivery_list *told = batch_mem(&j->batch, sizeof *told);
	struct delivery *list = batch_mem(&j->batch, LIST_MAX * sizeof *list);
	struct endpoint *of;
	size_t n_waiting, n_over;
	enum err e = endpoint_find(j, which->owner, which->id, &of, r);

	if (e)
		return e;
	n_waiting = newest(j, HOOK_PENDING, of, waiting);
	n_over = newest(j, HOOK_OVER, of, over);
	told->n_deliveries = merge(list, waiting, n_waiting, over, n_over);
	told->deliveries = list;
	r->rec = told;
	return ERR_OK;
}
