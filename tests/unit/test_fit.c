#include "services/gateway/catalogue.h"
#include "services/gateway/fit.h"
#include "tests/unit/check.h"

static const char *const text_only[] = {"text"};
static const char *const image_only[] = {"image"};
static const char *const both[] = {"text", "image"};
static const char *const sizes[] = {"1280x720", "720x1280"};
static const char *const wide[] = {"1280x720"};
static const char *const available[] = {"free", "gone", "fixed"};

static const struct model all[] = {
	{.id = "free",
		.inputs = both,
		.n_inputs = 2,
		.max_width = 1920,
		.max_height = 1080,
		.min_seconds = 1,
		.max_seconds = 20,
		.max_prompt = 10,
		.selectable = true},
	{.id = "fixed",
		.inputs = text_only,
		.n_inputs = 1,
		.sizes = sizes,
		.n_sizes = 2,
		.min_seconds = 5,
		.max_seconds = 8,
		.max_prompt = 100,
		.selectable = true},
	{.id = "wide",
		.inputs = image_only,
		.n_inputs = 1,
		.sizes = wide,
		.n_sizes = 1,
		.min_seconds = 1,
		.max_seconds = 2,
		.max_prompt = 100,
		.selectable = true},
	{.id = "hidden", .selectable = false},
};
static const struct model_list list = {
	.models = all, .n_models = 4, .available = available, .n_available = 3};

static struct video_request want;
static struct problem p;
static char message[FIT_MESSAGE];

static enum err check(const char *id, struct video_request w)
{
	want = w;
	want.prompt = w.prompt ? w.prompt : "x";
	want.prompt_param = "prompt";
	want.seconds_param = "seconds";
	want.image_param = "input_reference";
	for (size_t i = 0; i < IMAGES_MAX; i++)
		want.images[i].param = i ? "last_frame" : "image";
	if (!w.seed)
		want.seed = -1;
	p = (struct problem){0};
	return model_fit(catalogue_find(&list, id), NULL, 0, &want, &p, message);
}

static void what_was_not_said_is_filled_in(void)
{
	CHECK_INT(check("free", (struct video_request){0}), ERR_OK);
	CHECK_INT(want.seconds, 4);
	CHECK_INT(want.width, 720);
	CHECK_INT(want.height, 1280);
	CHECK_INT(check("fixed", (struct video_request){0}), ERR_OK);
	CHECK_INT(want.seconds, 5);
	CHECK_INT(want.width, 720);
	CHECK_INT(check("wide", (struct video_request){.n_images = 1}), ERR_OK);
	CHECK_INT(want.seconds, 2);
	CHECK_INT(want.width, 1280);
}

static void seconds_stay_within_the_model(void)
{
	CHECK_INT(check("fixed", (struct video_request){.seconds = 4}), ERR_BAD_PARAM);
	CHECK_STR(p.param, "seconds");
	CHECK_INT(check("fixed", (struct video_request){.seconds = 9}), ERR_BAD_PARAM);
	CHECK_INT(check("fixed", (struct video_request){.seconds = 8}), ERR_OK);
}

static void sizes_are_from_the_list_or_even_and_within_bounds(void)
{
	static const struct {
		const char *id;
		int w, h;
		enum err e;
	} t[] = {{"free", 1920, 1080, ERR_OK}, {"free", 1080, 1920, ERR_OK},
		{"free", 64, 64, ERR_OK}, {"free", 63, 64, ERR_BAD_PARAM},
		{"free", 721, 1280, ERR_BAD_PARAM}, {"free", 1922, 1080, ERR_BAD_PARAM},
		{"free", 1200, 1200, ERR_BAD_PARAM}, {"fixed", 1280, 720, ERR_OK},
		{"fixed", 640, 360, ERR_BAD_PARAM}};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		enum err e =
			check(t[i].id, (struct video_request){.width = t[i].w, .height = t[i].h});

		if (e != t[i].e)
			fprintf(stderr, "%s %dx%d gives %s\n", t[i].id, t[i].w, t[i].h,
				err_name(e));
		CHECK_INT(e, t[i].e);
		if (e != ERR_OK)
			CHECK_STR(p.param, "size");
	}
}

static void the_models_own_prompt_limit_counts(void)
{
	CHECK_INT(check("free", (struct video_request){.prompt = "0123456789"}), ERR_OK);
	CHECK_INT(check("free", (struct video_request){.prompt = "01234567890"}),
		ERR_PROMPT_TOO_LONG);
	CHECK_INT(check("free",
			  (struct video_request){
				  .prompt = "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
					    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"}),
		ERR_OK);
}

static void images_only_where_they_are_taken_and_where_they_are_needed(void)
{
	CHECK_INT(check("fixed", (struct video_request){.n_images = 1}), ERR_BAD_PARAM);
	CHECK_STR(p.param, "image");
	CHECK_INT(check("wide", (struct video_request){0}), ERR_MISSING_PARAM);
	CHECK_INT(check("free", (struct video_request){.n_images = 1}), ERR_OK);
}

TESTS("fit", T(what_was_not_said_is_filled_in), T(seconds_stay_within_the_model),
	T(sizes_are_from_the_list_or_even_and_within_bounds), T(the_models_own_prompt_limit_counts),
	T(images_only_where_they_are_taken_and_where_they_are_needed))
