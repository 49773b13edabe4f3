/* JSON in each dialect becomes the same fields; what is wrong is named. */
#include "proto/buf.h"
#include "services/gateway/dialects.h"
#include "tests/unit/check.h"

#define URL     "https://example.com/a.png"
#define PNG     "data:image/png;base64,AAAA"
#define FILE_ID "file_0123456789abcdef0123456789abcdef"

static struct fields f;

/* To be followed by fields_free(). */
static enum err try(enum route_takes takes, const char *json)
{
	enum err e;

	fields_init(&f, takes);
	e = dialect_read(&f, json, strlen(json));
	return e == ERR_OK ? fields_check(&f, 1000) : e;
}

struct wrong {
	const char *json;
	enum err e;
	const char *param;
};

static void all_wrong(enum route_takes takes, const struct wrong *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum err e = try(takes, t[i].json);
		const char *param = f.problem.param ? f.problem.param : "";

		if (e != t[i].e || strcmp(param, t[i].param) != 0)
			fprintf(stderr, "%s gives %s %s\n", t[i].json, err_name(e), param);
		CHECK_INT(e, t[i].e);
		CHECK_STR(param, t[i].param);
		fields_free(&f);
	}
}

#define ALL_WRONG(takes, table) all_wrong(takes, table, sizeof table / sizeof *table)

static void every_field_of_a_video_is_read(void)
{
	CHECK_INT(
		try(TAKES_VIDEO,
			"{\"prompt\":\"a fox\",\"negative_prompt\":\"rain\",\"duration\":\"8\","
			"\"aspect_ratio\":\"16:9\",\"resolution\":\"720p\",\"fps\":24,\"n\":\"4\","
			"\"stream\":\"true\",\"fail_fast\":1,\"response_format\":\"b64_json\","
			"\"webhook_url\":\"https://example.com/hook\",\"user\":{\"x\":[]},"
			"\"image\":\"" URL "\",\"last_frame\":{\"file_id\":\"" FILE_ID "\"}}"),
		ERR_OK);
	CHECK_STR(f.want.negative_prompt, "rain");
	CHECK_INT(f.want.seconds, 8);
	CHECK_STR(f.want.seconds_param, "duration");
	CHECK_INT(f.want.aspect_width, 16);
	CHECK_INT(f.want.aspect_height, 9);
	CHECK_INT(f.want.resolution, 720);
	CHECK_INT(f.want.fps, 24);
	CHECK_INT(f.want.n, 4);
	CHECK(f.want.stream && f.want.fail_fast && !f.want.async);
	CHECK_INT(f.want.format, RESPONSE_B64_JSON);
	CHECK_STR(f.want.webhook_url, "https://example.com/hook");
	CHECK_INT(f.want.n_images, 2);
	CHECK_STR(f.want.images[0].url, URL);
	CHECK_STR(f.want.images[0].param, "image");
	CHECK_STR(f.want.images[1].file_id, FILE_ID);
	CHECK_STR(f.want.images[1].param, "last_frame");
	fields_free(&f);
}

static void aliases_of_fields_are_the_same_fields(void)
{
	CHECK_INT(try(TAKES_VIDEO,
			  "{\"prompt\":\"x\",\"callback_url\":\"http://a.example/\",\"resolution\":"
			  "\"4K\"}"),
		ERR_OK);
	CHECK_STR(f.want.webhook_url, "http://a.example/");
	CHECK_INT(f.want.resolution, 2160);
	fields_free(&f);
	CHECK_INT(try(TAKES_VIDEO, "{\"prompt\":\"x\",\"image\":\"" FILE_ID "\"}"), ERR_OK);
	CHECK_STR(f.want.images[0].file_id, FILE_ID);
	fields_free(&f);
}

#define C64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define C512 C64 C64 C64 C64 C64 C64 C64 C64

