#include "proto/alias.h"
#include "tests/unit/check.h"

static const char *const text[] = {"text"};
static const char *const image[] = {"image"};

static void spellings_lead_to_the_familiar_name(void)
{
	size_t n;

	CHECK_STR(alias_familiar("veo-3"), "veo3");
	CHECK_STR(alias_familiar("veo3"), "veo3");
	CHECK(alias_familiar("veo-4") == NULL);
	CHECK_STR(alias_others("veo3", &n)[0], "veo-3");
	CHECK_INT(n, 1);
	CHECK(alias_others("veo-3", &n) == NULL);
	CHECK_INT(n, 0);
}

static void a_worker_may_do_what_is_asked_for_under_another_spelling(void)
{
	const struct model m = {.id = "veo-3"}, other = {.id = "toy"};

	CHECK(alias_fits("veo3", &m));
	CHECK(alias_fits("veo-3", &m));
	CHECK(!alias_fits("veo2", &m));
	CHECK(!alias_fits("veo3", &other));
	CHECK(alias_fits("toy", &other));
}

static void one_name_may_stand_for_two_models(void)
{
	const struct model of_text = {.id = "kling-2-master", .inputs = text, .n_inputs = 1};
	const struct model of_images = {.id = "kling-2-master", .inputs = image, .n_inputs = 1};
	const char *names[ALIAS_MAX];

	CHECK(!alias_fits("kling-2-master-image-to-video", &of_text));
	CHECK(alias_fits("kling-2-master-image-to-video", &of_images));
	CHECK(alias_fits("kling-2-master", &of_text));
	CHECK_INT(alias_names(&of_text, names), 1);
	CHECK_STR(names[0], "kling-2-master");
	CHECK_INT(alias_names(&of_images, names), 4);
	CHECK_STR(names[0], "kling-2-master");
	CHECK_STR(names[1], "kling-2-master-image-to-video");
}

TESTS("alias", T(spellings_lead_to_the_familiar_name),
	T(a_worker_may_do_what_is_asked_for_under_another_spelling),
	T(one_name_may_stand_for_two_models))
