/* Places in a line: order, counts, and that no order of coming and going confuses it. */
#include "services/jobs/line.h"

#include <stdbool.h>

#include "tests/unit/check.h"

#define PLACES 500

static void an_empty_line_has_nobody(void)
{
	struct line l = {.root = NULL};

	CHECK(line_first(&l) == NULL);
	CHECK_INT(line_count(&l), 0);
	CHECK_INT(line_before(&l, "a"), 0);
}

static void places_are_in_the_order_of_names(void)
{
	struct line l = {.root = NULL};
	struct place a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"};

	line_add(&l, &b);
	line_add(&l, &c);
	line_add(&l, &a);
	CHECK(line_first(&l) == &a);
	CHECK_INT(line_before(&l, "a"), 0);
	CHECK_INT(line_before(&l, "c"), 2);
	CHECK_INT(line_before(&l, "bb"), 2); /* need not be there */
	CHECK_INT(line_before(&l, "d"), 3);
	line_remove(&l, &a);
	CHECK(line_first(&l) == &b);
	CHECK_INT(line_before(&l, "c"), 1);
	CHECK_INT(line_count(&l), 2);
}

static int height(const struct place *p)
{
	int left, right;

	if (!p)
		return 0;
	left = height(p->left), right = height(p->right);
	return 1 + (left > right ? left : right);
}

static void any_mix_agrees_with_counting(void)
{
	static struct place places[PLACES];
	static char names[PLACES][16];
	static bool in[PLACES];
	struct line l = {.root = NULL};
	unsigned rnd = 5;

	for (int i = 0; i < PLACES; i++) {
		snprintf(names[i], sizeof names[i], "n%04d", i);
		places[i].name = names[i];
	}
	for (int step = 0; step < 20000; step++) {
		unsigned k, before = 0, all = 0;

		rnd = rnd * 1103515245 + 12345;
		k = (rnd >> 8) % PLACES;
		if (in[k])
			line_remove(&l, &places[k]);
		else
			line_add(&l, &places[k]);
		in[k] = !in[k];
		if (step % 50)
			continue;
		for (unsigned i = 0; i < PLACES; i++) {
			before += i < k && in[i];
			all += in[i];
		}
		CHECK_INT(line_before(&l, names[k]), before);
		CHECK_INT(line_count(&l), all);
	}
}

static void a_long_line_is_not_deep(void)
{
	static struct place places[100000];
	static char names[100000][16];
	struct line l = {.root = NULL};

	for (int i = 0; i < 100000; i++) {
		snprintf(names[i], sizeof names[i], "%06d", i);
		places[i].name = names[i];
		line_add(&l, &places[i]);
	}
	CHECK(height(l.root) < 60);
	CHECK_INT(line_before(&l, "077777"), 77777);
	for (int i = 0; i < 100000; i++) {
		if (line_first(&l) != &places[i])
			break;
		line_remove(&l, &places[i]);
	}
	CHECK_INT(line_count(&l), 0);
}

TESTS("line", T(an_empty_line_has_nobody), T(places_are_in_the_order_of_names),
	T(any_mix_agrees_with_counting), T(a_long_line_is_not_deep))