static void metadata_is_read_as_it_is(void)
{
	static const enum route_takes takes[] = {TAKES_VIDEO, TAKES_REMIX, TAKES_ROUTER};

	for (size_t i = 0; i < sizeof takes / sizeof *takes; i++) {
		CHECK_INT(try(takes[i], "{\"prompt\":\"x\",\"metadata\":{\"scene\":\"3\",\"" C64
					"\":\"" C512 "\",\"scene\":\"ñ \\\"4\\\"\",\"\\n\":\"\"}}"),
			ERR_OK);
		CHECK_INT(f.want.n_metadata, 3);
		CHECK_STR(f.want.metadata[0].key, "scene"); /* the last one counts */
		CHECK_STR(f.want.metadata[0].value, "ñ \"4\"");
		CHECK_STR(f.want.metadata[1].key, C64);
		CHECK_STR(f.want.metadata[1].value, C512);
		CHECK_STR(f.want.metadata[2].key, "\n");
		CHECK_STR(f.want.metadata[2].value, "");
		fields_free(&f);
	}
	CHECK_INT(try(TAKES_VIDEO, "{\"prompt\":\"x\",\"metadata\":{}}"), ERR_OK);
	CHECK_INT(f.want.n_metadata, 0);
	fields_free(&f);
	CHECK_INT(try(TAKES_VIDEO, "{\"prompt\":\"x\",\"metadata\":null}"), ERR_OK);
	CHECK_INT(f.want.n_metadata, 0);
	fields_free(&f);
}

/* n pairs, all different. */
static enum err try_pairs(int n)
{
	struct buf b = {0};
	enum err e;

	buf_adds(&b, "{\"prompt\":\"x\",\"metadata\":{");
	for (int i = 0; i < n; i++)
		buf_addf(&b, "%s\"%d\":\"\"", i ? "," : "", i);
	buf_adds(&b, "}}");
	e = try(TAKES_VIDEO, b.p);
	buf_free(&b);
	return e;
}

static void metadata_is_bounded(void)
{
	CHECK_INT(try_pairs(16), ERR_OK);
	CHECK_INT(f.want.n_metadata, 16);
	fields_free(&f);
	CHECK_INT(try_pairs(17), ERR_BAD_PARAM);
	CHECK_STR(f.problem.param, "metadata");
	fields_free(&f);
}

