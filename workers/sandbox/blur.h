/* Box blur, three times: close to a Gaussian, and the same cost for any radius. */
#ifndef ARENA_SANDBOX_BLUR_H
#define ARENA_SANDBOX_BLUR_H

#include <stdint.h>

/* `stride` is bytes between rows; `channels` bytes (1 or 4) make a pixel. Edges are repeated. */
void blur_bytes(uint8_t *data, int w, int h, int stride, int channels, int radius);

#endif
