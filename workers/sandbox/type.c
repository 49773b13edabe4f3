#include "type.h"

#include "blur.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

enum {
	TEXT_MAX = 4000, /* characters: more than the smallest letters can show */
	LINES_MAX = 160,
	SIZES = 9,
};

static const double SIZE_LARGE = 0.088, SIZE_SMALL = 0.024; /* of the shorter side */
static const double WIDTH = 0.84, HEIGHT = 0.74;            /* of the frame, at most */
static const double FOOT = 0.085;                           /* free below, of the height */

struct line {
	int y, h; /* slice of the surfaces, in pixels */
};

struct type {
	cairo_surface_t *ink;   /* the letters alone, premultiplied */
	cairo_surface_t *shade; /* what makes them legible on anything */
	cairo_surface_t *both;  /* the two, for the frames in which nothing moves */
	int x, y, w, h;         /* where the surfaces lie in the frame */
	struct line lines[LINES_MAX];
	int count;
	int cut, unknown;
	double size;
	float rise; /* pixels from which a line floats up */
};

/* One paragraph of at most TEXT_MAX characters; line breaks and control characters become spaces.
 */
static char *tidy(const char *text, int *cut)
{
	GString *out = g_string_new(NULL);
	int n = 0;

	for (const char *p = text; *p && n < TEXT_MAX; p = g_utf8_next_char(p), n++) {
		gunichar u = g_utf8_get_char(p);

		if (g_unichar_isspace(u) || g_unichar_iscntrl(u)) {
			if (out->len && out->str[out->len - 1] != ' ')
				g_string_append_c(out, ' ');
		} else {
			g_string_append_unichar(out, u);
		}
	}
	*cut = n == TEXT_MAX;
	if (*cut)
		g_string_append(out, "…");
	return g_string_free(out, FALSE);
}

static void set_size(PangoLayout *layout, double px)
{
	PangoFontDescription *font = pango_font_description_from_string("Noto Sans, Sans Bold");

	pango_font_description_set_absolute_size(font, px * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
}

/*
 * The largest size with which the text fits into h pixels, or the smallest with an ellipsis. A
 * text far too long for a size is not laid out to find that out: 0.28 em a letter is narrow.
 */
static double fit(PangoLayout *layout, int w, int h, double unit, int *cut)
{
	double px = 0;

	for (int i = 0; i < SIZES; i++) {
		double least, room;
		int height;

		px = unit * SIZE_LARGE * pow(SIZE_SMALL / SIZE_LARGE, i / (SIZES - 1.0));
		least = (double)pango_layout_get_character_count(layout) * 0.28 * px;
		room = (double)w * floor(h / (px * 1.1) + 1);
		if (i < SIZES - 1 && least > room)
			continue;
		set_size(layout, px);
		pango_layout_get_pixel_size(layout, NULL, &height);
		/* Large letters only for what stays a title. */
		if (height <= (i < SIZES / 2 ? h / 2 : h))
			return px;
	}
	pango_layout_set_height(layout, h * PANGO_SCALE);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	*cut |= pango_layout_is_ellipsized(layout);
	return px;
}

static void note_lines(struct type *type, PangoLayout *layout, int top)
{
	PangoLayoutIter *it = pango_layout_get_iter(layout);

	do {
		PangoRectangle r;
		struct line *line = &type->lines[type->count++];

		pango_layout_iter_get_line_extents(it, NULL, &r);
		line->y = top + PANGO_PIXELS(r.y);
		line->h = top + PANGO_PIXELS(r.y + r.height) - line->y;
	} while (type->count < LINES_MAX && pango_layout_iter_next_line(it));
	pango_layout_iter_free(it);
	/* Marks may stick out of the first and the last line. */
	type->lines[0].h += type->lines[0].y;
	type->lines[0].y = 0;
	type->lines[type->count - 1].h = type->h - type->lines[type->count - 1].y;
}

/* A close shadow and a wide one, both of the letters' own shape: legible on snow and on fire. */
static void cast_shade(struct type *type, double unit)
{
	cairo_t *cr = cairo_create(type->shade);

	for (int pass = 0; pass < 2; pass++) {
		int r = (int)(pass ? fmax(1, type->size * 0.05) : fmax(2, unit * 0.022));
		cairo_surface_t *soft =
			cairo_image_surface_create(CAIRO_FORMAT_A8, type->w, type->h);
		cairo_t *on = cairo_create(soft);

		cairo_set_source_surface(on, type->ink, 0, pass ? type->size * 0.03 : 0);
		cairo_paint(on);
		cairo_destroy(on);
		cairo_surface_flush(soft);
		blur_bytes(cairo_image_surface_get_data(soft), type->w, type->h,
			cairo_image_surface_get_stride(soft), 1, r);
		cairo_surface_mark_dirty(soft);
		cairo_set_source_rgba(cr, 0, 0, 0.03, pass ? 0.75 : 0.85);
		for (int again = 0; again < (pass ? 1 : 2); again++)
			cairo_mask_surface(cr, soft, 0, 0);
		cairo_surface_destroy(soft);
	}
	cairo_destroy(cr);
}

static void draw_ink(struct type *type, PangoLayout *layout, int pad)
{
	cairo_t *cr = cairo_create(type->ink);

	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_move_to(cr, pad, pad);
	pango_cairo_show_layout(cr, layout);
	cairo_destroy(cr);
	cairo_surface_flush(type->ink);
}

static void join(struct type *type)
{
	cairo_t *cr = cairo_create(type->both);

	cairo_set_source_surface(cr, type->shade, 0, 0);
	cairo_paint(cr);
	cairo_set_source_surface(cr, type->ink, 0, 0);
	cairo_paint(cr);
	cairo_destroy(cr);
	cairo_surface_flush(type->both);
}

/* A hyphen would put words into the user's mouth. */
static void no_hyphens(PangoLayout *layout)
{
	PangoAttrList *attrs = pango_attr_list_new();

	pango_attr_list_insert(attrs, pango_attr_insert_hyphens_new(FALSE));
	pango_layout_set_attributes(layout, attrs);
	pango_attr_list_unref(attrs);
}

static void set(struct type *type, PangoLayout *layout, const char *text, int w, int h)
{
	double unit = w < h ? w : h;
	int pad = (int)(unit * 0.06), width = (int)(w * WIDTH), height;
	char *plain = tidy(text, &type->cut);

	pango_layout_set_text(layout, plain, -1);
	g_free(plain);
	pango_layout_set_width(layout, width * PANGO_SCALE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	no_hyphens(layout);
	pango_layout_set_line_spacing(layout, 1.06f);
	type->size = fit(layout, width, (int)(h * HEIGHT), unit, &type->cut);
	pango_layout_get_pixel_size(layout, NULL, &height);
	type->w = width + 2 * pad;
	type->h = height + 2 * pad;
	type->x = (w - type->w) / 2;
	type->y = (int)(h * (1 - FOOT)) - height - pad;
	type->rise = (float)(type->size * 0.45);
	type->ink = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, type->w, type->h);
	type->shade = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, type->w, type->h);
	type->both = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, type->w, type->h);
	draw_ink(type, layout, pad);
	note_lines(type, layout, pad);
	cast_shade(type, unit);
	join(type);
}

