/* Fields of a record found in its text, as a decoder would have found them. */
#include "services/jobs/scan.h"

#include "proto/messages.h"
#include "tests/unit/check.h"

static struct raw raw(const char *text)
{
	return (struct raw){text, strlen(text)};
}

/* A field as it is written; "(none)". */
static const char *field(const char *text, const char *name)
{
	static char out[200];
	struct raw v;

	if (!scan_field(raw(text), name, &v))
		return "(none)";
	snprintf(out, sizeof out, "%.*s", (int)v.n, v.p);
	return out;
}

static void a_field_is_found_with_its_value(void)
{
	static const char text[] = "{\"id\":\"v1\",\"n\":-12,\"list\":[{\"id\":\"x\"},[1,2]],"
				   "\"o\":{\"a\":{}},\"yes\":true,\"last\":\"\"}";

	CHECK_STR(field(text, "id"), "\"v1\"");
	CHECK_STR(field(text, "n"), "-12");
	CHECK_STR(field(text, "list"), "[{\"id\":\"x\"},[1,2]]");
	CHECK_STR(field(text, "o"), "{\"a\":{}}");
	CHECK_STR(field(text, "yes"), "true");
	CHECK_STR(field(text, "last"), "\"\"");
	CHECK_STR(field(text, "a"), "(none)"); /* only the outermost object's */
	CHECK_STR(field(text, "i"), "(none)");
	CHECK_STR(field("{}", "i"), "(none)");
	CHECK_INT(scan_int(raw(text), "n", 5), -12);
	CHECK_INT(scan_int(raw(text), "m", 5), 5);
}

static void what_looks_like_a_field_in_a_string_is_none(void)
{
	static const char text[] =
		"{\"a\":\"x\\\\\",\"b\":\"\\\",\\\"c\\\":\\\"no\\\"\",\"c\":\"yes\"}";

	CHECK_STR(field(text, "a"), "\"x\\\\\"");
	CHECK_STR(field(text, "c"), "\"yes\"");
}

static void a_text_may_end_before_its_brace(void)
{
	CHECK_STR(field("{\"a\":1,\"b\":22", "b"), "22");
	CHECK_STR(field("{\"a\":1,\"b\":\"22\"", "b"), "\"22\"");
}

static void a_cut_text_is_no_harm(void)
{
	static const char text[] = "{\"a\":\"x\\\"\",\"l\":[{\"k\":\"]\"}],\"b\":22}";
	struct raw v;

	for (size_t n = 0; n < sizeof text; n++) {
		char *copy = malloc(n + 1); /* the sanitizer sees who reads behind it */

		memcpy(copy, text, n);
		if (scan_field((struct raw){copy, n}, "b", &v))
			CHECK(n > sizeof text - 5);
		free(copy);
	}
}

static void a_string_says_what_was_written(void)
{
	static const char *const said[] = {"", "fox", "a \"b\" \\ c\\", "\n\t\x01\x7f",
		"\xf0\x9f\xa6\x8a \\u00e4 \\n", "\\\""};
	struct buf out = {0};

	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		struct job job = {.id = "v", .prompt = said[i], .seconds = 4};
		struct raw v;
		size_t n;
		char *json = rec_write(&rec_job, &job, &n);

		buf_clear(&out);
		CHECK(scan_field((struct raw){json, n}, "prompt", &v));
		CHECK(scan_string(v, &out));
		buf_add(&out, "", 1);
		CHECK_STR(out.p, said[i]);
		free(json);
	}
	CHECK(!scan_string(raw("12"), &out));
	buf_free(&out);
}

TESTS("scan", T(a_field_is_found_with_its_value), T(what_looks_like_a_field_in_a_string_is_none),
	T(a_text_may_end_before_its_brace), T(a_cut_text_is_no_harm),
	T(a_string_says_what_was_written))
