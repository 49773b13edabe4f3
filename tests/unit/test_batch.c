#include "services/bridge/batch.h"

#include "tests/unit/check.h"

static struct piece pieces[BATCH_MAX];

static int cut(const char *text)
{
	size_t n;

	return batch_cut(text, strlen(text), pieces, &n) ? (int)n : -1;
}

static void check_piece(size_t i, const char *text)
{
	CHECK_INT(pieces[i].n, strlen(text));
	CHECK(memcmp(pieces[i].p, text, strlen(text)) == 0);
}

static void frames_are_cut_where_they_end(void)
{
	CHECK_INT(cut("[]"), 0);
	CHECK_INT(cut(" [ ] \n"), 0);
	CHECK_INT(cut("[{\"type\":\"ready\"}]"), 1);
	check_piece(0, "{\"type\":\"ready\"}");
	CHECK_INT(cut(" [ {\"a\":[1,{}]} ,{\"b\":\"],\\\"}\"}\t]"), 2);
	check_piece(0, "{\"a\":[1,{}]}");
	check_piece(1, "{\"b\":\"],\\\"}\"}");
}

static void what_is_no_array_is_not_cut(void)
{
	static const char *const bad[] = {"", " ", "{}", "[", "[{}", "[{},", "[\"", "[\"\\", "[}]",
		"[{}]]", "[{}] x", "[{\"a\":\"]"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (cut(bad[i]) >= 0)
			fprintf(stderr, "cut: %s\n", bad[i]);
		CHECK_INT(cut(bad[i]), -1);
	}
}

static void there_is_a_most(void)
{
	char text[2 * BATCH_MAX + 4] = "[";

	for (int i = 0; i < BATCH_MAX; i++)
		strcat(text + 2 * i, i ? ",1" : "1");
	CHECK_INT(cut(strcat(text, "]")), BATCH_MAX);
	text[strlen(text) - 1] = 0;
	CHECK_INT(cut(strcat(text, ",1]")), -1);
}

TESTS("batch", T(frames_are_cut_where_they_end), T(what_is_no_array_is_not_cut), T(there_is_a_most))
