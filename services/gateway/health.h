/*
 * Is all there that we need? Auth and jobs are asked once a second, as the bridges are (bridges.h);
 * every five seconds it is tried whether the disk takes a file. What /readyz says.
 */
#ifndef ARENA_GATEWAY_HEALTH_H
#define ARENA_GATEWAY_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "bridges.h"
#include "proto/blob.h"
#include "proto/buf.h"
#include "proto/rpc.h"
#include "task.h"

#define HEALTH_BUDGET_MS 1000 /* of an ask */

struct health;

struct health_conf {
	struct peer *auth, *jobs;
	struct bridges *bridges; /* one of them is enough */
	struct blobs *blobs;
	struct tasks *tasks; /* what blocks on the disk runs in one of them */
	const char *data;    /* the folder on whose disk the store is */
	int64_t disk_min;    /* bytes: with less left it counts as full */
};

/* Tries the disk before it returns. It lasts, as asks that are out do. */
struct health *health_new(const struct health_conf *conf);

void health_tick(struct health *h, int64_t now_us); /* often, from one thread */
bool health_busy(struct health *h);                 /* asks are out */

/* Writes one JSON object: "ready", and a word for each part. True: ready. Any thread. */
bool health_report(struct health *h, struct buf *json);

#endif
