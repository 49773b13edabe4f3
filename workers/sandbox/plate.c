#include "plate.h"

#include "blur.h"

#include <math.h>
#include <stdlib.h>

static const double SHAPE_LIMIT = 1.9; /* how many times wider than the frame still fills it */
static const double FRAMED = 0.90;     /* of the plate, for a picture that stands whole */

struct plate {
	cairo_surface_t *surface;
	int w, h;
	int framed;
};

/* The photo for cairo: a premultiplied copy, as its own surface. */
static cairo_surface_t *premultiplied(const struct photo *photo)
{
	cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, photo->w, photo->h);

	if (cairo_surface_status(s) != CAIRO_STATUS_SUCCESS)
		return s;

	unsigned char *data = cairo_image_surface_get_data(s);
	int stride = cairo_image_surface_get_stride(s);

	for (int y = 0; y < photo->h; y++) {
		uint32_t *out = (uint32_t *)(void *)(data + (size_t)y * (size_t)stride);
		const uint32_t *in = photo->px + (size_t)y * (size_t)photo->w;

		for (int x = 0; x < photo->w; x++) {
			uint32_t a = in[x] >> 24;
			uint32_t r = in[x] >> 16 & 255, g = in[x] >> 8 & 255, b = in[x] & 255;

			out[x] = a == 255 ? in[x]
					  : a << 24 | r * a / 255 << 16 | g * a / 255 << 8 |
						    b * a / 255;
		}
	}
	cairo_surface_mark_dirty(s);
	return s;
}

/* Draws src over the box (x, y, w, h). */
static void draw_scaled(cairo_t *cr, cairo_surface_t *src, double x, double y, double w, double h)
{
	cairo_save(cr);
	cairo_rectangle(cr, x, y, w, h);
	cairo_clip(cr);
	cairo_translate(cr, x, y);
	cairo_scale(cr, w / cairo_image_surface_get_width(src),
		h / cairo_image_surface_get_height(src));
	cairo_set_source_surface(cr, src, 0, 0);
	cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
	cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
	cairo_paint(cr);
	cairo_restore(cr);
}

/* A dim, blurred copy that covers the plate; small while it is blurred. */
static void draw_backdrop(cairo_t *cr, cairo_surface_t *src, int w, int h)
{
	int sw = w / 8 + 1, sh = h / 8 + 1;
	double pw = cairo_image_surface_get_width(src), ph = cairo_image_surface_get_height(src);
	double s = fmax(sw / pw, sh / ph) * 1.15;
	cairo_surface_t *small = cairo_image_surface_create(CAIRO_FORMAT_RGB24, sw, sh);
	cairo_t *on = cairo_create(small);

	draw_scaled(on, src, (sw - pw * s) / 2, (sh - ph * s) / 2, pw * s, ph * s);
	cairo_set_source_rgba(on, 0.02, 0.02, 0.04, 0.28);
	cairo_paint(on);
	cairo_destroy(on);
	cairo_surface_flush(small);
	blur_bytes(cairo_image_surface_get_data(small), sw, sh,
		cairo_image_surface_get_stride(small), 4, 3 + (sw < sh ? sw : sh) / 24);
	cairo_surface_mark_dirty(small);
	draw_scaled(cr, small, 0, 0, w, h);
	cairo_surface_destroy(small);
}

/* Mean brightness of what is visible, 0..1: a dark logo wants a light ground. */
static double brightness(const struct photo *photo)
{
	double sum = 0, weight = 1;
	size_t n = (size_t)photo->w * (size_t)photo->h;

	for (size_t i = 0; i < n; i += 7) {
		uint32_t p = photo->px[i];
		double a = p >> 24;

		sum += a * (0.21 * (p >> 16 & 255) + 0.72 * (p >> 8 & 255) + 0.07 * (p & 255)) /
		       255;
		weight += a;
	}
	return sum / weight;
}

