/* The service's metrics. Written by the jobs thread, read by whoever asks for METRICS. */
#include <stdatomic.h>

#include "proto/clock.h"
#include "proto/metric.h"
#include "service.h"

#define DAY_MINUTES      1440
#define FIGURES_EVERY_MS 2000 /* working out the p95 sorts up to 32,768 numbers */

static double read_double(void *arg)
{
	return atomic_load((_Atomic double *)arg);
}

static double read_since(void *arg)
{
	int64_t ms = mono_ms() - atomic_load((_Atomic int64_t *)arg);

	return (double)ms / 1000;
}

#define COUNTER(n, h)                                                                              \
	{                                                                                          \
		.name = (n), .help = (h), .type = METRIC_COUNTER                                   \
	}
#define GAUGE(n, h)                                                                                \
	{                                                                                          \
		.name = (n), .help = (h), .type = METRIC_GAUGE                                     \
	}
#define DOUBLE(n, v, h)                                                                            \
	{                                                                                          \
		.name = (n), .help = (h), .type = METRIC_GAUGE, .read = read_double, .arg = &(v)   \
	}

static _Atomic double mean, p95, error_ratio, availability = 1, oldest;
static _Atomic int64_t started;

static struct metric queued = {.name = "jobs",
	.labels = "status=\"queued\"",
	.help = "jobs that are not over",
	.type = METRIC_GAUGE};
static struct metric in_progress = {.name = "jobs",
	.labels = "status=\"in_progress\"",
	.help = "jobs that are not over",
	.type = METRIC_GAUGE};
static struct metric depth = GAUGE("queue_depth", "jobs that a worker could take now");
static struct metric delayed = GAUGE("queue_delayed", "jobs that wait for their time");
static struct metric records = GAUGE("records", "jobs in the store, whatever became of them");
static struct metric leases = GAUGE("leases", "jobs that a worker has");
static struct metric workers = GAUGE("workers", "workers that are connected");
static struct metric videos = COUNTER("videos_total", "videos made since the store exists");
static struct metric created = COUNTER("created_total", "jobs accepted");
static struct metric completed = COUNTER("completed_total", "jobs completed");
static struct metric failed = COUNTER("failed_total", "jobs failed");
static struct metric cancelled =
	COUNTER("cancelled_total", "jobs cancelled or deleted before their end");
static struct metric changes = COUNTER("changes_total", "changes of jobs since the store exists");
static struct metric files = GAUGE("files", "uploaded files that are kept");
static struct metric lost = COUNTER("leases_lost_total", "leases that ran out");
static struct metric webhooks_waiting =
	GAUGE("webhooks_waiting", "webhooks that wait for a try, or for the end of one");
static struct metric webhooks_delivered = COUNTER("webhooks_delivered_total", "webhooks taken");
static struct metric webhooks_failed = COUNTER("webhooks_failed_total", "webhooks given up");
static struct metric votes_sent = {.name = "votes_total",
	.labels = "how=\"sent\"",
	.help = "votes on two videos that are over",
	.type = METRIC_COUNTER};
static struct metric votes_failed = {.name = "votes_total",
	.labels = "how=\"failed\"",
	.help = "votes on two videos that are over",
	.type = METRIC_COUNTER};
static struct metric commits = COUNTER("commits_total", "transactions that wrote");
static struct metric calls = COUNTER("commit_calls_total", "calls in them: how well they share");
static struct metric failures = COUNTER("commit_failures_total", "transactions that failed");
static struct metric commit = {.name = "commit_seconds",
	.type = METRIC_HISTOGRAM,
	.help = "how long a transaction that writes takes, from its begin to the disk"};
static struct metric seconds_mean =
	DOUBLE("seconds_mean_24h", mean, "from created to completed, last 24 h");
static struct metric seconds_p95 =
	DOUBLE("seconds_p95_24h", p95, "from created to completed, last 24 h");
static struct metric errors =
	DOUBLE("error_ratio_24h", error_ratio, "failed of completed and failed, last 24 h");
static struct metric up = DOUBLE("availability_ratio_24h", availability,
	"minutes in which this service was up, last 24 h or since the first start");
static struct metric age =
	DOUBLE("queue_oldest_seconds", oldest, "age of the job that waits longest");
