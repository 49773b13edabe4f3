/*
 * What can be asked for now: jobs knows, this keeps a copy that is at most a few seconds old.
 * Thread-safe.
 */
#ifndef ARENA_GATEWAY_MODELS_H
#define ARENA_GATEWAY_MODELS_H

#include "proto/rpc.h"

struct models;
struct model_shot; /* the list at one moment, shared */

/* preferred: the model for requests that name none; "": choose an available one. */
struct models *models_new(struct peer *jobs, const char *preferred);

void models_tick(struct models *m, int64_t now_us); /* often: asks every 2 s */
bool models_busy(const struct models *m);           /* is an ask of models_tick() out? */
void models_free(struct models *m);                 /* after the last ask was answered */

/* The newest list; NULL: none has come yet. To be passed to model_shot_drop(). */
struct model_shot *models_now(struct models *m);
const struct model_list *model_shot_list(const struct model_shot *s);
void model_shot_drop(struct model_shot *s); /* NULL is fine */

/* A list that is asked for afresh: fn gets it (e ERR_OK), from another thread; drop it. */
typedef void models_fn(void *arg, enum err e, struct model_shot *s);
void models_ask(struct models *m, const struct rid *rid, models_fn *fn, void *arg);

const char *models_preferred(const struct models *m);

#endif
