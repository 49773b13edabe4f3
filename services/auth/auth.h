/*
 * The auth service: who may, and how often. Answers AUTH_CHECK from memory, right in the handler;
 * keys made, rotated or revoked by another process count within a second.
 *
 * The rate limits are this process's own: with n auth services behind one gateway a key has up to
 * n times its rate. A repeated AUTH_CHECK (a broken connection) takes a second token; that is fine.
 */
#ifndef ARENA_AUTH_H
#define ARENA_AUTH_H

#include <stdint.h>

#include "proto/conf.h"
#include "proto/err.h"

struct auth_conf {
	struct common_conf common;
	const char *auth_url;
	int64_t rate_create;  /* requests a minute and key that make a video */
	int64_t rate_read;    /* all others */
	int64_t max_running;  /* jobs of a key at once */
	int64_t max_waiting;  /* jobs of a key in the queue */
	int64_t pair_code_ms; /* how long a pairing code is good */
};

extern const struct conf_opt auth_conf_table[];

struct auth;

/* Serves from when it returns. Logs and returns an error when it cannot start. */
enum err auth_start(const struct auth_conf *conf, struct auth **ret);

/* Refuses from now on. The struct stays: nng's sockets are never closed (rpc.h). NULL is fine. */
void auth_stop(struct auth *a);

#endif
