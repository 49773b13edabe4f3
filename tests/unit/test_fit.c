#include "services/gateway/catalogue.h"
#include "services/gateway/fit.h"
#include "tests/unit/check.h"

static const char *const text_only[] = {"text"};
static const char *const image_only[] = {"image"};
static const char *const both[] = {"text", "image"};
static const char *const sizes[] = {"1280x720", "720x1280"};
static const char *const wide[] = {"1280x720"};
static const char *const many[] = {"1920x1080", "1280x720", "854x480", "1024x1024"};
static const char *const frames[] = {"text", "first_last_frame"};
static const char *const seed_only[] = {"seed"};
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
	{.id = "sizes",
		.inputs = image_only,
		.n_inputs = 1,
		.sizes = many,
		.n_sizes = 4,
		.min_seconds = 1,
		.max_seconds = 20,
		.max_prompt = 100,
		.selectable = true},
	{.id = "small",
		.inputs = frames,
		.n_inputs = 2,
		.parameters = seed_only,
		.n_parameters = 1,
		.max_width = 480,
		.max_height = 480,
		.min_seconds = 1,
		.max_seconds = 20,
		.max_prompt = 100,
		.selectable = true},
};
static const struct model_list list = {
	.models = all, .n_models = 5, .available = available, .n_available = 3};

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

/* What the model makes of a shape, a short side, or both; "" when it is refused. */
static const char *sized(const char *id, int aw, int ah, int side)
{
	static char text[32];
	enum err e = check(id, (struct video_request){.aspect_width = aw,
				       .aspect_height = ah,
				       .resolution = side,
				       .n_images = 1});

	snprintf(text, sizeof text, "%lldx%lld", (long long)want.width, (long long)want.height);
	return e == ERR_OK ? text : "";
}

static void a_shape_becomes_a_size_that_the_model_can_make(void)
{
	CHECK_STR(sized("free", 16, 9, 0), "1280x720");
	CHECK_STR(sized("free", 9, 16, 0), "720x1280");
	CHECK_STR(sized("free", 16, 9, 480), "854x480");
	CHECK_STR(sized("free", 1, 1, 1080), "1080x1080");
	CHECK_STR(sized("free", 21, 9, 0), "1680x720");
	CHECK_STR(sized("free", 9, 16, 1080), "1080x1920");
	CHECK_STR(sized("free", 0, 0, 480), "480x854");
	CHECK_STR(sized("free", 3, 1, 0), "1920x640"); /* as large as it can */
	CHECK_STR(sized("sizes", 16, 9, 0), "1280x720");
	CHECK_STR(sized("sizes", 16, 9, 1080), "1920x1080");
	CHECK_STR(sized("sizes", 16, 9, 480), "854x480");
	CHECK_STR(sized("sizes", 0, 0, 1080), "1920x1080");
	CHECK_STR(sized("sizes", 1, 1, 0), "1024x1024");
}

static void a_shape_that_the_model_cannot_make_is_refused(void)
{
	CHECK_STR(sized("free", 3, 1, 1080), "");
	CHECK_STR(p.param, "resolution");
	CHECK_STR(sized("free", 16, 9, 2160), "");
	CHECK_STR(p.param, "resolution");
	CHECK_STR(sized("free", 100, 1, 0), "");
	CHECK_STR(p.param, "aspect_ratio");
	CHECK_STR(sized("sizes", 9, 16, 0), "");
	CHECK_STR(p.param, "aspect_ratio");
	CHECK(strstr(p.message, "1280x720") != NULL); /* what it can */
	CHECK_STR(sized("sizes", 0, 0, 2160), "");
	CHECK_STR(p.param, "resolution");
}

static void a_default_is_never_refused(void)
{
	CHECK_INT(check("sizes", (struct video_request){.n_images = 1}), ERR_OK);
	CHECK_INT(want.width, 1024); /* the nearest to 720x1280 */
	CHECK_INT(check("small", (struct video_request){0}), ERR_OK);
	CHECK_INT(want.width, 270);
	CHECK_INT(want.height, 480);
}

static void what_is_made_from_a_video_is_like_it(void)
{
	static const struct job like = {.seconds = 12, .width = 854, .height = 480};

	want = (struct video_request){.prompt = "x", .seed = -1};
	CHECK_INT(model_fit(&all[0], &like, 0, &want, &p, message), ERR_OK);
	CHECK_INT(want.seconds, 12);
	CHECK_INT(want.width, 854);
	CHECK_INT(want.height, 480);
	/* as far as this model can */
	want = (struct video_request){.prompt = "x", .seed = -1};
	CHECK_INT(model_fit(&all[1], &like, 0, &want, &p, message), ERR_OK);
	CHECK_INT(want.seconds, 8);
	CHECK_INT(want.width, 1280);
	/* its image will do */
	want = (struct video_request){.prompt = "x", .seed = -1};
	CHECK_INT(model_fit(&all[2], &like, 1, &want, &p, message), ERR_OK);
}

static void hints_that_are_not_taken_are_told(void)
{
	struct video_request hints = {.seed = 7, .negative_prompt = "rain", .fps = 24};

	CHECK_INT(check("free", hints), ERR_OK);
	CHECK_INT(want.n_ignored, 3);
	CHECK_INT(want.seed, 7); /* passed all the same */
	CHECK_INT(check("small", hints), ERR_OK);
	CHECK_INT(want.n_ignored, 2);
	CHECK_STR(want.ignored[0], "negative_prompt");
	CHECK_STR(want.ignored[1], "fps");
	CHECK_INT(check("free", (struct video_request){0}), ERR_OK);
	CHECK_INT(want.n_ignored, 0);
}

static void a_last_frame_only_where_it_is_taken(void)
{
	CHECK_INT(check("free", (struct video_request){.n_images = 2}), ERR_BAD_PARAM);
	CHECK_STR(p.param, "last_frame");
	CHECK_INT(check("small", (struct video_request){.n_images = 2}), ERR_OK);
	CHECK_INT(check("small", (struct video_request){.n_images = 1}), ERR_OK);
}

TESTS("fit", T(what_was_not_said_is_filled_in), T(seconds_stay_within_the_model),
	T(sizes_are_from_the_list_or_even_and_within_bounds), T(the_models_own_prompt_limit_counts),
	T(images_only_where_they_are_taken_and_where_they_are_needed),
	T(a_shape_becomes_a_size_that_the_model_can_make),
	T(a_shape_that_the_model_cannot_make_is_refused), T(a_default_is_never_refused),
	T(what_is_made_from_a_video_is_like_it), T(hints_that_are_not_taken_are_told),
	T(a_last_frame_only_where_it_is_taken))
