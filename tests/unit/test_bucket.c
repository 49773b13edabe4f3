#include "services/auth/bucket.h"

#include "tests/unit/check.h"

#define SECOND 1000000LL

static void full_bucket_gives_its_burst_and_no_more(void)
{
	struct bucket b = {0};
	int got = 0;

	for (int i = 0; i < 100; i++)
		got += bucket_take(&b, 5 * SECOND, 60, 60).ok;
	CHECK_INT(got, 60);
}

static void remaining_counts_down_to_nothing(void)
{
	struct bucket b = {0};

	for (int left = 9; left >= 0; left--)
		CHECK_INT(bucket_take(&b, SECOND, 10, 10).remaining, left);
	CHECK_INT(bucket_take(&b, SECOND, 10, 10).remaining, 0);
}

static void refusal_says_when_the_next_one_is_there(void)
{
	struct bucket b = {0};
	struct bucket_answer a;

	for (int i = 0; i < 60; i++)
		bucket_take(&b, SECOND, 60, 60);
	a = bucket_take(&b, SECOND, 60, 60);
	CHECK(!a.ok);
	CHECK_INT(a.retry_after_ms, 1000);
	CHECK_INT(a.reset_ms, 60000);
	a = bucket_take(&b, SECOND + 999 * 1000, 60, 60);
	CHECK(!a.ok);
	CHECK_INT(a.retry_after_ms, 1);
	CHECK(bucket_take(&b, 2 * SECOND, 60, 60).ok);
	CHECK(!bucket_take(&b, 2 * SECOND, 60, 60).ok);
}

static void refusals_cost_nothing(void)
{
	struct bucket b = {0};

	for (int i = 0; i < 60; i++)
		bucket_take(&b, SECOND, 60, 60);
	for (int i = 0; i < 10000; i++)
		CHECK(!bucket_take(&b, SECOND, 60, 60).ok);
	CHECK(bucket_take(&b, 2 * SECOND, 60, 60).ok);
}

static void steady_rate_is_kept_over_an_hour(void)
{
	struct bucket b = {0};
	int got = 0;

	/* 20 tries a second for an hour against 60 a minute: the burst and then the rate. */
	for (int64_t t = 0; t < 3600 * SECOND; t += SECOND / 20)
		got += bucket_take(&b, SECOND + t, 60, 60).ok;
	CHECK(got >= 3600 + 59 && got <= 3600 + 60);
}

static void idle_bucket_never_holds_more_than_its_burst(void)
{
	struct bucket b = {0};
	int got = 0;

	bucket_take(&b, SECOND, 60, 5);
	for (int i = 0; i < 100; i++)
		got += bucket_take(&b, 1000000 * SECOND, 60, 5).ok;
	CHECK_INT(got, 5);
}

static void lowered_limit_does_not_punish_the_past(void)
{
	struct bucket b = {0};
	struct bucket_answer a;

	for (int i = 0; i < 600; i++)
		bucket_take(&b, SECOND, 600, 600);
	a = bucket_take(&b, SECOND, 60, 1);
	CHECK(!a.ok);
	CHECK_INT(a.retry_after_ms, 1000);
	CHECK_INT(a.remaining, 0);
}

static void very_high_rate_works_too(void)
{
	struct bucket b = {0};
	int got = 0;

	for (int i = 0; i < 1000001; i++)
		got += bucket_take(&b, SECOND, 1000000, 1000000).ok;
	CHECK_INT(got, 1000000);
}

TESTS("bucket", T(full_bucket_gives_its_burst_and_no_more), T(remaining_counts_down_to_nothing),
	T(refusal_says_when_the_next_one_is_there), T(refusals_cost_nothing),
	T(steady_rate_is_kept_over_an_hour), T(idle_bucket_never_holds_more_than_its_burst),
	T(lowered_limit_does_not_punish_the_past), T(very_high_rate_works_too))
