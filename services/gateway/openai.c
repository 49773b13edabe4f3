#include "openai.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/json.h"
#include "proto/sign.h"

#define DAY_S 86400

/* ---- links ---- */

const char *link_variant(const char *variant, const char *owner, char out[LINK_VARIANT_MAX])
{
	snprintf(out, LINK_VARIANT_MAX, "%s %s", variant, owner);
	return out;
}

const char *link_path(const char *id, char out[LINK_VARIANT_MAX])
{
	snprintf(out, LINK_VARIANT_MAX, "/v1/videos/%s/content", id);
	return out;
}

static void put_link(struct buf *out, const char *key, const struct job *j, const char *variant,
	const struct links *l)
{
	char path[LINK_VARIANT_MAX], what[LINK_VARIANT_MAX];
	int64_t until = (l->now_s / DAY_S + 1) * DAY_S + l->keep_s;
	struct buf signed_path = {0};
	struct buf link = {0};
	const char *query;

	if (j->expires_at && j->expires_at / 1000 < until)
		until = j->expires_at / 1000;
	sign_link(l->key, link_path(j->id, path), link_variant(variant, j->owner, what), until,
		&signed_path);
	query = strchr(signed_path.p, '?');
	buf_addf(&link, "%s%s%s%s&owner=%s", l->base, path,
		strcmp(variant, "video") != 0 ? ""
		: strcmp(j->outputs[0].mime ? j->outputs[0].mime : "", "video/webm") == 0 ? ".webm"
											  : ".mp4",
		query, j->owner);
	if (strcmp(variant, "video") != 0)
		buf_addf(&link, "&variant=%s", variant);
	json_kv_str(out, key, link.p);
	buf_free(&link);
	buf_free(&signed_path);
}

/* ---- jobs ---- */

static void put_time(struct buf *out, const char *key, int64_t ms)
{
	if (ms)
		json_kv_int(out, key, ms / 1000);
	else
		json_kv_str(out, key, NULL);
}

static void put_error(struct buf *out, const struct job *j)
{
	json_key(out, "error");
	if (strcmp(j->status, "failed") != 0) {
		json_str(out, NULL);
		return;
	}
	buf_adds(out, "{");
	json_kv_str(out, "code", j->error_code ? j->error_code : "failed");
	json_kv_str(out, "message", j->error_message ? j->error_message : "The video failed.");
	buf_adds(out, "}");
}

void openai_video(struct buf *out, const struct job *j, const struct links *l)
{
	bool completed = strcmp(j->status, "completed") == 0 && j->n_outputs > 0;
	char text[48];

	buf_adds(out, "{");
	json_kv_str(out, "id", j->id);
	json_kv_str(out, "object", "video");
	json_kv_str(out, "model", j->model);
	json_kv_str(out, "status", j->status);
	json_kv_int(out, "progress", completed ? 100 : j->progress);
	json_kv_int(out, "created_at", j->created_at / 1000);
	put_time(out, "completed_at", completed ? j->ended_at : 0);
	put_time(out, "expires_at", j->expires_at);
	json_kv_str(out, "prompt", j->prompt);
	snprintf(text, sizeof text, "%" PRId64 "x%" PRId64, j->width, j->height);
	json_kv_str(out, "size", text);
	snprintf(text, sizeof text, "%" PRId64, j->seconds);
	json_kv_str(out, "seconds", text);
	json_kv_str(out, "remixed_from_video_id", NULL);
	put_error(out, j);
	json_kv_int(out, "attempts", j->attempts);
	json_kv_str(out, "worker", j->worker);
	json_kv_str(out, "stage", j->stage);
	if (completed)
		put_link(out, "url", j, "video", l);
	if (completed && j->outputs[0].poster)
		put_link(out, "thumbnail_url", j, "thumbnail", l);
	buf_adds(out, "}");
}

