/* The figures of the last 24 hours. */
#include "services/jobs/stats.h"

#include "tests/unit/check.h"

#define HOUR 3600000LL

static void no_jobs_no_figures(void)
{
	struct stats *s = stats_new(100);
	struct stats_figures f = stats_read(s, 0);

	CHECK_INT(f.completed, 0);
	CHECK_INT(f.failed, 0);
	CHECK(f.seconds_mean == 0 && f.seconds_p95 == 0 && f.error_ratio == 0);
	stats_free(s);
	stats_free(NULL);
}

static void mean_and_p95_are_of_completed_jobs(void)
{
	struct stats *s = stats_new(1000);
	struct stats_figures f;

	for (int i = 100; i >= 1; i--)
		stats_add(s, 1000, i * 1000, true);
	stats_add(s, 1000, 999000, false);
	f = stats_read(s, 2000);
	CHECK_INT(f.completed, 100);
	CHECK_INT(f.failed, 1);
	CHECK_INT(f.seconds_mean * 10, 505);
	CHECK_INT(f.seconds_p95, 95);
	CHECK_INT(f.error_ratio * 101 + 0.5, 1);
	stats_free(s);
}

static void one_job_is_its_own_p95(void)
{
	struct stats *s = stats_new(10);

	stats_add(s, 1000, 7000, true);
	CHECK_INT(stats_read(s, 1000).seconds_p95, 7);
	stats_free(s);
}

static void failures_alone_are_all_errors(void)
{
	struct stats *s = stats_new(10);

	stats_add(s, 1000, 7000, false);
	CHECK(stats_read(s, 1000).error_ratio == 1);
	CHECK(stats_read(s, 1000).seconds_mean == 0);
	stats_free(s);
}

static void what_is_older_than_a_day_is_forgotten(void)
{
	struct stats *s = stats_new(10);

	stats_add(s, 1 * HOUR, 1000, true);
	stats_add(s, 2 * HOUR, 3000, true);
	CHECK_INT(stats_read(s, 24 * HOUR).completed, 2);
	CHECK_INT(stats_read(s, 25 * HOUR).completed, 1);
	CHECK_INT(stats_read(s, 25 * HOUR).seconds_mean, 3);
	CHECK_INT(stats_read(s, 26 * HOUR).completed, 0);
	stats_free(s);
}

static void a_full_ring_keeps_the_newest(void)
{
	struct stats *s = stats_new(100);

	for (int i = 0; i < 1000; i++)
		stats_add(s, i, i * 1000, true);
	CHECK_INT(stats_read(s, 1000).completed, 100);
	CHECK_INT(stats_read(s, 1000).seconds_mean * 10, 9495);
	stats_free(s);
}

static void odd_durations_are_cut(void)
{
	struct stats *s = stats_new(10);

	stats_add(s, 1, -5, true); /* the clock was set back */
	CHECK_INT(stats_read(s, 2).seconds_mean, 0);
	stats_add(s, 1, INT64_MAX, true);
	CHECK(stats_read(s, 2).seconds_p95 < 4294968);
	stats_free(s);
}

TESTS("jobstats", T(no_jobs_no_figures), T(mean_and_p95_are_of_completed_jobs),
	T(one_job_is_its_own_p95), T(failures_alone_are_all_errors),
	T(what_is_older_than_a_day_is_forgotten), T(a_full_ring_keeps_the_newest),
	T(odd_durations_are_cut))
