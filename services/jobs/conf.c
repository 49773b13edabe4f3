#include "jobs.h"

#define HOUR 3600000LL
#define DAY  (24 * HOUR)

const struct conf_opt jobs_conf_table[] = {
	CONF_COMMON(struct jobs_conf, common),
	CONF_STR(struct jobs_conf, jobs_url, "jobs-url", "tcp://127.0.0.1:3111",
		"where this service answers"),
	CONF_STR(struct jobs_conf, hints_url, "hints-url", "tcp://127.0.0.1:3112",
		"where this service tells hints"),
	CONF_INT(struct jobs_conf, max_queued, "max-queued", "100000", 1, 10000000,
		"jobs that may wait, in all"),
	CONF_INT(struct jobs_conf, max_attempts, "max-attempts", "3", 1, 100,
		"tries of a job before it has failed"),
	CONF_MS(struct jobs_conf, lease_ms, "lease", "60s", 50, HOUR,
		"how long a lease holds without a word from the worker"),
	CONF_MS(struct jobs_conf, job_timeout_ms, "job-timeout", "30m", 50, 30 * DAY,
		"how long a worker may take for a job"),
	CONF_MS(struct jobs_conf, queue_wait_ms, "queue-wait", "24h", 50, 365 * DAY,
		"how long a job may wait for a worker"),
	CONF_MS(struct jobs_conf, retention_ms, "retention", "30d", 50, 3650 * DAY,
		"how long jobs and their files are kept after the end"),
	CONF_MS(struct jobs_conf, retry_base_ms, "retry-base", "2s", 0, HOUR,
		"longest pause after the first failed try; the next ones grow by 5, up to 50s"),
	CONF_MS(struct jobs_conf, idempotency_keep_ms, "idempotency-keep", "24h", 50, 365 * DAY,
		"how long an idempotency key and a deletion are remembered"),
	CONF_MS(struct jobs_conf, worker_ttl_ms, "worker-ttl", "30s", 50, HOUR,
		"a worker is forgotten so long after its bridge's last word"),
	CONF_MS(struct jobs_conf, sweep_every_ms, "sweep-every", "30s", 10, DAY,
		"how often expired records are removed"),
	CONF_MS(struct jobs_conf, orphans_every_ms, "orphans-every", "10m", 10, DAY,
		"how often files without a job are looked for"),
	CONF_MS(struct jobs_conf, orphan_age_ms, "orphan-age", "1h", 0, 30 * DAY,
		"files younger than this are left alone then"),
	CONF_SIZE(struct jobs_conf, map_size, "map-size", "8G", 1 << 20, 1LL << 46,
		"largest size of the job store (it is sparse)"),
	CONF_END};
