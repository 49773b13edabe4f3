/*
 * A jobs service in this process, with a folder of its own, and short words to talk to it: for the
 * tests of the service. Every start has urls of its own, as nng's sockets stay (proto/rpc.h).
 */
#ifndef ARENA_TESTS_JOBS_RIG_H
#define ARENA_TESTS_JOBS_RIG_H

#include <sys/stat.h>

#include "proto/blob.h"
#include "proto/clock.h"
#include "proto/fault.h"
#include "proto/hint.h"
#include "proto/id.h"
#include "proto/log.h"
#include "proto/rpc.h"
#include "proto/secret.h"
#include "services/jobs/jobs.h"
#include "services/jobs/store.h"
#include "tests/unit/check.h"

#define BUDGET_MS 20000

struct rig {
	char *dir;
	char *const *args; /* more settings: "--lease=1s", ..., NULL */
	struct jobs *jobs;
	struct peer *peer;
	struct blobs *blobs;
	struct secret secret;
	char url[64], hints[64];
};

/* Until cond is true, at most ten seconds; then it is a failure. */
#define EVENTUALLY(cond)                                                                           \
	do {                                                                                       \
		int64_t give_up_ = mono_us() + 10000000;                                           \
		while (!(cond) && mono_us() < give_up_)                                            \
			usleep(2000);                                                              \
		CHECK(cond);                                                                       \
	} while (0)

static inline enum err rig_start(struct rig *r)
{
	static int starts;
	struct jobs_conf conf;
	char data[600], jobs_url[100], hints_url[100], *argv[24] = {(char *)"test"}, *wrong;
	int argc = 1;
	enum err e;

	snprintf(r->url, sizeof r->url, "inproc://jobs-%d-%d", (int)getpid(), ++starts);
	snprintf(r->hints, sizeof r->hints, "inproc://jobs-hints-%d-%d", (int)getpid(), starts);
	snprintf(data, sizeof data, "--data=%s", r->dir);
	snprintf(jobs_url, sizeof jobs_url, "--jobs-url=%s", r->url);
	snprintf(hints_url, sizeof hints_url, "--hints-url=%s", r->hints);
	argv[argc++] = data;
	argv[argc++] = jobs_url;
	argv[argc++] = hints_url;
	argv[argc++] = (char *)"--map-size=256M";
	for (int i = 0; r->args && r->args[i]; i++)
		argv[argc++] = r->args[i];
	wrong = conf_parse(jobs_conf_table, &conf, NULL, argc, argv);
	if (wrong) {
		fprintf(stderr, "settings: %s\n", wrong);
		abort();
	}
	e = jobs_start(&conf, &r->jobs);
	if (e != ERR_OK)
		return e;
	if (secret_load(r->dir, &r->secret) != ERR_OK ||
		(!r->blobs && blobs_open(r->dir, &r->blobs) != ERR_OK))
		abort();
	r->peer = peer_open("jobs", r->url, r->secret.wire, 16);
	return ERR_OK;
}

static inline struct rig rig_new(char *const *args)
{
	struct rig r = {.dir = tmp_make(), .args = args};

	if (rig_start(&r) != ERR_OK)
		abort();
	return r;
}

/* Stop the service and start another one on the same folder. */
static inline void rig_again(struct rig *r)
{
	jobs_stop(r->jobs);
	if (rig_start(r) != ERR_OK)
		abort();
}

static inline void rig_end(struct rig *r)
{
	jobs_stop(r->jobs);
	blobs_close(r->blobs);
	tmp_remove(r->dir);
}

static inline enum err rig_ask(struct rig *r, enum msg_type type, const void *rec, struct msg **ret)
{
	struct rid rid = rid_new();

	return ask_wait(r->peer, &rid, type, rec, BUDGET_MS, ret);
}

