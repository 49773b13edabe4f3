#include "model_json.h"

#include <stdlib.h>

#include "proto/json.h"

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

void model_json(struct buf *out, const struct catalogue_entry *e)
{
	const struct model *m = e->model;
	int64_t tenths = e->figure ? (e->figure->typical_ms + 50) / 100 : 0; /* seconds */

	buf_adds(out, "{");
	json_kv_str(out, "id", e->id);
	json_kv_str(out, "object", "model");
	json_kv_int(out, "created", 0); /* nobody tells us */
	json_kv_str(out, "owned_by", m->owner ? m->owner : "");
	json_kv_str(out, "name", m->name ? m->name : e->id);
	json_kv_str(out, "description", m->description);
	json_kv_strs(out, "aliases", e->aliases, e->n_aliases);
	put_abilities(out, m);
	json_kv_bool(out, "available", e->available);
	json_kv_int(out, "workers", e->figure ? e->figure->workers : 0);
	if (tenths > 0)
		json_kv_num(out, "typical_seconds", (double)tenths / 10);
	else
		json_kv_str(out, "typical_seconds", NULL);
	buf_adds(out, "}");
}

void model_json_list(struct buf *out, const struct model_list *list)
{
	size_t n;
	struct catalogue_entry *all = catalogue_list(list, &n);

	buf_adds(out, "{\"object\":\"list\",\"data\":[");
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n; i++) {
			if (all[i].available == pass)
				continue;
			json_next(out);
			model_json(out, &all[i]);
		}
	}
	buf_adds(out, "]}");
	free(all);
}
