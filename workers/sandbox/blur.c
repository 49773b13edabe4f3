#include "blur.h"

#include <assert.h>
#include <glib.h>
#include <stddef.h>
#include <stdlib.h>

static int clamp_index(int i, int n)
{
	return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* One line of n values, `step` bytes apart, through a copy. */
static void box(uint8_t *v, int n, ptrdiff_t step, int r, uint8_t *copy)
{
	int sum = 0, full = 2 * r + 1;

	assert(n > 0);
	for (int i = 0; i < n; i++)
		copy[i] = v[i * step];
	for (int i = -r; i <= r; i++)
		sum += copy[clamp_index(i, n)];
	for (int i = 0; i < n; i++) {
		v[i * step] = (uint8_t)((sum + r) / full);
		sum += copy[clamp_index(i + r + 1, n)] - copy[clamp_index(i - r, n)];
	}
}

void blur_bytes(uint8_t *data, int w, int h, int stride, int channels, int radius)
{
	uint8_t *copy = g_malloc((gsize)(w > h ? w : h));

	for (int pass = 0; pass < 3; pass++) {
		for (int y = 0; y < h; y++)
			for (int k = 0; k < channels; k++)
				box(data + (ptrdiff_t)y * stride + k, w, channels, radius, copy);
		for (int x = 0; x < w; x++)
			for (int k = 0; k < channels; k++)
				box(data + (ptrdiff_t)x * channels + k, h, stride, radius, copy);
	}
	g_free(copy);
}
