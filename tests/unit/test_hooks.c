#include "services/jobs/hooks.h"

#include "tests/unit/check.h"

#define TOKEN "00000000000000000000000000000001"
#define OTHER "00000000000000000000000000000002"
#define LONG  100000

static struct hook_key key(const char *owner, const char *id)
{
	struct hook_key k = {0};

	snprintf(k.owner, sizeof k.owner, "%s", owner);
	snprintf(k.endpoint, sizeof k.endpoint, "default");
	snprintf(k.id, sizeof k.id, "%s", id);
	return k;
}

static void add(struct hooks *h, const char *owner, const char *id, const char *lane, int64_t due)
{
	struct hook_key k = key(owner, id);

	hooks_add(h, &k, lane, due);
}

/* The id of the next one, or "". Lives until the next call. */
static const char *take(struct hooks *h, int64_t now)
{
	static struct hook_key k;

	if (!hooks_take(h, now, TOKEN, now + LONG, &k))
		return "";
	return k.id;
}

static void what_is_due_longest_is_next(void)
{
	struct hooks *h = hooks_new();

	CHECK_STR(take(h, 1000), "");
	CHECK_INT(hooks_next(h), INT64_MAX);
	add(h, "a", "c", "x", 30);
	add(h, "a", "b", "y", 20);
	add(h, "a", "a", "x", 10);
	CHECK_INT(hooks_next(h), 10);
	CHECK_STR(take(h, 9), "");
	CHECK_STR(take(h, 100), "a");
	CHECK_STR(take(h, 100), "b");
	CHECK_INT(hooks_next(h), 30);
	CHECK_STR(take(h, 29), "");
	CHECK_STR(take(h, 30), "c");
	CHECK_STR(take(h, 1000), "");
	CHECK_INT(hooks_count(h), 3);
	hooks_free(h);
}

static void owners_take_turns(void)
{
	struct hooks *h = hooks_new();

	for (int i = 0; i < 6; i++) {
		char id[16];

		snprintf(id, sizeof id, "a%d", i);
		add(h, "a", id, i % 2 ? "x" : "y", i);
	}
	add(h, "b", "b0", "z", 50);
	add(h, "b", "b1", "z", 51);
	CHECK_STR(take(h, 100), "a0");
	CHECK_STR(take(h, 100), "b0");
	CHECK_STR(take(h, 100), "a1");
	CHECK_STR(take(h, 100), "b1");
	CHECK_STR(take(h, 100), "a2");
	hooks_free(h);
}

static void four_go_in_a_lane_and_eight_are_of_an_owner(void)
{
	struct hooks *h = hooks_new();
	char id[16];
	int n = 0;

	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof id, "x%d", i);
		add(h, "a", id, "slow", 0);
	}
	for (n = 0; *take(h, 1); n++)
		;
	CHECK_INT(n, HOOKS_OF_LANE);
	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof id, "y%d", i);
		add(h, "a", id, id, 0); /* each in a lane of its own */
	}
	for (; *take(h, 1); n++)
		;
	CHECK_INT(n, HOOKS_OF_OWNER);
	add(h, "b", "b", "slow", 1);
	CHECK_STR(take(h, 1), "b"); /* another's does not wait for them */
	CHECK_INT(hooks_next(h), 1 + LONG);
	hooks_remove(h, "x0", true);
	CHECK_INT(hooks_next(h), 0);
	CHECK_STR(take(h, 1), "x4");
	hooks_free(h);
}

static void a_lane_that_fails_gets_one_at_a_time(void)
{
	struct hooks *h = hooks_new();
	char id[16];

	for (int i = 0; i < 6; i++) {
		snprintf(id, sizeof id, "x%d", i);
		add(h, "a", id, "x", i);
	}
	add(h, "a", "y", "y", 100);
	CHECK_STR(take(h, 50), "x0");
	hooks_again(h, "x0", 500);
	CHECK_STR(take(h, 50), "x1");
	CHECK_STR(take(h, 50), "");
	CHECK_STR(take(h, 100), "y");
	hooks_remove(h, "x1", true); /* it works again */
	CHECK_STR(take(h, 100), "x2");
	CHECK_STR(take(h, 100), "x3");
	CHECK_STR(take(h, 100), "x4");
	CHECK_STR(take(h, 100), "x5");
	CHECK_STR(take(h, 499), "");
	CHECK_STR(take(h, 500), "");
	hooks_remove(h, "x5", false);
	CHECK_STR(take(h, 500), "x0");
	hooks_free(h);
}

static void what_is_not_told_of_lapses(void)
{
	struct hooks *h = hooks_new();
	struct hook_key k;

	add(h, "a", "a", "x", 0);
	CHECK(hooks_take(h, 10, TOKEN, 70, &k));
	CHECK_INT(hooks_next(h), 70);
	hooks_lapse(h, 69);
	CHECK_STR(take(h, 69), "");
	hooks_lapse(h, 70);
	CHECK_INT(hooks_next(h), 70);
	CHECK_STR(take(h, 70), "a");
	hooks_lapse(h, 70);
	hooks_again(h, "a", 90);
	CHECK_STR(take(h, 89), "");
	CHECK_STR(take(h, 90), "a");
	hooks_free(h);
}

