/*
 * Links to the files of a result, good for whoever has them. What is signed: path, variant, index,
 * owner and expiry, so that none of them can be changed in the link. Pure.
 */
#ifndef ARENA_GATEWAY_LINKS_H
#define ARENA_GATEWAY_LINKS_H

#include <stdint.h>

#include "proto/buf.h"
#include "proto/messages.h"

/*
 * How links are made. A link is good for keep_s at least (less when the video goes before), and for
 * a quarter more at most: during a quarter of keep_s the same file has the same link, so that
 * browsers find in their cache what they have seen.
 */
struct links {
	const char *base; /* "http://127.0.0.1:3102" */
	uint8_t key[32];  /* linkkey_now() */
	int64_t keep_s;
	int64_t now_s;
};

#define VARIANT_VIDEO  "video"
#define VARIANT_POSTER "thumbnail"
#define VARIANT_SPRITE "spritesheet"

#define LINK_TEXT 160 /* room for what follows */

/* What the signature vouches for besides the path. index: which of the job's outputs. */
const char *link_what(const char *variant, size_t index, const char *owner, char out[LINK_TEXT]);

/* The path that is signed, whatever ending the link has. */
const char *link_path(const char *id, char out[LINK_TEXT]);

/* Adds the whole link. A job that has no such output yet gets one that works once it has. */
void link_add(struct buf *out, const struct links *l, const struct job *j, const char *variant,
	size_t index);

/* Adds ,"key":"link", or ,"key":null when there is no such file. */
void json_kv_link(struct buf *out, const char *key, const struct links *l, const struct job *j,
	const char *variant, size_t index);

/* The sha256 of that file; NULL: there is none. variant may be any text. */
const char *link_file(const struct job *j, const char *variant, size_t index);

#endif
