/* Bodies of JSON, and what all bodies have in common. */
#include "tests/unit/body_rig.h"

/* The PNG, as a data: URL has it. */
static const char png64[] =
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Erk"
	"Jggg==";
static enum err try_json(const char *json)
{
	return try_bytes(JSON, json, strlen(json), 7);
}

static void json_of_very_many_values_is_not_read(void)
{
	static const char *const pieces[] = {"1,", "[],", "{},", "[[],[]],"};

	setup();
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct buf b = {0};

		buf_adds(&b, "{\"prompt\":\"a\",\"x\":[");
		for (int k = 0; k < 2000; k++)
			buf_adds(&b, pieces[i]);
		buf_adds(&b, "1]}");
		CHECK_INT(try_json(b.p), ERR_BAD_JSON);
		buf_free(&b);
	}
	CHECK_INT(try_json("{\"prompt\":\"a\",\"x\":[1,[],{},{\"a\":[2,3]}]}"), ERR_OK);
	teardown();
}

static void json_is_read_into_a_request(void)
{
	static const char json[] =
		"{\"prompt\":\"a \\u00e9 fox\",\"model\":\"m\",\"seconds\":\"8\","
		"\"size\":\"1280x720\",\"seed\":7,\"async\":true,\"timeout\":30,"
		"\"other\":{\"a\":[1]},\"image\":null}";
	const struct video_request *r;
	struct body *b;

	setup();
	CHECK_INT(body_new(&rules, TAKES_VIDEO, "application/json; charset=utf-8", &b), ERR_OK);
	CHECK_INT(run(b, json, sizeof json - 1, 1), ERR_OK);
	r = body_request(b);
	CHECK_STR(r->prompt, "a \xc3\xa9 fox");
	CHECK_STR(r->model, "m");
	CHECK_INT(r->seconds, 8);
	CHECK_INT(r->width, 1280);
	CHECK_INT(r->height, 720);
	CHECK_INT(r->seed, 7);
	CHECK_INT(r->timeout_ms, 30000);
	CHECK(r->async);
	CHECK(!r->n_images);
	body_free(b);
	teardown();
}

static void what_is_not_said_is_left_open(void)
{
	const struct video_request *r;
	struct body *b;

	setup();
	CHECK_INT(body_new(&rules, TAKES_VIDEO, JSON, &b), ERR_OK);
	CHECK_INT(run(b, "{\"prompt\":\"x\"} \n", 16, 3), ERR_OK);
	r = body_request(b);
	CHECK_STR(r->model, "");
	CHECK_INT(r->seconds, 0);
	CHECK_INT(r->width, 0);
	CHECK_INT(r->seed, -1);
	body_free(b);
	teardown();
}

static void malformed_json_is_refused(void)
{
	static const char *const bad[] = {"", "{", "[]", "\"x\"", "1", "null", "{\"prompt\":\"x\"",
		"{\"prompt\":\"x\"}}", "{\"prompt\":\"x\"} x", "{'prompt':'x'}",
		"{\"prompt\":\"\\u0000\"}", "{\"prompt\":\"a\nb\"}", "{\"prompt\":\"\\ud800\"}",
		"{\"prompt\":\"\xff\"}", "{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}",
		"{\"prompt\":\"x\",}"};

	setup();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		enum err e = try_json(bad[i]);

		if (e != ERR_BAD_JSON)
			fprintf(stderr, "%s gives %s\n", bad[i], err_name(e));
		CHECK_INT(e, ERR_BAD_JSON);
	}
	teardown();
}

static void json_cut_anywhere_is_refused(void)
{
	static const char json[] = "{\"prompt\":\"a \\\"fox\\\"\",\"seconds\":4,\"x\":[{}, \"\"]}";

	setup();
	for (size_t n = 0; n < sizeof json - 1; n++)
		CHECK_INT(try_bytes(JSON, json, n, 5), ERR_BAD_JSON);
	CHECK_INT(try_json(json), ERR_OK);
	teardown();
}

