#include "fields.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/buf.h"
#include "proto/id.h"
#include "proto/weburl.h"
#include "utf8.h"

#define SIDE_MAX    8192
#define SECONDS_MAX 3600
#define WAIT_MAX    3600 /* seconds */
#define ASPECT_MAX  100
#define FPS_MAX     240

struct field {
	const char *name;
	enum field_kind kind;
	unsigned takes; /* bits of those that know it */
	enum err (*set)(struct fields *f, const struct field *field, const char *value);
	size_t at;      /* where it goes: in struct fields; of an image: which frame */
	int64_t lo, hi; /* of a number */
};

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

/* ---- values of one kind, from text ---- */

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

/* Two of them with a sign between: 16:9. */
static bool pair(const char *s, char sign, int64_t max, int64_t *a, int64_t *b)
{
	const char *second = strchr(s, sign);
	char first[8];

	if (!second || second == s || (size_t)(second - s) >= sizeof first || strlen(second) > 8 ||
		strspn(s, "0123456789") != (size_t)(second - s) ||
		strspn(second + 1, "0123456789") != strlen(second + 1))
		return false;
	snprintf(first, sizeof first, "%.*s", (int)(second - s), s);
	return whole(first, 1, max, a) && whole(second + 1, 1, max, b);
}

static enum err set_text(struct fields *f, const struct field *field, const char *value)
{
	char **at = (char **)((char *)f + field->at);

	if (utf8_count(value, strlen(value)) < 0)
		return fields_wrong(
			f, ERR_BAD_PARAM, field->name, "%s must be valid UTF-8.", field->name);
	if (strlen(value) > (size_t)field->hi)
		return fields_wrong(f, ERR_BAD_PARAM, field->name,
			"%s is too long: it may have %lld bytes.", field->name,
			(long long)field->hi);
	free(*at);
	*at = xstrdup(value);
	return ERR_OK;
}

static enum err set_whole(struct fields *f, const struct field *field, const char *value)
{
	if (!whole(value, field->lo, field->hi, (int64_t *)((char *)f + field->at)))
		return fields_wrong(f, ERR_BAD_PARAM, field->name,
			"%s must be a whole number from %lld to %lld.", field->name,
			(long long)field->lo, (long long)field->hi);
	return ERR_OK;
}

static enum err set_flag(struct fields *f, const struct field *field, const char *value)
{
	bool yes = strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;

	if (!yes && strcasecmp(value, "false") != 0 && strcmp(value, "0") != 0)
		return fields_wrong(
			f, ERR_BAD_PARAM, field->name, "%s must be true or false.", field->name);
	*(bool *)((char *)f + field->at) = yes;
	return ERR_OK;
}

/* ---- values of one field ---- */

static enum err set_model(struct fields *f, const struct field *field, const char *value)
{
	if (strlen(value) > (size_t)field->hi || utf8_count(value, strlen(value)) < 0)
		return fields_wrong(f, ERR_BAD_PARAM, "model",
			"model must be the id of a model; GET /v1/models lists them.");
	return set_text(f, field, value);
}

static enum err set_prompt(struct fields *f, const struct field *field, const char *value)
{
	(void)field;
	return fields_prompt(f, value);
}

static enum err set_seconds(struct fields *f, const struct field *field, const char *value)
{
	f->want.seconds_param = field->name;
	return set_whole(f, field, value);
}

static enum err set_timeout(struct fields *f, const struct field *field, const char *value)
{
	enum err e = set_whole(f, field, value);

	if (e == ERR_OK)
		f->want.timeout_ms *= 1000;
	return e;
}

static enum err set_size(struct fields *f, const struct field *field, const char *value)
{
	if (!pair(value, 'x', SIDE_MAX, &f->want.width, &f->want.height))
		return fields_wrong(f, ERR_BAD_PARAM, field->name,
			"%s must be WIDTHxHEIGHT in pixels, such as 720x1280.", field->name);
	return ERR_OK;
}

static enum err set_aspect(struct fields *f, const struct field *field, const char *value)
{
	if (!pair(value, ':', ASPECT_MAX, &f->want.aspect_width, &f->want.aspect_height))
		return fields_wrong(f, ERR_BAD_PARAM, field->name,
			"%s must be WIDTH:HEIGHT, such as 16:9.", field->name);
	return ERR_OK;
}

