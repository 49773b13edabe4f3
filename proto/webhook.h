/* Webhooks as Standard Webhooks (https://www.standardwebhooks.com) signs them. Pure. */
#ifndef ARENA_WEBHOOK_H
#define ARENA_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define WEBHOOK_SECRET_MAX 64 /* room for a secret made here, with the NUL */

/* "whsec_" and base64 of 32 random bytes. */
void webhook_secret_new(char out[WEBHOOK_SECRET_MAX]);

/*
 * Adds "v1," and the base64 of HMAC-SHA256(secret, "id.timestamp.body"), with a space before it
 * when something is there already: so one is added for each secret. False, and nothing added: that
 * is no secret.
 */
bool webhook_sign(
	const char *secret, const char *id, int64_t timestamp_s, const char *body, struct buf *out);

#endif
