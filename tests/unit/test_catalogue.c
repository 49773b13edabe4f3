#include <stdlib.h>

#include "services/gateway/catalogue.h"
#include "tests/unit/check.h"

static const char *const text_only[] = {"text"};
static const char *const both[] = {"text", "image"};
static const char *const edit[] = {"edit"};
static const char *const available[] = {"free", "veo-3", "kling-2-master"};
static const struct model all[] = {
	{.id = "free",
		.inputs = both,
		.n_inputs = 2,
		.operations = edit,
		.n_operations = 1,
		.selectable = true},
	{.id = "hidden", .selectable = false},
	{.id = "veo3", .inputs = text_only, .n_inputs = 1, .selectable = true},
	{.id = "veo-3", .inputs = both, .n_inputs = 2, .max_seconds = 8, .selectable = true},
	{.id = "pika-v2.2", .inputs = both, .n_inputs = 2, .selectable = true},
	{.id = "kling-2-master", .inputs = text_only, .n_inputs = 1, .selectable = true},
};
static const struct model_figure figures[] = {{.id = "veo-3", .workers = 2}};
static const struct model_list list = {.models = all,
	.n_models = 6,
	.available = available,
	.n_available = 3,
	.figures = figures,
	.n_figures = 1};
static const struct model_list nothing;

static const char *found(const struct model_list *l, const char *id)
{
	const struct model *m = catalogue_find(l, id);

	return m ? m->id : "none";
}

static void the_default_is_the_setting_else_available_else_sandbox(void)
{
	CHECK_STR(catalogue_choose(&list, "", ""), "free");
	CHECK_STR(catalogue_choose(&list, "wide", ""), "wide");
	CHECK_STR(catalogue_choose(&list, "wide", "free"), "free");
	CHECK_STR(catalogue_choose(&nothing, "", ""), "sandbox");
}

static void only_what_may_be_asked_for_is_found(void)
{
	CHECK(catalogue_find(&list, "free") == &all[0]);
	CHECK_STR(found(&list, "hidden"), "none");
	CHECK_STR(found(&list, "nobody"), "none");
	CHECK_STR(found(&nothing, "sandbox"), "sandbox");
}

static void familiar_names_are_known_without_a_worker(void)
{
	static const char *const names[] = {"pika-2.2", "hailuo-02-standard", "veo3", "veo2",
		"kling-2.1-master", "kling-2-master-image-to-video",
		"seedance-1-lite-image-to-video", "seedance-1-lite-text-to-video"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CHECK_STR(found(&nothing, names[i]), names[i]);
		CHECK(!catalogue_available(&nothing, names[i]));
	}
	CHECK(!model_takes(catalogue_find(&nothing, "kling-2-master-image-to-video"), "text"));
	CHECK(!model_takes(catalogue_find(&nothing, "seedance-1-lite-text-to-video"), "image"));
	CHECK_STR(found(&nothing, "veo-2"), "veo2");
}

static void an_alias_is_the_model_that_a_worker_announces(void)
{
	/* connected under the other name, though this one was seen too */
	CHECK_STR(found(&list, "veo3"), "veo-3");
	CHECK_STR(found(&list, "veo-3"), "veo-3");
	/* nobody is connected: the name that was seen */
	CHECK_STR(found(&list, "pika-2.2"), "pika-v2.2");
	/* the same name of another kind is another model */
	CHECK_STR(found(&list, "kling-2-master-image-to-video"), "kling-2-master-image-to-video");
	CHECK(catalogue_has_aliases("veo-3") && !catalogue_has_aliases("free"));
}

static const struct catalogue_entry *listed(
	const struct catalogue_entry *entries, size_t n, const char *id)
{
	const struct catalogue_entry *ret = NULL;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(entries[i].id, id) != 0)
			continue;
		CHECK(ret == NULL); /* once */
		ret = &entries[i];
	}
	return ret;
}

static void all_are_listed_once_and_say_whether_they_are_there(void)
{
	const struct catalogue_entry *e;
	struct catalogue_entry *entries;
	size_t n;

	entries = catalogue_list(&list, &n);
	e = listed(entries, n, "veo3");
	CHECK(e && e->available && e->model == &all[3]);
	CHECK_INT(e->figure->workers, 2);
	CHECK_INT(e->n_aliases, 1);
	CHECK_STR(e->aliases[0], "veo-3");
	CHECK(listed(entries, n, "hidden") == NULL);
	e = listed(entries, n, "pika-v2.2");
	CHECK(e && !e->available && !e->figure && !e->n_aliases);
	e = listed(entries, n, "veo2");
	CHECK(e && !e->available);
	CHECK(listed(entries, n, "free")->available);
	free(entries);
}

static void operations_are_those_that_are_announced(void)
{
	CHECK(model_offers(&all[0], "edit"));
	CHECK(!model_offers(&all[0], "extend"));
	CHECK(!model_offers(&all[1], "edit"));
}

static void names_that_are_near_are_suggested(void)
{
	static const struct {
		const char *wanted, *said;
	} t[] = {{"veo", "Did you mean veo3, veo-3 or veo2?"}, {"SANDBOX", "Did you mean sandbox?"},
		{"pika-2.1", "Did you mean pika-2.2 or"},
		{"kling-2.1-mastr", "Did you mean kling-2.1-master"}, {"fre", "Did you mean free"},
		{"gpt-4o", "no such model. GET"}, {"", "no such model. GET"}};
	char out[SUGGEST_MAX], longest[300];

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const char *said = catalogue_suggest(&list, t[i].wanted, out);

		if (!strstr(said, t[i].said))
			fprintf(stderr, "%s: %s\n", t[i].wanted, said);
		CHECK(strstr(said, t[i].said) != NULL);
	}
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = 0;
	CHECK(strstr(catalogue_suggest(&list, longest, out), "GET /v1/models") != NULL);
}

TESTS("catalogue", T(the_default_is_the_setting_else_available_else_sandbox),
	T(only_what_may_be_asked_for_is_found), T(familiar_names_are_known_without_a_worker),
	T(an_alias_is_the_model_that_a_worker_announces),
	T(all_are_listed_once_and_say_whether_they_are_there),
	T(operations_are_those_that_are_announced), T(names_that_are_near_are_suggested))
