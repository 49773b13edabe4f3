#include "services/bridge/figures.h"

#define COUNTER(var, text, words)                                                                  \
	struct metric var = {.name = text, .type = METRIC_COUNTER, .help = words}
#define GAUGE(var, text, words)                                                                    \
	struct metric var = {.name = text, .type = METRIC_GAUGE, .help = words}
#define HISTOGRAM(var, text, words)                                                                \
	struct metric var = {.name = text, .type = METRIC_HISTOGRAM, .help = words}
#define ENDED       "jobs_ended_total"
#define ENDED_WORDS "jobs that workers ended here"

GAUGE(fig_workers, "workers", "workers connected");
GAUGE(fig_sessions, "worker_sessions", "sessions of workers over plain HTTP");
GAUGE(fig_leases, "leases", "leases held for them");
struct metric fig_jobs_completed = {
	.name = ENDED, .labels = "how=\"completed\"", .type = METRIC_COUNTER, .help = ENDED_WORDS};
struct metric fig_jobs_failed = {
	.name = ENDED, .labels = "how=\"failed\"", .type = METRIC_COUNTER, .help = ENDED_WORDS};
struct metric fig_jobs_given_back = {
	.name = ENDED, .labels = "how=\"given_back\"", .type = METRIC_COUNTER, .help = ENDED_WORDS};
struct metric fig_jobs_lost = {
	.name = ENDED, .labels = "how=\"lost\"", .type = METRIC_COUNTER, .help = ENDED_WORDS};
COUNTER(fig_upload_bytes, "upload_bytes_total", "bytes that workers uploaded");
COUNTER(fig_fetches, "fetches_total", "results fetched from a link, tries");
COUNTER(fig_fetches_failed, "fetches_failed_total", "of these, failed");
HISTOGRAM(fig_probe_seconds, "probe_seconds", "time to look at a result and make its pictures");
COUNTER(fig_culled, "workers_culled_total", "workers closed because they did not read");
COUNTER(fig_bad_frames, "bad_frames_total", "frames that made no sense");
COUNTER(fig_refused_workers, "workers_refused_total", "workers with a wrong token");
HISTOGRAM(
	fig_take_seconds, "lease_take_seconds", "from asking for a job to its frame in the outbox");
COUNTER(fig_frames_in, "frames_in_total", "frames from workers");
COUNTER(fig_images, "images_total", "images that requests link to, asked for by gateways");
COUNTER(fig_images_refused, "images_refused_total", "of these, not fetched, or no good");
HISTOGRAM(fig_image_seconds, "image_seconds", "time to fetch an image, look at it and store it");
COUNTER(fig_webhooks, "webhook_tries_total", "webhooks sent, each try");
COUNTER(fig_webhooks_failed, "webhook_tries_failed_total", "of these, not taken");
HISTOGRAM(fig_webhook_seconds, "webhook_seconds", "time for a try of a webhook");

#define STATE(word)                                                                                \
	{                                                                                          \
		.name = "worker_states", .labels = "state=\"" word "\"", .type = METRIC_GAUGE,     \
		.help = "workers connected, by how they are"                                       \
	}
#define ATTENTION(word)                                                                            \
	{                                                                                          \
		.name = "attention", .labels = "reason=\"" word "\"", .type = METRIC_GAUGE,        \
		.help = "workers that wait for a human, by what for"                               \
	}

struct metric fig_states[] = {[WORKER_READY] = STATE("ready"),
	[WORKER_BUSY] = STATE("busy"),
	[WORKER_COOLING_DOWN] = STATE("cooling_down"),
	[WORKER_PAUSED] = STATE("paused"),
	[WORKER_ATTENTION] = STATE("attention")};
struct metric fig_attentions[] = {[ATTENTION_OTHER] = ATTENTION("other"),
	[ATTENTION_CHALLENGE] = ATTENTION("challenge"),
	[ATTENTION_LOGIN] = ATTENTION("login"),
	[ATTENTION_BLOCKED] = ATTENTION("blocked"),
	[ATTENTION_VERIFICATION] = ATTENTION("verification"),
	[ATTENTION_CHANGED] = ATTENTION("changed")};

void figures_register(void)
{
	static struct metric *const all[] = {&fig_workers, &fig_sessions, &fig_leases,
		&fig_jobs_completed, &fig_jobs_failed, &fig_jobs_given_back, &fig_jobs_lost,
		&fig_upload_bytes, &fig_fetches, &fig_fetches_failed, &fig_probe_seconds,
		&fig_culled, &fig_bad_frames, &fig_refused_workers, &fig_take_seconds,
		&fig_frames_in, &fig_images, &fig_images_refused, &fig_image_seconds, &fig_webhooks,
		&fig_webhooks_failed, &fig_webhook_seconds};

	for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
		metric_register(all[i]);
	for (int i = 0; i < WORKER_STATES; i++)
		metric_register(&fig_states[i]);
	for (int i = 0; i < ATTENTIONS; i++)
		metric_register(&fig_attentions[i]);
}
