/*
 * The same request once more: Idempotency-Key, and fingerprints by which jobs tells a repeated
 * request from another one that has the same key.
 */
#ifndef ARENA_GATEWAY_REPEAT_H
#define ARENA_GATEWAY_REPEAT_H

#include <sodium.h>

#include "request.h"

#define REPEAT_KEY_MAX   255 /* bytes */
#define REPEAT_PRINT_MAX 65  /* room for a fingerprint, with the NUL */

/* NULL: the client sent none. */
const char *repeat_key(const struct request *r);

/* False: it sent one that cannot be taken, and has been told so. For suspended exchanges. */
bool repeat_key_ok(struct request *r);

/* Of the route and its {}, then of what is added. */
struct print {
	crypto_generichash_state state;
};

void print_begin(struct print *p, const struct request *r);
void print_text(struct print *p, const char *s); /* NULL is as "" */
void print_int(struct print *p, int64_t v);
void print_end(struct print *p, char out[REPEAT_PRINT_MAX]);

#endif
