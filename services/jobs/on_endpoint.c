/* The messages about endpoints of webhooks, as their owners send them. */
#include <string.h>

#include "outbox.h"
#include "proto/log.h"
#include "proto/webhook.h"
#include "proto/weburl.h"
#include "store_hooks.h"

#define ROTATE_MS (24LL * 3600 * 1000) /* both secrets sign for so long */
#define NAME_MAX  256

static enum err bad(struct reply *r, const char *param)
{
	r->problem.param = param;
	return ERR_BAD_PARAM;
}

static enum err refuse(struct reply *r, enum err e, const char *message)
{
	r->problem.message = message;
	return e;
}

static bool fits(const char *s, size_t max)
{
	return s && *s && strlen(s) < max;
}

static bool is_default(const char *id)
{
	return strcmp(id, DELIVERY_DEFAULT) == 0;
}

/* As owners see it: without what was only for us. */
static enum err tell_endpoint(struct jobs *j, const struct endpoint *e, struct reply *r)
{
	struct endpoint *told = batch_mem(&j->batch, sizeof *told);

	*told = *e;
	told->rotated_by = NULL;
	if (e->old_until <= j->batch.now) {
		told->old_secret = NULL;
		told->old_until = 0;
	}
	r->rec = told;
	return ERR_OK;
}

static enum err check(const struct endpoint *want, struct reply *r)
{
	if (want->url && !fits(want->url, WEBURL_MAX + 1))
		return bad(r, "url");
	if (want->name && strlen(want->name) >= NAME_MAX)
		return bad(r, "name");
	for (size_t i = 0; i < want->n_events; i++) {
		if (!delivery_known(want->events[i]))
			return bad(r, "events");
	}
	return ERR_OK;
}

static enum err create_check(const struct endpoint *want, struct reply *r)
{
	if (!want->id || !id_ok("we_", want->id))
		return bad(r, "id");
	if (!fits(want->owner, OWNER_MAX))
		return bad(r, "owner");
	if (!want->url)
		return bad(r, "url");
	if (!idem_key_ok(want->idempotency_key))
		return bad(r, "Idempotency-Key");
	if (!idem_print_ok(want->fingerprint))
		return bad(r, "fingerprint");
	return check(want, r);
}

/* The same request once more? ERR_EMPTY: no, it is new. */
static enum err create_again(struct jobs *j, const struct endpoint *want, struct reply *r)
{
	struct endpoint *there;
	char id[ID_MAX];
	enum err e = endpoint_load(j, want->owner, want->id, &there);

	if (e == ERR_NOT_FOUND && idem_buried(j, want->owner, want->id))
		return e;
	if (e == ERR_NOT_FOUND) {
		e = idem_find(j, want->owner, want->idempotency_key, want->fingerprint, "we_", id);
		if (!e)
			e = endpoint_find(j, want->owner, id, &there, r);
	}
	return e ? e : tell_endpoint(j, there, r);
}

enum err on_endpoint_create(struct jobs *j, const void *rec, struct reply *r)
{
	const struct endpoint *want = rec;
	const struct endpoint *all[ENDPOINTS_MAX];
	struct endpoint *made;
	char *secret;
	enum err e;

	e = create_check(want, r);
	if (e)
		return e;
	e = create_again(j, want, r);
	if (e != ERR_EMPTY)
		return e;
	if (endpoints_load(j, want->owner, all) == ENDPOINTS_MAX)
		return refuse(r, ERR_QUOTA,
			"This key has 20 webhook endpoints, as many as it may have. Delete one "
			"first.");
	made = batch_mem(&j->batch, sizeof *made);
	secret = batch_mem(&j->batch, WEBHOOK_SECRET_MAX);
	webhook_secret_new(secret);
	*made = (struct endpoint){.id = want->id,
		.owner = want->owner,
		.url = want->url,
		.name = want->name,
		.events = want->events,
		.n_events = want->n_events,
		.disabled = want->disabled,
		.secret = secret,
		.created_at = j->batch.now};
	store_endpoint_put(j->store, made);
	idem_remember(j, want->owner, want->idempotency_key, want->fingerprint, want->id);
	log_info("webhook_endpoint_made", LS("id", made->id), LS("owner", made->owner));
	return tell_endpoint(j, made, r);
}