static void wrong_values_are_named(void)
{
	static const struct {
		const char *json;
		enum err e;
		const char *param;
	} bad[] = {
		{"{}", ERR_MISSING_PARAM, "prompt"},
		{"{\"prompt\":\"\"}", ERR_BAD_PARAM, "prompt"},
		{"{\"prompt\":\" \\n\"}", ERR_BAD_PARAM, "prompt"},
		{"{\"prompt\":5}", ERR_BAD_PARAM, "prompt"},
		{"{\"prompt\":{}}", ERR_BAD_PARAM, "prompt"},
		{"{\"prompt\":\"x\",\"model\":5}", ERR_BAD_PARAM, "model"},
		{"{\"prompt\":\"x\",\"seconds\":0}", ERR_BAD_PARAM, "seconds"},
		{"{\"prompt\":\"x\",\"seconds\":-4}", ERR_BAD_PARAM, "seconds"},
		{"{\"prompt\":\"x\",\"seconds\":4.5}", ERR_BAD_PARAM, "seconds"},
		{"{\"prompt\":\"x\",\"seconds\":1e99}", ERR_BAD_PARAM, "seconds"},
		{"{\"prompt\":\"x\",\"seconds\":\"four\"}", ERR_BAD_PARAM, "seconds"},
		{"{\"prompt\":\"x\",\"seconds\":\"\"}", ERR_BAD_PARAM, "seconds"},
		{"{\"prompt\":\"x\",\"seconds\":true}", ERR_BAD_PARAM, "seconds"},
		{"{\"prompt\":\"x\",\"size\":\"720\"}", ERR_BAD_PARAM, "size"},
		{"{\"prompt\":\"x\",\"size\":\"720x1280x3\"}", ERR_BAD_PARAM, "size"},
		{"{\"prompt\":\"x\",\"size\":\"720 x 1280\"}", ERR_BAD_PARAM, "size"},
		{"{\"prompt\":\"x\",\"size\":\"-720x1280\"}", ERR_BAD_PARAM, "size"},
		{"{\"prompt\":\"x\",\"size\":\"99999999999x2\"}", ERR_BAD_PARAM, "size"},
		{"{\"prompt\":\"x\",\"seed\":-1}", ERR_BAD_PARAM, "seed"},
		{"{\"prompt\":\"x\",\"seed\":4294967296}", ERR_BAD_PARAM, "seed"},
		{"{\"prompt\":\"x\",\"timeout\":-1}", ERR_BAD_PARAM, "timeout"},
		{"{\"prompt\":\"x\",\"async\":\"maybe\"}", ERR_BAD_PARAM, "async"},
		{"{\"prompt\":\"x\",\"image\":5}", ERR_BAD_PARAM, "image"},
		{"{\"prompt\":\"x\",\"image\":\"ftp://example.com/a.png\"}", ERR_BAD_PARAM,
			"image"},
		{"{\"prompt\":\"x\",\"image\":\"data:image/png;base64,\"}", ERR_BAD_PARAM, "image"},
		{"{\"prompt\":\"x\",\"image\":\"data:image/png;base64,A\"}", ERR_BAD_PARAM,
			"image"},
		{"{\"prompt\":\"x\",\"image\":\"data:image/png;base64,AAA*\"}", ERR_BAD_PARAM,
			"image"},
		{"{\"prompt\":\"x\",\"image\":\"data:image/png,AAAA\"}", ERR_BAD_PARAM, "image"},
		{"{\"prompt\":\"x\",\"image\":\"data:,\"}", ERR_BAD_PARAM, "image"},
		{"{\"prompt\":\"x\",\"image\":\"data:image/png;base64,AAAA\"}", ERR_BAD_IMAGE,
			"image"},
		{"{\"prompt\":\"x\",\"input_reference\":{\"file_id\":\"f\"}}", ERR_BAD_PARAM,
			"input_reference"},
	};

	setup();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		enum err e = try_json(bad[i].json);

		if (e != bad[i].e || strcmp(last_param, bad[i].param) != 0)
			fprintf(stderr, "%s gives %s %s\n", bad[i].json, err_name(e), last_param);
		CHECK_INT(e, bad[i].e);
		CHECK_STR(last_param, bad[i].param);
	}
	CHECK_INT(temporary_files(), 0);
	teardown();
}

static void the_prompt_is_measured_in_characters(void)
{
	char json[400] = "{\"prompt\":\"";

	setup();
	for (int i = 0; i < 50; i++)
		strcat(json, "\xf0\x9f\xa6\x8a");
	strcat(json, "\"}");
	CHECK_INT(try_json(json), ERR_OK);
	json[strlen(json) - 2] = 0;
	strcat(json, "!\"}");
	CHECK_INT(try_json(json), ERR_PROMPT_TOO_LONG);
	teardown();
}

static void an_image_comes_in_many_shapes_of_json(void)
{
	static const char *const shapes[] = {"\"image\":\"%s\"", "\"image\":{\"image_url\":\"%s\"}",
		"\"image\":{\"url\":\"%s\"}", "\"input_reference\":\"%s\"",
		"\"input_reference\":{\"image_url\":\"%s\"}",
		"\"input_reference\":{\"image_url\":{\"url\":\"%s\"}}"};
	char url[300], member[400], json[500];
	const struct video_request *r;
	struct body *b;

	setup();
	snprintf(url, sizeof url, "data:image/jpeg;base64,%s", png64);
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(member, sizeof member, shapes[i], url);
#pragma GCC diagnostic pop
		snprintf(json, sizeof json, "{\"prompt\":\"x\",%s}", member);
		CHECK_INT(body_new(&rules, TAKES_VIDEO, JSON, &b), ERR_OK);
		CHECK_INT(run(b, json, strlen(json), 64), ERR_OK);
		r = body_request(b);
		CHECK(r->n_images);
		CHECK_STR(r->images[0].stored.mime, "image/png"); /* by content */
		CHECK_INT(r->images[0].stored.size, sizeof png);
		CHECK_INT(r->images[0].stored.width, 1);
		CHECK(r->images[0].stored.sha256 &&
			blob_exists(rules.blobs, r->images[0].stored.sha256));
		CHECK_INT(temporary_files(), 1); /* the pin */
		body_free(b);
		CHECK_INT(temporary_files(), 0);
	}
	teardown();
}

