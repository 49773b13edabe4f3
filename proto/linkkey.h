/*
 * The key that links are signed with. It comes from the cluster secret and, once there is one, from
 * DATA/link-secret (mode 0600), which `./arena key rotate-links` makes anew: links that were made
 * before are good no more. Services that run take it up within a second.
 */
#ifndef ARENA_LINKKEY_H
#define ARENA_LINKKEY_H

#include <stdint.h>

#include "err.h"

struct linkkey;

/* base: secret.link. ERR_STORE, logged, when there is a file that cannot be read. */
enum err linkkey_open(const char *data_dir, const uint8_t base[32], struct linkkey **ret);
void linkkey_close(struct linkkey *k); /* NULL is fine */

/*
 * The key as it is now. Any thread; looks at the file at most once a second. A file that cannot be
 * read is logged, and the key stays as it was.
 */
void linkkey_now(struct linkkey *k, uint8_t ret[32]);

/* Make a new secret. For tools. ERR_STORE, logged. */
enum err linkkey_rotate(const char *data_dir);

#endif
