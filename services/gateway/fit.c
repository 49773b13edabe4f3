#include "fit.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "utf8.h"

#define SECONDS_DEFAULT 4
#define WIDTH_DEFAULT   720
#define HEIGHT_DEFAULT  1280
#define SIDE_MIN        64
#define ASPECT_SLACK    0.03 /* 854x480 is 16:9 too; of a logarithm */

struct fit {
	const struct model *m;
	struct video_request *want;
	struct problem *p;
	char *message;
};

struct size {
	int64_t w, h;
};

static enum err wrong(struct fit *f, enum err e, const char *param, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static enum err wrong(struct fit *f, enum err e, const char *param, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->message, FIT_MESSAGE, fmt, ap);
	va_end(ap);
	*f->p = PROBLEM(.param = param, .message = f->message);
	return e;
}

/* ---- size ---- */

static int64_t shorter(struct size s)
{
	return s.w < s.h ? s.w : s.h;
}

static int64_t longer(struct size s)
{
	return s.w < s.h ? s.h : s.w;
}

static double aspect(struct size s)
{
	return log((double)s.w / (double)s.h);
}

/* How unlike two sizes are: their shape counts more than how many pixels they have. */
static double unlike(struct size a, struct size b)
{
	double pixels = log((double)(a.w * a.h) / (double)(b.w * b.h));

	return 2 * fabs(aspect(a) - aspect(b)) + fabs(pixels);
}

static bool listed(const struct model *m, size_t i, struct size *ret)
{
	long long w, h;

	if (sscanf(m->sizes[i], "%lldx%lld", &w, &h) != 2 || w < 1 || h < 1)
		return false;
	*ret = (struct size){w, h};
	return true;
}

/* Of a model that makes any even size. */
static bool within(const struct model *m, struct size s)
{
	return s.w % 2 == 0 && s.h % 2 == 0 && shorter(s) >= SIDE_MIN &&
	       longer(s) <= m->max_width && shorter(s) <= m->max_height;
}

/* The sizes of the model, as far as there is room: "1280x720, 720x1280". */
static const char *sizes_told(const struct model *m, char out[80])
{
	size_t n = 0;

	out[0] = 0;
	for (size_t i = 0; i < m->n_sizes && n + strlen(m->sizes[i]) + 8 < 80; i++)
		n += (size_t)snprintf(out + n, 80 - n, "%s%s", i ? ", " : "", m->sizes[i]);
	return out;
}

static enum err size_wrong(struct fit *f, const char *param)
{
	const struct model *m = f->m;
	char told[80];

	if (m->n_sizes)
		return wrong(f, ERR_BAD_PARAM, param, "The model %s makes these sizes: %s.", m->id,
			sizes_told(m, told));
	return wrong(f, ERR_BAD_PARAM, param,
		"size must be even numbers, from %dx%d up to %" PRId64 "x%" PRId64
		" (or upright) with the model %s.",
		SIDE_MIN, SIDE_MIN, m->max_width, m->max_height, m->id);
}

/* The size itself was said. */
static enum err size_exact(struct fit *f, struct size s)
{
	struct size one;

	if (!f->m->n_sizes)
		return within(f->m, s) ? ERR_OK : size_wrong(f, "size");
	for (size_t i = 0; i < f->m->n_sizes; i++)
		if (listed(f->m, i, &one) && one.w == s.w && one.h == s.h)
			return ERR_OK;
	return size_wrong(f, "size");
}

/*
 * The listed size that is most like `s`, among those with the aspect and the resolution that were
 * said. False: there is none.
 */
static bool size_listed(struct fit *f, bool with_aspect, struct size s, struct size *ret)
{
	double best = INFINITY;
	struct size one;

	for (size_t i = 0; i < f->m->n_sizes; i++) {
		if (!listed(f->m, i, &one) ||
			(with_aspect && fabs(aspect(one) - aspect(s)) > ASPECT_SLACK) ||
			(f->want->resolution && shorter(one) != f->want->resolution) ||
			unlike(one, s) >= best)
			continue;
		best = unlike(one, s);
		*ret = one;
	}
	return best < INFINITY;
}

static int64_t even(double v)
{
	return 2 * llround(v / 2);
}

/* Of any size, the one of this shape with this short side, or as large as the model can. */
static struct size size_scaled(const struct model *m, struct size shape, double side)
{
	double ratio = (double)longer(shape) / (double)shorter(shape);
	int64_t a, b;

	side = fmin(side, fmin((double)m->max_height, (double)m->max_width / ratio));
	a = even(side);
	b = even(side * ratio);
	/* rounding must not go beyond what the model can */
	a -= a > m->max_height ? 2 : 0;
	b -= b > m->max_width ? 2 : 0;
	return shape.w < shape.h ? (struct size){a, b} : (struct size){b, a};
}

