#include "photo.h"

#include <stdlib.h>
#include <string.h>

const char *photo_alloc(long w, long h, struct photo *ret)
{
	if (w < 1 || h < 1)
		return "the image has no pixels";
	if (w > PHOTO_SIDE_MAX || h > PHOTO_SIDE_MAX)
		return "the image is larger than 8192 pixels on a side";
	ret->px = malloc((size_t)w * (size_t)h * sizeof(*ret->px));
	if (!ret->px)
		return "the image does not fit into memory";
	ret->w = (int)w;
	ret->h = (int)h;
	ret->orientation = 1;
	return NULL;
}

static unsigned tiff_int(const uint8_t *p, int bytes, int little)
{
	unsigned v = 0;

	for (int i = 0; i < bytes; i++)
		v |= (unsigned)p[i] << 8 * (little ? i : bytes - 1 - i);
	return v;
}

int photo_exif(const uint8_t *tiff, size_t n)
{
	enum { TAG_ORIENTATION = 0x112, ENTRY = 12 };

	if (n < 14 || (memcmp(tiff, "II", 2) != 0 && memcmp(tiff, "MM", 2) != 0))
		return 1;

	int little = tiff[0] == 'I';
	size_t at = tiff_int(tiff + 4, 4, little);

	if (at > n - 2)
		return 1;
	for (unsigned i = 0, count = tiff_int(tiff + at, 2, little); i < count; i++) {
		size_t entry = at + 2 + (size_t)i * ENTRY;

		if (entry + ENTRY > n)
			return 1;
		if (tiff_int(tiff + entry, 2, little) == TAG_ORIENTATION) {
			unsigned v = tiff_int(tiff + entry + 8, 2, little);

			return v >= 1 && v <= 8 ? (int)v : 1;
		}
	}
	return 1;
}

static const char *decode(const uint8_t *data, size_t n, int enough, struct photo *ret)
{
	if (n >= 3 && !memcmp(data, "\xff\xd8\xff", 3))
		return photo_jpeg(data, n, enough, ret);
	if (n >= 8 && !memcmp(data, "\x89PNG\r\n\x1a\n", 8))
		return photo_png(data, n, ret);
	if (n >= 12 && !memcmp(data, "RIFF", 4) && !memcmp(data + 8, "WEBP", 4))
		return photo_webp(data, n, ret);
	if (n >= 6 && (!memcmp(data, "GIF87a", 6) || !memcmp(data, "GIF89a", 6)))
		return photo_gif(data, n, ret);
	return "the file is not a JPEG, PNG, WebP or GIF image";
}

/* The mean of a k x k block, colours weighted by alpha: what is invisible does not bleed. */
static uint32_t block_mean(const struct photo *p, int x0, int y0, int k)
{
	unsigned a = 0, r = 0, g = 0, b = 0;

	for (int y = y0; y < y0 + k; y++) {
		const uint32_t *row = p->px + (size_t)y * (size_t)p->w;

		for (int x = x0; x < x0 + k; x++) {
			unsigned alpha = row[x] >> 24;

			a += alpha;
			r += (row[x] >> 16 & 255) * alpha;
			g += (row[x] >> 8 & 255) * alpha;
			b += (row[x] & 255) * alpha;
		}
	}
	if (!a)
		return 0;
	return a / (unsigned)(k * k) << 24 | r / a << 16 | g / a << 8 | b / a;
}

/* In place: a block lies at or behind the pixel that it becomes. */
static void shrink(struct photo *p, int enough)
{
	int least = p->w < p->h ? p->w : p->h, k = least / enough;

	if (k < 2)
		return;

	int w = p->w / k, h = p->h / k;

	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			p->px[(size_t)y * (size_t)w + (size_t)x] = block_mean(p, x * k, y * k, k);
	p->w = w;
	p->h = h;
}

/* Where the pixel (x, y) of the upright picture lies in the stored one. */
static size_t stored_at(const struct photo *p, int x, int y)
{
	int o = p->orientation, swap = o >= 5;
	int sx = swap ? y : x, sy = swap ? x : y;

	if (o == 2 || o == 3 || o == 7 || o == 8)
		sx = p->w - 1 - sx;
	if (o == 3 || o == 4 || o == 6 || o == 7)
		sy = p->h - 1 - sy;
	return (size_t)sy * (size_t)p->w + (size_t)sx;
}

static const char *upright(struct photo *p)
{
	int swap = p->orientation >= 5, w = swap ? p->h : p->w, h = swap ? p->w : p->h;
	struct photo turned;
	const char *wrong;

	if (p->orientation == 1)
		return NULL;
	wrong = photo_alloc(w, h, &turned);
	if (wrong)
		return wrong;
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			turned.px[(size_t)y * (size_t)w + (size_t)x] = p->px[stored_at(p, x, y)];
	photo_clear(p);
	*p = turned;
	return NULL;
}

enum clip_err photo_load(
	const uint8_t *data, size_t n, int enough, const char **why, struct photo *ret)
{
	struct photo photo = {0};
	const char *wrong = decode(data, n, enough, &photo);

	if (!wrong) {
		shrink(&photo, enough);
		wrong = upright(&photo);
	}
	if (wrong) {
		photo_clear(&photo);
		*why = wrong;
		return CLIP_INVALID_IMAGE;
	}
	*ret = photo;
	return CLIP_OK;
}

void photo_clear(struct photo *photo)
{
	free(photo->px);
	memset(photo, 0, sizeof(*photo));
}

int photo_has_alpha(const struct photo *photo)
{
	size_t n = (size_t)photo->w * (size_t)photo->h;

	for (size_t i = 0; i < n; i++)
		if (photo->px[i] >> 24 != 255)
			return 1;
	return 0;
}