static void wrong_values_of_a_video_are_named(void)
{
	static const struct wrong t[] = {
		{"{\"prompt\":\"x\",\"duration\":0}", ERR_BAD_PARAM, "duration"},
		{"{\"prompt\":\"x\",\"negative_prompt\":1}", ERR_BAD_PARAM, "negative_prompt"},
		{"{\"prompt\":\"x\",\"aspect_ratio\":\"wide\"}", ERR_BAD_PARAM, "aspect_ratio"},
		{"{\"prompt\":\"x\",\"aspect_ratio\":\"16:0\"}", ERR_BAD_PARAM, "aspect_ratio"},
		{"{\"prompt\":\"x\",\"aspect_ratio\":\":9\"}", ERR_BAD_PARAM, "aspect_ratio"},
		{"{\"prompt\":\"x\",\"aspect_ratio\":\"16:\"}", ERR_BAD_PARAM, "aspect_ratio"},
		{"{\"prompt\":\"x\",\"aspect_ratio\":\"16:9:4\"}", ERR_BAD_PARAM, "aspect_ratio"},
		{"{\"prompt\":\"x\",\"aspect_ratio\":1.78}", ERR_BAD_PARAM, "aspect_ratio"},
		{"{\"prompt\":\"x\",\"resolution\":\"700p\"}", ERR_BAD_PARAM, "resolution"},
		{"{\"prompt\":\"x\",\"resolution\":720}", ERR_BAD_PARAM, "resolution"},
		{"{\"prompt\":\"x\",\"size\":\"720x1280\",\"aspect_ratio\":\"16:9\"}",
			ERR_BAD_PARAM, "aspect_ratio"},
		{"{\"prompt\":\"x\",\"size\":\"720x1280\",\"resolution\":\"480p\"}", ERR_BAD_PARAM,
			"resolution"},
		{"{\"prompt\":\"x\",\"fps\":0}", ERR_BAD_PARAM, "fps"},
		{"{\"prompt\":\"x\",\"fps\":23.976}", ERR_BAD_PARAM, "fps"},
		{"{\"prompt\":\"x\",\"n\":0}", ERR_BAD_PARAM, "n"},
		{"{\"prompt\":\"x\",\"n\":5}", ERR_BAD_PARAM, "n"},
		{"{\"prompt\":\"x\",\"stream\":\"yes\"}", ERR_BAD_PARAM, "stream"},
		{"{\"prompt\":\"x\",\"fail_fast\":{}}", ERR_BAD_PARAM, "fail_fast"},
		{"{\"prompt\":\"x\",\"response_format\":\"json\"}", ERR_BAD_PARAM,
			"response_format"},
		{"{\"prompt\":\"x\",\"response_format\":{\"type\":\"text\"}}", ERR_BAD_PARAM,
			"response_format"},
		{"{\"prompt\":\"x\",\"webhook_url\":\"example.com\"}", ERR_BAD_PARAM,
			"webhook_url"},
		{"{\"prompt\":\"x\",\"callback_url\":\"https://a@example.com/\"}", ERR_BAD_PARAM,
			"callback_url"},
		{"{\"prompt\":\"x\",\"webhook_url\":\"http://127.0.0.1/\"}", ERR_BAD_PARAM,
			"webhook_url"},
		{"{\"prompt\":\"x\",\"image\":\"http://[::1]/a.png\"}", ERR_BAD_PARAM, "image"},
		{"{\"prompt\":\"x\",\"image\":[\"" URL "\"]}", ERR_BAD_PARAM, "image"},
		{"{\"prompt\":\"x\",\"image\":\"" URL "\",\"input_reference\":\"" URL "\"}",
			ERR_BAD_PARAM, "input_reference"},
		{"{\"prompt\":\"x\",\"input_reference\":{\"file_id\":\"" URL "\"}}", ERR_BAD_PARAM,
			"input_reference"},
		{"{\"prompt\":\"x\",\"image\":\"file_1\"}", ERR_BAD_PARAM, "image"},
		{"{\"prompt\":\"x\",\"last_frame\":\"" URL "\"}", ERR_MISSING_PARAM,
			"input_reference"},
		{"{\"prompt\":\"x\",\"last_frame\":true}", ERR_BAD_PARAM, "last_frame"},
		{"{\"prompt\":\"x\",\"metadata\":\"a\"}", ERR_BAD_PARAM, "metadata"},
		{"{\"prompt\":\"x\",\"metadata\":[\"a\"]}", ERR_BAD_PARAM, "metadata"},
		{"{\"prompt\":\"x\",\"metadata\":{\"a\":1}}", ERR_BAD_PARAM, "metadata"},
		{"{\"prompt\":\"x\",\"metadata\":{\"a\":null}}", ERR_BAD_PARAM, "metadata"},
		{"{\"prompt\":\"x\",\"metadata\":{\"a\":{}}}", ERR_BAD_PARAM, "metadata"},
		{"{\"prompt\":\"x\",\"metadata\":{\"\":\"\"}}", ERR_BAD_PARAM, "metadata"},
		{"{\"prompt\":\"x\",\"metadata\":{\"" C64 "x\":\"\"}}", ERR_BAD_PARAM, "metadata"},
		{"{\"prompt\":\"x\",\"metadata\":{\"a\":\"" C512 "x\"}}", ERR_BAD_PARAM,
			"metadata"},
	};

	ALL_WRONG(TAKES_VIDEO, t);
}

