#include "shape.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define STRS_BYTES 64

struct chunk {
	struct chunk *next;
	max_align_t data[];
};

struct doc {
	cJSON *root;
	struct chunk *chunks;
};

/* ---- text ---- */

/* How many continuation bytes follow lead byte c, and the least code point that may need so many.
 */
static int utf8_follow(unsigned char c, uint32_t *least)
{
	if (c >= 0xc2 && c <= 0xdf) {
		*least = 0x80;
		return 1;
	}
	if (c >= 0xe0 && c <= 0xef) {
		*least = 0x800;
		return 2;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		*least = 0x10000;
		return 3;
	}
	return -1;
}

bool utf8_ok(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		uint32_t least, code;
		int follow;

		if (c && c < 0x80)
			continue;
		follow = utf8_follow(c, &least);
		if (follow < 0 || n - i <= (size_t)follow)
			return false;
		code = c & (0x3fu >> follow);
		for (int k = 0; k < follow; k++) {
			c = (unsigned char)p[++i];
			if ((c & 0xc0) != 0x80)
				return false;
			code = code << 6 | (c & 0x3f);
		}
		if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return false;
	}
	return true;
}

bool line_ok(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* ---- documents ---- */

enum err doc_parse(const char *json, size_t n, struct doc **ret)
{
	struct doc *d;
	cJSON *root = utf8_ok(json, n) ? cJSON_ParseWithLength(json, n) : NULL;

	if (!cJSON_IsObject(root)) {
		cJSON_Delete(root);
		return ERR_BAD_JSON;
	}
	d = xcalloc(1, sizeof *d);
	d->root = root;
	*ret = d;
	return ERR_OK;
}

const char *doc_str(const struct doc *d, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(d->root, name));
}

void doc_free(struct doc *d)
{
	if (!d)
		return;
	while (d->chunks) {
		struct chunk *next = d->chunks->next;

		free(d->chunks);
		d->chunks = next;
	}
	cJSON_Delete(d->root);
	free(d);
}

static void *doc_alloc(struct doc *d, size_t n, size_t size)
{
	struct chunk *c = xcalloc(1, sizeof *c + n * size);

	c->next = d->chunks;
	d->chunks = c;
	return c->data;
}

/* ---- rules ---- */

static bool wrong(char *why, const struct shape *s, const char *what)
{
	snprintf(why, SHAPE_WHY, "%s: %s", s->name, what);
	return false;
}

static bool wrong_range(char *why, const struct shape *s, const char *unit)
{
	snprintf(why, SHAPE_WHY, "%s: %lld to %lld%s", s->name, (long long)s->lo, (long long)s->hi,
		unit);
	return false;
}

static bool read_str(const struct shape *s, const cJSON *v, char *to, char *why)
{
	size_t n;

	if (!cJSON_IsString(v))
		return wrong(why, s, "must be a string");
	n = strlen(v->valuestring);
	if (n < (size_t)s->lo || n > (size_t)s->hi)
		return wrong_range(why, s, " bytes");
	if (s->ok && !s->ok(v->valuestring))
		return wrong(why, s, "is not well formed");
	*(const char **)to = v->valuestring;
	return true;
}

static bool read_int(const struct shape *s, const cJSON *v, char *to, char *why)
{
	double d = cJSON_IsNumber(v) ? v->valuedouble : NAN;

	if (!(d >= (double)s->lo && d <= (double)s->hi))
		return wrong_range(why, s, "");
	if (d != floor(d))
		return wrong(why, s, "must be a whole number");
	*(int64_t *)to = (int64_t)d;
	return true;
}

static bool read_num(const struct shape *s, const cJSON *v, char *to, char *why)
{
	double d = cJSON_IsNumber(v) ? v->valuedouble : NAN;

	if (!(d >= (double)s->lo && d <= (double)s->hi))
		return wrong_range(why, s, "");
	memcpy(to, &d, sizeof d);
	return true;
}

