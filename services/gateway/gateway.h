/*
 * The gateway: HTTP in, answers out. It keeps nothing that matters: it may be killed at any time,
 * and several may run.
 */
#ifndef ARENA_GATEWAY_H
#define ARENA_GATEWAY_H

#include "proto/conf.h"
#include "proto/err.h"

struct gateway_conf {
	struct common_conf common;
	const char *host;
	int64_t port;
	const char *auth_url, *jobs_url, *hints_url, *bridge_url;
	const char *bridge_addr;
	const char *public_url;
	const char *default_model;
	const char *web_dir;
	const char *cors_origins;
	const char *origins; /* as the bridge has it */
	int64_t connections, http_threads, idle_ms, head_ms, body_ms;
	int64_t image_max, image_side, body_max, body_memory, prompt_max;
	int64_t link_keep_ms, wait_ms, max_waits, max_key_waits, max_tunnels, disk_min;
	bool fetch_private; /* as the bridge has it */
};

extern const struct conf_opt gateway_conf_table[];

struct gateway;

/* Logs and returns an error when it cannot start. conf must live as long as the gateway. */
enum err gateway_start(const struct gateway_conf *conf, struct gateway **ret);

int gateway_port(const struct gateway *g); /* that was bound */

/* Drain, stop own threads. nng sockets stay: rpc.h. */
void gateway_stop(struct gateway *g);

#endif