void openai_list(struct buf *out, const struct job_page *page, const struct links *l)
{
	buf_adds(out, "{\"object\":\"list\",\"data\":[");
	for (size_t i = 0; i < page->n_jobs; i++) {
		if (i)
			buf_adds(out, ",");
		openai_video(out, &page->jobs[i], l);
	}
	buf_adds(out, "]");
	json_kv_str(out, "first_id", page->n_jobs ? page->jobs[0].id : NULL);
	json_kv_str(out, "last_id", page->n_jobs ? page->jobs[page->n_jobs - 1].id : NULL);
	json_kv_bool(out, "has_more", page->has_more);
	buf_adds(out, "}");
}

void openai_deleted(struct buf *out, const char *id)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", id);
	json_kv_str(out, "object", "video.deleted");
	json_kv_bool(out, "deleted", 1);
	buf_adds(out, "}");
}

void openai_generation(struct buf *out, const struct job *j, const struct links *l)
{
	const struct output *o = &j->outputs[0];

	buf_adds(out, "{");
	json_kv_int(out, "created", j->created_at / 1000);
	json_kv_str(out, "id", j->id);
	json_kv_str(out, "model", j->model);
	json_key(out, "data");
	buf_adds(out, "[{");
	put_link(out, "url", j, "video", l);
	if (o->poster)
		put_link(out, "thumbnail_url", j, "thumbnail", l);
	json_kv_int(out, "width", o->width);
	json_kv_int(out, "height", o->height);
	json_key(out, "seconds");
	buf_addf(out, "%.3f", (double)o->duration_ms / 1000);
	json_kv_str(out, "mime_type", o->mime);
	json_kv_int(out, "bytes", o->size);
	buf_adds(out, "}]}");
}

void openai_event(struct buf *out, const struct job *j, const struct links *l)
{
	buf_addf(out, "id: %" PRId64 "\nevent: video\ndata: ", j->change);
	openai_video(out, j, l);
	buf_adds(out, "\n\n");
}

/* ---- models ---- */

static void put_strings(struct buf *out, const char *key, const char *const *s, size_t n)
{
	json_key(out, key);
	buf_adds(out, "[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_adds(out, ",");
		json_str(out, s[i]);
	}
	buf_adds(out, "]");
}

static void put_model(struct buf *out, const struct model *m)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", m->id);
	json_kv_str(out, "object", "model");
	json_kv_int(out, "created", 0);
	json_kv_str(out, "owned_by", m->owner ? m->owner : "");
	json_kv_str(out, "name", m->name ? m->name : m->id);
	json_kv_str(out, "description", m->description);
	put_strings(out, "inputs", m->inputs, m->n_inputs);
	json_kv_int(out, "outputs", m->outputs);
	put_strings(out, "sizes", m->sizes, m->n_sizes);
	json_kv_int(out, "max_width", m->max_width);
	json_kv_int(out, "max_height", m->max_height);
	json_kv_int(out, "min_seconds", m->min_seconds);
	json_kv_int(out, "max_seconds", m->max_seconds);
	json_kv_int(out, "max_prompt", m->max_prompt);
	buf_adds(out, "}");
}

static bool among(const char *id, const char *const *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

void openai_models(struct buf *out, const struct model_list *list)
{
	const char *comma = "";

	buf_adds(out, "{\"object\":\"list\",\"data\":[");
	for (size_t i = 0; i < list->n_models; i++) {
		const struct model *m = &list->models[i];

		if (!m->id || !m->selectable || !among(m->id, list->available, list->n_available))
			continue;
		buf_adds(out, comma);
		comma = ",";
		put_model(out, m);
	}
	buf_adds(out, "]}");
}

/* ---- errors ---- */

void openai_error(
	struct buf *out, const char *message, const char *type, const char *param, const char *code)
{
	buf_adds(out, "{\"error\":{");
	json_kv_str(out, "message", message);
	json_kv_str(out, "type", type);
	json_kv_str(out, "param", param);
	json_kv_str(out, "code", code);
	buf_adds(out, "}}");
}

int openai_failure_status(const char *error_code)
{
	static const char *const clients_fault[] = {"invalid_image", "invalid_request",
		"invalid_prompt", "content_policy", "moderation_blocked", "unsupported"};

	if (error_code &&
		among(error_code, clients_fault, sizeof clients_fault / sizeof *clients_fault))
		return 400;
	return 502;
}