static void text_in_memory_is_bounded_for_all_together(void)
{
	char *text = calloc(1, 60000);
	struct body *a, *b;

	setup();
	memset(text, ' ', 60000);
	CHECK_INT(body_new(&rules, TAKES_VIDEO, JSON, &a), ERR_OK);
	CHECK_INT(body_new(&rules, TAKES_VIDEO, JSON, &b), ERR_OK);
	CHECK_INT(body_feed(a, text, 60000), ERR_OK);
	CHECK_INT(body_feed(b, text, 60000), ERR_OVERLOADED);
	body_free(a);
	body_free(b);
	CHECK_INT(body_new(&rules, TAKES_VIDEO, JSON, &b), ERR_OK);
	CHECK_INT(body_feed(b, text, 60000), ERR_OK);
	body_free(b);
	free(text);
	teardown();
}

/* Reads an object; n: where body_text() says it ends. */
static enum err read_object(const char *type, const char *p, size_t n, struct body **ret)
{
	enum err e = body_new(&rules, TAKES_JSON, type, ret);

	if (e == ERR_OK && n)
		e = body_feed(*ret, p, n);
	return e == ERR_OK ? body_end(*ret) : e;
}

static void any_object_is_read_and_none_is_an_empty_one(void)
{
	static const char *const bad[] = {"[]", "1", "{\"a\":\"\\u0000\"}", "{", "{} x", "\xff"};
	struct body *b;
	size_t n;

	setup();
	CHECK_INT(read_object(NULL, NULL, 0, &b), ERR_OK);
	CHECK_STR(body_text(b, &n), "{}");
	CHECK_INT(n, 2);
	body_free(b);
	CHECK_INT(read_object(JSON, "{\"a\":[1]} ", 10, &b), ERR_OK);
	CHECK_STR(body_text(b, &n), "{\"a\":[1]} ");
	CHECK_INT(n, 10);
	body_free(b);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		CHECK_INT(read_object(JSON, bad[i], strlen(bad[i]), &b), ERR_BAD_JSON);
		body_free(b);
	}
	teardown();
}

static void each_route_takes_its_own_types(void)
{
	static const struct {
		enum route_takes takes;
		bool json, form, none;
	} t[] = {{TAKES_VIDEO, true, true, false}, {TAKES_REMIX, true, true, false},
		{TAKES_EDIT, true, true, false}, {TAKES_CHAT, true, false, false},
		{TAKES_ROUTER, true, false, false}, {TAKES_FILE, false, true, false},
		{TAKES_JSON, true, false, true}};
	struct body *b;

	setup();
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const char *const types[] = {JSON, FORM, NULL};
		const bool taken[] = {t[i].json, t[i].form, t[i].none};

		for (size_t k = 0; k < 3; k++) {
			enum err e = body_new(&rules, t[i].takes, types[k], &b);

			CHECK_INT(e, taken[k] ? ERR_OK : ERR_BAD_CONTENT_TYPE);
			if (e == ERR_OK)
				body_free(b);
		}
	}
	teardown();
}

static void other_types_are_refused(void)
{
	struct body *b;

	setup();
	CHECK_INT(body_new(&rules, TAKES_VIDEO, NULL, &b), ERR_BAD_CONTENT_TYPE);
	CHECK_INT(body_new(&rules, TAKES_VIDEO, "text/plain", &b), ERR_BAD_CONTENT_TYPE);
	CHECK_INT(body_new(&rules, TAKES_VIDEO, "application/jsonx", &b), ERR_BAD_CONTENT_TYPE);
	CHECK_INT(body_new(&rules, TAKES_VIDEO, "application/x-www-form-urlencoded", &b),
		ERR_BAD_CONTENT_TYPE);
	teardown();
}

TESTS("body", T(json_is_read_into_a_request), T(what_is_not_said_is_left_open),
	T(malformed_json_is_refused), T(json_of_very_many_values_is_not_read),
	T(json_cut_anywhere_is_refused), T(wrong_values_are_named),
	T(the_prompt_is_measured_in_characters), T(an_image_comes_in_many_shapes_of_json),

	T(text_in_memory_is_bounded_for_all_together),
	T(any_object_is_read_and_none_is_an_empty_one), T(each_route_takes_its_own_types),
	T(other_types_are_refused))