static void what_a_value_must_be_is_said(void)
{
	static const struct {
		const char *json, *said;
	} t[] = {
		{"{\"prompt\":7}", "prompt must be a string."},
		{"{\"prompt\":\"x\",\"size\":640}", "size must be a string."},
		{"{\"prompt\":\"x\",\"seconds\":1e999}",
			"seconds must be a whole number from 1 to 3600."},
		{"{\"prompt\":\"x\",\"seconds\":true}",
			"seconds must be a whole number from 1 to 3600."},
		{"{\"prompt\":\"x\",\"seed\":1e17}",
			"seed must be a whole number from 0 to 4294967295."},
		{"{\"prompt\":\"x\",\"async\":[true]}", "async must be true or false."},
		{"{\"prompt\":\"x\",\"image\":{}}",
			"image must be a link, a data: URL, {\"image_url\": ...} or "
			"{\"file_id\": ...}."},
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		CHECK_INT(try(TAKES_VIDEO, t[i].json), ERR_BAD_PARAM);
		CHECK_STR(f.problem.message, t[i].said);
		fields_free(&f);
	}
}

static void an_edit_says_which_video(void)
{
	static const struct wrong t[] = {{"{\"prompt\":\"x\"}", ERR_MISSING_PARAM, "video"},
		{"{\"prompt\":\"x\",\"video\":{}}", ERR_BAD_PARAM, "video"},
		{"{\"prompt\":\"x\",\"video\":\"\"}", ERR_MISSING_PARAM, "video"},
		{"{\"prompt\":\"x\",\"video\":7}", ERR_BAD_PARAM, "video"},
		{"{\"video\":\"video_1\"}", ERR_MISSING_PARAM, "prompt"}};
	static const char *const good[] = {"{\"prompt\":\"x\",\"video\":{\"id\":\"video_1\"}}",
		"{\"prompt\":\"x\",\"video\":\"video_1\"}"};

	ALL_WRONG(TAKES_EDIT, t);
	for (size_t i = 0; i < 2; i++) {
		CHECK_INT(try(TAKES_EDIT, good[i]), ERR_OK);
		CHECK_STR(f.want.source, "video_1");
		fields_free(&f);
	}
	/* Elsewhere it is a field that nobody knows. */
	CHECK_INT(try(TAKES_VIDEO, "{\"prompt\":\"x\",\"video\":7}"), ERR_OK);
	CHECK(f.want.source == NULL);
	fields_free(&f);
}

static void the_last_that_the_user_said_is_the_prompt(void)
{
	CHECK_INT(
		try(TAKES_CHAT,
			"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"old\"},"
			"{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
			"{\"type\":\"image_url\",\"image_url\":{\"url\":\"" PNG "\"}},"
			"{\"type\":\"text\",\"text\":\"fox\"}]},"
			"{\"role\":\"assistant\",\"content\":\"b\"}],\"seconds\":5,\"stream\":true,"
			"\"stream_options\":{\"include_usage\":true},\"seed\":\"7\","
			"\"response_format\":{\"type\":\"text\"},\"temperature\":1,\"n\":1,"
			"\"prompt\":\"not this\",\"async\":3}"),
		ERR_OK);
	CHECK_STR(f.want.prompt, "a\nfox");
	CHECK(f.want.images[0].sent);
	CHECK_STR(f.want.images[0].param, "messages");
	CHECK_INT(f.want.seconds, 5);
	CHECK_INT(f.want.seed, 7);
	CHECK(f.want.stream && f.want.stream_usage);
	fields_free(&f);
	CHECK_INT(
		try(TAKES_CHAT,
			"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
			"\"text\":\"x\"},{\"type\":\"input_image\",\"image_url\":\"" URL "\"}]}]}"),
		ERR_OK);
	CHECK_STR(f.want.images[0].url, URL);
	CHECK(!f.want.stream && !f.want.stream_usage);
	fields_free(&f);
}

