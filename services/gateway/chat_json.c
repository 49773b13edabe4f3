#include "chat_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "generation.h"
#include "proto/json.h"

/* ---- for people ---- */

const char *chat_status(const struct job *j, char out[CHAT_STATUS])
{
	int64_t tens = j->progress / 10 * 10;

	out[0] = 0;
	if (strcmp(j->status, "queued") == 0 && j->queue_position > 0)
		snprintf(out, CHAT_STATUS, "Waiting in line, place %" PRId64 ".\n",
			j->queue_position);
	else if (strcmp(j->status, "queued") == 0)
		snprintf(out, CHAT_STATUS, "Waiting in line.\n");
	else if (strcmp(j->status, "in_progress") == 0 && tens > 0)
		snprintf(out, CHAT_STATUS, "%.100s: %" PRId64 " %%\n",
			j->stage && j->stage[0] ? j->stage : "Making the video", tens);
	else if (strcmp(j->status, "in_progress") == 0)
		snprintf(out, CHAT_STATUS, "%.100s ...\n",
			j->stage && j->stage[0] ? j->stage : "Making the video");
	return out;
}

/* As text in HTML. */
static void add_html(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '&')
			buf_adds(out, "&amp;");
		else if (*s == '<')
			buf_adds(out, "&lt;");
		else if (*s == '"')
			buf_adds(out, "&quot;");
		else
			buf_add(out, s, 1);
	}
}

static void add_output(struct buf *out, const struct job *j, size_t i, const struct links *l)
{
	struct buf url = {0}, poster = {0};

	link_add(&url, l, j, VARIANT_VIDEO, i);
	if (link_file(j, VARIANT_POSTER, i))
		link_add(&poster, l, j, VARIANT_POSTER, i);
	if (out->n)
		buf_adds(out, "\n\n");
	if (poster.n)
		buf_addf(out, "[![The video](%s)](%s)\n\n", poster.p, url.p);
	buf_adds(out, "<video src=\"");
	add_html(out, url.p);
	if (poster.n) {
		buf_adds(out, "\" poster=\"");
		add_html(out, poster.p);
	}
	buf_adds(out, "\" controls>\n");
	add_html(out, url.p);
	buf_addf(out, "\n</video>\n\n[Open the video](%s)", url.p);
	buf_free(&poster);
	buf_free(&url);
}

void chat_markdown(struct buf *out, const struct job *j, const struct links *l)
{
	struct buf url = {0};

	if (job_is_good(j)) {
		for (size_t i = 0; i < j->n_outputs; i++)
			add_output(out, j, i, l);
		return;
	}
	link_add(&url, l, j, VARIANT_VIDEO, 0);
	buf_addf(out,
		"The video is not ready yet, and goes on being made. "
		"[This link](%s) opens it once it is done.",
		url.p);
	buf_free(&url);
}

/* ---- JSON ---- */

/* Nothing of a video is counted in tokens. */
static void put_usage(struct buf *out)
{
	json_key(out, "usage");
	buf_adds(out, "{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}");
}

static void put_head(struct buf *out, const struct chat *c, const char *object)
{
	char id[64];

	/* One answer is one video, so that it can be found again. */
	snprintf(id, sizeof id, "chatcmpl-%.48s", c->video_id);
	json_kv_str(out, "id", id);
	json_kv_str(out, "object", object);
	json_kv_int(out, "created", c->created_s);
	json_kv_str(out, "model", c->model);
	json_kv_str(out, "video_id", c->video_id);
}

void chat_answer(struct buf *out, const struct chat *c, const char *content)
{
	buf_adds(out, "{");
	put_head(out, c, "chat.completion");
	json_key(out, "choices");
	buf_adds(out, "[{\"index\":0,\"message\":{\"role\":\"assistant\"");
	json_kv_str(out, "content", content);
	buf_adds(out, ",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}]");
	put_usage(out);
	buf_adds(out, "}");
}

/* One chunk. key NULL: the delta is empty; end: it is the last one of the choice. */
static void chunk(struct buf *out, const struct chat *c, const char *role, const char *key,
	const char *text, bool end)
{
	buf_adds(out, "data: {");
	put_head(out, c, "chat.completion.chunk");
	json_key(out, "choices");
	buf_adds(out, "[{\"index\":0,\"delta\":{");
	if (role)
		json_kv_str(out, "role", role);
	if (key)
		json_kv_str(out, key, text);
	buf_addf(out, "},\"logprobs\":null,\"finish_reason\":%s}]", end ? "\"stop\"" : "null");
	if (c->usage)
		json_kv_str(out, "usage", NULL);
	buf_adds(out, "}\n\n");
}

void chat_begin(struct buf *out, const struct chat *c)
{
	chunk(out, c, "assistant", "content", "", false);
}

void chat_reason(struct buf *out, const struct chat *c, const char *text)
{
	chunk(out, c, NULL, "reasoning_content", text, false);
}

void chat_content(struct buf *out, const struct chat *c, const char *text)
{
	chunk(out, c, NULL, "content", text, false);
}

void chat_end(struct buf *out, const struct chat *c)
{
	chunk(out, c, NULL, NULL, NULL, true);
	if (c->usage) {
		buf_adds(out, "data: {");
		put_head(out, c, "chat.completion.chunk");
		json_key(out, "choices");
		buf_adds(out, "[]");
		put_usage(out);
		buf_adds(out, "}\n\n");
	}
	buf_adds(out, "data: [DONE]\n\n");
}
