/* What workers say: each text frame of proto/WORKER.md, checked and read into a struct. */
#ifndef ARENA_BRIDGE_FRAME_H
#define ARENA_BRIDGE_FRAME_H

#include "proto/messages.h"
#include "proto/shape.h"

#define FRAME_MAX     262144 /* bytes, from a worker */
#define FRAME_HEAD    12     /* of a binary frame: channel, offset */
#define FRAME_OUTPUTS 4      /* videos of a result */
#define FRAME_JOBS    64     /* jobs of a worker at once */

enum frame_type {
	FRAME_UNKNOWN, /* to be ignored */
	FRAME_HELLO,
	FRAME_MODELS,
	FRAME_READY,
	FRAME_ACCEPTED,
	FRAME_STOPPED,
	FRAME_PROGRESS,
	FRAME_UPLOAD,
	FRAME_UPLOAD_END,
	FRAME_RESULT,
	FRAME_FAILED,
	FRAME_RELEASE,
	FRAME_INPUT_GET,
	FRAME_LOG,
	FRAME_ATTENTION,
	FRAME_ATTENTION_OVER,
	FRAME_STATE,
	FRAME_VOTED,
	FRAME_PONG,
	FRAME_TYPES
};

struct frame_who {
	const char *id, *name, *kind, *version;
};

/* Every frame about a job begins with this. */
struct frame_ref {
	const char *job, *lease;
};

struct frame_held {
	struct frame_ref ref;
	int64_t progress; /* -1: not said */
	const char *upstream_ref;
};

struct frame_models {
	const struct model *models;
	size_t n_models;
};

struct frame_hello {
	struct frame_models offer;
	const char *token; /* NULL: none */
	struct frame_who worker;
	int64_t slots;
	const struct frame_held *jobs;
	size_t n_jobs;
};

struct frame_ready {
	int64_t free;
};

struct frame_progress {
	struct frame_ref ref;
	int64_t percent;
	const char *stage, *upstream_ref;
};

struct frame_upload {
	struct frame_ref ref;
	const char *upload;
	int64_t size;
	const char *mime;
};

struct frame_upload_end {
	const char *upload;
	const char *job; /* NULL: the one upload of that name */
	int64_t size;
};

struct frame_output {
	const char *upload, *url; /* exactly one of them */
	const char *label, *name; /* which of several it is, and who made it; or NULL */
};

struct frame_result {
	struct frame_ref ref;
	const struct frame_output *outputs;
	size_t n_outputs;
};

struct frame_failed {
	struct frame_ref ref;
	const char *code, *message;
	bool retryable;
	int64_t retry_after_ms;
};

struct frame_release {
	struct frame_ref ref;
	const char *reason;
	int64_t not_before;
	const char *upstream_ref, *message;
};

struct frame_input_get {
	struct frame_ref ref;
	int64_t input, offset;
};

struct frame_log {
	const char *level, *message;
};

struct frame_attention {
	const char *reason, *message, *url;
};

struct frame_state {
	bool paused;
	int64_t until_ms; /* 0: no cool-down */
	const char *note;
};

struct frame_voted {
	const char *job;
	bool ok;
	const char *message;
	const char *const *names;
	size_t n_names;
};

struct frame {
	enum frame_type type;
	union { /* of the type; nothing for UNKNOWN, PONG and ATTENTION_OVER */
		const void *any;
		const struct frame_ref *ref; /* of those about a job */
		const struct frame_hello *hello;
		const struct frame_models *models;
		const struct frame_ready *ready;
		const struct frame_progress *progress;
		const struct frame_upload *upload;
		const struct frame_upload_end *upload_end;
		const struct frame_result *result;
		const struct frame_failed *failed;
		const struct frame_release *release;
		const struct frame_input_get *input_get;
		const struct frame_log *log;
		const struct frame_attention *attention;
		const struct frame_state *state;
		const struct frame_voted *voted;
	};
	struct doc *doc; /* owns what they point to */
};

/*
 * Read one text frame. ERR_BAD_JSON, or ERR_BAD_PARAM with the reason in why, fit to be told to the
 * worker. The result must be passed to frame_clear(); or doc is taken out of it.
 */
enum err frame_read(const char *p, size_t n, struct frame *ret, char why[SHAPE_WHY]);
void frame_clear(struct frame *f);

/* The wire's name of a type, "?" for UNKNOWN. */
const char *frame_name(enum frame_type type);

/* Split a binary frame; false when it has no bytes behind its head. *p and *n become those bytes.
 */
bool frame_chunk(const uint8_t **p, size_t *n, uint32_t *channel, uint64_t *offset);

/* 1 to 64 of [A-Za-z0-9_-]: names of workers and of uploads. */
bool frame_name_ok(const char *s);

#endif
