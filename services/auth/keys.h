/*
 * The keys: who may use the API, and who may be a worker. A key is `av_` (a worker's: `wk_`) and 43
 * characters of base64url, 256 random bits, shown once when it is made. Kept is its BLAKE2b-256:
 * a fast hash is right here, because nobody can try 2^256 keys, as he could try people's passwords.
 *
 * Not thread-safe: the owner has a lock.
 */
#ifndef ARENA_AUTH_KEYS_H
#define ARENA_AUTH_KEYS_H

#include "services/auth/keyfile.h"

#define KEY_TEXT 47 /* the key itself, with the NUL */
#define KEY_MARK 17 /* 16 hex digits, NUL */

struct keys;

/*
 * Reads what is in DATA. The very first time it makes the operator's key (unlimited) and a worker's
 * key, and leaves them in DATA/api-key and DATA/worker-key (mode 0600, no newline) for those who
 * run on this machine. ERR_STORE, logged.
 */
enum err keys_open(const char *data_dir, struct keys **ret);
void keys_close(struct keys *k); /* NULL is fine */

/*
 * The record of this key, revoked or not; NULL when there is none. Lives until the next call. Looks
 * at most once a second (now_us, which never goes back) whether another process changed the keys;
 * a file that makes no sense changes nothing.
 */
const struct key *keys_find(struct keys *k, const char *key, int64_t now_us);

/* The same by the record's id. */
const struct key *keys_by_id(struct keys *k, const char *id, int64_t now_us);

/*
 * May it be used? Not when it was revoked; a worker's key also not when the API key is gone that
 * made it by pairing.
 */
bool keys_good(struct keys *k, const struct key *key, int64_t now_us);

/* Which text of the key the record is about: another one after each rotation. */
void key_mark(const struct key *key, char mark[KEY_MARK]);

/* All of them, oldest first; lives until the next call. */
const struct key_list *keys_all(const struct keys *k);

/* New key: its text and its record's id. ERR_BAD_PARAM (the name), ERR_STORE. */
enum err keys_add(struct keys *k, const char *name, enum key_kind kind, bool unlimited,
	char text[KEY_TEXT], char id[KEY_ID]);

/*
 * Another text for the same key: what it owns stays its own. The file that keeps the old text for
 * local use, if there is one, gets the new one. ERR_NOT_FOUND (none such, or revoked), ERR_STORE.
 */
enum err keys_rotate(struct keys *k, const char *id, char text[KEY_TEXT]);

/* From now on refused. Revoking one twice is fine. ERR_NOT_FOUND, ERR_STORE. */
enum err keys_revoke(struct keys *k, const char *id);

/*
 * Two that only write the file, which may take a while: without a struct keys, so that nobody has
 * to wait. What they did is there for a keys_reload().
 *
 * keys_pair: a worker's key for `owner`, made of a pairing code. The same code by the same request
 * gets another text for the same key; by another request, BAD_CODE. So too when the owner is no
 * good any more, or NULL: no such code is open.
 */
struct paired {
	const char *owner, *name;
	const char *code;     /* its hash: codes.h */
	const char *taken_by; /* request id */
	char text[KEY_TEXT];  /* told back, as is */
	char id[KEY_ID];
};

enum err keys_pair(const char *data_dir, struct paired *p);
enum err keys_revoke_file(const char *data_dir, const char *id);

/* Read the file now. ERR_STORE: what was known stays known. */
enum err keys_reload(struct keys *k);

#endif
