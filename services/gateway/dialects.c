#include "dialects.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "object.h"
#include "proto/buf.h"

static const struct object_limits small = {.depth = 16, .values = 1024};
/* A long talk, with tools and their schemas. */
static const struct object_limits talk = {.depth = 64, .values = 32768};

static const cJSON *get(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text(const cJSON *v)
{
	return cJSON_IsString(v) ? v->valuestring : "";
}

/* ---- values ---- */

/*
 * An image as text: what stands in {"image_url": ..}, {"image_url": {"url": ..}}, {"url": ..} or
 * {"file_id": ..}, or the string itself. NULL: none of these.
 */
static const char *image_text(const cJSON *v, bool *is_id)
{
	static const char *const inner[] = {"image_url", "url", "file_id"};

	*is_id = false;
	for (int depth = 0; depth < 3 && cJSON_IsObject(v); depth++) {
		const cJSON *next = NULL;

		for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
			const cJSON *here = get(v, inner[i]);

			if (cJSON_IsNull(here))
				continue;
			if (here && next)
				return NULL; /* which of them? */
			if (here) {
				next = here;
				*is_id = i == 2;
			}
		}
		v = next;
	}
	return v && cJSON_IsString(v) ? v->valuestring : NULL;
}

static enum err must_be(struct fields *f, const char *param, const char *what)
{
	return fields_wrong(f, ERR_BAD_PARAM, param, "%s must be %s.", param, what);
}

#define AN_IMAGE "a link, a data: URL, {\"image_url\": ...} or {\"file_id\": ...}"

static enum err set_pairs(struct fields *f, const cJSON *object)
{
	const cJSON *v;
	enum err e = ERR_OK;

	if (!cJSON_IsObject(object))
		return must_be(f, "metadata", "an object of texts");
	cJSON_ArrayForEach (v, object) {
		if (!cJSON_IsString(v))
			return fields_wrong(
				f, ERR_BAD_PARAM, "metadata", "The values of metadata are texts.");
		e = fields_pair(f, v->string, v->valuestring);
		if (e != ERR_OK)
			break;
	}
	return e;
}

static enum err set_value(struct fields *f, const struct field *field, const cJSON *v)
{
	enum field_kind kind = field_kind(field);
	char number[32];
	bool is_id;

	if (kind == FIELD_IMAGE) {
		const char *image = image_text(v, &is_id);

		return image ? fields_image(f, field, image, is_id)
			     : must_be(f, field_name(field), AN_IMAGE);
	}
	if (kind == FIELD_PAIRS)
		return set_pairs(f, v);
	/* {"video": {"id": ..}} */
	if (cJSON_IsObject(v) && f->takes == TAKES_EDIT && strcmp(v->string, "video") == 0)
		v = get(v, "id");
	if (cJSON_IsString(v))
		return field_set(f, field, v->valuestring);
	if (kind == FIELD_TEXT)
		return must_be(f, field_name(field), "a string");
	if (cJSON_IsNumber(v)) {
		snprintf(number, sizeof number, "%.17g", v->valuedouble);
		return field_set(f, field, number);
	}
	/* What is no flag and no number, the field refuses in its own words. */
	return field_set(f, field, cJSON_IsTrue(v) ? "true" : cJSON_IsFalse(v) ? "false" : "[]");
}

/* All fields that stand at the top. */
static enum err set_all(struct fields *f, const cJSON *root)
{
	const cJSON *v;
	enum err e = ERR_OK;

	cJSON_ArrayForEach (v, root) {
		const struct field *field = field_find(f->takes, v->string);

		if (field && !cJSON_IsNull(v))
			e = set_value(f, field, v);
		if (e != ERR_OK)
			break;
	}
	return e;
}

/* ---- chat ---- */

/* A part of a message: its text goes behind what is there already; an image becomes the input. */
static enum err chat_part(struct fields *f, const cJSON *part, struct buf *prompt)
{
	const char *type = text(get(part, "type"));
	const char *image;
	bool is_id;

	if (strcmp(type, "text") == 0 || strcmp(type, "input_text") == 0) {
		if (prompt->n)
			buf_adds(prompt, "\n");
		buf_adds(prompt, text(get(part, "text")));
		return ERR_OK;
	}
	if (strcmp(type, "image_url") != 0 && strcmp(type, "input_image") != 0)
		return fields_wrong(f, ERR_BAD_PARAM, "messages",
			"A message may have parts of the types text and image_url.");
	image = image_text(part, &is_id);
	return image ? fields_frame(f, 0, "messages", image, is_id)
		     : must_be(f, "messages", "texts and images: the image_url of one has no url");
}