static enum err set_resolution(struct fields *f, const struct field *field, const char *value)
{
	static const struct {
		const char *name;
		int64_t side;
	} t[] = {{"360p", 360}, {"480p", 480}, {"540p", 540}, {"720p", 720}, {"768p", 768},
		{"1080p", 1080}, {"1440p", 1440}, {"2K", 1440}, {"2160p", 2160}, {"4K", 2160}};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		if (strcasecmp(value, t[i].name) != 0)
			continue;
		f->want.resolution = t[i].side;
		return ERR_OK;
	}
	return fields_wrong(f, ERR_BAD_PARAM, field->name,
		"%s must be the short side in pixels: 480p, 720p or 1080p.", field->name);
}

static enum err set_format(struct fields *f, const struct field *field, const char *value)
{
	if (strcmp(value, "url") != 0 && strcmp(value, "b64_json") != 0)
		return fields_wrong(
			f, ERR_BAD_PARAM, field->name, "%s must be url or b64_json.", field->name);
	f->want.format = value[0] == 'u' ? RESPONSE_URL : RESPONSE_B64_JSON;
	return ERR_OK;
}

static enum err set_link(struct fields *f, const struct field *field, const char *value)
{
	const char *must = weburl_check(value, f->allow_private, NULL);

	if (must)
		return fields_wrong(f, ERR_BAD_PARAM, field->name, "%s %s.", field->name, must);
	return set_text(f, field, value);
}

/* ---- the table ---- */

#define BIT(takes)   (1u << (takes))
#define VIDEO        (BIT(TAKES_VIDEO) | BIT(TAKES_REMIX) | BIT(TAKES_EDIT))
#define ALL          (VIDEO | BIT(TAKES_CHAT) | BIT(TAKES_ROUTER))
#define IN(member)   offsetof(struct fields, member)
#define WANT(member) offsetof(struct fields, want.member)

static const struct field field_table[] = {
	{"model", FIELD_TEXT, ALL, set_model, IN(model), 0, 200},
	{"prompt", FIELD_TEXT, VIDEO | BIT(TAKES_ROUTER), set_prompt, IN(prompt), 0, 0},
	{"negative_prompt", FIELD_TEXT, ALL, set_text, IN(negative_prompt), 0, 32000},
	{"seconds", FIELD_NUMBER, ALL, set_seconds, WANT(seconds), 1, SECONDS_MAX},
	{"duration", FIELD_NUMBER, ALL, set_seconds, WANT(seconds), 1, SECONDS_MAX},
	{"size", FIELD_TEXT, ALL, set_size, 0, 0, 0},
	{"aspect_ratio", FIELD_TEXT, ALL, set_aspect, 0, 0, 0},
	{"resolution", FIELD_TEXT, ALL, set_resolution, 0, 0, 0},
	{"fps", FIELD_NUMBER, ALL, set_whole, WANT(fps), 1, FPS_MAX},
	{"seed", FIELD_NUMBER, ALL, set_whole, WANT(seed), 0, UINT32_MAX},
	{"n", FIELD_NUMBER, ALL, set_whole, WANT(n), 1, COUNT_MAX},
	{"timeout", FIELD_NUMBER, VIDEO | BIT(TAKES_CHAT), set_timeout, WANT(timeout_ms), 0,
		WAIT_MAX},
	{"async", FIELD_FLAG, VIDEO, set_flag, WANT(async), 0, 0},
	{"stream", FIELD_FLAG, VIDEO | BIT(TAKES_CHAT), set_flag, WANT(stream), 0, 0},
	{"fail_fast", FIELD_FLAG, ALL, set_flag, WANT(fail_fast), 0, 0},
	{"response_format", FIELD_TEXT, VIDEO, set_format, 0, 0, 0},
	{"webhook_url", FIELD_TEXT, ALL, set_link, IN(webhook_url), 0, WEBURL_MAX},
	{"callback_url", FIELD_TEXT, ALL, set_link, IN(webhook_url), 0, WEBURL_MAX},
	{"metadata", FIELD_PAIRS, ALL, NULL, 0, 0, 0},
	{"input_reference", FIELD_IMAGE, VIDEO, NULL, 0, 0, 0},
	{"image", FIELD_IMAGE, VIDEO, NULL, 0, 0, 0},
	{"last_frame", FIELD_IMAGE, VIDEO, NULL, 1, 0, 0},
	{"video", FIELD_TEXT, BIT(TAKES_EDIT), set_text, IN(source), 0, 200},
	{"file", FIELD_IMAGE, BIT(TAKES_FILE), NULL, 0, 0, 0},
	{"purpose", FIELD_TEXT, BIT(TAKES_FILE), set_text, IN(purpose), 0, 64},
};

