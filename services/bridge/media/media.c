#include "media.h"

#include "frames.h"
#include "remux.h"
#include "webp.h"

#include <libavutil/pixdesc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	TILES = MEDIA_GRID * MEDIA_GRID,
	TILE_HEIGHT_MAX = 1280,
	LUMA_DARK = 30, /* black is 16 */
};

/* A picture of its own, BGRA without gaps. */
struct bitmap {
	uint8_t *px; /* NULL: nothing yet */
	int w, h;
};

struct album {
	struct bitmap poster;
	bool poster_bright; /* found one that is not black: look no further */
	struct bitmap sheet;
	int tile_w, tile_h, columns;
	int tiles;
};

static bool bitmap_make(struct bitmap *b, int w, int h)
{
	b->px = calloc((size_t)w * (size_t)h, 4);
	b->w = w;
	b->h = h;
	return b->px != NULL;
}

/* The first frame at all, until one comes that is not black. */
static void offer_poster(struct album *a, const frame *f)
{
	int luma, side = f->width > f->height ? f->width : f->height;
	double scale = side > MEDIA_POSTER_SIDE ? (double)MEDIA_POSTER_SIDE / side : 1;
	struct bitmap b;
	int w = (int)(f->width * scale + 0.5), h = (int)(f->height * scale + 0.5);

	if (a->poster_bright)
		return;
	luma = frame_luma(f);
	a->poster_bright = luma < 0 || luma >= LUMA_DARK;
	if (a->poster.px && !a->poster_bright)
		return;
	if (!bitmap_make(&b, w > 0 ? w : 1, h > 0 ? h : 1))
		return;
	if (frame_scale(f, b.w, b.h, b.px, b.w * 4)) {
		free(b.px);
		return;
	}
	free(a->poster.px);
	a->poster = b;
}

static void on_between(void *arg, const frame *f)
{
	offer_poster(arg, f);
}

static void on_take(void *arg, int i, const frame *f)
{
	struct album *a = arg;
	size_t x = (size_t)(i % a->columns) * (size_t)a->tile_w;
	size_t y = (size_t)(i / a->columns) * (size_t)a->tile_h;
	size_t stride = (size_t)a->sheet.w * 4;

	offer_poster(a, f);
	if (!frame_scale(f, a->tile_w, a->tile_h, a->sheet.px + y * stride + x * 4, (int)stride))
		a->tiles = i + 1;
}

static bool lay_sheet(struct album *a, const struct source *s)
{
	const AVCodecParameters *par = s->video->codecpar;
	int want = s->packets < TILES ? (int)s->packets : TILES;

	a->columns = want < MEDIA_GRID ? want : MEDIA_GRID;
	a->tile_w = MEDIA_TILE_WIDTH;
	a->tile_h = (int)((int64_t)MEDIA_TILE_WIDTH * par->height / par->width);
	a->tile_h = a->tile_h < 2 ? 2 : a->tile_h > TILE_HEIGHT_MAX ? TILE_HEIGHT_MAX : a->tile_h;
	return bitmap_make(&a->sheet, a->columns * a->tile_w,
		(want + a->columns - 1) / a->columns * a->tile_h);
}

static const char *make_pictures(
	struct source *s, const struct media_files *files, struct report *r)
{
	struct album a = {0};
	const struct frames_user user = {on_take, on_between, &a};
	const char *wrong = NULL;

	if (!lay_sheet(&a, s))
		return "not enough memory";
	frames_sample(s, TILES, &user);
	if (!a.tiles || !a.poster.px) {
		wrong = "no frame of the video can be decoded";
		goto out;
	}
	r->sprite_columns = a.columns;
	r->sprite_rows = (a.tiles + a.columns - 1) / a.columns;
	if (files->poster >= 0 &&
		webp_write(files->poster, a.poster.px, a.poster.w, a.poster.h, 80))
		wrong = "the poster cannot be written";
	if (files->sprite >= 0 &&
		webp_write(files->sprite, a.sheet.px, a.sheet.w, r->sprite_rows * a.tile_h, 70))
		wrong = "the sprite sheet cannot be written";
out:
	free(a.poster.px);
	free(a.sheet.px);
	return wrong;
}

static void describe(const struct source *s, struct report *r)
{
	const char *format = av_get_pix_fmt_name(s->video->codecpar->format);
	double seconds = source_duration(s);
	AVRational rate = s->video->avg_frame_rate;

	r->width = s->video->codecpar->width;
	r->height = s->video->codecpar->height;
	r->duration_ms = (int64_t)(seconds * 1000 + 0.5);
	r->fps = rate.num > 0 && rate.den > 0 ? av_q2d(rate)
		 : seconds > 0                ? (double)s->packets / seconds
					      : 0;
	r->codec = s->name;
	r->pix_fmt = format ? format : "unknown";
	r->frames = s->packets;
	r->audio = s->audio != NULL;
}

void media_examine(const struct media_files *files, struct report *ret)
{
	struct source s;
	struct report r = {0};

	av_log_set_level(AV_LOG_QUIET);
	r.error = source_open(files->in, &s);
	if (!r.error) {
		describe(&s, &r);
		r.error = make_pictures(&s, files, &r);
		if (!r.error && files->video >= 0 && remux_wanted(files->in, &s)) {
			r.remuxed = !remux_write(&s, files->video);
			if (!r.remuxed && ftruncate(files->video, 0))
				r.error = "the copy cannot be written";
		}
		source_close(&s);
	}
	*ret = r;
}
