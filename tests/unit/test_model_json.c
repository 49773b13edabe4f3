#include <cjson/cJSON.h>

#include "services/gateway/model_json.h"
#include "tests/unit/check.h"

static const char *const inputs[] = {"text", "image"};
static const char *const sizes[] = {"720x1280"};
static const char *const available[] = {"here", "hidden"};
static const struct model models[] = {{.id = "gone", .selectable = true},
	{.id = "here",
		.inputs = inputs,
		.n_inputs = 2,
		.sizes = sizes,
		.n_sizes = 1,
		.outputs = 2,
		.max_prompt = 500,
		.selectable = true},
	{.id = "hidden"}};
static const struct model_figure figures[] = {
	{.id = "here", .workers = 3, .slots = 6, .typical_ms = 61460}};
static const struct model_list list = {.models = models,
	.n_models = 3,
	.figures = figures,
	.n_figures = 1,
	.available = available,
	.n_available = 2};

static const char *text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(o, name));
}

static double number(const cJSON *o, const char *name)
{
	return cJSON_GetNumberValue(cJSON_GetObjectItem(o, name));
}

static void known_models_are_listed_and_those_that_are_there_come_first(void)
{
	struct buf b = {0};
	const cJSON *data, *here, *gone;
	cJSON *o;

	model_json_list(&b, &list);
	o = cJSON_Parse(b.p);
	CHECK_STR(text(o, "object"), "list");
	data = cJSON_GetObjectItem(o, "data");
	CHECK(cJSON_GetArraySize(data) > 2); /* the catalogue's follow */
	here = cJSON_GetArrayItem(data, 0);
	gone = cJSON_GetArrayItem(data, 1);
	CHECK_STR(text(here, "id"), "here");
	CHECK(cJSON_IsTrue(cJSON_GetObjectItem(here, "available")));
	CHECK_STR(text(gone, "id"), "gone");
	CHECK(cJSON_IsFalse(cJSON_GetObjectItem(gone, "available")));
	CHECK_INT(number(gone, "workers"), 0);
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(gone, "typical_seconds")));
	cJSON_Delete(o);
	buf_free(&b);
}

static void a_model_says_what_it_can_do_and_how_long_it_takes(void)
{
	struct catalogue_entry e;
	struct buf b = {0};
	cJSON *o;

	CHECK(catalogue_get(&list, "here", &e));
	model_json(&b, &e);
	o = cJSON_Parse(b.p);
	CHECK_STR(text(o, "object"), "model");
	CHECK_INT(number(o, "created"), 0);
	CHECK_STR(text(o, "owned_by"), "");
	CHECK_STR(text(o, "name"), "here");
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "inputs")), 2);
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "sizes")), 1);
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "operations")), 0);
	CHECK_INT(number(o, "outputs"), 2);
	CHECK_INT(number(o, "max_prompt"), 500);
	CHECK_INT(number(o, "workers"), 3);
	CHECK(number(o, "typical_seconds") == 61.5);
	cJSON_Delete(o);
	buf_free(&b);
}

TESTS("model_json", T(known_models_are_listed_and_those_that_are_there_come_first),
	T(a_model_says_what_it_can_do_and_how_long_it_takes))
