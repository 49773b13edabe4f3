#include "services/gateway/prefer.h"
#include "tests/unit/check.h"

static struct prefer read_all(const char *a, const char *b)
{
	struct prefer p = {.wait_s = -1};

	prefer_read(a, &p);
	if (b)
		prefer_read(b, &p);
	return p;
}

static void waits_and_async_are_read_in_any_form(void)
{
	static const char *const forms[] = {"wait=10, respond-async", "respond-async,wait=10",
		"Respond-Async; x=\"a,b\" , WAIT=\"10\"",
		"foo=\"wait=3\", respond-async, wait = 10", "respond-async; wait=7, wait=10; y"};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct prefer p = read_all(forms[i], NULL);

		CHECK(p.respond_async);
		CHECK_INT(p.wait_s, 10);
	}
	CHECK_INT(read_all("wait=5", "wait=10").wait_s, 5);
	CHECK(read_all("wait=5", "respond-async").respond_async);
	CHECK_INT(read_all("wait=0", NULL).wait_s, 0);
}

static void what_makes_no_sense_is_ignored(void)
{
	static const char *const forms[] = {"", ",,", "wait", "wait=", "wait=-1", "wait=x",
		"wait=1x", "wait=99999999999999999999", "await=3", "waiting=3", "wait-a=3", "x=\"",
		"x=\"\\", "respond-asynchronously"};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct prefer p = read_all(forms[i], NULL);

		CHECK(!p.respond_async);
		CHECK_INT(p.wait_s, -1);
	}
}

TESTS("prefer", T(waits_and_async_are_read_in_any_form), T(what_makes_no_sense_is_ignored))
