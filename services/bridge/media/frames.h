/* Chosen frames of a video, decoded, as small pictures. */
#ifndef ARENA_MEDIA_FRAMES_H
#define ARENA_MEDIA_FRAMES_H

#include "source.h"

/* A picture that belongs to the decoder until the next call. */
typedef struct AVFrame frame;

/*
 * Decodes up to `want` frames, evenly spaced over the video, the first one at its start, and gives
 * each to take() in order; `between` gets every other frame that is decoded on the way (the search
 * for a poster). Long or huge videos are sampled at key frames only. Returns how many frames
 * take() got.
 */
struct frames_user {
	void (*take)(void *arg, int i, const frame *picture);
	void (*between)(void *arg, const frame *picture);
	void *arg;
};

int frames_sample(struct source *source, int want, const struct frames_user *user);

/*
 * The picture scaled to w x h, as BGRA with `stride` bytes a row, in the colours it was meant to
 * have. 0 or -1.
 */
int frame_scale(const frame *picture, int w, int h, uint8_t *bgra, int stride);

/* Mean brightness, 0..255, of a sparse sample; negative when the pixel format has no luma plane. */
int frame_luma(const frame *picture);

#endif