enum err on_endpoint_get(struct jobs *j, const void *rec, struct reply *r)
{
	const struct endpoint_ref *which = rec;
	struct endpoint *e;
	enum err err = endpoint_find(j, which->owner, which->id, &e, r);

	return err ? err : tell_endpoint(j, e, r);
}

enum err on_endpoint_list(struct jobs *j, const void *rec, struct reply *r)
{
	const struct endpoint_ref *which = rec;
	const struct endpoint *all[ENDPOINTS_MAX];
	struct endpoint_list *told = batch_mem(&j->batch, sizeof *told);
	struct endpoint *list = batch_mem(&j->batch, sizeof *list * ENDPOINTS_MAX);

	if (!fits(which->owner, OWNER_MAX))
		return bad(r, "owner");
	told->n_endpoints = endpoints_load(j, which->owner, all);
	for (size_t i = 0; i < told->n_endpoints; i++)
		list[i] = *all[i];
	told->endpoints = list;
	r->rec = told;
	return ERR_OK;
}

static bool sets(const struct endpoint *want, const char *field)
{
	for (size_t i = 0; i < want->n_set; i++)
		if (strcmp(want->set[i], field) == 0)
			return true;
	return false;
}

enum err on_endpoint_update(struct jobs *j, const void *rec, struct reply *r)
{
	const struct endpoint *want = rec;
	struct endpoint *e;
	enum err err = endpoint_find(j, want->owner, want->id, &e, r);

	if (!err)
		err = check(want, r);
	if (err)
		return err;
	if (sets(want, "url") && (is_default(e->id) || !want->url)) {
		r->problem.message =
			"The default endpoint has no url: each video has its own webhook_url.";
		return bad(r, "url");
	}
	if (sets(want, "url"))
		e->url = want->url;
	if (sets(want, "name"))
		e->name = want->name;
	if (sets(want, "events")) {
		e->events = want->events;
		e->n_events = want->n_events;
	}
	if (sets(want, "disabled"))
		e->disabled = want->disabled;
	store_endpoint_put(j->store, e);
	return tell_endpoint(j, e, r);
}

enum err on_endpoint_delete(struct jobs *j, const void *rec, struct reply *r)
{
	const struct endpoint_ref *which = rec;
	struct endpoint *e;
	enum err err = endpoint_find(j, which->owner, which->id, &e, r);

	if (err == ERR_NOT_FOUND && which->id && id_ok("we_", which->id) &&
		idem_buried_by(j, which->owner, which->id, r->call))
		return ERR_OK;
	if (err)
		return err;
	if (is_default(e->id))
		return refuse(r, ERR_CONFLICT,
			"The default endpoint cannot be deleted. Disable it instead.");
	store_endpoint_drop(j->store, e->owner, e->id);
	outbox_forget(j, e->owner, e->id);
	idem_bury(j, e->owner, e->id, r->call);
	log_info("webhook_endpoint_deleted", LS("id", e->id), LS("owner", e->owner));
	return ERR_OK;
}

enum err on_endpoint_rotate(struct jobs *j, const void *rec, struct reply *r)
{
	const struct endpoint_ref *which = rec;
	char rid[RID_HEX], id[ID_MAX];
	const char *by = batch_printf(&j->batch, "%s", rid_hex(call_rid(r->call), rid));
	struct endpoint *e;
	char *secret;
	enum err err = endpoint_find(j, which->owner, which->id, &e, r);

	if (err)
		return err;
	if (!idem_key_ok(which->idempotency_key) || !idem_print_ok(which->fingerprint))
		return bad(r, "Idempotency-Key");
	if (e->rotated_by && strcmp(e->rotated_by, by) == 0)
		return tell_endpoint(j, e, r);
	err = idem_find(j, which->owner, which->idempotency_key, which->fingerprint, "", id);
	if (err != ERR_EMPTY)
		return err ? err : tell_endpoint(j, e, r);
	secret = batch_mem(&j->batch, WEBHOOK_SECRET_MAX);
	webhook_secret_new(secret);
	e->old_secret = e->secret;
	e->old_until = j->batch.now + ROTATE_MS;
	e->secret = secret;
	e->rotated_by = by;
	store_endpoint_put(j->store, e);
	idem_remember(j, which->owner, which->idempotency_key, which->fingerprint, e->id);
	log_info("webhook_secret_rotated", LS("id", e->id), LS("owner", e->owner));
	return tell_endpoint(j, e, r);
}
