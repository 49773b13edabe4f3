/* From the canvas' pixels to what the encoder takes: BT.709, limited range, 4:2:0. */
#ifndef ARENA_SANDBOX_YUV_H
#define ARENA_SANDBOX_YUV_H

#include <stddef.h>
#include <stdint.h>

struct yuv {
	uint8_t *plane[3]; /* Y, Cb, Cr; one block of memory that starts at plane[0] */
	int stride[3];     /* bytes */
};

/* Bytes for the three planes of a w x h picture (both even), and where they lie in `block`. */
size_t yuv_size(int w, int h);
struct yuv yuv_lay(uint8_t *block, int w, int h);

/* px: xRGB rows, `stride` pixels apart. */
void yuv_from_rgb(const uint32_t *px, int stride, int w, int h, const struct yuv *ret);

#endif
