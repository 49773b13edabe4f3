/* Models in JSON: OpenAI's four keys, and what each can do. Pure. */
#ifndef ARENA_GATEWAY_MODEL_JSON_H
#define ARENA_GATEWAY_MODEL_JSON_H

#include "catalogue.h"
#include "proto/buf.h"

void model_json(struct buf *out, const struct catalogue_entry *e);

/* All that can be asked for by name, those that are available first. */
void model_json_list(struct buf *out, const struct model_list *list);

#endif
