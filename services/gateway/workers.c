/* /v1/workers: the caller's workers, and how one comes to be: a code that is typed into it. */
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "proto/json.h"
#include "proto/shape.h"
#include "repeat.h"
#include "request.h"
#include "worker_json.h"

#define NAME_BYTES 128
#define CODE_BYTES 40

/* ---- pairing ---- */

static void on_code(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	exchange_set(r->x, "Cache-Control", "no-store");
	worker_json_code(&json, a->rec);
	request_json(r, 200, &json);
}

void worker_code(struct request *r)
{
	struct pair_new ask_new = {.owner = r->owner, .idempotency_key = repeat_key(r)};

	if (!repeat_key_ok(r))
		return;
	ask(r->g->auth, exchange_rid(r->x), MSG_PAIR_NEW, &ask_new, AUTH_BUDGET_MS, on_code, r);
}

static void on_paired(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	exchange_set(r->x, "Cache-Control", "no-store");
	worker_json_token(&json, a->rec);
	request_json(r, 200, &json);
}

static bool visible(const char *s)
{
	return line_ok(s) && strspn(s, " ") < strlen(s);
}

#define AT(m) offsetof(struct pair_take, m)

static const struct shape pair_shape[] = {
	{"code", SHAPE_STR, AT(code), .lo = 1, .hi = CODE_BYTES, .need = true},
	{"name", SHAPE_STR, AT(name), .lo = 1, .hi = NAME_BYTES, .need = true, .ok = visible},
	{.type = SHAPE_END}};

void worker_pair(struct request *r)
{
	const struct pair_take *typed;
	struct pair_take ask_take;
	struct doc *doc = NULL;
	char why[SHAPE_WHY];
	size_t n;
	const char *text = body_text(r->body, &n);

	if (doc_parse(text, n, &doc) != ERR_OK) {
		request_fail(r, ERR_BAD_JSON, NULL);
		return;
	}
	typed = doc_read(doc, pair_shape, sizeof *typed, why);
	if (!typed) {
		request_shape(r, why);
	} else {
		ask_take = *typed;
		ask_take.peer = exchange_peer(r->x);
		ask(r->g->auth, exchange_rid(r->x), MSG_PAIR_TAKE, &ask_take, AUTH_BUDGET_MS,
			on_paired, r);
	}
	doc_free(doc);
}

/* ---- who there is ---- */

/* The caller's keys, then who is connected; fn goes on with both, and frees the roll. */
struct roll {
	struct request *r;
	struct msg *keys;
	void (*fn)(struct roll *l, const struct worker_list *here);
};

static void roll_free(struct roll *l)
{
	msg_free(l->keys);
	free(l);
}

static const struct worker_key *key_of(const struct roll *l, const char *id)
{
	const struct worker_key_list *keys = msg_rec(l->keys);

	for (size_t i = 0; id && i < keys->n_keys; i++)
		if (keys->keys[i].id && strcmp(keys->keys[i].id, id) == 0)
			return &keys->keys[i];
	return NULL;
}

static void on_here(void *arg, enum err e, const struct answer *a)
{
	struct roll *l = arg;

	if (request_ok(l->r, e, a))
		l->fn(l, a->rec);
	else
		roll_free(l);
}

static void on_keys(void *arg, enum err e, const struct answer *a)
{
	struct roll *l = arg;

	if (!request_ok(l->r, e, a)) {
		roll_free(l);
		return;
	}
	l->keys = answer_keep(a);
	ask(l->r->g->jobs, exchange_rid(l->r->x), MSG_WORKER_LIST, &(struct empty){},
		JOBS_BUDGET_MS, on_here, l);
}

static void call_the_roll(
	struct request *r, void (*fn)(struct roll *l, const struct worker_list *here))
{
	struct roll *l = xcalloc(1, sizeof *l);
	struct worker_keys ask_keys = {.owner = r->owner, .all = r->unlimited};

	*l = (struct roll){.r = r, .fn = fn};
	ask(r->g->auth, exchange_rid(r->x), MSG_WORKER_KEYS, &ask_keys, AUTH_BUDGET_MS, on_keys, l);
}

static bool key_is_here(const struct worker_list *here, const char *key)
{
	for (size_t i = 0; i < here->n_workers; i++)
		if (here->workers[i].key && strcmp(here->workers[i].key, key) == 0)
			return true;
	return false;
}

static void tell(struct roll *l, const struct worker_list *here)
{
	const struct worker_key_list *keys = msg_rec(l->keys);
	struct request *r = l->r;
	struct buf json = {0};

	openai_list_begin(&json);
	for (size_t i = 0; i < here->n_workers; i++) {
		const struct worker *w = &here->workers[i];
		const struct worker_key *key = key_of(l, w->key);

		/* One whose bridge does not tell its key is the operator's to see. */
		if (!key && (w->key || !r->unlimited))
			continue;
		json_next(&json);
		worker_json(&json, w, key, r->owner);
	}
	for (size_t i = 0; i < keys->n_keys; i++) {
		if (key_is_here(here, keys->keys[i].id))
			continue;
		json_next(&json);
		worker_json_away(&json, &keys->keys[i]);
	}
	buf_adds(&json, "]}");
	roll_free(l);
	request_json(r, 200, &json);
}

void worker_list(struct request *r)
{
	call_the_roll(r, tell);
}

/* ---- sending one away ---- */

static void on_revoked(void *arg, enum err e, const struct answer *a)
{
	request_deleted(arg, e, a, "worker.deleted");
}

static void revoke(struct request *r, const char *key)
{
	struct worker_key_ref which = {.owner = r->owner, .id = key, .all = r->unlimited};

	ask(r->g->auth, exchange_rid(r->x), MSG_WORKER_KEY_REVOKE, &which, AUTH_BUDGET_MS,
		on_revoked, r);
}

static void send_away(struct roll *l, const struct worker_list *here)
{
	const struct worker_key *key = NULL;

	for (size_t i = 0; i < here->n_workers && !key; i++)
		if (here->workers[i].id && strcmp(here->workers[i].id, l->r->arg) == 0)
			key = key_of(l, here->workers[i].key);
	if (key)
		revoke(l->r, key->id);
	else
		request_wrong(
			l->r, ERR_NOT_FOUND, NULL, "No such worker, or it belongs to another key.");
	roll_free(l);
}

void worker_delete(struct request *r)
{
	if (strncmp(r->arg, "key_", 4) == 0)
		revoke(r, r->arg);
	else
		call_the_roll(r, send_away);
}
