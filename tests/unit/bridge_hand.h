/* A worker's hand on a bridge of bridge_rig.h: what tests of the bridge say and expect. */
#ifndef ARENA_TESTS_BRIDGE_HAND_H
#define ARENA_TESTS_BRIDGE_HAND_H

#include <cjson/cJSON.h>

#include "tests/lib/wsclient.h"
#include "tests/unit/bridge_rig.h"

/* What the rig's prober takes for one. */
#define VIDEO "VIDEO of a red fox"

/* Connected, greeted and welcomed, with one model "m"; its welcome in *welcome (may be NULL). jobs:
 * JSON for hello.jobs. */
struct wsc *worker_in(struct rig *r, const char *id, int slots, const char *jobs, cJSON **welcome);

/* The next text frame of this type, skipping pings; NULL and a failed check when another one or
 * nothing came. */
cJSON *expect(struct wsc *c, const char *type);

/* The connection is closed with this code. */
void expect_close(struct wsc *c, int code);

const char *str(const cJSON *o, const char *name);
double num(const cJSON *o, const char *name);

/* `"job":"..","lease":".."` of a job frame. */
const char *ref(const cJSON *job);

/* Upload n bytes under that name, whole; the answer's type is "uploaded". From where upload_go
 * says. */
void upload(struct wsc *c, const cJSON *job, const char *name, const char *p, size_t n);

/* A connected worker that has been given one job. */
struct wsc *with_job(struct rig *r, struct fake_job **job, cJSON **frame);

void say_result(struct wsc *c, const cJSON *job, const char *outputs);

/* The next frame is `done` with this status, or `refused` with this code. */
void check_done(struct wsc *c, const cJSON *job, const char *status);
void expect_refused(struct wsc *c, const char *code);

/* ---- what is on the disk ---- */

int half_files(const struct rig *r); /* on their way in */
int all_files(const struct rig *r);  /* in the store, whole or not */
bool probing(const struct rig *r);   /* is a result being looked at? */

#endif