/* Only a shape or a short side was said, or nothing: as near to `like` as can be. */
static enum err size_near(struct fit *f, struct size like, struct size *ret)
{
	const struct video_request *w = f->want;
	struct size shape =
		w->aspect_width ? (struct size){w->aspect_width, w->aspect_height} : like;
	int64_t side = w->resolution ? w->resolution : shorter(like);

	if (f->m->n_sizes) {
		/* as many pixels as `like` has, in the shape that was said */
		double scale = sqrt((double)(like.w * like.h) / (double)(shape.w * shape.h));
		struct size s = {
			llround((double)shape.w * scale), llround((double)shape.h * scale)};

		if (!size_listed(f, w->aspect_width > 0, s, ret))
			return size_wrong(f, w->aspect_width ? "aspect_ratio" : "resolution");
		return ERR_OK;
	}
	*ret = size_scaled(f->m, shape, (double)side);
	if (w->resolution && shorter(*ret) != w->resolution)
		return size_wrong(f, "resolution");
	return within(f->m, *ret) ? ERR_OK : size_wrong(f, "aspect_ratio");
}

static enum err fit_size(struct fit *f, const struct job *like)
{
	struct size s = {f->want->width, f->want->height};
	enum err e;

	if (s.w)
		return size_exact(f, s);
	s = like ? (struct size){like->width, like->height}
		 : (struct size){WIDTH_DEFAULT, HEIGHT_DEFAULT};
	e = size_near(f, s, &s);
	if (e == ERR_OK) {
		f->want->width = s.w;
		f->want->height = s.h;
	}
	return e;
}

/* ---- the rest ---- */

static enum err fit_seconds(struct fit *f, const struct job *like)
{
	const struct model *m = f->m;
	int64_t s = like ? like->seconds : SECONDS_DEFAULT;

	if (!f->want->seconds) {
		f->want->seconds = s < m->min_seconds   ? m->min_seconds
				   : s > m->max_seconds ? m->max_seconds
							: s;
		return ERR_OK;
	}
	if (f->want->seconds >= m->min_seconds && f->want->seconds <= m->max_seconds)
		return ERR_OK;
	return wrong(f, ERR_BAD_PARAM, f->want->seconds_param,
		"%s must be %" PRId64 " to %" PRId64 " with the model %s.", f->want->seconds_param,
		m->min_seconds, m->max_seconds, m->id);
}

static enum err fit_images(struct fit *f, size_t n_images)
{
	const struct video_request *w = f->want;
	const struct model *m = f->m;

	if (w->n_images > 1 && !model_takes(m, "first_last_frame"))
		return wrong(f, ERR_BAD_PARAM, w->images[1].param,
			"The model %s takes no last frame.", m->id);
	if (w->n_images && !model_takes(m, "image") && !model_takes(m, "first_last_frame"))
		return wrong(f, ERR_BAD_PARAM, w->images[0].param, "The model %s takes no image.",
			m->id);
	if (!w->n_images && !n_images && m->n_inputs && !model_takes(m, "text"))
		return wrong(f, ERR_MISSING_PARAM, w->image_param, "The model %s needs an image.",
			m->id);
	return ERR_OK;
}

static void fit_hints(struct fit *f)
{
	struct video_request *w = f->want;
	const struct {
		const char *name;
		bool said;
	} hints[] = {{"seed", w->seed >= 0}, {"negative_prompt", w->negative_prompt != NULL},
		{"fps", w->fps > 0}};

	w->n_ignored = 0;
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
		bool honoured = false;

		for (size_t k = 0; k < f->m->n_parameters; k++)
			honoured |= strcmp(f->m->parameters[k], hints[i].name) == 0;
		if (hints[i].said && !honoured)
			w->ignored[w->n_ignored++] = hints[i].name;
	}
}

enum err model_fit(const struct model *m, const struct job *like, size_t n_images,
	struct video_request *want, struct problem *p, char message[FIT_MESSAGE])
{
	struct fit f = {m, want, p, message};
	enum err e;

	message[0] = 0;
	e = fit_seconds(&f, like);
	if (e == ERR_OK)
		e = fit_size(&f, like);
	if (e == ERR_OK && utf8_count(want->prompt, strlen(want->prompt)) > m->max_prompt)
		e = wrong(&f, ERR_PROMPT_TOO_LONG, want->prompt_param,
			"The model %s takes prompts of up to %" PRId64 " characters.", m->id,
			m->max_prompt);
	if (e == ERR_OK)
		e = fit_images(&f, n_images);
	if (e == ERR_OK)
		fit_hints(&f);
	return e;
}
