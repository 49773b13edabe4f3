/* What workers are told: each text frame of proto/WORKER.md, written into a buffer. Pure. */
#ifndef ARENA_BRIDGE_SAY_H
#define ARENA_BRIDGE_SAY_H

#include "proto/buf.h"
#include "proto/messages.h"

/* A NULL string and a negative number are left out. */

struct say_state {
	const char *job, *lease;
	bool lost;
};

struct say_welcome {
	const char *bridge, *worker;
	int64_t heartbeat_ms, lease_ms, frame, window, video;
	const struct say_state *jobs;
	size_t n_jobs;
	const char *links; /* hosts that results are fetched from: a list of the settings */
};

void say_welcome(struct buf *out, const struct say_welcome *w);

/* token: the lease. deadline: ms since 1970; the links of the inputs are signed with link_key until
 * then. */
void say_job(struct buf *out, const struct job *job, const char *token, int64_t deadline,
	const uint8_t link_key[32]);

void say_cancel(struct buf *out, const char *job, const char *lease, const char *reason);
void say_done(struct buf *out, const char *job, const char *lease, const char *status);

struct say_refused {
	const char *job, *lease, *upload, *code, *message;
};

void say_refused(struct buf *out, const struct say_refused *r);

void say_upload_go(
	struct buf *out, const char *job, const char *upload, int64_t channel, int64_t offset);
void say_ack(struct buf *out, const char *job, const char *upload, int64_t offset);
void say_uploaded(
	struct buf *out, const char *job, const char *upload, const char *sha256, int64_t size);

/* Either on this channel, or to be fetched from url. */
struct say_input {
	const char *job, *lease;
	int64_t input, channel, offset, size;
	const char *mime, *sha256, *url;
};

/* The link to an input's file, good until then; into out, which is empty. */
void say_input_link(
	struct buf *out, const struct input *in, int64_t until_s, const uint8_t link_key[32]);

void say_input(struct buf *out, const struct say_input *i);
void say_vote(struct buf *out, const struct vote *v);
void say_queue(struct buf *out, int64_t waiting);
void say_bye(struct buf *out, const char *reason); /* "revoked", "replaced" */
void say_ping(struct buf *out, int64_t t);
void say_drain(struct buf *out, int64_t reconnect_ms);

#endif
