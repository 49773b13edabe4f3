#include "alias.h"

#include <string.h>

/* The Arena site spells several of them differently. */
static const struct family {
	const char *names[ALIAS_MAX]; /* the familiar one first */
	const char *input;            /* what the model must take to be meant; NULL: whatever */
} families[] = {
	{{"pika-2.2", "pika-v2.2"}, NULL},
	{{"hailuo-02-standard", "minimax-hailuo-02-standard"}, NULL},
	{{"veo3", "veo-3"}, NULL},
	{{"veo2", "veo-2"}, NULL},
	{{"kling-2.1-master", "kling-v2.1-master"}, NULL},
	{{"kling-2-master-image-to-video", "kling-v2-master-image-to-video", "kling-2-master",
		 "kling-v2-master"},
		"image"},
	{{"seedance-1-lite-image-to-video", "seedance-v1-lite-image-to-video"}, "image"},
	{{"seedance-1-lite-text-to-video", "seedance-v1-lite-text-to-video", "seedance-1-lite",
		 "seedance-v1-lite"},
		"text"},
};

static const struct family *family_of(const char *name)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		for (size_t k = 0; k < ALIAS_MAX && families[i].names[k]; k++)
			if (strcmp(families[i].names[k], name) == 0)
				return &families[i];
	return NULL;
}

static size_t count(const struct family *f)
{
	size_t n = 0;

	while (n < ALIAS_MAX && f->names[n])
		n++;
	return n;
}

/* Is this model the one that the family means? */
static bool meant(const struct family *f, const struct model *m)
{
	if (!f->input || !m->n_inputs)
		return true;
	for (size_t i = 0; i < m->n_inputs; i++)
		if (strcmp(m->inputs[i], f->input) == 0)
			return true;
	return false;
}

const char *alias_familiar(const char *name)
{
	const struct family *f = family_of(name);

	return f ? f->names[0] : NULL;
}

const char *const *alias_others(const char *familiar, size_t *n)
{
	const struct family *f = family_of(familiar);

	if (!f || strcmp(f->names[0], familiar) != 0) {
		*n = 0;
		return NULL;
	}
	*n = count(f) - 1;
	return f->names + 1;
}

bool alias_fits(const char *wanted, const struct model *m)
{
	const struct family *f;

	if (strcmp(wanted, m->id) == 0)
		return true;
	f = family_of(wanted);
	return f && f == family_of(m->id) && meant(f, m);
}

size_t alias_names(const struct model *m, const char *ret[ALIAS_MAX])
{
	const struct family *f = family_of(m->id);
	size_t n = 1;

	ret[0] = m->id;
	if (!f || !meant(f, m))
		return n;
	for (size_t i = 0; i < count(f); i++)
		if (strcmp(f->names[i], m->id) != 0)
			ret[n++] = f->names[i];
	return n;
}
