/*
 * The bytes of a message between services: a head of 60 bytes and a JSON body.
 *
 *   0  u8   version (1)
 *   1  u8   kind: 1 ask, 2 answer, 3 hint
 *   2  u16  type: number of the message in messages.def
 *   4  u16  status: number of the error in errors.def (answers; else 0)
 *   6  u16  0
 *   8  u32  ask: budget left, in milliseconds; hint: its number; answer: 0
 *   12 16   request id; hint: the publisher
 *   28 32   keyed BLAKE2b-256 of the bytes 0 to 27 and the body
 *   60      body
 *
 * Several asks to one service, or their answers, may travel together, which costs one wake-up
 * instead of many: a *bundle* is u8 version, u8 kind (4), u16 count, and then each message as
 * above behind its u32 length. Each has its own MAC; the bundle adds nothing to be trusted.
 *
 * All numbers are big-endian. Pure; no state.
 */
#ifndef ARENA_WIRE_H
#define ARENA_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "id.h"

#define WIRE_VERSION 1
#define WIRE_HEAD    60
#define WIRE_MAX     (16u << 20) /* a message may have so many bytes */
#define WIRE_PREFIX  4           /* what a SUB socket filters by: version, kind and type */

enum wire_kind { WIRE_ASK = 1, WIRE_ANSWER = 2, WIRE_HINT = 3 };

struct wire_head {
	enum wire_kind kind;
	int type;
	int status;
	uint32_t budget; /* or number */
	struct rid rid;
};

#define WIRE_BUNDLE_HEAD 4    /* of a bundle */
#define WIRE_ITEM_HEAD   4    /* of each message in it */
#define WIRE_BUNDLE_MAX  1024 /* messages in it */

/* Write the head of a bundle of n messages, and the head of one of its messages of n bytes. */
void wire_bundle(size_t n, uint8_t out[WIRE_BUNDLE_HEAD]);
void wire_item(size_t n, uint8_t out[WIRE_ITEM_HEAD]);

/*
 * Walk over what came: a bundle, or one message alone. Begin with *at 0; false: no more. *ret and
 * *ret_n are the next message, not looked into. A cut bundle ends early.
 */
bool wire_next(const uint8_t *p, size_t n, size_t *at, const uint8_t **ret, size_t *ret_n);

bool wire_alone(const uint8_t *p, size_t n); /* no bundle */

/* How many messages it says it holds: 1 for one alone; 0: more than may be. */
size_t wire_count(const uint8_t *p, size_t n);

/* The bytes that every hint of this type begins with. */
void wire_prefix(int type, uint8_t out[WIRE_PREFIX]);

/* Write head and body into out, which has room for WIRE_HEAD + n. */
void wire_write(const uint8_t key[32], const struct wire_head *head, const char *body, size_t n,
	uint8_t *out);

/* ERR_BAD_WIRE: too short or another version; ERR_BAD_MAC. *body points into p. */
enum err wire_read(const uint8_t key[32], const uint8_t *p, size_t n, struct wire_head *ret,
	const char **body, size_t *body_n);

#endif
