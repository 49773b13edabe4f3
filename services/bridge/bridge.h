/*
 * The bridge: workers on WebSocket on one side, the jobs service on the other. It owns no state
 * that matters: what it holds can be had again from jobs, the blob store and the workers.
 */
#ifndef ARENA_BRIDGE_H
#define ARENA_BRIDGE_H

#include <stdbool.h>

#include "proto/conf.h"
#include "proto/err.h"

struct bridge_conf {
	struct common_conf common;
	const char *auth_url, *jobs_url, *hints_url;
	const char *bridge_url;  /* where gateways ask */
	const char *bridge_addr; /* where workers connect; port 0: any */
	const char *origins;
	int64_t max_workers;
	int64_t heartbeat_ms, hello_wait_ms, accept_wait_ms;
	int64_t lease_ms, job_timeout_ms; /* as jobs has them */
	int64_t video_max;
	int64_t image_max,
		image_side; /* of images that requests link to, as the gateway has them */
	int64_t image_wait_ms;
	const char *fetch_hosts;
	const char *fetch_ca;
	bool fetch_private;
	int64_t webhook_ms;
	const char *media_program; /* "": beside this program */
	int64_t media_time_ms, media_jobs;
	int64_t drain_ms;
};

extern const struct conf_opt bridge_conf_table[];

struct bridge;

/* Starts its threads. conf is copied; its strings must live. Errors are logged. */
enum err bridge_start(const struct bridge_conf *conf, struct bridge **ret);

/* Drain: tell the workers, finish what is on its way for up to drain_ms, close. Frees b. */
void bridge_stop(struct bridge *b);

/* The port that workers connect to. */
int bridge_port(const struct bridge *b);

#endif
