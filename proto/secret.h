/*
 * The cluster secret: 32 bytes in DATA/cluster-secret (mode 0600), made by whoever starts first.
 * Keys for each purpose are derived from it, so a leak of one does not give the others.
 */
#ifndef ARENA_SECRET_H
#define ARENA_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct secret {
	uint8_t wire[32]; /* MAC of messages between services */
	uint8_t link[32]; /* what the key of signed links comes from: linkkey.h */
	uint8_t code[32]; /* pairing codes are made with it */
};

/* ERR_STORE when the file cannot be read or made, or has not 32 bytes. Logs why. */
enum err secret_load(const char *data_dir, struct secret *ret);

/*
 * Make path a file of n bytes with mode 0600 unless it is there; atomic against others who do the
 * same at once: all end up with the same file. ERR_STORE when it cannot. *made: this call made it.
 */
enum err secret_file(const char *path, const void *p, size_t n, _Bool *made);

/* Make path that file whether it is there or not, in one step. ERR_STORE, logged. */
enum err secret_replace(const char *path, const void *p, size_t n);

#endif
