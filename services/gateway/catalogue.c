#include "catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/alias.h"
#include "proto/buf.h"

/* ---- what is known without any worker ---- */

#define TEXT_OR_IMAGE .inputs = (const char *const[]){"text", "image"}, .n_inputs = 2
#define TEXT_ONLY     .inputs = (const char *const[]){"text"}, .n_inputs = 1
#define IMAGE_ONLY    .inputs = (const char *const[]){"image"}, .n_inputs = 1

/* As their makers describe them; the length of a prompt is what the site takes. */
#define KNOWN(id_, name_, owner_, inputs_, width_, height_, min_, max_)                            \
	{                                                                                          \
		.id = id_, .name = name_, .owner = owner_,                                         \
		.description = name_ ", when a worker that offers it is connected.", inputs_,      \
		.outputs = 1, .max_width = width_, .max_height = height_, .min_seconds = min_,     \
		.max_seconds = max_, .max_prompt = 2500, .selectable = true                        \
	}

static const struct model known[] = {
	{.id = "sandbox",
		.name = "Sandbox renderer",
		.owner = "arena-video",
		.description = "A local renderer, not an AI model.",
		.inputs = (const char *const[]){"text", "image", "first_last_frame"},
		.n_inputs = 3,
		.parameters = (const char *const[]){"seed", "fps"},
		.n_parameters = 2,
		.outputs = 1,
		.max_width = 1920,
		.max_height = 1080,
		.min_seconds = 1,
		.max_seconds = 20,
		.max_prompt = 32000,
		.selectable = true},
	KNOWN("pika-2.2", "Pika 2.2", "pika", TEXT_OR_IMAGE, 1920, 1080, 5, 10),
	KNOWN("hailuo-02-standard", "Hailuo 02 Standard", "minimax", TEXT_OR_IMAGE, 1366, 768, 6,
		10),
	KNOWN("veo3", "Veo 3", "google", TEXT_OR_IMAGE, 1920, 1080, 4, 8),
	KNOWN("veo2", "Veo 2", "google", TEXT_OR_IMAGE, 1280, 720, 5, 8),
	KNOWN("kling-2.1-master", "Kling 2.1 Master", "kuaishou", TEXT_OR_IMAGE, 1920, 1080, 5, 10),
	KNOWN("kling-2-master-image-to-video", "Kling 2 Master, image to video", "kuaishou",
		IMAGE_ONLY, 1280, 720, 5, 10),
	KNOWN("seedance-1-lite-image-to-video", "Seedance 1 Lite, image to video", "bytedance",
		IMAGE_ONLY, 1280, 720, 5, 10),
	KNOWN("seedance-1-lite-text-to-video", "Seedance 1 Lite, text to video", "bytedance",
		TEXT_ONLY, 1280, 720, 5, 10),
};

#define KNOWN_N (sizeof known / sizeof *known)

/* By its name or another spelling of it. */
static const struct model *known_find(const char *id)
{
	const char *familiar = alias_familiar(id);

	for (size_t i = 0; i < KNOWN_N; i++)
		if (strcmp(known[i].id, familiar ? familiar : id) == 0)
			return &known[i];
	return NULL;
}

/* ---- lists of words ---- */

static bool among(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], s) == 0)
			return true;
	return false;
}

bool model_takes(const struct model *m, const char *input)
{
	return among(input, m->inputs, m->n_inputs);
}

bool model_offers(const struct model *m, const char *operation)
{
	return among(operation, m->operations, m->n_operations);
}

bool catalogue_available(const struct model_list *list, const char *id)
{
	return among(id, list->available, list->n_available);
}

/* ---- finding ---- */

static const struct model *seen(const struct model_list *list, const char *id)
{
	for (size_t i = 0; i < list->n_models; i++)
		if (list->models[i].id && strcmp(list->models[i].id, id) == 0)
			return &list->models[i];
	return NULL;
}

/* A worker's model that does what is asked for under this name. */
static const struct model *seen_as(const struct model_list *list, const char *id, bool available)
{
	for (size_t i = 0; i < list->n_models; i++) {
		const struct model *m = &list->models[i];

		if (m->id && m->selectable && alias_fits(id, m) &&
			(!available || catalogue_available(list, m->id)))
			return m;
	}
	return NULL;
}

