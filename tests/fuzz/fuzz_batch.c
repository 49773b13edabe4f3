/*
 * What a worker pushes over plain HTTP. The pieces must lie in the text, in order, with nothing
 * between them but commas and spaces; and of an array that is JSON to cJSON, they are its elements.
 */
#include <assert.h>
#include <cjson/cJSON.h>
#include <string.h>

#include "services/bridge/batch.h"
#include "services/bridge/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void look_at_pieces(const char *p, size_t n, const struct piece *pieces, size_t count)
{
	const char *at = p, *end = p + n;
	size_t marks = 0;

	assert(count <= BATCH_MAX);
	for (size_t i = 0; i < count; at = pieces[i].p + pieces[i].n, i++) {
		assert(pieces[i].p >= at && pieces[i].n <= (size_t)(end - pieces[i].p));
		for (; at < pieces[i].p; at++)
			marks += !space(*at);
	}
	for (; at < end; at++)
		marks += !space(*at);
	assert(marks == (count ? count + 1 : 2)); /* commas and the two brackets */
}

/* cJSON takes any control character for a space, and a byte order mark for nothing at all. */
static cJSON *array_of(const char *p, size_t n)
{
	const char *end = NULL;
	cJSON *json;

	for (size_t i = 0; i < n; i++)
		if ((uint8_t)p[i] < ' ' && !space(p[i]))
			return NULL;
	json = n && (uint8_t)*p < 0x80 ? cJSON_ParseWithLengthOpts(p, n, &end, 0) : NULL;
	while (json && end < p + n && space(*end))
		end++;
	if (json && cJSON_IsArray(json) && end == p + n)
		return json;
	cJSON_Delete(json);
	return NULL;
}

static void read_pieces(const struct piece *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char why[SHAPE_WHY] = "";
		struct frame f;

		if (frame_read(pieces[i].p, pieces[i].n, &f, why) == ERR_OK)
			frame_clear(&f);
		else
			assert(*why);
	}
}

/* Each piece, alone, is that element. */
static void compare(const cJSON *json, const struct piece *pieces)
{
	const cJSON *each;

	cJSON_ArrayForEach (each, json) {
		cJSON *alone = cJSON_ParseWithLength(pieces->p, pieces->n);
		char *want = cJSON_PrintUnformatted(each), *got = cJSON_PrintUnformatted(alone);

		assert(want && got && strcmp(want, got) == 0);
		cJSON_free(want);
		cJSON_free(got);
		cJSON_Delete(alone);
		pieces++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct piece pieces[BATCH_MAX];
	const char *p = (const char *)bytes;
	size_t count;
	bool cut = batch_cut(p, n, pieces, &count);
	cJSON *json = array_of(p, n);

	if (cut) {
		look_at_pieces(p, n, pieces, count);
		read_pieces(pieces, count);
	}
	if (json && cJSON_GetArraySize(json) <= BATCH_MAX) {
		assert(cut && (size_t)cJSON_GetArraySize(json) == count);
		compare(json, pieces);
	}
	cJSON_Delete(json);
	return 0;
}
