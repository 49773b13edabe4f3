/* OpenRouter's shapes of videos and of what models can do: its SDK checks them strictly. Pure. */
#ifndef ARENA_GATEWAY_ROUTER_JSON_H
#define ARENA_GATEWAY_ROUTER_JSON_H

#include "catalogue.h"
#include "openai.h"

/* A job: where to ask again, and when it is completed the links. No key is null. */
void router_video(struct buf *out, const struct job *j, const struct links *l);

void router_model(struct buf *out, const struct catalogue_entry *e);
void router_models(struct buf *out, const struct model_list *list);

#endif
