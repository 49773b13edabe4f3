/* Videos inside of JSON, in base64: within bounds, as all of one is in memory at once. */
#ifndef ARENA_GATEWAY_EMBED_H
#define ARENA_GATEWAY_EMBED_H

#include "proto/buf.h"
#include "proto/messages.h"

#define EMBED_MAX (16 << 20) /* bytes of a video */

/*
 * Adds ,"b64_json":"..." with the file of o. One that is too large, or for which there is no memory
 * now, is null, with a `note` that says so: the video was made and paid for, and its url is there.
 * arg: the struct request, which keeps account of the memory. Blocks for the disk.
 */
void embed_video(void *arg, struct buf *out, const struct output *o);

#endif
