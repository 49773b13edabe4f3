/*
 * All four services in this process, over inproc:// and free loopback ports, on a temporary data
 * folder; and an HTTP client to speak with them. For flow tests.
 *
 * nng's sockets are never closed (proto/rpc.h), so each house has addresses of its own.
 */
#ifndef ARENA_TESTS_HOUSE_H
#define ARENA_TESTS_HOUSE_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "services/auth/auth.h"
#include "services/bridge/bridge.h"
#include "services/gateway/gateway.h"
#include "services/jobs/jobs.h"

struct house {
	char *dir;
	char *key;        /* the owner's API key */
	char *worker_key; /* for hello */
	int port;         /* of the gateway */
	char url[64];     /* http://127.0.0.1:PORT */

	struct auth *auth;
	struct jobs *jobs;
	struct bridge *bridge;
	struct gateway *gateway;

	struct auth_conf auth_conf;
	struct jobs_conf jobs_conf;
	struct bridge_conf bridge_conf;
	struct gateway_conf gateway_conf;
	char urls[5][64];
	int bridges;
};

/* settings: words as on a command line ("--lease", "2s", NULL); a service takes those it knows. */
struct house *house_open(const char *const *settings);
void house_close(struct house *h);

/* Stop the bridge, and start another one at its address. */
void house_restart_bridge(struct house *h);

/* Make another API key. The caller frees it. */
char *house_key(struct house *h, const char *name);

struct reply {
	long status;
	char rid[40]; /* x-request-id */
	char *head;   /* header lines */
	char *body;
	size_t n;
	cJSON *json; /* NULL when the body is none */
};

/* key NULL: the owner's; "": none. json NULL: no body. Gives up after 60 s. */
struct reply http(
	struct house *h, const char *key, const char *method, const char *path, const char *json);

/* The value of a header line, to be freed; NULL: it is not there. */
char *reply_header(const struct reply *r, const char *name);
void reply_free(struct reply *r);

/* A member of an object: "error.code", "data.0.url". "" when it is not there or no string. */
const char *reply_str(const struct reply *r, const char *path);

#endif