const struct model *catalogue_find(const struct model_list *list, const char *id)
{
	const struct model *exact = seen(list, id);
	const struct model *m;

	if (exact && (!exact->selectable || catalogue_available(list, id)))
		return exact->selectable ? exact : NULL;
	m = seen_as(list, id, true);
	if (!m)
		m = exact ? exact : seen_as(list, id, false);
	return m ? m : known_find(id);
}

bool catalogue_has_aliases(const char *id)
{
	return alias_familiar(id) != NULL;
}

const char *catalogue_choose(
	const struct model_list *list, const char *preferred, const char *wanted)
{
	if (wanted[0])
		return wanted;
	if (preferred[0])
		return preferred;
	for (size_t i = 0; i < list->n_available; i++)
		if (catalogue_find(list, list->available[i]))
			return list->available[i];
	return known[0].id; /* the sandbox */
}

/* ---- listing ---- */

bool catalogue_get(const struct model_list *list, const char *id, struct catalogue_entry *ret)
{
	const struct model *m = catalogue_find(list, id);

	if (!m)
		return false;
	*ret = (struct catalogue_entry){
		.id = id, .model = m, .available = catalogue_available(list, m->id)};
	for (size_t i = 0; i < list->n_figures; i++)
		if (list->figures[i].id && strcmp(list->figures[i].id, m->id) == 0)
			ret->figure = &list->figures[i];
	ret->aliases = alias_others(id, &ret->n_aliases);
	return true;
}

struct catalogue_entry *catalogue_list(const struct model_list *list, size_t *n)
{
	struct catalogue_entry *all = xcalloc(list->n_models + KNOWN_N, sizeof *all);

	*n = 0;
	for (size_t i = 0; i < list->n_models; i++)
		if (list->models[i].id && catalogue_get(list, list->models[i].id, &all[*n]))
			++*n;
	for (size_t i = 0; i < KNOWN_N; i++)
		if (!seen(list, known[i].id) && catalogue_get(list, known[i].id, &all[*n]))
			++*n;
	return all;
}

/* ---- suggesting ---- */

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : (unsigned char)c;
}

static int least(int a, int b, int c)
{
	int m = a < b ? a : b;

	return m < c ? m : c;
}

#define LIKE_MAX 64 /* longer names are like no other */

/* Letters to add, take away or change, whatever their case: Wagner and Fischer's algorithm. */
static int distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	int row[LIKE_MAX + 1], last, keep;

	if (n > LIKE_MAX || m > LIKE_MAX)
		return LIKE_MAX;
	for (size_t k = 0; k <= m; k++)
		row[k] = (int)k;
	for (size_t i = 1; i <= n; i++) {
		last = row[0];
		row[0] = (int)i;
		for (size_t k = 1; k <= m; k++) {
			keep = row[k];
			row[k] = least(row[k] + 1, row[k - 1] + 1,
				last + (lower(a[i - 1]) != lower(b[k - 1])));
			last = keep;
		}
	}
	return row[m];
}

/* How far is a name from what was wanted? One that has it inside, or is inside it, is near. */
static int far(const char *name, const char *wanted)
{
	int d = distance(name, wanted);
	bool inside = strlen(wanted) >= 3 &&
		      (strcasestr(name, wanted) || (strlen(name) >= 4 && strcasestr(wanted, name)));

	return inside && d > 1 ? 1 : d;
}

const char *catalogue_suggest(
	const struct model_list *list, const char *wanted, char out[SUGGEST_MAX])
{
	size_t n, found = 0;
	struct catalogue_entry *all = catalogue_list(list, &n);
	const char *near[3];
	int distances[3];

	for (size_t i = 0; i < n; i++) {
		int d = far(all[i].id, wanted);
		size_t at = found;

		if (d > (int)strlen(wanted) / 2)
			continue;
		while (at > 0 && distances[at - 1] > d)
			at--;
		if (at == 3)
			continue;
		found += found < 3;
		for (size_t k = found - 1; k > at; k--) {
			near[k] = near[k - 1];
			distances[k] = distances[k - 1];
		}
		near[at] = all[i].id;
		distances[at] = d;
	}
	snprintf(out, SUGGEST_MAX,
		"There is no such model.%s%s%s%s%s%s%s GET /v1/models lists all.",
		found ? " Did you mean " : "", found ? near[0] : "", found == 3 ? ", " : "",
		found == 3 ? near[1] : "", found > 1 ? " or " : "",
		found > 1 ? near[found - 1] : "", found ? "?" : "");
	free(all);
	return out;
}
