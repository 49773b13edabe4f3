#include "services/gateway/range.h"

#include "tests/unit/check.h"

/* "first+length", "all" or "none". */
static const char *told(const char *header, int64_t size)
{
	static char out[64];
	struct range r;

	switch (range_parse(header, size, &r)) {
	case RANGE_PART:
		snprintf(out, sizeof out, "%lld+%lld", (long long)r.first, (long long)r.length);
		return out;
	case RANGE_NONE:
		return "none";
	default:
		return "all";
	}
}

static void no_range_is_everything(void)
{
	CHECK_STR(told(NULL, 100), "all");
	CHECK_STR(told("", 100), "all");
}

static void the_three_forms_give_their_part(void)
{
	CHECK_STR(told("bytes=0-1", 100), "0+2");
	CHECK_STR(told("bytes=10-19", 100), "10+10");
	CHECK_STR(told("bytes=0-", 100), "0+100");
	CHECK_STR(told("bytes=99-", 100), "99+1");
	CHECK_STR(told("bytes=-1", 100), "99+1");
	CHECK_STR(told("bytes=-100", 100), "0+100");
	CHECK_STR(told("Bytes=5-5", 100), "5+1");
}

static void what_reaches_beyond_the_end_is_cut(void)
{
	CHECK_STR(told("bytes=90-200", 100), "90+10");
	CHECK_STR(told("bytes=-200", 100), "0+100");
	CHECK_STR(told("bytes=1-99999999999999999999999999", 100), "1+99");
	CHECK_STR(told("bytes=-99999999999999999999999999", 100), "0+100");
	CHECK_STR(told("bytes=0-9223372036854775807", INT64_MAX), "0+9223372036854775807");
}

static void what_is_not_there_is_unsatisfiable(void)
{
	CHECK_STR(told("bytes=100-", 100), "none");
	CHECK_STR(told("bytes=100-200", 100), "none");
	CHECK_STR(told("bytes=99999999999999999999999999-", 100), "none");
	CHECK_STR(told("bytes=-0", 100), "none");
	CHECK_STR(told("bytes=0-", 0), "none");
	CHECK_STR(told("bytes=-5", 0), "all");
}

static void malformed_and_several_are_ignored(void)
{
	static const char *const ignored[] = {"bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1",
		"bytes=2-1", "bytes=0-1,5-6", "bytes=0-1,", "bytes= 0-1", "bytes=0-1 ",
		"bytes=0 -1", "bytes=--1", "bytes=+1-2", "bytes=1-+2", "bytes=0x1-2", "items=0-1",
		"bytes 0-1", "bytes=1.5-2", "bytes=-1-2", "bytes=5-4,1-2"};

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
		if (strcmp(told(ignored[i], 100), "all") != 0)
			fprintf(stderr, "%s gave %s\n", ignored[i], told(ignored[i], 100));
		CHECK_STR(told(ignored[i], 100), "all");
	}
}

static void every_part_lies_inside(void)
{
	char header[64];
	struct range r;

	for (int size = 0; size < 12; size++)
		for (int a = -1; a < 14; a++)
			for (int b = -1; b < 14; b++) {
				char from[8] = "", to[8] = "";

				if (a >= 0)
					snprintf(from, sizeof from, "%d", a);
				if (b >= 0)
					snprintf(to, sizeof to, "%d", b);
				snprintf(header, sizeof header, "bytes=%s-%s", from, to);
				if (range_parse(header, size, &r) == RANGE_PART)
					CHECK(r.first >= 0 && r.length > 0 &&
						r.first + r.length <= size);
			}
}

TESTS("range", T(no_range_is_everything), T(the_three_forms_give_their_part),
	T(what_reaches_beyond_the_end_is_cut), T(what_is_not_there_is_unsatisfiable),
	T(malformed_and_several_are_ignored), T(every_part_lies_inside))
