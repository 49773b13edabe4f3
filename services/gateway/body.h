/*
 * What a client wishes: one shape, read from JSON or from multipart/form-data as it arrives. An
 * image of a form goes straight into the blob store; text is kept in memory, within a bound for all
 * requests together.
 *
 * A body belongs to one thread at a time.
 */
#ifndef ARENA_GATEWAY_BODY_H
#define ARENA_GATEWAY_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/blob.h"
#include "proto/messages.h"
#include "route.h"

/* Settings, and what all bodies share. */
struct body_rules {
	struct blobs *blobs;
	int64_t image_max;  /* bytes */
	int64_t image_side; /* pixels */
	int64_t body_max;   /* bytes */
	int64_t prompt_max; /* characters */
	bool allow_private; /* links may lead to private networks */
	int64_t memory_max; /* bytes of text in memory, of all bodies together */
	_Atomic int64_t memory;
};

/* An image that a request brings or names; one of the three is set. */
struct wanted_image {
	const char *param; /* how the request calls it: "input_reference"; a constant */
	bool sent;         /* in the body: after body_store() `stored` has it */
	const char *url;   /* http or https: the bridge fetches it */
	const char *file_id;
	struct input stored; /* role, and where it is in the blob store; sha256 NULL: not yet */
};

enum response_format { RESPONSE_URL, RESPONSE_B64_JSON };

#define IMAGES_MAX 2 /* first frame and last frame, in this order */
#define COUNT_MAX  4 /* videos of one request */
#define HINTS_MAX  4 /* parameters that a model may leave aside */

struct video_request {
	const char *model;           /* as asked for; "": not said */
	const char *prompt;          /* 1 to prompt_max characters */
	const char *negative_prompt; /* NULL: not said; so are all strings that follow */
	const char *source;          /* remix, edit, extend: the video that is there already */
	const char *webhook_url;
	const struct tag *metadata;
	size_t n_metadata;
	/* how the request calls these, or would: constants */
	const char *prompt_param;  /* "prompt", "messages" */
	const char *seconds_param; /* "seconds", "duration" */
	const char *image_param;   /* "input_reference", "messages", "frame_images" */
	int64_t seconds;           /* 0: not said; so are all numbers that follow */
	int64_t width;
	int64_t height;
	int64_t aspect_width; /* 16 of 16:9 */
	int64_t aspect_height;
	int64_t resolution; /* pixels of the short side */
	int64_t fps;
	int64_t n;          /* 1 to COUNT_MAX */
	int64_t seed;       /* -1: none */
	int64_t timeout_ms; /* 0: do not wait; -1: not said */
	bool async;
	bool stream;
	bool stream_usage; /* chat: stream_options.include_usage */
	bool fail_fast;    /* refuse when no worker is connected for the model */
	enum response_format format;
	struct wanted_image images[IMAGES_MAX];
	size_t n_images;
	/* model_fit(): what of it the model does not take, and is only a hint */
	const char *ignored[HINTS_MAX];
	size_t n_ignored;
	/* TAKES_FILE: the file is images[0] */
	const char *file_name; /* as the client calls it; never NULL */
	const char *purpose;
};

struct body;

/*
 * takes: anything but TAKES_NOTHING. content_type may be NULL, which only TAKES_JSON takes.
 * ERR_BAD_CONTENT_TYPE, ERR_BAD_MULTIPART.
 */
enum err body_new(struct body_rules *rules, enum route_takes takes, const char *content_type,
	struct body **ret);

/* What may be sent instead of what was ERR_BAD_CONTENT_TYPE: a sentence. */
const char *body_types(enum route_takes takes);

/*
 * The next piece. After an error the rest need not come; the error is kept. TOO_LARGE, OVERLOADED,
 * BAD_MULTIPART, STORE.
 */
enum err body_feed(struct body *b, const char *p, size_t n);

/*
 * All is here: read and check. Does not block. BAD_JSON, BAD_MULTIPART, MISSING_PARAM, BAD_PARAM,
 * PROMPT_TOO_LONG, or the error that body_feed() kept.
 */
enum err body_end(struct body *b);

/*
 * Images that came with the request: decode, look at them and commit them to the blob store. Blocks
 * for the disk. BAD_IMAGE, TOO_LARGE, BAD_PARAM, STORE. body_free() lets go of the pin.
 */
enum err body_store(struct body *b);

/* Commit again, after BLOB_GONE. Blocks. */
enum err body_store_again(struct body *b);

/* What was wrong: its strings live as long as b. Never NULL. */
const struct problem *body_problem(const struct body *b);

/* After body_end(). Lives as long as b. */
const struct video_request *body_request(const struct body *b);

/*
 * After body_end() of TAKES_JSON: an object that cJSON may be given, of n bytes (and a NUL); "{}"
 * when no body came. Lives as long as b.
 */
const char *body_text(const struct body *b, size_t *n);

/* Leaves nothing behind of what was not committed. NULL is fine. */
void body_free(struct body *b);

#endif
