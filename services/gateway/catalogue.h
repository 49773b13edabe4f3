/*
 * Which models there are: those that workers announce or have announced (jobs tells them), and
 * names that people ask for, which are known before any worker offers them. Pure.
 *
 * A familiar name and its aliases stand for one model: whichever of them a connected worker
 * announces is the one that is asked for. What a worker says of its model counts more than what
 * is known here.
 */
#ifndef ARENA_GATEWAY_CATALOGUE_H
#define ARENA_GATEWAY_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/messages.h"

/* By id or alias. Lives as long as list. NULL: unknown, or it cannot be asked for. */
const struct model *catalogue_find(const struct model_list *list, const char *id);

/* "" becomes the preferred model, else an available one, else "sandbox". */
const char *catalogue_choose(
	const struct model_list *list, const char *preferred, const char *wanted);

/* Is it known by several names, of which a worker may announce any? */
bool catalogue_has_aliases(const char *id);

/* Is a worker connected for the model of exactly this id? */
bool catalogue_available(const struct model_list *list, const char *id);

/* Does it do this with a video that is there: remix, edit, extend? */
bool model_offers(const struct model *m, const char *operation);

bool model_takes(const struct model *m, const char *input);

struct catalogue_entry {
	const char *id;            /* the name that was asked for, or is listed */
	const struct model *model; /* the one that it stands for now; its id may be another */
	const struct model_figure *figure; /* NULL: nothing was measured */
	bool available;
	const char *const *aliases; /* other names of id */
	size_t n_aliases;
};

/* As catalogue_find(), with all that is known of it. Lives as long as list and id. */
bool catalogue_get(const struct model_list *list, const char *id, struct catalogue_entry *ret);

/*
 * All names that can be asked for, but for aliases: those that workers announce, then those that
 * are known here. Lives as long as list; to be given to free().
 */
struct catalogue_entry *catalogue_list(const struct model_list *list, size_t *n);

#define SUGGEST_MAX 512 /* room for a sentence, with the NUL */

/* "There is no such model. Did you mean ..?", with up to three names that are near. */
const char *catalogue_suggest(
	const struct model_list *list, const char *wanted, char out[SUGGEST_MAX]);

#endif