/* A file of a few bytes in the blob store; its pin is let go. */
static inline void rig_blob(struct rig *r, const char *bytes, char name[BLOB_NAME])
{
	struct blob_writer *w;

	if (blob_create(r->blobs, 1000, &w) != ERR_OK ||
		blob_write(w, bytes, strlen(bytes)) != ERR_OK || blob_commit(w, name) != ERR_OK)
		abort();
	blob_release(w);
}

static inline struct job_new rig_want(const char *id, const char *owner)
{
	return (struct job_new){.id = id,
		.owner = owner,
		.model = "sandbox",
		.prompt = "a red fox",
		.seconds = 4,
		.width = 720,
		.height = 1280,
		.seed = -1};
}

static inline enum err rig_create(struct rig *r, const char *owner, char id[ID_MAX])
{
	struct job_new want = rig_want(id, owner);

	id_new("video_", id);
	return rig_ask(r, MSG_JOB_CREATE, &want, NULL);
}

/* The job as told; NULL when not found. Must be passed to msg_free(). */
static inline struct msg *rig_get(struct rig *r, const char *owner, const char *id)
{
	struct job_ref ref = {.owner = owner, .id = id};
	struct msg *m = NULL;

	rig_ask(r, MSG_JOB_GET, &ref, &m);
	return m;
}

static inline bool rig_gone(struct rig *r, const char *owner, const char *id)
{
	struct msg *m = rig_get(r, owner, id);

	msg_free(m);
	return m == NULL;
}

/* Does the job have this status? */
static inline bool rig_is(struct rig *r, const char *owner, const char *id, const char *status)
{
	struct msg *m = rig_get(r, owner, id);
	bool yes = m && strcmp(((const struct job *)msg_rec(m))->status, status) == 0;

	msg_free(m);
	return yes;
}

/* Lease the next sandbox job under a new token; its id, or "" when there is none. */
static inline enum err rig_take(struct rig *r, char token[33], char id[ID_MAX])
{
	static const char *const models[] = {"sandbox"};
	struct lease_new want = {.lease = token, .worker = "w1", .models = models, .n_models = 1};
	struct msg *m = NULL;
	enum err e;

	if (!*token)
		token_hex(16, token);
	e = rig_ask(r, MSG_LEASE_TAKE, &want, &m);
	*id = 0;
	if (e == ERR_OK)
		snprintf(id, ID_MAX, "%s", ((const struct job *)msg_rec(m))->id);
	msg_free(m);
	return e;
}

static inline enum err rig_done(struct rig *r, const char *id, const char *token, const char *blob)
{
	struct output o = {.sha256 = blob, .mime = "video/mp4", .size = 10};
	struct lease_done say = {.id = id, .lease = token, .outputs = &o, .n_outputs = 1};

	return rig_ask(r, MSG_LEASE_DONE, &say, NULL);
}

static inline enum err rig_failed(struct rig *r, const char *id, const char *token, bool retryable)
{
	struct lease_failed say = {.id = id,
		.lease = token,
		.code = "oops",
		.message = "It did not work.",
		.retryable = retryable};

	return rig_ask(r, MSG_LEASE_FAILED, &say, NULL);
}

static inline enum err rig_back(
	struct rig *r, const char *id, const char *token, int64_t not_before)
{
	struct lease_back say = {
		.id = id, .lease = token, .reason = "cooling_down", .not_before = not_before};

	return rig_ask(r, MSG_LEASE_BACK, &say, NULL);
}

static inline bool rig_holds(struct rig *r, const char *id, const char *token)
{
	struct lease_ref ref = {.id = id, .lease = token};
	struct lease_renew say = {.leases = &ref, .n_leases = 1};
	struct msg *m = NULL;
	bool yes;

	yes = rig_ask(r, MSG_LEASE_RENEW, &say, &m) == ERR_OK &&
	      ((const struct lease_lost *)msg_rec(m))->n_lost == 0;
	msg_free(m);
	return yes;
}

static inline enum err rig_ref(struct rig *r, enum msg_type type, const char *owner, const char *id)
{
	struct job_ref ref = {.owner = owner, .id = id};

	return rig_ask(r, type, &ref, NULL);
}

#endif
