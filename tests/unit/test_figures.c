#include "services/gateway/figures.h"

#include "tests/unit/check.h"

#define FAMILY(name) "# HELP arena_" name " words {of} it\n# TYPE arena_" name " counter\n"

static void one_without_labels_stays_as_it_is(void)
{
	static const char text[] = FAMILY("a") "arena_a 1\n" FAMILY("b") "arena_b{x=\"1\"} 2\n";
	struct buf out = {0};

	figures_merge(&out, &(struct figures){.text = text}, 1);
	CHECK_STR(out.p, text);
	buf_free(&out);
}

static void families_of_several_come_together_with_one_head(void)
{
	static const struct figures each[] = {
		{FAMILY("a") "arena_a 1\n" FAMILY("ab") "arena_ab_bucket{le=\"1\"} 2\n"
							"arena_ab_count 3\n",
			"bridge=\"one\""},
		{"", "bridge=\"silent\""},
		{FAMILY("ab") "arena_ab_bucket{le=\"1\"} 4\narena_ab_count 5\n" FAMILY(
			 "newer") "arena_newer 6\n" FAMILY("a") "arena_a 7\n",
			"bridge=\"two\""}};
	struct buf out = {0};

	figures_merge(&out, each, 3);
	CHECK_STR(out.p,
		FAMILY("a") "arena_a{bridge=\"one\"} 1\narena_a{bridge=\"two\"} 7\n" FAMILY(
			"ab") "arena_ab_bucket{bridge=\"one\",le=\"1\"} 2\n"
			      "arena_ab_count{bridge=\"one\"} 3\n"
			      "arena_ab_bucket{bridge=\"two\",le=\"1\"} 4\n"
			      "arena_ab_count{bridge=\"two\"} 5\n" FAMILY(
				      "newer") "arena_newer{bridge=\"two\"} 6\n");
	buf_free(&out);
}

TESTS("figures", T(one_without_labels_stays_as_it_is),
	T(families_of_several_come_together_with_one_head))
