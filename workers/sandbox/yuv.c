#include "yuv.h"

#include "wide.h"

/* Rec. ITU-R BT.709-6, scaled to 219/255 and 224/255, times 256. */
enum {
	Y_R = 47,
	Y_G = 157,
	Y_B = 16,
	U_R = -26,
	U_G = -86,
	U_B = 112,
	V_R = 112,
	V_G = -102,
	V_B = -10,
};

size_t yuv_size(int w, int h)
{
	return (size_t)w * (size_t)h * 3 / 2;
}

struct yuv yuv_lay(uint8_t *block, int w, int h)
{
	size_t luma = (size_t)w * (size_t)h;

	return (struct yuv){{block, block + luma, block + luma + luma / 4}, {w, w / 2, w / 2}};
}

WIDE static void luma_row(const uint32_t *restrict px, int w, uint8_t *restrict out)
{
	for (int x = 0; x < w; x++) {
		uint32_t r = px[x] >> 16 & 255, g = px[x] >> 8 & 255, b = px[x] & 255;

		out[x] = (uint8_t)(16 + ((r * Y_R + g * Y_G + b * Y_B + 128) >> 8));
	}
}

/* Red and blue are summed together, 16 bits apart: four times 255 leaves room. */
WIDE static void chroma_row(const uint32_t *restrict a, const uint32_t *restrict b, int w,
	uint8_t *restrict u, uint8_t *restrict v)
{
	for (int x = 0; x < w / 2; x++) {
		uint32_t p = a[2 * x], q = a[2 * x + 1], s = b[2 * x], t = b[2 * x + 1];
		uint32_t rb = (p & 0xff00ff) + (q & 0xff00ff) + (s & 0xff00ff) + (t & 0xff00ff);
		uint32_t gg = (p & 0xff00) + (q & 0xff00) + (s & 0xff00) + (t & 0xff00);
		int red = (int)(rb >> 16), blue = (int)(rb & 0xffff), green = (int)(gg >> 8);

		u[x] = (uint8_t)((red * U_R + green * U_G + blue * U_B + 512 + (128 << 10)) >> 10);
		v[x] = (uint8_t)((red * V_R + green * V_G + blue * V_B + 512 + (128 << 10)) >> 10);
	}
}

void yuv_from_rgb(const uint32_t *px, int stride, int w, int h, const struct yuv *ret)
{
	for (int y = 0; y < h; y += 2) {
		const uint32_t *a = px + (size_t)y * (size_t)stride, *b = a + stride;

		luma_row(a, w, ret->plane[0] + (size_t)y * (size_t)ret->stride[0]);
		luma_row(b, w, ret->plane[0] + (size_t)(y + 1) * (size_t)ret->stride[0]);
		chroma_row(a, b, w, ret->plane[1] + (size_t)(y / 2) * (size_t)ret->stride[1],
			ret->plane[2] + (size_t)(y / 2) * (size_t)ret->stride[2]);
	}
}