static void a_chat_that_says_nothing_is_refused(void)
{
	static const struct wrong t[] = {{"{}", ERR_MISSING_PARAM, "messages"},
		{"{\"messages\":null}", ERR_MISSING_PARAM, "messages"},
		{"{\"messages\":[]}", ERR_MISSING_PARAM, "messages"},
		{"{\"messages\":{}}", ERR_BAD_PARAM, "messages"},
		{"{\"messages\":[1,null,\"x\"]}", ERR_MISSING_PARAM, "messages"},
		{"{\"messages\":[{\"role\":\"system\",\"content\":\"x\"}]}", ERR_MISSING_PARAM,
			"messages"},
		{"{\"messages\":[{\"role\":\"user\"}]}", ERR_BAD_PARAM, "messages"},
		{"{\"messages\":[{\"role\":\"user\",\"content\":5}]}", ERR_BAD_PARAM, "messages"},
		{"{\"messages\":[{\"role\":\"user\",\"content\":\" \"}]}", ERR_BAD_PARAM,
			"messages"},
		{"{\"messages\":[{\"role\":\"user\",\"content\":[]}]}", ERR_MISSING_PARAM,
			"messages"},
		{"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\","
		 "\"image_url\":\"" URL "\"}]}]}",
			ERR_MISSING_PARAM, "messages"},
		{"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\"}]}]}",
			ERR_BAD_PARAM, "messages"},
		{"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}",
			ERR_BAD_PARAM, "messages"},
		{"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"n\":0}", ERR_BAD_PARAM,
			"n"},
		{"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"stream\":\"on\"}",
			ERR_BAD_PARAM, "stream"}};

	ALL_WRONG(TAKES_CHAT, t);
}

static void a_long_talk_is_read(void)
{
	struct buf b = {0};

	buf_adds(&b, "{\"messages\":[");
	for (int i = 0; i < 2000; i++)
		buf_adds(&b, "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\"}]},");
	buf_adds(&b, "{\"role\":\"user\",\"content\":\"a fox\"}]}");
	CHECK_INT(try(TAKES_CHAT, b.p), ERR_OK);
	CHECK_STR(f.want.prompt, "a fox");
	fields_free(&f);
	buf_free(&b);
}

static void openrouters_request_is_read(void)
{
	CHECK_INT(try(TAKES_ROUTER,
			  "{\"model\":\"m\",\"prompt\":\"a fox\",\"duration\":6,\"resolution\":"
			  "\"1080p\",\"aspect_ratio\":\"9:16\",\"seed\":1,\"generate_audio\":true,"
			  "\"provider\":{\"options\":{}},\"frame_images\":[{\"type\":\"image_url\","
			  "\"image_url\":{\"url\":\"" URL "\"},\"frame_type\":\"last_frame\"},"
			  "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" PNG "\"},"
			  "\"frame_type\":\"first_frame\"}],\"input_references\":[]}"),
		ERR_OK);
	CHECK_INT(f.want.seconds, 6);
	CHECK_INT(f.want.resolution, 1080);
	CHECK_INT(f.want.aspect_height, 16);
	CHECK_INT(f.want.n_images, 2);
	CHECK(f.want.images[0].sent);
	CHECK_STR(f.want.images[1].url, URL);
	fields_free(&f);
	CHECK_INT(
		try(TAKES_ROUTER, "{\"prompt\":\"x\",\"input_references\":[{\"type\":\"image_url\","
				  "\"image_url\":{\"url\":\"" URL "\"}}],\"frame_images\":null}"),
		ERR_OK);
	CHECK_STR(f.want.images[0].url, URL);
	CHECK_STR(f.want.images[0].param, "input_references");
	fields_free(&f);
}

