#include "openai.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/json.h"
#include "proto/metadata.h"

/* Most videos fit in these, without their prompts. */
#define VIDEO_ROOM 1024
#define LINKS_ROOM 800

/* ---- jobs ---- */

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

static void put_links(struct buf *out, const struct job *j, size_t index, const struct links *l)
{
	json_kv_link(out, "url", l, j, VARIANT_VIDEO, index);
	json_kv_link(out, "thumbnail_url", l, j, VARIANT_POSTER, index);
	json_kv_link(out, "spritesheet_url", l, j, VARIANT_SPRITE, index);
}

static void put_file(struct buf *out, const struct output *o)
{
	json_kv_int(out, "width", o->width);
	json_kv_int(out, "height", o->height);
	json_kv_num(out, "seconds", (double)o->duration_ms / 1000);
	json_kv_num(out, "fps", o->fps);
	json_kv_str(out, "mime_type", o->mime);
	json_kv_int(out, "bytes", o->size);
	json_kv_str(out, "label", o->label);
	json_kv_str(out, "model_name", o->model_name);
}

void openai_output(struct buf *out, const struct job *j, size_t index, const struct links *l)
{
	put_links(out, j, index, l);
	put_file(out, &j->outputs[index]);
}

static void put_vote(struct buf *out, const struct job *j)
{
	json_key(out, "vote");
	if (!j->vote_state) {
		json_str(out, NULL);
		return;
	}
	buf_adds(out, "{");
	json_kv_str(out, "winner", j->vote_winner);
	json_kv_str(out, "state", j->vote_state);
	json_kv_str(out, "message", j->vote_message);
	buf_adds(out, "}");
}

/* What OpenAI does not have: what became of it, and how it goes on. */
static void put_ours(struct buf *out, const struct job *j, const struct links *l)
{
	size_t n = strcmp(j->status, "completed") == 0 ? j->n_outputs : 0;
	struct buf first = {0}; /* stands here and in outputs: signed once */

	buf_room(&first, n ? LINKS_ROOM : 0);
	put_links(&first, j, 0, l);
	buf_adds(out, ",");
	buf_add(out, first.p, first.n);
	json_kv_known(out, "queue_position", j->queue_position);
	json_kv_known(out, "eta_seconds", (j->eta_ms + 999) / 1000);
	json_kv_int(out, "attempts", j->attempts);
	json_kv_str(out, "worker", j->worker);
	json_kv_str(out, "stage", j->stage);
	json_kv_str(out, "note", j->note);
	json_kv_str(out, "negative_prompt", j->negative_prompt);
	if (j->seed >= 0)
		json_kv_int(out, "seed", j->seed);
	else
		json_kv_str(out, "seed", NULL);
	json_kv_known(out, "fps", j->fps);
	put_vote(out, j);
	json_kv_strs(out, "ignored_parameters", j->ignored, j->n_ignored);
	json_kv_metadata(out, j->metadata, j->n_metadata);
	json_key(out, "outputs");
	buf_adds(out, "[");
	for (size_t i = 0; i < n; i++) {
		json_next(out);
		buf_adds(out, "{");
		if (i)
			put_links(out, j, i, l);
		else
			buf_add(out, first.p, first.n);
		put_file(out, &j->outputs[i]);
		buf_adds(out, "}");
	}
	buf_adds(out, "]");
	buf_free(&first);
}

void openai_video(struct buf *out, const struct job *j, const struct links *l)
{
	bool completed = strcmp(j->status, "completed") == 0;
	char text[48];

	buf_room(out, VIDEO_ROOM + (completed ? 2 * LINKS_ROOM : 0) +
			      (j->prompt ? strlen(j->prompt) : 0));
	buf_adds(out, "{");
	json_kv_str(out, "id", j->id);
	json_kv_str(out, "object", "video");
	json_kv_str(out, "model", j->model);
	json_kv_str(out, "status", j->status);
	json_kv_int(out, "progress", completed ? 100 : j->progress);
	json_kv_int(out, "created_at", j->created_at / 1000);
	json_kv_time(out, "completed_at", completed ? j->ended_at : 0);
	json_kv_time(out, "expires_at", j->expires_at);
	json_kv_str(out, "prompt", j->prompt);
	snprintf(text, sizeof text, "%" PRId64 "x%" PRId64, j->width, j->height);
	json_kv_str(out, "size", text);
	snprintf(text, sizeof text, "%" PRId64, j->seconds);
	json_kv_str(out, "seconds", text);
	json_kv_str(out, "remixed_from_video_id", j->source);
	put_error(out, j);
	put_ours(out, j, l);
	buf_adds(out, "}");
}

void openai_list_begin(struct buf *out)
{
	buf_adds(out, "{\"object\":\"list\",\"data\":[");
}

void openai_list_end(struct buf *out, const char *first_id, const char *last_id, bool has_more)
{
	buf_adds(out, "]");
	json_kv_str(out, "first_id", first_id);
	json_kv_str(out, "last_id", last_id);
	json_kv_bool(out, "has_more", has_more);
	buf_adds(out, "}");
}

void openai_deleted(struct buf *out, const char *object, const char *id)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", id);
	json_kv_str(out, "object", object);
	json_kv_bool(out, "deleted", 1);
	buf_adds(out, "}");
}

void openai_event(struct buf *out, const struct job *j, const struct links *l)
{
	buf_addf(out, "id: %" PRId64 "\nevent: video\ndata: ", j->change);
	openai_video(out, j, l);
	buf_adds(out, "\n\n");
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

static bool among(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], s) == 0)
			return true;
	return false;
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