static const struct field *find(enum route_takes takes, const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof field_table / sizeof *field_table; i++) {
		const struct field *field = &field_table[i];

		if ((field->takes & BIT(takes)) && strlen(field->name) == n &&
			memcmp(field->name, name, n) == 0)
			return field;
	}
	return NULL;
}

const struct field *field_find(enum route_takes takes, const char *name)
{
	return find(takes, name, strlen(name));
}

static bool among(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], s) == 0)
			return true;
	return false;
}

enum err fields_bracketed(struct fields *f, const char *name, bool *is_id, const struct field **ret)
{
	static const char *const links[] = {"", "[]", "[url]", "[image_url]", "[image_url][url]"};
	static const char *const asides[] = {"[type]", "[detail]", "[image_url][detail]"};
	size_t n = strcspn(name, "[");
	const struct field *field = find(f->takes, name, n);
	const char *inner = name + n;
	bool known = !inner[0];

	*is_id = false;
	*ret = NULL;
	if (field && field->kind == FIELD_IMAGE) {
		*is_id = strcmp(inner, "[file_id]") == 0;
		known = *is_id || among(inner, links, sizeof links / sizeof *links);
		if (!known && !among(inner, asides, sizeof asides / sizeof *asides))
			return fields_wrong(f, ERR_BAD_PARAM, field->name,
				"Send the image as %s, %s[image_url] or %s[file_id].", field->name,
				field->name, field->name);
	} else if (field && field->kind == FIELD_PAIRS) {
		*ret = field;
		return fields_pair_key(f, inner);
	} else if (field && strcmp(field->name, "video") == 0) {
		known = known || strcmp(inner, "[id]") == 0;
	}
	if (known)
		*ret = field;
	return ERR_OK;
}

const char *field_name(const struct field *field)
{
	return field->name;
}

enum field_kind field_kind(const struct field *field)
{
	return field->kind;
}

size_t field_frame(const struct field *field)
{
	return field->at;
}

enum err field_set(struct fields *f, const struct field *field, const char *value)
{
	return field->set(f, field, value);
}

enum err fields_prompt(struct fields *f, const char *value)
{
	if (utf8_count(value, strlen(value)) < 0)
		return fields_wrong(
			f, ERR_BAD_PARAM, f->want.prompt_param, "The prompt must be valid UTF-8.");
	if (strlen(value) > FIELD_TEXT_MAX)
		return fields_wrong(f, ERR_PROMPT_TOO_LONG, f->want.prompt_param,
			"The prompt is too long. Shorten it.");
	free(f->prompt);
	f->prompt = xstrdup(value);
	return ERR_OK;
}

/* ---- the whole ---- */

void fields_init(struct fields *f, enum route_takes takes)
{
	*f = (struct fields){.takes = takes,
		.want = {.prompt_param = takes == TAKES_CHAT ? "messages" : "prompt",
			.seconds_param = takes == TAKES_ROUTER ? "duration" : "seconds",
			.image_param = takes == TAKES_CHAT     ? "messages"
				       : takes == TAKES_ROUTER ? "frame_images"
							       : "input_reference",
			.seed = -1,
			.timeout_ms = -1}};
	f->problem = PROBLEM();
}

void fields_free(struct fields *f)
{
	free(f->model);
	free(f->prompt);
	free(f->negative_prompt);
	free(f->source);
	free(f->webhook_url);
	free(f->purpose);
	free(f->file_name);
	fields_pairs_free(f);
	for (size_t i = 0; i < IMAGES_MAX; i++) {
		free(f->images[i]);
		f->images[i] = NULL; /* fields_hold_data() may still be asked */
	}
}
