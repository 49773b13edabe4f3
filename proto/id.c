#include "id.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void)
{
	if (sodium_init() < 0)
		abort();
}

static void random_bytes(void *p, size_t n)
{
	pthread_once(&once, start);
	randombytes_buf(p, n);
}

struct rid rid_new(void)
{
	struct rid r = {{0}};

	random_bytes(r.b, sizeof r.b);
	return r;
}

const char *rid_hex(const struct rid *rid, char out[RID_HEX])
{
	return sodium_bin2hex(out, RID_HEX, rid->b, sizeof rid->b);
}

static bool hex32(const char *s)
{
	size_t n = strspn(s, "0123456789abcdef");

	return n == 32 && !s[32];
}

bool rid_parse(const char *hex, struct rid *ret)
{
	struct rid r;

	if (!hex || !hex32(hex))
		return false;
	if (sodium_hex2bin(r.b, sizeof r.b, hex, 32, NULL, NULL, NULL) != 0)
		return false;
	*ret = r;
	return true;
}

/*
 * 48 bits of milliseconds, then a counter in the 12 bits of rand_a and the first 14 of rand_b: it
 * starts at a random value each millisecond, with its highest bit clear so that it cannot run over.
 */
void id_new(const char *prefix, char out[ID_MAX])
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static int64_t last_ms;
	static uint32_t counter;
	uint8_t u[16];
	uint32_t c;
	int64_t ms;

	random_bytes(u, sizeof u);
	pthread_mutex_lock(&mutex);
	ms = now_ms();
	if (ms > last_ms) {
		last_ms = ms;
		memcpy(&counter, u + 12, sizeof counter);
		counter &= 0x1ffffff;
	} else {
		ms = last_ms;
		counter++;
	}
	c = counter;
	pthread_mutex_unlock(&mutex);

	for (int i = 0; i < 6; i++)
		u[i] = (uint8_t)(ms >> (40 - 8 * i));
	u[6] = (uint8_t)(0x70 | (c >> 22 & 0x0f));
	u[7] = (uint8_t)(c >> 14);
	u[8] = (uint8_t)(0x80 | (c >> 8 & 0x3f));
	u[9] = (uint8_t)c;
	snprintf(out, ID_MAX - 32, "%s", prefix);
	sodium_bin2hex(out + strlen(out), 33, u, sizeof u);
}

bool id_ok(const char *prefix, const char *id)
{
	size_t n = strlen(prefix);

	return id && strncmp(id, prefix, n) == 0 && hex32(id + n);
}

void token_hex(size_t n, char *out)
{
	uint8_t b[64];

	if (n > sizeof b)
		abort();
	random_bytes(b, n);
	sodium_bin2hex(out, 2 * n + 1, b, n);
}
