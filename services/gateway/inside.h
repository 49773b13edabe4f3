/* What the gateway is made of: for its own modules. */
#ifndef ARENA_GATEWAY_INSIDE_H
#define ARENA_GATEWAY_INSIDE_H

#include "body.h"
#include "bridges.h"
#include "gateway.h"
#include "health.h"
#include "http.h"
#include "models.h"
#include "pages.h"
#include "polls.h"
#include "proto/linkkey.h"
#include "proto/rpc.h"
#include "proto/secret.h"
#include "route.h"
#include "task.h"
#include "texts.h"
#include "tunnel.h"
#include "watch.h"

/* How long an ask may take, in milliseconds. */
#define AUTH_BUDGET_MS   3000
#define JOBS_BUDGET_MS   5000
#define METRIC_BUDGET_MS 500
#define IMAGE_BUDGET_MS  20000 /* the bridge gives a link 15 s */

struct gateway {
	const struct gateway_conf *conf;
	struct secret secret;
	struct linkkey *linkkey;
	struct peer *auth, *jobs;
	struct bridges *bridges; /* one by one; and any of them: */
	struct peer *images;     /* for IMAGE_FETCH, which may take long */
	struct peer *sessions;   /* for SESSION_OPEN */
	struct polls *polls;
	struct blobs *blobs;
	struct body_rules rules;
	struct models *models;
	struct watch *watch;
	struct texts *texts; /* the watch's */
	struct tasks *tasks;
	struct tunnels *tunnels;
	struct pages *pages;
	struct http *http;
	struct health *health;
	struct ticker *ticker;
};

/* routes.c: all that can be asked for. */
extern const struct route gateway_routes[];

#endif
