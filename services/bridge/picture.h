/*
 * One video on its way into the blob store, with what is made from it: a poster and a sprite sheet,
 * and perhaps the same video in a better container. All of it blocks: for a task.
 */
#ifndef ARENA_BRIDGE_PICTURE_H
#define ARENA_BRIDGE_PICTURE_H

#include "proto/blob.h"
#include "proto/messages.h"
#include "services/bridge/media.h"

struct file {
	struct blob_writer *w;
	char sha256[BLOB_NAME];
	int64_t size;
};

struct picture {
	struct blob_writer *video; /* as it came; later what is kept */
	char sha256[BLOB_NAME];
	int64_t size;
	const char *mime;
	struct file poster, sprite; /* w NULL: none */
	struct media media;
	enum err e; /* of picture_make() */
	char why[MEDIA_WHY];
	int64_t took_us;
};

/*
 * Look at pic->video, make the rest, seal all: nothing is in the store yet, so that what is refused
 * leaves nothing there. pic->e: OK; BAD_PARAM (no video that plays: why
 * says it); TOO_LARGE, STORE, INTERNAL. base: a folder of the bridge's own.
 */
void picture_make(struct picture *pic, struct blobs *blobs, const char *base, const char *program,
	int64_t time_ms);

/* Commit all; again after BLOB_GONE. ERR_STORE. */
enum err picture_commit(struct picture *pic);

/* As jobs wants it; borrows from pic. */
struct output picture_output(const struct picture *pic);

/* Let go of all files. */
void picture_clear(struct picture *pic);

#endif
