#include "sign.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIG_BYTES 16

/* The state after the key, which is the same for most links: half of the work for a short text. */
static crypto_auth_hmacsha256_state begun(const uint8_t key[32])
{
	static _Thread_local crypto_auth_hmacsha256_state st;
	static _Thread_local uint8_t of[32];
	static _Thread_local bool any;

	if (!any || sodium_memcmp(of, key, sizeof of) != 0) {
		crypto_auth_hmacsha256_init(&st, key, sizeof of);
		memcpy(of, key, sizeof of);
		any = true;
	}
	return st;
}

static void signature(const uint8_t key[32], const char *path, const char *what, int64_t expires_s,
	uint8_t out[SIG_BYTES])
{
	uint8_t whole[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state st = begun(key);
	char exp[32];

	snprintf(exp, sizeof exp, "\n%" PRId64, expires_s);
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)path, strlen(path));
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)"\n", 1);
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)what, strlen(what));
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)exp, strlen(exp));
	crypto_auth_hmacsha256_final(&st, whole);
	memcpy(out, whole, SIG_BYTES);
}

void sign_add(struct buf *out, const uint8_t key[32], const char *path, const char *what,
	int64_t expires_s)
{
	uint8_t sig[SIG_BYTES];
	char hex[2 * SIG_BYTES + 1];

	signature(key, path, what, expires_s, sig);
	sodium_bin2hex(hex, sizeof hex, sig, sizeof sig);
	buf_adds(out, "?exp=");
	buf_addi(out, expires_s);
	buf_adds(out, "&sig=");
	buf_adds(out, hex);
}

bool sign_check(const uint8_t key[32], const char *path, const char *what, const char *exp,
	const char *sig, int64_t now_s)
{
	uint8_t want[SIG_BYTES], got[SIG_BYTES];
	size_t n = 0;
	int64_t expires_s;

	if (!exp || !sig || strlen(exp) > 15 || strspn(exp, "0123456789") != strlen(exp) || !*exp)
		return false;
	expires_s = strtoll(exp, NULL, 10);
	if (strlen(sig) != 2 * SIG_BYTES ||
		sodium_hex2bin(got, sizeof got, sig, strlen(sig), NULL, &n, NULL) != 0 ||
		n != SIG_BYTES)
		return false;
	signature(key, path, what, expires_s, want);
	return sodium_memcmp(want, got, SIG_BYTES) == 0 && expires_s >= now_s;
}
