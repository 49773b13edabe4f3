#include "generation.h"

#include <string.h>

#include "proto/json.h"
#include "proto/metadata.h"

/* ---- jobs ---- */

bool job_is_over(const struct job *j)
{
	return strcmp(j->status, "queued") != 0 && strcmp(j->status, "in_progress") != 0;
}

bool job_is_good(const struct job *j)
{
	return strcmp(j->status, "completed") == 0 && j->n_outputs > 0;
}

const char *job_failure(const struct job *j, const char **code)
{
	if (strcmp(j->status, "failed") == 0) {
		*code = j->error_code ? j->error_code : "failed";
		return j->error_message ? j->error_message : "The video failed.";
	}
	*code = j->status; /* cancelled, deleted */
	return strcmp(j->status, "deleted") == 0 ? "The video was deleted."
						 : "The video was cancelled.";
}

/* ---- the answer ---- */

static void put_data(struct buf *out, const struct generation *g)
{
	json_key(out, "data");
	buf_adds(out, "[");
	for (size_t i = 0; i < g->n; i++) {
		const struct job *j = g->jobs[i];

		for (size_t k = 0; job_is_good(j) && k < j->n_outputs; k++) {
			json_next(out);
			buf_adds(out, "{");
			openai_output(out, j, k, g->links);
			json_kv_str(out, "id", j->id);
			if (g->embed)
				g->embed(g->arg, out, &j->outputs[k]);
			buf_adds(out, "}");
		}
	}
	buf_adds(out, "]");
}

static void put_errors(struct buf *out, const struct generation *g)
{
	json_key(out, "errors");
	buf_adds(out, "[");
	for (size_t i = 0; i < g->n; i++) {
		const struct job *j = g->jobs[i];
		const char *code, *message;

		if (job_is_good(j))
			continue;
		message = job_failure(j, &code);
		json_next(out);
		buf_adds(out, "{");
		json_kv_str(out, "id", j->id);
		json_kv_str(out, "code", code);
		json_kv_str(out, "message", message);
		buf_adds(out, "}");
	}
	buf_adds(out, "]");
}

static void put_result(struct buf *out, const struct generation *g)
{
	const struct job *first = g->jobs[0];
	const char *ids[16];

	json_kv_int(out, "created", first->created_at / 1000);
	json_kv_str(out, "id", first->id);
	for (size_t i = 0; i < g->n && i < 16; i++)
		ids[i] = g->jobs[i]->id;
	json_kv_strs(out, "ids", ids, g->n < 16 ? g->n : 16);
	json_kv_str(out, "model", first->model);
	json_kv_strs(out, "ignored_parameters", first->ignored, first->n_ignored);
	json_kv_metadata(out, first->metadata, first->n_metadata);
	put_data(out, g);
	put_errors(out, g);
}

void generation_json(struct buf *out, const struct generation *g)
{
	buf_adds(out, "{");
	put_result(out, g);
	buf_adds(out, "}");
}

static void put_videos(struct buf *out, const struct generation *g)
{
	for (size_t i = 0; i < g->n; i++) {
		json_next(out);
		openai_video(out, g->jobs[i], g->links);
	}
}

void generation_accepted(struct buf *out, const struct generation *g)
{
	if (g->n == 1) {
		openai_video(out, g->jobs[0], g->links);
		return;
	}
	openai_list_begin(out);
	put_videos(out, g);
	openai_list_end(out, g->jobs[0]->id, g->jobs[g->n - 1]->id, false);
}

void generation_error(struct buf *out, const struct job *j)
{
	const char *code, *message = job_failure(j, &code);
	bool ours = strcmp(j->status, "failed") == 0 && openai_failure_status(code) >= 500;

	openai_error(out, message, ours ? "server_error" : "invalid_request_error", NULL, code);
}

/* ---- events ---- */

static void begin(struct buf *out, const char *type)
{
	buf_addf(out, "event: %s\ndata: {", type);
	json_kv_str(out, "type", type);
}

void generation_progress(struct buf *out, const struct job *j, size_t index)
{
	begin(out, "video_generation.progress");
	json_kv_int(out, "index", (int64_t)index);
	json_kv_str(out, "id", j->id);
	json_kv_str(out, "status", j->status);
	json_kv_int(out, "progress", job_is_good(j) ? 100 : j->progress);
	json_kv_str(out, "stage", j->stage);
	if (j->queue_position)
		json_kv_int(out, "queue_position", j->queue_position);
	if (j->eta_ms)
		json_kv_int(out, "eta_seconds", (j->eta_ms + 999) / 1000);
	buf_adds(out, "}\n\n");
}

void generation_completed(struct buf *out, const struct generation *g)
{
	begin(out, "video_generation.completed");
	put_result(out, g);
	buf_adds(out, "}\n\n");
}

void generation_unfinished(struct buf *out, const struct generation *g)
{
	begin(out, "video_generation.unfinished");
	json_key(out, "videos");
	buf_adds(out, "[");
	put_videos(out, g);
	buf_adds(out, "]}\n\n");
}

void generation_failed(struct buf *out, const struct job *j)
{
	buf_adds(out, "event: error\ndata: ");
	generation_error(out, j);
	buf_adds(out, "\n\n");
}