static void wrong_values_of_openrouters_request_are_named(void)
{
	static const struct wrong t[] = {
		{"{\"prompt\":\"x\",\"duration\":\"long\"}", ERR_BAD_PARAM, "duration"},
		{"{\"prompt\":\"x\",\"frame_images\":{}}", ERR_BAD_PARAM, "frame_images"},
		{"{\"prompt\":\"x\",\"frame_images\":[7]}", ERR_BAD_PARAM, "frame_images"},
		{"{\"prompt\":\"x\",\"frame_images\":[{\"image_url\":{\"url\":\"" URL
		 "\"},\"frame_type\":\"middle\"}]}",
			ERR_BAD_PARAM, "frame_images"},
		{"{\"prompt\":\"x\",\"frame_images\":[{\"image_url\":{\"url\":\"" URL
		 "\"},\"frame_type\":\"last_frame\"}]}",
			ERR_MISSING_PARAM, "frame_images"},
		{"{\"prompt\":\"x\",\"frame_images\":[{\"image_url\":{\"url\":\"" URL
		 "\"}},{\"image_url\":{\"url\":\"" URL "\"}}]}",
			ERR_BAD_PARAM, "frame_images"},
		{"{\"prompt\":\"x\",\"input_references\":\"" URL "\"}", ERR_BAD_PARAM,
			"input_references"},
		{"{\"prompt\":\"x\",\"input_references\":[{\"type\":\"video_url\",\"video_url\":"
		 "{\"url\":\"" URL "\"}}]}",
			ERR_BAD_PARAM, "input_references"},
		{"{\"prompt\":\"x\",\"previous_job_id\":\"video_1\"}", ERR_BAD_PARAM,
			"previous_job_id"},
		{"{\"model\":\"m\"}", ERR_MISSING_PARAM, "prompt"},
		{"{\"prompt\":\"\"}", ERR_BAD_PARAM, "prompt"},
	};

	ALL_WRONG(TAKES_ROUTER, t);
}

/* The field that a name of a form leads to; NULL: none. */
static const struct field *bracketed(
	enum route_takes takes, const char *name, enum err want, bool *is_id)
{
	const struct field *field;
	struct fields form;

	fields_init(&form, takes);
	CHECK_INT(fields_bracketed(&form, name, is_id, &field), want);
	if (want != ERR_OK)
		CHECK_STR(form.problem.param, "input_reference");
	fields_free(&form);
	return want == ERR_OK ? field : NULL;
}

static void brackets_of_a_form_lead_to_the_same_fields(void)
{
	static const struct {
		const char *name;
		bool found, is_id;
	} t[] = {{"prompt", true, false}, {"input_reference", true, false},
		{"image[]", true, false}, {"input_reference[image_url]", true, false},
		{"input_reference[image_url][url]", true, false}, {"last_frame[url]", true, false},
		{"input_reference[file_id]", true, true}, {"input_reference[type]", false, false},
		{"image[image_url][detail]", false, false}, {"prompt[x]", false, false},
		{"[prompt]", false, false}, {"", false, false}, {"video[id]", false, false},
		{"loras[][name]", false, false}};
	bool is_id;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct field *field = bracketed(TAKES_VIDEO, t[i].name, ERR_OK, &is_id);

		CHECK(!!field == t[i].found);
		if (field)
			CHECK(is_id == t[i].is_id);
	}
	CHECK(bracketed(TAKES_EDIT, "video[id]", ERR_OK, &is_id) != NULL);
	CHECK(bracketed(TAKES_EDIT, "video[x]", ERR_OK, &is_id) == NULL);
	CHECK(bracketed(TAKES_FILE, "file", ERR_OK, &is_id) != NULL);
	CHECK(bracketed(TAKES_FILE, "prompt", ERR_OK, &is_id) == NULL);
}

static void an_image_in_brackets_that_say_nothing_is_refused(void)
{
	static const char *const t[] = {"input_reference[other]", "input_reference[image_url",
		"input_reference[image_url][x]", "input_reference[", "input_reference[[file_id]]"};
	bool is_id;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		bracketed(TAKES_VIDEO, t[i], ERR_BAD_PARAM, &is_id);
}

TESTS("dialects", T(every_field_of_a_video_is_read), T(aliases_of_fields_are_the_same_fields),
	T(metadata_is_read_as_it_is), T(metadata_is_bounded), T(wrong_values_of_a_video_are_named),
	T(what_a_value_must_be_is_said), T(an_edit_says_which_video),
	T(the_last_that_the_user_said_is_the_prompt), T(a_chat_that_says_nothing_is_refused),
	T(a_long_talk_is_read), T(openrouters_request_is_read),
	T(wrong_values_of_openrouters_request_are_named),
	T(brackets_of_a_form_lead_to_the_same_fields),
	T(an_image_in_brackets_that_say_nothing_is_refused))