static void draw_ground(cairo_t *cr, const struct photo *photo, int w, int h)
{
	int light = brightness(photo) < 0.5;
	struct rgb one = rgb_hex(light ? 0xfdf1e3 : 0x232a4d),
		   two = rgb_hex(light ? 0xc9d9f2 : 0x0d0f1f);
	cairo_pattern_t *fill = cairo_pattern_create_linear(0, 0, w * 0.6, h);

	cairo_pattern_add_color_stop_rgb(fill, 0, one.r, one.g, one.b);
	cairo_pattern_add_color_stop_rgb(fill, 1, two.r, two.g, two.b);
	cairo_set_source(cr, fill);
	cairo_paint(cr);
	cairo_pattern_destroy(fill);
}

/* A soft edge of shadow around the box, so that the picture stands before its backdrop. */
static void draw_shadow(cairo_t *cr, double x, double y, double w, double h, double unit)
{
	for (int i = 0; i < 10; i++) {
		double d = unit * 0.0025 * (i + 1);

		cairo_rectangle(cr, x - d, y - d * 0.6, w + 2 * d, h + 2.4 * d);
		cairo_set_source_rgba(cr, 0, 0, 0, 0.045);
		cairo_fill(cr);
	}
}

static void draw_framed(
	struct plate *p, cairo_t *cr, const struct photo *photo, cairo_surface_t *src, int alpha)
{
	double s = fmin(p->w * FRAMED / photo->w, p->h * FRAMED / photo->h);
	double w = photo->w * s, h = photo->h * s, x = (p->w - w) / 2, y = (p->h - h) / 2;

	if (alpha) {
		draw_ground(cr, photo, p->w, p->h);
	} else {
		draw_backdrop(cr, src, p->w, p->h);
		draw_shadow(cr, x, y, w, h, fmin(p->w, p->h));
	}
	draw_scaled(cr, src, x, y, w, h);
}

struct plate *plate_new(const struct photo *photo, int w, int h)
{
	struct plate *p = calloc(1, sizeof(*p));
	double shape = (double)photo->w / photo->h / ((double)w / h);
	double scale = fmax((double)w / photo->w, (double)h / photo->h) * CAMERA_NEAREST;
	int alpha = photo_has_alpha(photo);

	if (!p)
		return NULL;
	p->framed = alpha || shape > SHAPE_LIMIT || shape < 1 / SHAPE_LIMIT;
	p->w = (int)ceil(p->framed ? w * CAMERA_NEAREST : photo->w * scale);
	p->h = (int)ceil(p->framed ? h * CAMERA_NEAREST : photo->h * scale);
	p->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, p->w, p->h);

	cairo_surface_t *src = premultiplied(photo);
	cairo_t *cr = cairo_create(p->surface);

	if (p->framed)
		draw_framed(p, cr, photo, src, alpha);
	else
		draw_scaled(cr, src, 0, 0, p->w, p->h);
	cairo_surface_flush(p->surface);

	int ok = cairo_status(cr) == CAIRO_STATUS_SUCCESS &&
		 cairo_surface_status(src) == CAIRO_STATUS_SUCCESS;

	cairo_destroy(cr);
	cairo_surface_destroy(src);
	if (!ok) {
		plate_free(p);
		return NULL;
	}
	return p;
}

void plate_free(struct plate *p)
{
	if (!p)
		return;
	cairo_surface_destroy(p->surface);
	free(p);
}

int plate_is_framed(const struct plate *p)
{
	return p->framed;
}

void plate_draw(const struct plate *p, enum motion motion, uint64_t seed, double at, double opacity,
	struct canvas *c)
{
	if (p->framed && motion == MOTION_DRIFT)
		motion = MOTION_FLOAT;

	struct view v = camera_at(motion, seed, at, p->w, p->h, c->w, c->h);
	double zoom = fmin((double)p->w / c->w, (double)p->h / c->h) * v.scale;
	cairo_t *cr = c->cr;

	cairo_save(cr);
	cairo_translate(cr, c->w / 2.0, c->h / 2.0);
	cairo_scale(cr, 1 / zoom, 1 / zoom);
	cairo_rotate(cr, -v.angle);
	cairo_translate(cr, -v.x * p->w, -v.y * p->h);
	cairo_set_source_surface(cr, p->surface, 0, 0);
	cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_BILINEAR);
	cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
	if (opacity < 1) {
		cairo_paint_with_alpha(cr, opacity);
	} else {
		cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
		cairo_paint(cr);
	}
	cairo_restore(cr);
}
