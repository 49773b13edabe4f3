#include "fields.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dataurl.h"
#include "proto/buf.h"
#include "utf8.h"

#define DEPTH_MAX   16
#define VALUES_MAX  1024 /* in JSON: one of two bytes costs 80 when read */
#define SIDE_MAX    8192
#define SECONDS_MAX 3600

enum err fields_wrong(struct fields *f, enum err e, const char *param, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->message, sizeof f->message, fmt, ap);
	va_end(ap);
	f->problem.param = param;
	f->problem.message = f->message;
	return e;
}

/* ---- one field each, from text ---- */

/* A whole number, as a form or a client that quotes its numbers writes it. */
static bool whole(const char *s, int64_t lo, int64_t hi, int64_t *ret)
{
	char *end;
	long long v;

	if (*s != '-' && (*s < '0' || *s > '9'))
		return false;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (end[0] == '.' && strspn(end + 1, "0") == strlen(end + 1))
		end += strlen(end);
	if (errno || *end || v < lo || v > hi)
		return false;
	*ret = v;
	return true;
}

static enum err keep_text(struct fields *f, const char *param, const char *value, char **ret)
{
	if (strlen(value) > FIELD_TEXT_MAX)
		return fields_wrong(f, ERR_BAD_PARAM, param, "%s is too long.", param);
	free(*ret);
	*ret = xstrdup(value);
	return ERR_OK;
}

static enum err set_model(struct fields *f, const char *value)
{
	if (strlen(value) > 200 || utf8_count(value, strlen(value)) < 0)
		return fields_wrong(f, ERR_BAD_PARAM, "model",
			"model must be the id of a model; GET /v1/models lists them.");
	return keep_text(f, "model", value, &f->model);
}

static enum err set_prompt(struct fields *f, const char *value)
{
	if (utf8_count(value, strlen(value)) < 0)
		return fields_wrong(f, ERR_BAD_PARAM, "prompt", "prompt must be valid UTF-8.");
	if (strlen(value) > FIELD_TEXT_MAX)
		return fields_wrong(
			f, ERR_PROMPT_TOO_LONG, "prompt", "The prompt is too long. Shorten it.");
	return keep_text(f, "prompt", value, &f->prompt);
}

static enum err set_seconds(struct fields *f, const char *value)
{
	if (!whole(value, 1, SECONDS_MAX, &f->want.seconds))
		return fields_wrong(f, ERR_BAD_PARAM, "seconds",
			"seconds must be a whole number of seconds, 1 or more.");
	return ERR_OK;
}

static enum err set_size(struct fields *f, const char *value)
{
	char w[8] = "", h[8] = "", rest;

	if (sscanf(value, "%7[0-9]x%7[0-9]%c", w, h, &rest) != 2 ||
		!whole(w, 1, SIDE_MAX, &f->want.width) || !whole(h, 1, SIDE_MAX, &f->want.height))
		return fields_wrong(f, ERR_BAD_PARAM, "size",
			"size must be WIDTHxHEIGHT in pixels, such as 720x1280.");
	return ERR_OK;
}

static enum err set_n(struct fields *f, const char *value)
{
	if (!whole(value, 1, COUNT_MAX, &f->want.n))
		return fields_wrong(f, ERR_BAD_PARAM, "n",
			"n must be a whole number from 1 to %d: how many videos to make.",
			COUNT_MAX);
	return ERR_OK;
}

static enum err set_seed(struct fields *f, const char *value)
{
	if (!whole(value, 0, UINT32_MAX, &f->want.seed))
		return fields_wrong(f, ERR_BAD_PARAM, "seed",
			"seed must be a whole number from 0 to 4294967295.");
	return ERR_OK;
}

static enum err set_timeout(struct fields *f, const char *value)
{
	int64_t s;

	if (!whole(value, 1, 3600, &s))
		return fields_wrong(f, ERR_BAD_PARAM, "timeout",
			"timeout must be a whole number of seconds from 1 to 3600.");
	f->want.timeout_ms = s * 1000;
	return ERR_OK;
}

static enum err set_async(struct fields *f, const char *value)
{
	bool yes = strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;

	if (!yes && strcasecmp(value, "false") != 0 && strcmp(value, "0") != 0)
		return fields_wrong(f, ERR_BAD_PARAM, "async", "async must be true or false.");
	f->want.async = yes;
	return ERR_OK;
}

static enum err set_image(struct fields *f, const char *value)
{
	if (f->want.n_images)
		return fields_wrong(f, ERR_BAD_PARAM, f->image_param, "Send one image only.");
	if (!dataurl_is(value))
		return fields_wrong(f, ERR_BAD_PARAM, f->image_param,
			"Send the image as a file of a form, or as a data: URL with base64.");
	f->image_url = xstrdup(value);
	f->want.n_images = 1;
	return ERR_OK;
}

static const struct field {
	const char *name;
	enum err (*set)(struct fields *f, const char *value);
} field_table[] = {
	{"model", set_model},
	{"prompt", set_prompt},
	{"seconds", set_seconds},
	{"size", set_size},
	{"n", set_n},
	{"seed", set_seed},
	{"timeout", set_timeout},
	{"async", set_async},
	{"image", set_image},
	{"image[image_url]", set_image},
	{"image[url]", set_image},
	{"input_reference", set_image},
	{"input_reference[image_url]", set_image},
	{"input_reference[image_url][url]", set_image},
};

static const struct field *field_find(const char *name)
{
	for (size_t i = 0; i < sizeof field_table / sizeof *field_table; i++)
		if (strcmp(field_table[i].name, name) == 0)
			return &field_table[i];
	return NULL;
}