static void a_word_that_comes_after_the_lapse_counts(void)
{
	struct hooks *h = hooks_new();
	struct hook_key k;

	add(h, "a", "a", "x", 0);
	add(h, "a", "b", "x", 1);
	CHECK(hooks_take(h, 10, TOKEN, 20, &k));
	hooks_lapse(h, 30);
	hooks_again(h, "a", 100); /* while it waits */
	CHECK_STR(take(h, 99), "b");
	hooks_remove(h, "a", true);
	hooks_remove(h, "a", true); /* does no harm */
	CHECK_INT(hooks_count(h), 1);
	hooks_free(h);
}

static void tokens_find_what_they_hold(void)
{
	struct hooks *h = hooks_new();
	struct hook_key k, keys[4];

	add(h, "a", "a", "x", 0);
	add(h, "a", "b", "x", 1);
	add(h, "a", "c", "x", 2);
	CHECK(hooks_take(h, 10, TOKEN, 99, &k));
	CHECK(hooks_take(h, 10, TOKEN, 99, &k));
	CHECK(hooks_take(h, 10, OTHER, 99, &k));
	CHECK_INT(hooks_under(h, TOKEN, keys, 4), 2);
	CHECK_INT(hooks_under(h, TOKEN, keys, 1), 1);
	CHECK_INT(hooks_under(h, OTHER, keys, 4), 1);
	CHECK_STR(keys[0].id, "c");
	hooks_remove(h, "c", true);
	CHECK_INT(hooks_under(h, OTHER, keys, 4), 0);
	hooks_free(h);
}

static void after_a_restart_leases_hold(void)
{
	struct hooks *h = hooks_new();
	struct hook_key keys[2];

	add(h, "a", "a", "x", 60);
	hooks_leased(h, "a", TOKEN, 60);
	CHECK_STR(take(h, 59), "");
	CHECK_INT(hooks_under(h, TOKEN, keys, 2), 1);
	CHECK_INT(hooks_next(h), 60);
	hooks_lapse(h, 60);
	CHECK_STR(take(h, 60), "a");
	hooks_free(h);
}

static void the_oldest_that_waits_is_known(void)
{
	struct hooks *h = hooks_new();
	struct hook_key k;

	CHECK(!hooks_oldest(h, "a", &k));
	CHECK_INT(hooks_of(h, "a"), 0);
	add(h, "a", "a", "x", 5);
	add(h, "a", "b", "x", 1);
	add(h, "b", "c", "x", 0);
	CHECK_INT(hooks_of(h, "a"), 2);
	CHECK(hooks_oldest(h, "a", &k));
	CHECK_STR(k.id, "a");
	CHECK_STR(take(h, 0), "c");
	CHECK_STR(take(h, 5), "b");
	CHECK_STR(take(h, 5), "a");
	CHECK(!hooks_oldest(h, "a", &k));
	hooks_again(h, "b", 50);
	CHECK(hooks_oldest(h, "a", &k));
	CHECK_STR(k.id, "b");
	hooks_free(h);
}

/* Many of them, at random: nothing is lost, nothing is taken twice, the bounds hold. */
static void whatever_happens_the_bounds_hold(void)
{
	enum { N = 400 };
	struct hooks *h = hooks_new();
	int out_of[3] = {0}, left = N, state[N] = {0}; /* 0: waits, 1: out, 2: over */
	int64_t now = 0;

	srand(7);
	for (int i = 0; i < N; i++) {
		char id[16], owner[2] = {(char)('a' + i % 3), 0},
			     lane[2] = {(char)('p' + i % 5), 0};

		snprintf(id, sizeof id, "%03d", i);
		add(h, owner, id, lane, rand() % 50);
	}
	for (int round = 0; left && round < 100000; round++) {
		struct hook_key k;
		int i;

		if (rand() % 2 && hooks_take(h, now, TOKEN, now + 10 * LONG, &k)) {
			i = atoi(k.id);
			CHECK_INT(state[i], 0);
			state[i] = 1;
			CHECK(++out_of[i % 3] <= HOOKS_OF_OWNER);
			continue;
		}
		i = rand() % N;
		if (state[i] == 1) {
			char id[16];

			snprintf(id, sizeof id, "%03d", i);
			out_of[i % 3]--;
			state[i] = rand() % 3 ? 2 : 0;
			if (state[i] == 2)
				hooks_remove(h, id, rand() % 2), left--;
			else
				hooks_again(h, id, now + rand() % 50);
		}
		now += rand() % 2;
	}
	CHECK_INT(left, 0);
	CHECK_INT(hooks_count(h), 0);
	CHECK_INT(hooks_next(h), INT64_MAX);
	hooks_free(h);
}

TESTS("hooks", T(what_is_due_longest_is_next), T(owners_take_turns),
	T(four_go_in_a_lane_and_eight_are_of_an_owner), T(a_lane_that_fails_gets_one_at_a_time),
	T(what_is_not_told_of_lapses), T(a_word_that_comes_after_the_lapse_counts),
	T(tokens_find_what_they_hold), T(after_a_restart_leases_hold),
	T(the_oldest_that_waits_is_known), T(whatever_happens_the_bounds_hold))