static enum err chat_message(struct fields *f, const cJSON *content)
{
	struct buf prompt = {0};
	const cJSON *part;
	enum err e = ERR_OK;

	if (cJSON_IsString(content))
		return fields_prompt(f, content->valuestring);
	if (!cJSON_IsArray(content))
		return must_be(f, "messages", "a list whose content is text or a list of parts");
	cJSON_ArrayForEach (part, content) {
		e = chat_part(f, part, &prompt);
		if (e != ERR_OK)
			break;
	}
	if (e == ERR_OK && prompt.n)
		e = fields_prompt(f, prompt.p);
	buf_free(&prompt);
	return e;
}

/* The last thing that the user said is the prompt; what went before is not read. */
static enum err chat_read(struct fields *f, const cJSON *root)
{
	const cJSON *messages = get(root, "messages");
	const cJSON *usage = get(get(root, "stream_options"), "include_usage");
	const cJSON *m, *last = NULL;

	if (messages && !cJSON_IsArray(messages) && !cJSON_IsNull(messages))
		return must_be(f, "messages", "a list");
	cJSON_ArrayForEach (m, messages)
		if (strcmp(text(get(m, "role")), "user") == 0)
			last = m;
	f->want.stream_usage = cJSON_IsTrue(usage);
	if (!last)
		return fields_wrong(f, ERR_MISSING_PARAM, "messages",
			"messages has no message of the user. Say in one what the video should "
			"show.");
	return chat_message(f, get(last, "content"));
}

/* ---- OpenRouter ---- */

/* {"frame_images": [{"type": "image_url", "image_url": {"url": ..}, "frame_type": ..}]} */
static enum err router_frames(struct fields *f, const cJSON *frames)
{
	const cJSON *v;
	enum err e = ERR_OK;

	if (!cJSON_IsArray(frames))
		return must_be(f, "frame_images", "a list");
	cJSON_ArrayForEach (v, frames) {
		const char *which = text(get(v, "frame_type"));
		bool last = strcmp(which, "last_frame") == 0, is_id;
		const char *image = image_text(v, &is_id);

		if (!image || (which[0] && !last && strcmp(which, "first_frame") != 0))
			return fields_wrong(f, ERR_BAD_PARAM, "frame_images",
				"Each of frame_images must be an image_url with the frame_type "
				"first_frame or last_frame.");
		e = fields_frame(f, last, "frame_images", image, is_id);
		if (e != ERR_OK)
			break;
	}
	return e;
}

/* {"input_references": [{"type": "image_url", "image_url": {"url": ..}}]} */
static enum err router_references(struct fields *f, const cJSON *references)
{
	const cJSON *v;
	enum err e = ERR_OK;

	if (!cJSON_IsArray(references))
		return must_be(f, "input_references", "a list");
	cJSON_ArrayForEach (v, references) {
		bool is_id;
		const char *image = image_text(v, &is_id);

		if (!image)
			return fields_wrong(f, ERR_BAD_PARAM, "input_references",
				"One image can be a reference; sound and videos cannot.");
		e = fields_frame(f, 0, "input_references", image, is_id);
		if (e != ERR_OK)
			break;
	}
	return e;
}

static enum err router_read(struct fields *f, const cJSON *root)
{
	const cJSON *frames = get(root, "frame_images");
	const cJSON *references = get(root, "input_references");
	const cJSON *previous = get(root, "previous_job_id");
	enum err e = ERR_OK;

	if (previous && !cJSON_IsNull(previous))
		return fields_wrong(f, ERR_BAD_PARAM, "previous_job_id",
			"Going on from a video is asked for with POST /v1/videos/extensions.");
	if (frames && !cJSON_IsNull(frames))
		e = router_frames(f, frames);
	if (e == ERR_OK && references && !cJSON_IsNull(references))
		e = router_references(f, references);
	return e;
}

/* ---- all ---- */

enum err dialect_read(struct fields *f, const char *p, size_t n)
{
	cJSON *root = object_read(p, n, f->takes == TAKES_CHAT ? &talk : &small);
	enum err e;

	if (!root)
		return ERR_BAD_JSON;
	e = set_all(f, root);
	if (e == ERR_OK && f->takes == TAKES_CHAT)
		e = chat_read(f, root);
	else if (e == ERR_OK && f->takes == TAKES_ROUTER)
		e = router_read(f, root);
	cJSON_Delete(root);
	return e;
}

bool dialect_object_ok(const char *p, size_t n)
{
	cJSON *root = object_read(p, n, &small);
	bool ok = root;

	cJSON_Delete(root);
	return ok;
}
