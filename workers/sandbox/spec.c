#include "spec.h"

#include "noise.h"

#include <cjson/cJSON.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A whole number in [min, max]; fractions and out-of-range values are refused, never rounded. */
static int take_int(const cJSON *obj, const char *name, double min, double max, double *ret)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(obj, name);

	if (!cJSON_IsNumber(v) || !(v->valuedouble >= min && v->valuedouble <= max) ||
		v->valuedouble != floor(v->valuedouble))
		return 0;
	*ret = v->valuedouble;
	return 1;
}

static int there(const cJSON *obj, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(obj, name);

	return v && !cJSON_IsNull(v);
}

static const char *check_size(int w, int h)
{
	int large = w > h ? w : h;
	int small = w > h ? h : w;

	if (w % 2 || h % 2)
		return "width and height must be even";
	if (small < SPEC_SIDE_MIN)
		return "width and height must be at least 64";
	if (large > SPEC_LONG_MAX || small > SPEC_SHORT_MAX)
		return "width and height must fit in 1920x1080 or 1080x1920";
	return NULL;
}

static const char *read_numbers(const cJSON *obj, struct spec *spec)
{
	double seconds, w, h, fps = SPEC_FPS;

	if (!take_int(obj, "seconds", 1, SPEC_SECONDS_MAX, &seconds))
		return "seconds must be a whole number from 1 to 20";
	if (!take_int(obj, "width", 0, SPEC_LONG_MAX, &w) ||
		!take_int(obj, "height", 0, SPEC_LONG_MAX, &h))
		return "width and height must be whole numbers up to 1920";
	if (there(obj, "fps") && !take_int(obj, "fps", 1, SPEC_FPS_MAX, &fps))
		return "fps must be a whole number from 1 to 60";
	spec->fps = (int)fps;
	spec->seconds = (int)seconds;
	spec->width = (int)w;
	spec->height = (int)h;
	return check_size(spec->width, spec->height);
}

/* Path of a file, or NULL when there is none. */
static int take_path(const cJSON *obj, const char *name, char **ret)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(obj, name));

	if (there(obj, name) && (!s || !*s))
		return 0;
	*ret = g_strdup(s);
	return 1;
}

static const char *read_texts(const cJSON *obj, struct spec *spec)
{
	const cJSON *prompt = cJSON_GetObjectItemCaseSensitive(obj, "prompt");

	if (!cJSON_IsString(prompt))
		return "prompt must be a text";
	spec->prompt = g_utf8_make_valid(prompt->valuestring, -1);
	g_strstrip(spec->prompt);
	if (g_utf8_strlen(spec->prompt, -1) > SPEC_PROMPT_MAX)
		return "prompt must have at most 32,000 characters";
	if (!take_path(obj, "image", &spec->image) ||
		!take_path(obj, "last_image", &spec->last_image))
		return "image and last_image must be paths of files";
	if (!spec->prompt[0] && !spec->image && !spec->last_image)
		return "prompt must not be empty";
	return NULL;
}

static const char *read_seed(const cJSON *obj, struct spec *spec)
{
	double v;

	if (!there(obj, "seed")) {
		spec->seed = hash_text(spec->prompt);
		return NULL;
	}
	/* 2^53: what a JSON number can say exactly. */
	if (!take_int(obj, "seed", -9007199254740992.0, 9007199254740992.0, &v))
		return "seed must be a whole number";
	spec->seed = hash_mix((uint64_t)(int64_t)v);
	return NULL;
}

enum clip_err spec_parse(const char *json, size_t n, const char **why, struct spec *ret)
{
	struct spec spec = {0};
	const char *wrong = "the job is not a JSON object";
	cJSON *obj = n <= SPEC_JSON_MAX ? cJSON_ParseWithLength(json, n) : NULL;

	if (cJSON_IsObject(obj))
		wrong = read_texts(obj, &spec);
	if (!wrong)
		wrong = read_numbers(obj, &spec);
	if (!wrong)
		wrong = read_seed(obj, &spec);
	cJSON_Delete(obj);
	if (wrong) {
		spec_clear(&spec);
		*why = wrong;
		return CLIP_INVALID_REQUEST;
	}
	*ret = spec;
	return CLIP_OK;
}

void spec_clear(struct spec *spec)
{
	g_free(spec->prompt);
	g_free(spec->image);
	g_free(spec->last_image);
	memset(spec, 0, sizeof(*spec));
}
