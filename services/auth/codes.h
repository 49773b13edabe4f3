/*
 * Pairing codes: what a person types into a new worker, instead of a key. 8 letters and digits
 * without look-alikes (40 bits), good once, for some minutes; as many as can be guessed in that
 * time is limited by tries.h. Kept is only a hash, in DATA/auth/codes.json, which is replaced whole
 * by one process at a time; so a code outlives the death of the service that made it.
 *
 * All of these block for the disk.
 */
#ifndef ARENA_AUTH_CODES_H
#define ARENA_AUTH_CODES_H

#include "services/auth/keyfile.h"

#define CODE_TEXT  10 /* ABCD-EFGH, NUL */
#define CODES_OPEN 5  /* of one owner */

struct code {
	char hash[KEY_CODE];
	char owner[KEY_ID];
	char made_by[RID_HEX]; /* the request: repeated, it gets the same code */
	int64_t expires_at;    /* ms since 1970 */
};

/*
 * The hash of a code as people type it: small letters, spaces and the hyphen do not matter. False:
 * it cannot be one.
 */
bool code_hash(const char *typed, char hash[KEY_CODE]);

/*
 * A code for c->owner, asked for by c->made_by, good until c->expires_at: its text, and c->hash.
 * When that request has an open one: that, with its own end. The text is made of these three with
 * the key, so that it can be said again and need not be kept. ERR_QUOTA: too many are open;
 * ERR_STORE.
 */
enum err codes_add(const char *data_dir, const uint8_t key[32], int64_t now, struct code *c,
	char text[CODE_TEXT]);

/* The open one with this hash. ERR_NOT_FOUND, ERR_STORE. */
enum err codes_find(const char *data_dir, int64_t now, const char *hash, struct code *ret);

/* It has been used. ERR_STORE. */
enum err codes_drop(const char *data_dir, int64_t now, const char *hash);

#endif
