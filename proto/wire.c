#include "wire.h"

#include <sodium.h>
#include <string.h>

#define MAC_AT    28
#define MAC_BYTES 32

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
	put16(out + 8, head->budget >> 16);
	put16(out + 10, head->budget & 0xffff);
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
	ret->budget = (uint32_t)get16(p + 8) << 16 | (uint32_t)get16(p + 10);
	memcpy(ret->rid.b, p + 12, sizeof ret->rid.b);
	*body = (const char *)p + WIRE_HEAD;
	*body_n = n - WIRE_HEAD;
	return ERR_OK;
}