static struct metric uptime = {.name = "uptime_seconds",
	.type = METRIC_GAUGE,
	.help = "since this service started",
	.read = read_since,
	.arg = &started};

static struct metric *const all[] = {&queued, &in_progress, &depth, &delayed, &records, &leases,
	&workers, &videos, &created, &completed, &failed, &cancelled, &changes, &files, &lost,
	&webhooks_waiting, &webhooks_delivered, &webhooks_failed, &votes_sent, &votes_failed,
	&commits, &calls, &failures, &commit, &seconds_mean, &seconds_p95, &errors, &up, &age,
	&uptime};

static void add_end(void *arg, int64_t at, int64_t took_ms, bool ok)
{
	stats_add(arg, at, took_ms, ok);
}

static void work_out(struct jobs *j)
{
	struct stats_figures f = stats_read(j->stats, j->batch.now);

	atomic_store(&mean, f.seconds_mean);
	atomic_store(&p95, f.seconds_p95);
	atomic_store(&error_ratio, f.error_ratio);
	j->ended = false;
	j->figures_at = j->batch.mono + FIGURES_EVERY_MS;
}

void figures_start(struct jobs *j)
{
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		metric_register(all[i]);
	store_end_walk(j->store, j->batch.now - STATS_WINDOW_MS, add_end, j->stats);
	metric_set(&videos, store_number_get(j->store, "videos"));
	metric_set(&records, store_jobs(j->store));
	metric_set(&files, store_files(j->store));
	metric_set(&changes, store_change_last(j->store));
	atomic_store(&started, j->batch.mono);
	work_out(j);
}

void figures_minute(struct jobs *j)
{
	int64_t first = store_number_get(j->store, "first_minute"), minutes;

	if (!first) {
		first = j->minute;
		store_number_put(j->store, "first_minute", first);
	}
	store_minute_mark(j->store, j->minute);
	minutes = j->minute - first + 1;
	if (minutes > DAY_MINUTES)
		minutes = DAY_MINUTES;
	if (minutes < 1) /* the clock was set back behind the first start */
		minutes = 1;
	atomic_store(&availability,
		(double)store_minutes_since(j->store, j->minute - minutes + 1) / (double)minutes);
	metric_set(&records, store_jobs(j->store));
	j->ended = true; /* what is older than a day drops out */
}

static void count_ends(struct jobs *j)
{
	for (size_t i = 0; i < j->batch.n_ends; i++) {
		const struct end *e = &j->batch.ends[i];

		metric_add(e->completed ? &completed : e->failed ? &failed : &cancelled, 1);
		metric_add(&videos, e->videos);
		if (e->completed || e->failed) {
			stats_add(j->stats, e->at, e->took_ms, e->completed);
			j->ended = true;
		}
	}
}

void figures_batch(struct jobs *j, int64_t commit_us)
{
	int64_t since = j->batch.now;

	if (commit_us) {
		metric_add(&commits, 1);
		metric_add(&calls, (int64_t)j->batch.n_replies);
		metric_observe_us(&commit, commit_us);
	}
	metric_add(&created, j->batch.created);
	metric_add(&changes, j->batch.changes);
	metric_add(&files, j->batch.files);
	count_ends(j);
	queue_oldest(j->queue, &since);
	atomic_store(&oldest, (double)(j->batch.now - since) / 1000);
	metric_set(&queued, (int64_t)queue_waiting(j->queue));
	metric_set(&delayed, (int64_t)queue_delayed(j->queue));
	metric_set(&depth, (int64_t)(queue_waiting(j->queue) - queue_delayed(j->queue)));
	metric_set(&in_progress, (int64_t)queue_running(j->queue));
	metric_set(&leases, (int64_t)lease_count(j->leases));
	metric_set(&webhooks_waiting, (int64_t)hooks_count(j->hooks));
	metric_add(&webhooks_delivered, j->batch.hooks_delivered);
	metric_add(&webhooks_failed, j->batch.hooks_failed);
	metric_add(&votes_sent, j->batch.votes_sent);
	metric_add(&votes_failed, j->batch.votes_failed);
	metric_set(&workers, (int64_t)roster_count(j->roster));
	if (j->ended && j->figures_at <= j->batch.mono)
		work_out(j);
}

void figures_lost_lease(void)
{
	metric_add(&lost, 1);
}

void figures_failed_commit(void)
{
	metric_add(&failures, 1);
}
