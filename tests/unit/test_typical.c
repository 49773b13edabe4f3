/* How long a model takes, and what that means for who waits. */
#include "services/jobs/typical.h"

#include "tests/unit/check.h"

static void the_median_of_the_last_tries_counts(void)
{
	struct typical *t = typical_new();
	size_t n;

	CHECK_INT(typical_ms(t, "m"), 0);
	CHECK(typical_tries(t, "m", &n) == NULL && n == 0);
	typical_add(t, "m", 100);
	CHECK_INT(typical_ms(t, "m"), 100);
	typical_add(t, "m", 9000); /* one that was stuck does not matter much */
	typical_add(t, "m", 200);
	CHECK_INT(typical_ms(t, "m"), 200);
	typical_add(t, "m", 300);
	CHECK_INT(typical_ms(t, "m"), 250);
	typical_add(t, "other", 7);
	CHECK_INT(typical_ms(t, "m"), 250);
	for (int i = 0; i < TYPICAL_TRIES; i++)
		typical_add(t, "m", 1000 + i);
	CHECK_INT(typical_ms(t, "m"), 1024); /* the old ones are forgotten */
	CHECK_INT(typical_tries(t, "m", &n)[0], 1000);
	CHECK_INT(n, TYPICAL_TRIES);
	typical_drop(t, "m");
	typical_drop(t, "m");
	CHECK_INT(typical_ms(t, "m"), 0);
	CHECK_INT(typical_ms(t, "other"), 7);
	typical_free(t);
	typical_free(NULL);
}

static void who_waits_is_told_when(void)
{
	struct crew idle = {.workers = 1, .slots = 2, .idle = 2}, busy = {.workers = 2, .slots = 4};

	CHECK_INT(eta_waiting(1000, idle, 1, 0), 1000);
	CHECK_INT(eta_waiting(1000, idle, 2, 0), 1000);
	CHECK_INT(eta_waiting(1000, idle, 3, 0), 1500);
	CHECK_INT(eta_waiting(1000, busy, 1, 0), 1250);
	CHECK_INT(eta_waiting(1000, busy, 40, 0), 11000);
	CHECK_INT(eta_waiting(1000, busy, 1, 60000), 61000); /* not before its time */
	CHECK_INT(eta_waiting(0, busy, 1, 0), 0);
	CHECK_INT(eta_waiting(1000, (struct crew){0}, 1, 0), 0);
}

static void who_is_served_is_told_what_is_left(void)
{
	CHECK_INT(eta_working(1000, 0), 1000);
	CHECK_INT(eta_working(1000, 400), 600);
	CHECK_INT(eta_working(1000, 5000), 101); /* soon; never 0 */
	CHECK_INT(eta_working(1000, -5000), 1000);
	CHECK_INT(eta_working(0, 100), 0);
}

TESTS("typical", T(the_median_of_the_last_tries_counts), T(who_waits_is_told_when),
	T(who_is_served_is_told_what_is_left))