bool fields_is_image(const char *name)
{
	const struct field *field = field_find(name);

	return field && field->set == set_image;
}

enum err fields_text(struct fields *f, const char *name, const char *value)
{
	const struct field *field = field_find(name);

	if (!field)
		return ERR_OK;
	if (field->set == set_image)
		f->image_param = name[1] == 'm' ? "image" : "input_reference";
	return field->set(f, value);
}

/* ---- JSON ---- */

/*
 * cJSON recurses as deep as it is told, cuts a string off at \u0000, and makes 80 bytes of a value
 * that has two in the text: so none of these may come to it. Whether all else is right, cJSON says.
 */
static bool json_harmless(const char *p, size_t n)
{
	bool in_string = false;
	int depth = 0, values = 0;

	for (size_t i = 0; i < n; i++) {
		if (in_string) {
			if (p[i] == '\\') {
				if (n - i >= 6 && memcmp(p + i + 1, "u0000", 5) == 0)
					return false;
				i++;
			} else if (p[i] == '"') {
				in_string = false;
			} else if ((unsigned char)p[i] < 0x20) {
				return false;
			}
		} else if (p[i] == '"') {
			in_string = true;
		} else if (p[i] == '{' || p[i] == '[') {
			if (++depth > DEPTH_MAX || ++values > VALUES_MAX)
				return false;
		} else if (p[i] == ',') {
			if (++values > VALUES_MAX)
				return false;
		} else if (p[i] == '}' || p[i] == ']') {
			depth--;
		}
	}
	return true;
}

/* {"image_url": "data:.."}, {"image_url": {"url": "data:.."}} and {"url": "data:.."}. */
static const cJSON *image_value(const cJSON *v)
{
	static const char *const inner[] = {"image_url", "url"};

	for (int depth = 0; depth < 3 && cJSON_IsObject(v); depth++) {
		const cJSON *next = NULL;

		for (size_t i = 0; i < 2 && !next; i++)
			next = cJSON_GetObjectItemCaseSensitive(v, inner[i]);
		v = next;
	}
	return v;
}

static enum err json_field(struct fields *f, const cJSON *v)
{
	const struct field *field = field_find(v->string);

	if (!field || cJSON_IsNull(v))
		return ERR_OK;
	if (field->set == set_image)
		f->image_param = v->string[1] == 'm' ? "image" : "input_reference";
	if (field->set == set_image && cJSON_IsObject(v))
		v = image_value(v);
	if (v && cJSON_IsString(v))
		return field->set(f, v->valuestring);
	if (v && cJSON_IsNumber(v) && fabs(v->valuedouble) < 1e15) {
		char number[32];

		snprintf(number, sizeof number, "%.17g", v->valuedouble);
		if (field->set != set_prompt && field->set != set_model)
			return field->set(f, number);
	}
	if (v && cJSON_IsBool(v) && field->set == set_async)
		return set_async(f, cJSON_IsTrue(v) ? "true" : "false");
	return fields_wrong(f, ERR_BAD_PARAM,
		field->set == set_image ? f->image_param : field->name,
		"%s has a value of the wrong type.", field->name);
}

/* NULL: it is not one JSON object. To be given to cJSON_Delete(). */
static cJSON *object_read(const char *p, size_t n)
{
	const char *end = NULL;
	cJSON *root;

	if (utf8_count(p, n) < 0 || !json_harmless(p, n))
		return NULL;
	root = cJSON_ParseWithLengthOpts(p, n, &end, 0);
	while (root && end < p + n && strchr(" \t\r\n", *end))
		end++;
	if (cJSON_IsObject(root) && end == p + n)
		return root;
	cJSON_Delete(root);
	return NULL;
}

bool fields_object_ok(const char *p, size_t n)
{
	cJSON *root = object_read(p, n);
	bool ok = root;

	cJSON_Delete(root);
	return ok;
}

enum err fields_json(struct fields *f, const char *p, size_t n)
{
	cJSON *root = object_read(p, n);
	const cJSON *v;
	enum err e = root ? ERR_OK : ERR_BAD_JSON;

	cJSON_ArrayForEach (v, root) {
		e = json_field(f, v);
		if (e != ERR_OK)
			break;
	}
	cJSON_Delete(root);
	return e;
}

/* ---- all together ---- */

enum err fields_check(struct fields *f, int64_t prompt_max)
{
	int64_t n = f->prompt ? utf8_count(f->prompt, strlen(f->prompt)) : 0;

	if (!f->prompt)
		return fields_wrong(f, ERR_MISSING_PARAM, "prompt",
			"prompt is missing. Say what the video should show.");
	if (strspn(f->prompt, " \t\r\n") == strlen(f->prompt))
		return fields_wrong(f, ERR_BAD_PARAM, "prompt",
			"prompt is empty. Say what the video should show.");
	if (n > prompt_max)
		return fields_wrong(f, ERR_PROMPT_TOO_LONG, "prompt",
			"The prompt has %lld characters; it may have %lld.", (long long)n,
			(long long)prompt_max);
	f->want.prompt = f->prompt;
	f->want.model = f->model ? f->model : "";
	return ERR_OK;
}

void fields_init(struct fields *f)
{
	*f = (struct fields){.want = {.seed = -1}};
	f->problem = (struct problem){.limit = -1, .remaining = -1, .reset_ms = -1};
}

void fields_free(struct fields *f)
{
	free(f->model);
	free(f->prompt);
	free(f->image_url);
}
