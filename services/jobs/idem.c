/* The same request once more: what owners' idempotency keys and repeated asks have led to. */
#include <stdio.h>
#include <string.h>

#include "service.h"

#define FINGERPRINT_MAX (sizeof((struct idem *)0)->fingerprint - 1)

bool idem_key_ok(const char *key)
{
	return !key || (*key && strlen(key) < IDEM_KEY_MAX);
}

bool idem_print_ok(const char *fingerprint)
{
	return !fingerprint || strlen(fingerprint) <= FINGERPRINT_MAX;
}

enum err idem_find(struct jobs *j, const char *owner, const char *key, const char *fingerprint,
	const char *prefix, char ret[ID_MAX])
{
	struct idem idem;

	if (!key || !store_idem_get(j->store, owner, key, &idem))
		return ERR_EMPTY;
	if (strcmp(idem.fingerprint, fingerprint ? fingerprint : "") != 0 ||
		strncmp(idem.id, prefix, strlen(prefix)) != 0)
		return ERR_IDEMPOTENCY_MISMATCH;
	memcpy(ret, idem.id, ID_MAX);
	return ERR_OK;
}

static void remember(
	struct jobs *j, const char *owner, const char *key, const char *fingerprint, const char *id)
{
	struct idem idem = {0};

	memccpy(idem.id, id, 0, sizeof idem.id);
	if (fingerprint)
		memccpy(idem.fingerprint, fingerprint, 0, sizeof idem.fingerprint);
	store_idem_put(j->store, owner, key, &idem, j->batch.now + j->conf.idempotency_keep_ms);
}

void idem_remember(
	struct jobs *j, const char *owner, const char *key, const char *fingerprint, const char *id)
{
	if (key)
		remember(j, owner, key, fingerprint, id);
}

/* No client can send such a key: a header's value has no control characters. */
static const char *grave(const char *id, char out[ID_MAX + 1])
{
	snprintf(out, ID_MAX + 1, "\1%s", id);
	return out;
}

void idem_bury(struct jobs *j, const char *owner, const char *id, const struct call *by)
{
	char key[ID_MAX + 1], rid[RID_HEX];

	remember(j, owner, grave(id, key), rid_hex(call_rid(by), rid), id);
}

bool idem_buried(struct jobs *j, const char *owner, const char *id)
{
	char key[ID_MAX + 1];
	struct idem idem;

	return store_idem_get(j->store, owner, grave(id, key), &idem);
}

bool idem_buried_by(struct jobs *j, const char *owner, const char *id, const struct call *by)
{
	char key[ID_MAX + 1], rid[RID_HEX];
	struct idem idem;

	return store_idem_get(j->store, owner, grave(id, key), &idem) &&
	       strcmp(idem.fingerprint, rid_hex(call_rid(by), rid)) == 0;
}
