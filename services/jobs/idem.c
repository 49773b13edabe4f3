/* The same request once more: what owners' idempotency keys and repeated asks have led to. */
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
static const char *ask_key(const struct call *c, char out[RID_HEX + 1])
{
	out[0] = '\1';
	rid_hex(call_rid(c), out + 1);
	return out;
}

void idem_done(struct jobs *j, const char *owner, const struct call *c, const char *id)
{
	char key[RID_HEX + 1];

	remember(j, owner, ask_key(c, key), NULL, id);
}

bool idem_was_done(struct jobs *j, const char *owner, const struct call *c, const char *id)
{
	char key[RID_HEX + 1];
	struct idem idem;

	return store_idem_get(j->store, owner, ask_key(c, key), &idem) && strcmp(idem.id, id) == 0;
}
