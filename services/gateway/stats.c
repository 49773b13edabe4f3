#include "stats.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/metric.h"

#define ROUTES_MAX 96 /* and one for what fits none */
#define CLASSES    6  /* 0: no answer; 1xx to 5xx */

static struct metric requests[ROUTES_MAX][CLASSES];
static char labels[ROUTES_MAX][CLASSES][64];
static int n_routes;

static struct metric latency = {.name = "request_seconds",
	.type = METRIC_HISTOGRAM,
	.help = "from the first byte of a request to the end of its answer"};
static struct metric uploads = {
	.name = "uploads_total", .type = METRIC_COUNTER, .help = "images stored"};
static struct metric upload_bytes = {
	.name = "upload_bytes_total", .type = METRIC_COUNTER, .help = "bytes of images stored"};
static struct metric in_flight = {
	.name = "in_flight", .type = METRIC_GAUGE, .help = "requests that are not over"};
static struct metric waits = {.name = "waits",
	.type = METRIC_GAUGE,
	.help = "requests that wait for news of a job: generations and event streams"};
static struct metric memory = {.name = "body_memory_bytes",
	.type = METRIC_GAUGE,
	.help = "text of request bodies in memory"};

static double read_in_flight(void *arg)
{
	const struct gateway *g = arg;

	return http_in_flight(g->http);
}

static double read_waits(void *arg)
{
	const struct gateway *g = arg;

	return watch_count(g->watch);
}

static double read_memory(void *arg)
{
	const struct gateway *g = arg;

	return (double)g->rules.memory;
}

/* Of the first route of that name: several may share one. */
static int route_index(const char *name)
{
	int i = 0;

	for (const struct route *r = gateway_routes; r->pattern; r++, i++)
		if (strcmp(r->name, name) == 0)
			return i;
	return i; /* none fits */
}

static void register_route(int i, const char *name)
{
	static const char *const class_names[CLASSES] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

	for (int c = 0; c < CLASSES; c++) {
		struct metric *m = &requests[i][c];

		snprintf(labels[i][c], sizeof labels[i][c], "route=\"%s\",status=\"%s\"", name,
			class_names[c]);
		m->name = "requests_total";
		m->labels = labels[i][c];
		m->help = "requests by route and class of status";
		m->type = METRIC_COUNTER;
		metric_register(m);
	}
}

static struct metric *const gauges[] = {&in_flight, &waits, &memory};

void stats_register(struct gateway *g)
{
	double (*const reads[])(void *) = {read_in_flight, read_waits, read_memory};

	if (!n_routes) {
		for (const struct route *r = gateway_routes; r->pattern; r++, n_routes++)
			if (route_index(r->name) == n_routes)
				register_route(n_routes, r->name);
		assert(n_routes < ROUTES_MAX);
		register_route(n_routes, "none");
		metric_register(&latency);
		metric_register(&uploads);
		metric_register(&upload_bytes);
	}
	/* With several gateways in one process (tests) the gauges show the newest. */
	for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++) {
		metric_source(gauges[i], reads[i], g);
		metric_register(gauges[i]);
	}
}

void stats_forget(const struct gateway *g)
{
	for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++)
		metric_source_gone(gauges[i], g);
}

void stats_request(const char *route, int status, int64_t us)
{
	int class = status / 100;

	metric_add(&requests[route_index(route)][class < CLASSES ? class : 0], 1);
	metric_observe_us(&latency, us);
}

void stats_upload(int64_t bytes)
{
	metric_add(&uploads, 1);
	metric_add(&upload_bytes, bytes);
}