struct type *type_new(const char *text, int w, int h)
{
	struct type *type = calloc(1, sizeof(*type));

	if (!type)
		return NULL;

	PangoFontMap *fonts = pango_cairo_font_map_new();
	PangoContext *context = pango_font_map_create_context(fonts);
	PangoLayout *layout = pango_layout_new(context);
	cairo_font_options_t *smooth_edges = cairo_font_options_create();

	cairo_font_options_set_antialias(smooth_edges, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(smooth_edges, CAIRO_HINT_STYLE_NONE);
	pango_cairo_context_set_font_options(context, smooth_edges);
	cairo_font_options_destroy(smooth_edges);
	set(type, layout, text, w, h);
	type->unknown = pango_layout_get_unknown_glyphs_count(layout);
	g_object_unref(layout);
	g_object_unref(context);
	g_object_unref(fonts);
	if (cairo_surface_status(type->both) != CAIRO_STATUS_SUCCESS) {
		type_free(type);
		return NULL;
	}
	return type;
}

void type_free(struct type *type)
{
	if (!type)
		return;
	cairo_surface_destroy(type->ink);
	cairo_surface_destroy(type->shade);
	cairo_surface_destroy(type->both);
	free(type);
}

/* The lines come one after the other, but the last one no later than after a second. */
static float arrival(const struct type *type, int i)
{
	float gap = fminf(0.12f, 0.7f / (float)type->count);

	return 0.12f + gap * (float)i;
}

void type_draw(const struct type *type, float t, struct canvas *c)
{
	cairo_t *cr = c->cr;
	float settled = arrival(type, type->count - 1) + 0.6f;

	if (t >= settled) {
		cairo_set_source_surface(cr, type->both, type->x, type->y);
		cairo_paint(cr);
		return;
	}
	cairo_set_source_surface(cr, type->shade, type->x, type->y);
	cairo_paint_with_alpha(cr, smooth(0, settled, t));
	for (int i = 0; i < type->count; i++) {
		float shown = smooth(0, 0.6f, t - arrival(type, i));
		float rise = type->rise * (1 - shown);

		if (shown <= 0)
			continue;
		cairo_save(cr);
		cairo_translate(cr, type->x, (float)type->y + rise);
		cairo_rectangle(cr, 0, type->lines[i].y, type->w, type->lines[i].h);
		cairo_clip(cr);
		cairo_set_source_surface(cr, type->ink, 0, 0);
		cairo_paint_with_alpha(cr, shown);
		cairo_restore(cr);
	}
}

int type_lines(const struct type *type)
{
	return type->count;
}

int type_is_cut(const struct type *type)
{
	return type->cut;
}

int type_unknown(const struct type *type)
{
	return type->unknown;
}

double type_size(const struct type *type)
{
	return type->size;
}
