/*
 * The jobs service: what is to be done, and what became of it. The one owner of that state.
 *
 * One thread owns everything. It takes all calls that wait, acts on them in one transaction,
 * commits once, and only then answers all of them: what was answered is on disk.
 */
#ifndef ARENA_JOBS_H
#define ARENA_JOBS_H

#include <stdint.h>

#include "proto/conf.h"
#include "proto/err.h"

struct jobs_conf {
	struct common_conf common;
	const char *jobs_url, *hints_url;
	int64_t max_queued, max_attempts;
	int64_t lease_ms, job_timeout_ms, queue_wait_ms, retention_ms, retry_base_ms;
	int64_t idempotency_keep_ms, file_keep_ms, worker_ttl_ms, sweep_every_ms, orphans_every_ms,
		orphan_age_ms;
	int64_t webhook_lease_ms, webhook_retry_ms, webhook_give_up_ms, webhook_keep_ms;
	int64_t webhooks_max, vote_keep_ms;
	int64_t map_size;
};

extern const struct conf_opt jobs_conf_table[];

struct jobs;

/* Logs why and returns an error when it cannot start. */
enum err jobs_start(const struct jobs_conf *conf, struct jobs **ret);

/*
 * Answer what waits, stop the threads, close the store. The sockets stay (see rpc.h) and refuse
 * from now on, so what they need is not freed.
 */
void jobs_stop(struct jobs *j);

#endif
