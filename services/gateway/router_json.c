#include "router_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generation.h"
#include "proto/json.h"

#define SECONDS_MAX 60 /* durations are listed one by one */

/* ---- a job ---- */

static const char *status_of(const struct job *j)
{
	if (strcmp(j->status, "queued") == 0)
		return "pending";
	if (strcmp(j->status, "failed") == 0 && j->error_code &&
		strcmp(j->error_code, "expired") == 0)
		return "expired";
	return j->status; /* in_progress, completed, failed, cancelled */
}

void router_video(struct buf *out, const struct job *j, const struct links *l)
{
	struct buf url = {0};
	const char *code;

	buf_adds(out, "{");
	json_kv_str(out, "id", j->id);
	buf_addf(&url, "%s/api/v1/videos/%s", l->base, j->id);
	json_kv_str(out, "polling_url", url.p);
	json_kv_str(out, "status", status_of(j));
	if (strcmp(j->status, "failed") == 0)
		json_kv_str(out, "error", job_failure(j, &code));
	if (job_is_good(j)) {
		json_key(out, "unsigned_urls");
		buf_adds(out, "[");
		for (size_t i = 0; i < j->n_outputs; i++) {
			buf_clear(&url);
			link_add(&url, l, j, VARIANT_VIDEO, i);
			json_next(out);
			json_str(out, url.p);
		}
		buf_adds(out, "]");
	}
	buf_adds(out, "}");
	buf_free(&url);
}

/* ---- models ---- */

static const struct shape {
	const char *name;
	int w, h;
} shapes[] = {{"16:9", 16, 9}, {"9:16", 9, 16}, {"1:1", 1, 1}, {"4:3", 4, 3}, {"3:4", 3, 4},
	{"3:2", 3, 2}, {"2:3", 2, 3}, {"21:9", 21, 9}, {"9:21", 9, 21}};

#define N_SHAPES (sizeof shapes / sizeof *shapes)

static const struct quality {
	const char *name;
	int side; /* the short one */
} qualities[] = {{"480p", 480}, {"720p", 720}, {"1080p", 1080}, {"4K", 2160}};

#define N_QUALITIES (sizeof qualities / sizeof *qualities)

static bool size_read(const char *s, int *w, int *h)
{
	return sscanf(s, "%dx%d", w, h) == 2 && *w > 0 && *h > 0;
}

/* Has one of the model's sizes this shape (nearly: sides are even) or this short side? */
static bool has_size(const struct model *m, const struct shape *shape, int side)
{
	for (size_t i = 0; i < m->n_sizes; i++) {
		int w, h;

		if (!size_read(m->sizes[i], &w, &h))
			continue;
		if (shape && abs(w * shape->h - h * shape->w) <= 2 * (shape->w + shape->h))
			return true;
		if (!shape && (w < h ? w : h) == side)
			return true;
	}
	return false;
}

static void put_shapes(struct buf *out, const struct model *m)
{
	const char *names[N_SHAPES];
	size_t n = 0;

	for (size_t i = 0; i < N_SHAPES; i++)
		if (!m->n_sizes || has_size(m, &shapes[i], 0))
			names[n++] = shapes[i].name;
	json_kv_strs(out, "supported_aspect_ratios", names, n);
}

static void put_qualities(struct buf *out, const struct model *m)
{
	const char *names[N_QUALITIES];
	size_t n = 0;

	for (size_t i = 0; i < N_QUALITIES; i++)
		if (m->n_sizes ? has_size(m, NULL, qualities[i].side)
			       : qualities[i].side <= m->max_height)
			names[n++] = qualities[i].name;
	json_kv_strs(out, "supported_resolutions", names, n);
}

static void put_seconds(struct buf *out, const struct model *m)
{
	json_key(out, "supported_durations");
	buf_adds(out, "[");
	for (int64_t s = m->min_seconds; s <= m->max_seconds && s <= SECONDS_MAX; s++) {
		json_next(out);
		json_int(out, s);
	}
	buf_adds(out, "]");
}

static void put_frames(struct buf *out, const struct model *m)
{
	static const char *const frames[] = {"first_frame", "last_frame"};
	size_t n = model_takes(m, "first_last_frame") ? 2 : model_takes(m, "image") ? 1 : 0;

	json_kv_strs(out, "supported_frame_images", frames, n);
}

static bool takes_seed(const struct model *m)
{
	for (size_t i = 0; i < m->n_parameters; i++)
		if (strcmp(m->parameters[i], "seed") == 0)
			return true;
	return false;
}

void router_model(struct buf *out, const struct catalogue_entry *e)
{
	const struct model *m = e->model;

	buf_adds(out, "{");
	json_kv_str(out, "id", e->id);
	json_kv_str(out, "canonical_slug", e->id);
	json_kv_str(out, "name", m->name ? m->name : e->id);
	json_kv_int(out, "created", 0); /* nobody tells us */
	if (m->description)
		json_kv_str(out, "description", m->description);
	put_seconds(out, m);
	put_qualities(out, m);
	put_shapes(out, m);
	if (m->n_sizes)
		json_kv_strs(out, "supported_sizes", m->sizes, m->n_sizes);
	else
		json_kv_str(out, "supported_sizes", NULL);
	put_frames(out, m);
	json_kv_strs(out, "allowed_passthrough_parameters", m->parameters, m->n_parameters);
	json_kv_bool(out, "seed", takes_seed(m));
	json_kv_bool(out, "generate_audio", false); /* it cannot be asked for */
	json_kv_str(out, "creativity", NULL);
	json_kv_str(out, "upscale_factor", NULL);
	json_kv_bool(out, "available", e->available);
	buf_adds(out, "}");
}

void router_models(struct buf *out, const struct model_list *list)
{
	size_t n;
	struct catalogue_entry *all = catalogue_list(list, &n);

	buf_adds(out, "{\"data\":[");
	for (size_t i = 0; i < n; i++) {
		json_next(out);
		router_model(out, &all[i]);
	}
	buf_adds(out, "]}");
	free(all);
}
