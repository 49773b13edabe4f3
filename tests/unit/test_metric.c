#include <stdbool.h>

#include "proto/metric.h"
#include "tests/unit/check.h"

static struct metric gets = {
	.name = "hits_total", .labels = "method=\"get\"", .help = "hits", .type = METRIC_COUNTER};
static struct metric puts_ = {
	.name = "hits_total", .labels = "method=\"put\"", .help = "hits", .type = METRIC_COUNTER};
static struct metric took = {.name = "took_seconds", .help = "time", .type = METRIC_HISTOGRAM};

static double answer(void *arg)
{
	return *(double *)arg;
}

static double forty_two = 42.5;
static struct metric asked = {
	.name = "asked", .help = "read", .type = METRIC_GAUGE, .read = answer, .arg = &forty_two};

static void the_text_is_what_prometheus_reads(void)
{
	struct buf b = {0};

	metric_register(&gets);
	metric_register(&puts_);
	metric_register(&took);
	metric_register(&asked);
	metric_register(&gets); /* twice is harmless */
	metric_add(&gets, 2);
	metric_set(&puts_, 7);
	metric_observe_us(&took, 900);
	metric_observe_us(&took, 3000000);
	metric_print(&b, "svc");
	CHECK(strstr(b.p, "# HELP arena_svc_hits_total hits\n# TYPE arena_svc_hits_total counter\n"
			  "arena_svc_hits_total{method=\"get\"} 2\n"
			  "arena_svc_hits_total{method=\"put\"} 7\n# HELP") != NULL);
	CHECK(strstr(b.p, "arena_svc_took_seconds_bucket{le=\"0.001\"} 1\n") != NULL);
	CHECK(strstr(b.p, "arena_svc_took_seconds_bucket{le=\"2.5\"} 1\n") != NULL);
	CHECK(strstr(b.p, "arena_svc_took_seconds_bucket{le=\"10\"} 2\n") != NULL);
	CHECK(strstr(b.p, "arena_svc_took_seconds_bucket{le=\"+Inf\"} 2\n") != NULL);
	CHECK(strstr(b.p, "arena_svc_took_seconds_sum 3.0009\n") != NULL);
	CHECK(strstr(b.p, "arena_svc_took_seconds_count 2\n") != NULL);
	CHECK(strstr(b.p, "# TYPE arena_svc_asked gauge\narena_svc_asked 42.5\n") != NULL);
	buf_free(&b);
}

static bool prints(const char *line)
{
	struct buf b = {0};
	bool yes;

	metric_print(&b, "svc");
	yes = strstr(b.p, line) != NULL;
	buf_free(&b);
	return yes;
}

static void a_gauge_asks_whom_it_was_told_to_ask(void)
{
	static struct metric m = {.name = "whom", .help = "read", .type = METRIC_GAUGE};
	double one = 1, two = 2;

	metric_register(&m);
	CHECK(prints("arena_svc_whom 0\n"));
	metric_source(&m, answer, &one);
	CHECK(prints("arena_svc_whom 1\n"));
	metric_source(&m, answer, &two);
	metric_source_gone(&m, &one); /* not asked any more: of no effect */
	CHECK(prints("arena_svc_whom 2\n"));
	metric_source_gone(&m, &two);
	CHECK(prints("arena_svc_whom 0\n"));
}

TESTS("metric", T(the_text_is_what_prometheus_reads), T(a_gauge_asks_whom_it_was_told_to_ask))
