#include "clip.h"

#include "camera.h"
#include "colour.h"
#include "encode.h"
#include "film.h"
#include "photo.h"
#include "plate.h"
#include "scene.h"
#include "type.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What is drawn: a scene with type on it, or one plate or two under a moving camera. */
struct picture {
	const struct spec *spec;
	struct shot shot;
	struct type *type;          /* NULL when there is a plate */
	struct plate *first, *last; /* to begin and to end with; NULL: not asked for */
	enum motion motion;
	int frames;
};

struct run {
	struct encoder *encoder;
	const struct clip_hooks *hooks;
	int frames;
	int64_t told_ms; /* when progress was last said */
	int failed;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
}

/* The first picture whole at the beginning, the last one whole at the end, and one becomes the
 * other. */
static void draw_plates(const struct picture *p, double at, struct canvas *c)
{
	float end = !p->last ? 0 : p->first ? smooth(0.25f, 0.75f, (float)at) : 1;

	if (end < 1)
		plate_draw(p->first, p->motion, p->spec->seed, at, 1, c);
	if (end > 0)
		plate_draw(p->last, p->motion, p->spec->seed, 1 - at, (double)end, c);
}

static void draw_frame(const void *ctx, int i, struct canvas *c)
{
	const struct picture *p = ctx;
	float t = (float)i / (float)p->spec->fps;

	if (p->first || p->last) {
		draw_plates(p, p->frames > 1 ? (double)i / (p->frames - 1) : 0, c);
		return;
	}
	scene_draw(&p->shot, t, c);
	type_draw(p->type, t, c);
}

static int take_frame(void *arg, int i, const struct yuv *picture)
{
	struct run *run = arg;
	int64_t now = now_ms();

	if (encoder_frame(run->encoder, picture)) {
		run->failed = 1;
		return -1;
	}
	if (now - run->told_ms >= 100) { /* at most ten lines a second */
		run->told_ms = now;
		run->hooks->progress(run->hooks->arg, 2 + 95 * (i + 1) / run->frames, "rendering");
	}
	return 0;
}

/* All of the file at path; *why is set on failure. */
static enum clip_err read_file(const char *path, uint8_t **ret, size_t *ret_n, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *data = NULL;
	size_t n = 0, size;
	enum clip_err e = CLIP_INTERNAL;

	*why = "the image file cannot be read";
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		goto out;
	e = CLIP_INVALID_IMAGE;
	*why = "the image file is larger than 64 MiB";
	if (st.st_size > PHOTO_BYTES_MAX)
		goto out;
	e = CLIP_INTERNAL;
	*why = "the image file cannot be read";
	size = (size_t)st.st_size;
	data = malloc(size + 1);
	while (data && n < size) {
		ssize_t got = read(fd, data + n, size - n);

		if (got <= 0 && !(got < 0 && errno == EINTR))
			goto out;
		n += got > 0 ? (size_t)got : 0;
	}
	if (!data)
		goto out;
	*ret = data, data = NULL;
	*ret_n = n;
	e = CLIP_OK;
out:
	free(data);
	if (fd >= 0)
		close(fd);
	return e;
}

static enum clip_err enter(const struct clip_hooks *hooks, const char **why)
{
	*why = "the jail could not be entered";
	return hooks->jail && hooks->jail() ? CLIP_INTERNAL : CLIP_OK;
}

/* A picture's file in memory. */
struct bytes {
	uint8_t *p; /* NULL: there is none */
	size_t n;
};

static enum clip_err make_plate(
	const struct spec *s, const struct bytes *in, const char **why, struct plate **ret)
{
	int side = s->width > s->height ? s->width : s->height;
	struct photo photo = {0};
	struct plate *plate;
	enum clip_err e;

	if (!in->p)
		return CLIP_OK;
	e = photo_load(in->p, in->n, (int)(side * CAMERA_NEAREST), why, &photo);
	if (e)
		return e;
	plate = plate_new(&photo, s->width, s->height);
	photo_clear(&photo);
	*why = "not enough memory";
	if (!plate)
		return CLIP_INTERNAL;
	*ret = plate;
	return CLIP_OK;
}

static enum clip_err load_plates(
	struct picture *p, const struct clip_hooks *hooks, const char **why)
{
	const struct spec *s = p->spec;
	struct bytes first = {0}, last = {0};
	enum clip_err e = CLIP_OK;

	if (s->image)
		e = read_file(s->image, &first.p, &first.n, why);
	if (!e && s->last_image)
		e = read_file(s->last_image, &last.p, &last.n, why);
	if (!e)
		e = enter(hooks, why);
	if (!e)
		e = make_plate(s, &first, why, &p->first);
	if (!e)
		e = make_plate(s, &last, why, &p->last);
	free(first.p);
	free(last.p);
	return e;
}

static enum clip_err load(struct picture *p, const struct clip_hooks *hooks, const char **why)
{
	const struct spec *s = p->spec;
	char *folded = words_fold(s->prompt);
	enum clip_err e;

	p->frames = s->seconds * s->fps;
	if (s->image || s->last_image) {
		p->motion = camera_choose(folded);
		if (s->last_image && p->motion != MOTION_STILL)
			p->motion = MOTION_FLOAT; /* both ends show a picture whole */
		e = load_plates(p, hooks, why);
	} else {
		scene_choose(folded, s->seed, &p->shot);
		p->type = type_new(s->prompt, s->width, s->height);
		*why = "not enough memory";
		e = p->type ? enter(hooks, why) : CLIP_INTERNAL;
	}
	free(folded);
	return e;
}

static enum clip_err shoot(
	struct picture *p, int fd, const struct clip_hooks *hooks, const char **why)
{
	const struct spec *s = p->spec;
	struct reel reel = {s->width, s->height, p->frames, draw_frame, p};
	struct run run = {.hooks = hooks, .frames = p->frames, .told_ms = now_ms()};
	enum clip_err e = CLIP_INTERNAL;
	int n = cores();

	run.encoder = encoder_new(fd, s->width, s->height, s->fps, n);
	*why = "the encoder could not start";
	if (!run.encoder)
		return e;
	*why = "the video could not be written";
	if (!film_run(&reel, n, take_frame, &run)) {
		hooks->progress(hooks->arg, 98, "finishing");
		if (!encoder_finish(run.encoder))
			e = CLIP_OK;
	} else if (!run.failed) {
		*why = "not enough memory";
	}
	encoder_free(run.encoder);
	return e;
}

enum clip_err clip_make(
	const struct spec *spec, int fd, const struct clip_hooks *hooks, const char **why)
{
	struct picture p = {.spec = spec};
	enum clip_err e;

	hooks->progress(hooks->arg, 0, "loading");
	e = load(&p, hooks, why);
	if (!e) {
		hooks->progress(hooks->arg, 2, "rendering");
		e = shoot(&p, fd, hooks, why);
	}
	type_free(p.type);
	plate_free(p.first);
	plate_free(p.last);
	return e;
}
