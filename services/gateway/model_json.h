/* Models in JSON: OpenAI's four keys, and what each can do. Pure. */
#ifndef ARENA_GATEWAY_MODEL_JSON_H
#define ARENA_GATEWAY_MODEL_JSON_H

#include "proto/buf.h"
#include "proto/messages.h"

/* What was measured of this model; zeros when nothing was. Lives as long as list. */
const struct model_figure *model_figure(const struct model_list *list, const char *id);

/* One model; list says whether it is available, and what was measured. */
void model_json(struct buf *out, const struct model *m, const struct model_list *list);

/* All models of the list that can be asked for by name, those that are available first. */
void model_json_list(struct buf *out, const struct model_list *list);

#endif
