#include "webhook.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PREFIX    "whsec_"
#define KEY_BYTES 32
#define KEY_MAX   64 /* bytes that the specification allows */
#define BASE64    sodium_base64_VARIANT_ORIGINAL

void webhook_secret_new(char out[WEBHOOK_SECRET_MAX])
{
	unsigned char key[KEY_BYTES];

	randombytes_buf(key, sizeof key);
	memcpy(out, PREFIX, sizeof PREFIX);
	sodium_bin2base64(out + sizeof PREFIX - 1, WEBHOOK_SECRET_MAX - sizeof PREFIX + 1, key,
		sizeof key, BASE64);
	sodium_memzero(key, sizeof key);
}

static bool key_of(const char *secret, unsigned char key[KEY_MAX], size_t *n)
{
	const char *end;

	if (strncmp(secret, PREFIX, sizeof PREFIX - 1) != 0)
		return false;
	secret += sizeof PREFIX - 1;
	return sodium_base642bin(key, KEY_MAX, secret, strlen(secret), NULL, n, &end, BASE64) ==
		       0 &&
	       !*end && *n > 0;
}

bool webhook_sign(
	const char *secret, const char *id, int64_t timestamp_s, const char *body, struct buf *out)
{
	unsigned char key[KEY_MAX], mac[crypto_auth_hmacsha256_BYTES];
	char text[sodium_base64_ENCODED_LEN(sizeof mac, BASE64)], time[32];
	crypto_auth_hmacsha256_state st;
	size_t n;

	if (!key_of(secret, key, &n))
		return false;
	snprintf(time, sizeof time, ".%" PRId64 ".", timestamp_s);
	crypto_auth_hmacsha256_init(&st, key, n);
	crypto_auth_hmacsha256_update(&st, (const unsigned char *)id, strlen(id));
	crypto_auth_hmacsha256_update(&st, (const unsigned char *)time, strlen(time));
	crypto_auth_hmacsha256_update(&st, (const unsigned char *)body, strlen(body));
	crypto_auth_hmacsha256_final(&st, mac);
	sodium_memzero(key, sizeof key);
	sodium_memzero(&st, sizeof st);
	sodium_bin2base64(text, sizeof text, mac, sizeof mac, BASE64);
	buf_addf(out, "%sv1,%s", out->n ? " " : "", text);
	return true;
}
