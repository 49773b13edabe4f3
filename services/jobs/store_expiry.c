/* What the store forgets in time: records that expire, and idempotency keys. */
#include <string.h>

#include "store_inside.h"

static struct key expiry_key(int64_t at, enum expiry_kind kind, const void *key, size_t n)
{
	struct key k = {.n = 0};
	char c = (char)kind;

	key_be8(&k, at);
	key_add(&k, &c, 1);
	key_add(&k, key, n);
	return k;
}

void store_expiry_add(struct store *s, int64_t at, enum expiry_kind kind, const void *key, size_t n)
{
	struct key k = expiry_key(at, kind, key, n);

	table_put(s, EXPIRY, &k, "", 0);
}

void store_expiry_drop(
	struct store *s, int64_t at, enum expiry_kind kind, const void *key, size_t n)
{
	struct key k = expiry_key(at, kind, key, n);

	table_del(s, EXPIRY, &k);
}

static bool expiry_one(void *arg, struct span key, struct span val)
{
	struct expiry *e = arg;

	(void)val;
	if (key.n < 9 || key.n - 9 >= sizeof e->key)
		return true;
	e->at = be8_get(key.p);
	e->kind = (enum expiry_kind)((const char *)key.p)[8];
	e->n = key.n - 9;
	memcpy(e->key, (const char *)key.p + 9, e->n);
	e->key[e->n] = 0;
	return false;
}

bool store_expiry_next(struct store *s, int64_t now, struct expiry *ret)
{
	struct expiry e = {.at = INT64_MAX};

	kv_walk(s->kv, EXPIRY, nothing, expiry_one, &e);
	if (e.at > now)
		return false;
	*ret = e;
	return true;
}

bool store_idem_get(struct store *s, const char *owner, const char *key, struct idem *ret)
{
	struct key k = key_owned(owner, key);
	const char *p, *nul;
	struct span v;
	size_t n;

	if (!table_get(s, IDEM, &k, &v))
		return false;
	p = v.p;
	nul = memchr(p, 0, v.n);
	n = nul ? v.n - (size_t)(nul - p) - 1 : 0;
	if (!nul || (size_t)(nul - p) >= sizeof ret->id || n >= sizeof ret->fingerprint)
		return false;
	memcpy(ret->id, p, (size_t)(nul - p) + 1);
	memcpy(ret->fingerprint, nul + 1, n);
	ret->fingerprint[n] = 0;
	return true;
}

void store_idem_put(struct store *s, const char *owner, const char *key, const struct idem *idem,
	int64_t expires_at)
{
	struct key k = key_owned(owner, key), v = key_owned(idem->id, idem->fingerprint);

	table_put(s, IDEM, &k, v.b, v.n);
	store_expiry_add(s, expires_at, EXPIRY_IDEM, k.b, k.n);
}

void store_idem_drop(struct store *s, const struct expiry *e)
{
	struct key k = {.n = 0};

	key_add(&k, e->key, e->n);
	table_del(s, IDEM, &k);
}
