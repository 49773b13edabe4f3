/* Where owners want to be told. */
#include <string.h>

#include "outbox.h"
#include "proto/webhook.h"
#include "store_hooks.h"

static struct endpoint *endpoint_default(struct jobs *j, const char *owner)
{
	struct endpoint *e = batch_mem(&j->batch, sizeof *e);
	char *secret = batch_mem(&j->batch, WEBHOOK_SECRET_MAX);

	webhook_secret_new(secret);
	*e = (struct endpoint){.id = DELIVERY_DEFAULT,
		.owner = owner,
		.secret = secret,
		.created_at = j->batch.now};
	store_endpoint_put(j->store, e);
	return e;
}

enum err endpoint_load(struct jobs *j, const char *owner, const char *id, struct endpoint **ret)
{
	struct endpoint *e;
	struct msg *m;
	enum err err = store_endpoint_get(j->store, owner, id, &m);

	if (err == ERR_NOT_FOUND && strcmp(id, DELIVERY_DEFAULT) == 0) {
		*ret = endpoint_default(j, owner);
		return ERR_OK;
	}
	if (err)
		return err;
	e = batch_mem(&j->batch, sizeof *e);
	*e = *(const struct endpoint *)batch_keep(&j->batch, m);
	*ret = e;
	return ERR_OK;
}

size_t endpoints_load(struct jobs *j, const char *owner, const struct endpoint *ret[ENDPOINTS_MAX])
{
	struct msg *msgs[ENDPOINTS_MAX + 1];
	size_t n = store_endpoints(j->store, owner, msgs, ENDPOINTS_MAX + 1), kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct endpoint *e = batch_keep(&j->batch, msgs[i]);

		if (kept < ENDPOINTS_MAX && strcmp(e->id, DELIVERY_DEFAULT) != 0)
			ret[kept++] = e;
	}
	return kept;
}

enum err endpoint_find(
	struct jobs *j, const char *owner, const char *id, struct endpoint **ret, struct reply *r)
{
	enum err e = ERR_NOT_FOUND;

	if (!owner || !*owner || strlen(owner) >= OWNER_MAX) {
		r->problem.param = "owner";
		return ERR_BAD_PARAM;
	}
	if (id && (strcmp(id, DELIVERY_DEFAULT) == 0 || id_ok("we_", id)))
		e = endpoint_load(j, owner, id, ret);
	if (e == ERR_NOT_FOUND)
		r->problem.message = "No such webhook endpoint. It may have been deleted, or it "
				     "belongs to another key.";
	return e;
}
