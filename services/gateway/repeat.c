#include "repeat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *repeat_key(const struct request *r)
{
	return exchange_header(r->x, "Idempotency-Key");
}

bool repeat_key_ok(struct request *r)
{
	const char *key = repeat_key(r);
	bool ok = !key || (key[0] && strlen(key) <= REPEAT_KEY_MAX);

	for (const char *p = key; ok && p && *p; p++)
		ok = *p >= 0x20 && *p <= 0x7e;
	if (!ok)
		request_wrong(r, ERR_BAD_PARAM, "Idempotency-Key",
			"Idempotency-Key must be 1 to 255 printable ASCII characters.");
	return ok;
}

void print_begin(struct print *p, const struct request *r)
{
	crypto_generichash_init(&p->state, NULL, 0, (REPEAT_PRINT_MAX - 1) / 2);
	print_text(p, r->route->name);
	print_text(p, r->arg);
}

void print_text(struct print *p, const char *s)
{
	s = s ? s : "";
	crypto_generichash_update(&p->state, (const unsigned char *)s, strlen(s) + 1);
}

void print_int(struct print *p, int64_t v)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, v);
	print_text(p, text);
}

void print_end(struct print *p, char out[REPEAT_PRINT_MAX])
{
	unsigned char sum[(REPEAT_PRINT_MAX - 1) / 2];

	crypto_generichash_final(&p->state, sum, sizeof sum);
	sodium_bin2hex(out, REPEAT_PRINT_MAX, sum, sizeof sum);
}