static bool read_bool(const struct shape *s, const cJSON *v, char *to, char *why)
{
	if (!cJSON_IsBool(v))
		return wrong(why, s, "must be true or false");
	*(bool *)to = cJSON_IsTrue(v);
	return true;
}

static bool array_ok(const struct shape *s, const cJSON *v, size_t *n, char *why)
{
	if (!cJSON_IsArray(v))
		return wrong(why, s, "must be a list");
	*n = (size_t)cJSON_GetArraySize(v);
	if (*n < (size_t)s->lo || *n > (size_t)s->hi)
		return wrong_range(why, s, " of them");
	return true;
}

static bool read_strs(struct doc *d, const struct shape *s, const cJSON *v, char *to, char *why)
{
	const struct shape each = {s->name, SHAPE_STR, .lo = s->sub_size ? 0 : 1,
		.hi = s->sub_size ? (int64_t)s->sub_size : STRS_BYTES, .ok = s->ok};
	const char **strs;
	size_t n, i = 0;
	const cJSON *e;

	if (!array_ok(s, v, &n, why))
		return false;
	strs = doc_alloc(d, n, sizeof *strs);
	cJSON_ArrayForEach (e, v) {
		if (!read_str(&each, e, (char *)&strs[i++], why))
			return false;
	}
	*(const char *const **)(to + s->offset) = strs;
	*(size_t *)(to + s->count_offset) = n;
	return true;
}

static bool read_obj(
	struct doc *d, const struct shape *shapes, const cJSON *o, char *to, char *why);

static bool read_list(struct doc *d, const struct shape *s, const cJSON *v, char *to, char *why)
{
	size_t n, i = 0;
	char *list;
	const cJSON *e;

	if (!array_ok(s, v, &n, why))
		return false;
	list = doc_alloc(d, n, s->sub_size);
	cJSON_ArrayForEach (e, v) {
		if (!read_obj(d, s->sub, e, list + i++ * s->sub_size, why))
			return false;
	}
	*(const void **)(to + s->offset) = list;
	*(size_t *)(to + s->count_offset) = n;
	return true;
}

static bool read_field(struct doc *d, const struct shape *s, const cJSON *v, char *to, char *why)
{
	switch (s->type) {
	case SHAPE_STR:
		return read_str(s, v, to + s->offset, why);
	case SHAPE_INT:
		return read_int(s, v, to + s->offset, why);
	case SHAPE_NUM:
		return read_num(s, v, to + s->offset, why);
	case SHAPE_BOOL:
		return read_bool(s, v, to + s->offset, why);
	case SHAPE_STRS:
		return read_strs(d, s, v, to, why);
	case SHAPE_OBJ:
		return read_obj(d, s->sub, v, to + s->offset, why);
	case SHAPE_LIST:
		return read_list(d, s, v, to, why);
	case SHAPE_END:
		break;
	}
	return false;
}

static void set_default(const struct shape *s, char *to)
{
	const double num = (double)s->dflt;

	if (s->type == SHAPE_INT)
		*(int64_t *)(to + s->offset) = s->dflt;
	else if (s->type == SHAPE_NUM)
		memcpy(to + s->offset, &num, sizeof num);
	else if (s->type == SHAPE_BOOL)
		*(bool *)(to + s->offset) = s->dflt != 0;
}

static bool read_obj(struct doc *d, const struct shape *shapes, const cJSON *o, char *to, char *why)
{
	if (!cJSON_IsObject(o)) {
		snprintf(why, SHAPE_WHY, "an object is missing");
		return false;
	}
	for (const struct shape *s = shapes; s->type != SHAPE_END; s++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, s->name);

		if (v && !cJSON_IsNull(v)) {
			if (!read_field(d, s, v, to, why))
				return false;
		} else if (s->need) {
			return wrong(why, s, "is missing");
		} else {
			set_default(s, to);
		}
	}
	return true;
}

const void *doc_read(struct doc *d, const struct shape *shapes, size_t size, char why[SHAPE_WHY])
{
	char *to = doc_alloc(d, 1, size);

	return read_obj(d, shapes, d->root, to, why) ? to : NULL;
}
