/*
 * Names of models that people ask for, and their other spellings: a job for one of them can be
 * done by a worker that announces another. A name may stand for a model of texts with one worker
 * and for one of images with another: which is meant, the announced inputs say. Pure.
 */
#ifndef ARENA_ALIAS_H
#define ARENA_ALIAS_H

#include <stdbool.h>
#include <stddef.h>

#include "messages.h"

#define ALIAS_MAX 4 /* names of one model, its id among them */

/* The familiar name that this one is another spelling of, or itself; NULL: it is none of them. */
const char *alias_familiar(const char *name);

/* The other spellings of a familiar name. */
const char *const *alias_others(const char *familiar, size_t *n);

/* May a job for `wanted` be done with this model? Its id is enough. */
bool alias_fits(const char *wanted, const struct model *m);

/* All that a job may say to be done with this model: its id first. Returns how many. */
size_t alias_names(const struct model *m, const char *ret[ALIAS_MAX]);

#endif
