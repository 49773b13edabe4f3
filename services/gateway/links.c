#include "links.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/json.h"
#include "proto/sign.h"

const char *link_what(const char *variant, size_t index, const char *owner, char out[LINK_TEXT])
{
	snprintf(out, LINK_TEXT, "%s %zu %s", variant, index, owner);
	return out;
}

const char *link_path(const char *id, char out[LINK_TEXT])
{
	snprintf(out, LINK_TEXT, "/v1/videos/%s/content", id);
	return out;
}

static int64_t expiry(const struct links *l, const struct job *j)
{
	int64_t step = l->keep_s / 4 > 0 ? l->keep_s / 4 : 1;
	int64_t until = (l->now_s / step + 1) * step + l->keep_s;

	if (j->expires_at && j->expires_at / 1000 < until)
		until = j->expires_at / 1000;
	return until;
}

/* Players and people look at the ending of a path; Safari wants one. */
static const char *ending(const struct job *j, const char *variant, size_t index)
{
	const char *mime = index < j->n_outputs ? j->outputs[index].mime : NULL;

	if (strcmp(variant, VARIANT_VIDEO) != 0)
		return "";
	return mime && strcmp(mime, "video/webm") == 0 ? ".webm" : ".mp4";
}

void link_add(struct buf *out, const struct links *l, const struct job *j, const char *variant,
	size_t index)
{
	char path[LINK_TEXT], what[LINK_TEXT];

	buf_adds(out, l->base);
	buf_adds(out, link_path(j->id, path));
	buf_adds(out, ending(j, variant, index));
	sign_add(out, l->key, path, link_what(variant, index, j->owner, what), expiry(l, j));
	buf_adds(out, "&owner=");
	buf_adds(out, j->owner);
	if (strcmp(variant, VARIANT_VIDEO) != 0) {
		buf_adds(out, "&variant=");
		buf_adds(out, variant);
	}
	if (index) {
		buf_adds(out, "&index=");
		buf_addi(out, (int64_t)index);
	}
}

const char *link_file(const struct job *j, const char *variant, size_t index)
{
	const struct output *o;

	if (strcmp(j->status, "completed") != 0 || index >= j->n_outputs)
		return NULL;
	o = &j->outputs[index];
	if (strcmp(variant, VARIANT_VIDEO) == 0)
		return o->sha256;
	return strcmp(variant, VARIANT_POSTER) == 0   ? o->poster
	       : strcmp(variant, VARIANT_SPRITE) == 0 ? o->sprite
						      : NULL;
}

void json_kv_link(struct buf *out, const char *key, const struct links *l, const struct job *j,
	const char *variant, size_t index)
{
	struct buf link = {0};

	if (link_file(j, variant, index))
		link_add(&link, l, j, variant, index);
	json_kv_str(out, key, link.p);
	buf_free(&link);
}
