#include "wire.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define MAC_AT      28
#define MAC_BYTES   32
#define KIND_BUNDLE 4

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static int get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static void mac(const uint8_t key[32], const uint8_t *head, const void *body, size_t n,
	uint8_t out[MAC_BYTES])
{
	crypto_generichash_state st;

	crypto_generichash_init(&st, key, 32, MAC_BYTES);
	crypto_generichash_update(&st, head, MAC_AT);
	crypto_generichash_update(&st, body, n);
	crypto_generichash_final(&st, out, MAC_BYTES);
}

static void put32(uint8_t *p, size_t v)
{
	put16(p, (unsigned)(v >> 16));
	put16(p + 2, (unsigned)v & 0xffff);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | (uint32_t)get16(p + 2);
}

void wire_bundle(size_t n, uint8_t out[WIRE_BUNDLE_HEAD])
{
	assert(n <= WIRE_BUNDLE_MAX);
	out[0] = WIRE_VERSION;
	out[1] = KIND_BUNDLE;
	put16(out + 2, (unsigned)n);
}

void wire_item(size_t n, uint8_t out[WIRE_ITEM_HEAD])
{
	put32(out, n);
}

bool wire_alone(const uint8_t *p, size_t n)
{
	return n < WIRE_BUNDLE_HEAD || p[0] != WIRE_VERSION || p[1] != KIND_BUNDLE;
}

size_t wire_count(const uint8_t *p, size_t n)
{
	size_t count;

	if (wire_alone(p, n))
		return 1;
	count = get16(p + 2);
	return count <= WIRE_BUNDLE_MAX ? count : 0;
}

bool wire_next(const uint8_t *p, size_t n, size_t *at, const uint8_t **ret, size_t *ret_n)
{
	if (wire_alone(p, n)) {
		if (*at || !n)
			return false;
		*ret = p;
		*ret_n = n;
		*at = n;
		return true;
	}
	if (!*at)
		*at = WIRE_BUNDLE_HEAD;
	if (n - *at < WIRE_ITEM_HEAD)
		return false;
	*ret_n = get32(p + *at);
	if (*ret_n > n - *at - WIRE_ITEM_HEAD)
		return false;
	*ret = p + *at + WIRE_ITEM_HEAD;
	*at += WIRE_ITEM_HEAD + *ret_n;
	return true;
}

void wire_prefix(int type, uint8_t out[WIRE_PREFIX])
{
	out[0] = WIRE_VERSION;
	out[1] = WIRE_HINT;
	put16(out + 2, (unsigned)type);
}

void wire_write(const uint8_t key[32], const struct wire_head *head, const char *body, size_t n,
	uint8_t *out)
{
	out[0] = WIRE_VERSION;
	out[1] = (uint8_t)head->kind;
	put16(out + 2, (unsigned)head->type);
	put16(out + 4, (unsigned)head->status);
	put16(out + 6, 0);
	put32(out + 8, head->budget);
	memcpy(out + 12, head->rid.b, sizeof head->rid.b);
	mac(key, out, body, n, out + MAC_AT);
	if (n)
		memcpy(out + WIRE_HEAD, body, n);
}

enum err wire_read(const uint8_t key[32], const uint8_t *p, size_t n, struct wire_head *ret,
	const char **body, size_t *body_n)
{
	uint8_t want[MAC_BYTES];

	if (n < WIRE_HEAD || p[0] != WIRE_VERSION || p[1] < WIRE_ASK || p[1] > WIRE_HINT)
		return ERR_BAD_WIRE;
	mac(key, p, p + WIRE_HEAD, n - WIRE_HEAD, want);
	if (sodium_memcmp(want, p + MAC_AT, MAC_BYTES) != 0)
		return ERR_BAD_MAC;
	ret->kind = (enum wire_kind)p[1];
	ret->type = get16(p + 2);
	ret->status = get16(p + 4);
	ret->budget = get32(p + 8);
	memcpy(ret->rid.b, p + 12, sizeof ret->rid.b);
	*body = (const char *)p + WIRE_HEAD;
	*body_n = n - WIRE_HEAD;
	return ERR_OK;
}
