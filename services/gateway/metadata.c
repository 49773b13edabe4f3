/* The metadata of a request: fields.h. */
#include "proto/metadata.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "utf8.h"

static enum err wrong(struct fields *f, const char *message)
{
	return fields_wrong(f, ERR_BAD_PARAM, "metadata", "%s", message);
}

static bool is_long(const char *s, int64_t max)
{
	return utf8_count(s, strlen(s)) > max;
}

/* The pair with this key: that which is there, or a new one. NULL: there is no more room. */
static struct tag *tag_at(struct fields *f, const char *key)
{
	struct tag *t;

	if (!f->metadata)
		f->metadata = xcalloc(METADATA_PAIRS, sizeof *f->metadata);
	for (size_t i = 0; i < f->n_metadata; i++)
		if (strcmp(f->metadata[i].key, key) == 0)
			return &f->metadata[i];
	if (f->n_metadata == METADATA_PAIRS)
		return NULL;
	t = &f->metadata[f->n_metadata++];
	t->key = xstrdup(key);
	return t;
}

enum err fields_pair(struct fields *f, const char *key, const char *value)
{
	struct tag *t;

	if (!*key || utf8_count(key, strlen(key)) < 0 || is_long(key, METADATA_KEY))
		return wrong(f, "A key of metadata has 1 to 64 characters.");
	if (utf8_count(value, strlen(value)) < 0 || is_long(value, METADATA_VALUE))
		return wrong(f, "A value of metadata is a text of at most 512 characters.");
	t = tag_at(f, key);
	if (!t)
		return wrong(f, "metadata may have 16 pairs.");
	free((char *)t->value);
	t->value = xstrdup(value);
	return ERR_OK;
}

enum err fields_pair_key(struct fields *f, const char *brackets)
{
	size_t n = strlen(brackets);

	if (n < 2 || brackets[0] != '[' || strcspn(brackets, "]") != n - 1)
		return wrong(f, "Send each pair of metadata as metadata[key].");
	free(f->pair_key);
	f->pair_key = xstrdup(brackets + 1);
	f->pair_key[n - 2] = '\0';
	return ERR_OK;
}

void fields_pairs_free(struct fields *f)
{
	for (size_t i = 0; i < f->n_metadata; i++) {
		free((char *)f->metadata[i].key);
		free((char *)f->metadata[i].value);
	}
	free(f->metadata);
	free(f->pair_key);
}
