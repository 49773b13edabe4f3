/* Frames to an MP4 that plays everywhere: H.264 High, 4:2:0, index first. */
#ifndef ARENA_SANDBOX_ENCODE_H
#define ARENA_SANDBOX_ENCODE_H

#include "yuv.h"

struct encoder;

/*
 * fd: the file to write, open for reading and writing, empty; it stays the caller's. No path is
 * opened, then or later. NULL when the encoder cannot start. Result must be passed to
 * encoder_free().
 */
struct encoder *encoder_new(int fd, int w, int h, int fps, int threads);
void encoder_free(struct encoder *e); /* NULL is fine */

/* The next frame; takes a copy. 0, or -1 when encoding or writing fails. */
int encoder_frame(struct encoder *e, const struct yuv *picture);

/* After the last frame: completes the file. 0 or -1. */
int encoder_finish(struct encoder *e);

#endif
