#include "model_json.h"

#include <string.h>

#include "models.h"
#include "proto/json.h"

const struct model_figure *model_figure(const struct model_list *list, const char *id)
{
	static const struct model_figure none;

	for (size_t i = 0; i < list->n_figures; i++)
		if (list->figures[i].id && strcmp(list->figures[i].id, id) == 0)
			return &list->figures[i];
	return &none;
}

/* What it can do, as its worker says. */
static void put_abilities(struct buf *out, const struct model *m)
{
	json_kv_strs(out, "inputs", m->inputs, m->n_inputs);
	json_kv_strs(out, "parameters", m->parameters, m->n_parameters);
	json_kv_strs(out, "operations", m->operations, m->n_operations);
	json_kv_int(out, "outputs", m->outputs);
	json_kv_strs(out, "sizes", m->sizes, m->n_sizes);
	json_kv_int(out, "max_width", m->max_width);
	json_kv_int(out, "max_height", m->max_height);
	json_kv_int(out, "min_seconds", m->min_seconds);
	json_kv_int(out, "max_seconds", m->max_seconds);
	json_kv_int(out, "max_prompt", m->max_prompt);
}

void model_json(struct buf *out, const struct model *m, const struct model_list *list)
{
	const struct model_figure *f = model_figure(list, m->id);

	buf_adds(out, "{");
	json_kv_str(out, "id", m->id);
	json_kv_str(out, "object", "model");
	json_kv_int(out, "created", 0); /* nobody tells us */
	json_kv_str(out, "owned_by", m->owner ? m->owner : "");
	json_kv_str(out, "name", m->name ? m->name : m->id);
	json_kv_str(out, "description", m->description);
	put_abilities(out, m);
	json_kv_bool(out, "available", model_available(list, m->id));
	json_kv_int(out, "workers", f->workers);
	if (f->typical_ms > 0)
		json_kv_num(out, "typical_seconds", (double)((f->typical_ms + 50) / 100) / 10);
	else
		json_kv_str(out, "typical_seconds", NULL);
	buf_adds(out, "}");
}

void model_json_list(struct buf *out, const struct model_list *list)
{
	const char *comma = "";

	buf_adds(out, "{\"object\":\"list\",\"data\":[");
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < list->n_models; i++) {
			const struct model *m = &list->models[i];

			if (!m->id || !m->selectable || model_available(list, m->id) == pass)
				continue;
			buf_adds(out, comma);
			comma = ",";
			model_json(out, m, list);
		}
	}
	buf_adds(out, "]}");
}
