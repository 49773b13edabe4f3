/*
 * A picture from a stranger, in memory. JPEG, PNG, WebP and GIF by content; of an animation, the
 * first frame. The bytes are hostile: call this in the jail.
 */
#ifndef ARENA_SANDBOX_PHOTO_H
#define ARENA_SANDBOX_PHOTO_H

#include "clip_err.h"

#include <stddef.h>
#include <stdint.h>

enum {
	PHOTO_SIDE_MAX = 8192, /* pixels */
	PHOTO_BYTES_MAX = 64 << 20,
};

struct photo {
	int w, h;
	uint32_t *px;    /* ARGB, not premultiplied, no gaps between rows; malloc */
	int orientation; /* 1..8 as EXIF counts; photo_load() gives 1 */
};

/*
 * Decodes, turns upright, and shrinks large pictures by whole factors as long as both sides stay
 * at least `enough` pixels. *why says in plain words what is wrong. Result must be passed to
 * photo_clear().
 */
enum clip_err photo_load(
	const uint8_t *data, size_t n, int enough, const char **why, struct photo *ret);
void photo_clear(struct photo *photo);

/* Whether any pixel is not opaque. */
int photo_has_alpha(const struct photo *photo);

/* The decoders, one foreign library each: NULL, or what is wrong. */
const char *photo_jpeg(const uint8_t *data, size_t n, int enough, struct photo *ret);
const char *photo_png(const uint8_t *data, size_t n, struct photo *ret);
const char *photo_webp(const uint8_t *data, size_t n, struct photo *ret);
const char *photo_gif(const uint8_t *data, size_t n, struct photo *ret);

/* For the decoders: NULL when w x h is allowed (then ret has room for it, not cleared). */
const char *photo_alloc(long w, long h, struct photo *ret);

/* The orientation that a TIFF block as of EXIF tells; 1 when it tells none. */
int photo_exif(const uint8_t *tiff, size_t n);

#endif
