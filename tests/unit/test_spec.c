#include "check.h"
#include "workers/sandbox/spec.h"

static const char *why;

static enum clip_err parse(const char *json, struct spec *spec)
{
	why = NULL;
	return spec_parse(json, strlen(json), &why, spec);
}

static void a_full_job_is_read(void)
{
	struct spec s = {0};

	CHECK_INT(parse("{\"prompt\":\" a fox \",\"seconds\":4,\"width\":720,\"height\":1280,"
			"\"seed\":7,\"fps\":60,\"image\":\"/x.jpg\",\"last_image\":\"/y.png\","
			"\"new_field\":[1]}",
			  &s),
		CLIP_OK);
	CHECK_STR(s.prompt, "a fox");
	CHECK_STR(s.image, "/x.jpg");
	CHECK_STR(s.last_image, "/y.png");
	CHECK_INT(s.fps, 60);
	CHECK_INT(s.seconds, 4);
	CHECK_INT(s.width, 720);
	CHECK_INT(s.height, 1280);
	spec_clear(&s);
}

static void the_seed_defaults_to_the_prompt(void)
{
	struct spec a = {0}, b = {0}, c = {0};

	parse("{\"prompt\":\"sea\",\"seconds\":1,\"width\":64,\"height\":64}", &a);
	parse("{\"prompt\":\"sea\",\"seconds\":2,\"width\":64,\"height\":64,\"seed\":null}", &b);
	parse("{\"prompt\":\"sea\",\"seconds\":1,\"width\":64,\"height\":64,\"seed\":3}", &c);
	CHECK_INT(a.fps, 24);
	CHECK(a.seed == b.seed);
	CHECK(a.seed != c.seed);
	spec_clear(&a);
	spec_clear(&b);
	spec_clear(&c);
}

static void nonsense_is_refused_with_words(void)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{",
		"{\"prompt\":5,\"seconds\":1,\"width\":64,\"height\":64}",
		"{\"prompt\":\"  \",\"seconds\":1,\"width\":64,\"height\":64}",
		"{\"prompt\":\"x\",\"width\":64,\"height\":64}",
		"{\"prompt\":\"x\",\"seconds\":0,\"width\":64,\"height\":64}",
		"{\"prompt\":\"x\",\"seconds\":21,\"width\":64,\"height\":64}",
		"{\"prompt\":\"x\",\"seconds\":1.5,\"width\":64,\"height\":64}",
		"{\"prompt\":\"x\",\"seconds\":\"4\",\"width\":64,\"height\":64}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":65,\"height\":64}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":62,\"height\":64}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":1920,\"height\":1920}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":1e99,\"height\":64}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":64,\"height\":64,\"seed\":0.5}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":64,\"height\":64,\"image\":4}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":64,\"height\":64,\"last_image\":\"\"}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":64,\"height\":64,\"fps\":0}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":64,\"height\":64,\"fps\":61}",
		"{\"prompt\":\"x\",\"seconds\":1,\"width\":64,\"height\":64,\"fps\":\"24\"}",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct spec s = {.seconds = -1};

		CHECK_INT(parse(bad[i], &s), CLIP_INVALID_REQUEST);
		CHECK(why && *why);
		CHECK_INT(s.seconds, -1);
	}
}

static void the_prompt_is_counted_in_characters(void)
{
	enum { MAX = SPEC_PROMPT_MAX };
	char *json = malloc(MAX * 2 + 200);

	for (int extra = 0; extra <= 1; extra++) {
		struct spec s = {0};
		int n = sprintf(json, "{\"seconds\":1,\"width\":64,\"height\":64,\"prompt\":\"");

		for (int i = 0; i < MAX + extra; i++)
			n += sprintf(json + n, "é");
		strcpy(json + n, "\"}");
		CHECK_INT(parse(json, &s), extra ? CLIP_INVALID_REQUEST : CLIP_OK);
		spec_clear(&s);
	}
	free(json);
}

static void bytes_that_are_not_utf8_become_harmless(void)
{
	struct spec s = {0};

	CHECK_INT(parse("{\"prompt\":\"a\xff\xc0z\",\"seconds\":1,\"width\":64,\"height\":64}", &s),
		CLIP_OK);
	CHECK(strstr(s.prompt, "\xff") == NULL);
	spec_clear(&s);
}

static void an_image_needs_no_prompt(void)
{
	struct spec s = {0};

	CHECK_INT(
		parse("{\"prompt\":\"\",\"seconds\":1,\"width\":64,\"height\":64,\"image\":\"p\"}",
			&s),
		CLIP_OK);
	spec_clear(&s);
}

TESTS("spec", T(a_full_job_is_read), T(the_seed_defaults_to_the_prompt),
	T(nonsense_is_refused_with_words), T(the_prompt_is_counted_in_characters),
	T(bytes_that_are_not_utf8_become_harmless), T(an_image_needs_no_prompt))
