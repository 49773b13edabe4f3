/*
 * The steps of one request: find its route, ask auth, read the body, hand it to its handler, which
 * asks and answers.
 *
 * A handler of a route that needs something is called with the exchange suspended, on whatever
 * thread, and must not block; it ends with exactly one request_*() below. One that needs nothing is
 * called on the server's thread and answers at once, or suspends first.
 */
#ifndef ARENA_GATEWAY_REQUEST_H
#define ARENA_GATEWAY_REQUEST_H

#include "answer.h"
#include "inside.h"
#include "openai.h"
#include "parcel.h"
#include "wait.h"

struct request {
	struct gateway *g;
	struct exchange *x;
	const struct route *route; /* NULL: none fits */
	char arg[ROUTE_ARG];       /* what stands at {} in its pattern */
	char allow[ROUTE_ALLOW];   /* ERR_BAD_METHOD: the methods that its address takes */
	char base[300];            /* "http://HOST", for links */
	/* what auth granted */
	bool granted;
	bool unlimited; /* the operator's key */
	char owner[80];
	int64_t max_running, max_waiting;
	/* the body */
	struct body *body;
	enum err body_err;
	int64_t taken; /* bytes of it that came */
	struct parcel parcel;
	/* create.c: jobs on their way */
	const char *operation; /* remix, edit, extend; NULL: a new video is made */
	struct msg *source;    /* the job that has the video for it */
	struct video_request want;
	char model[208];
	char ids[COUNT_MAX][ID_MAX]; /* of the jobs, in order; may be those of an older request */
	size_t n_ids;                /* jobs that are made */
	struct msg *first;           /* the first of several, as it was when it was made */
	char fingerprint[65];
	int tries;
	void (*created)(struct request *r, const struct job *j);
	/* choose.c */
	void (*chosen)(struct request *r);
	/* inputs.c: what they start from */
	struct input inputs[IMAGES_MAX + 1];
	size_t n_inputs;
	size_t n_inherited;           /* images of the source that are among them */
	bool with_video;              /* the source's video is */
	bool stored;                  /* what came with the request is in the blob store */
	struct msg *kept[IMAGES_MAX]; /* own the strings of those that others stored */
	void (*brought)(struct request *r);
	/* generate.c, chat.c: waiting for them */
	struct wait wait;
	int64_t embedded; /* bytes of the memory of all bodies: embed.c */
	char said[200];   /* chat.c: the newest line about the job */
	/* events.c: listening */
	struct watcher watcher;
	bool waiting;
	/* vote.c */
	struct msg *cast; /* the job as it was when the vote was cast; NULL: nobody waits */
	/* offer.c */
	void (*tell_models)(struct request *r, const struct model_list *list);
};

extern const struct http_app request_app; /* its arg is the struct gateway */

/* The end of a request whose exchange is suspended. */
void request_json(struct request *r, int status, struct buf *json);
void request_fail(struct request *r, enum err e, const struct problem *p);
void request_resume(struct request *r); /* has been answered by other means */

/* Has an ask been answered well? False: with an error, and the client has been told so. */
bool request_ok(struct request *r, enum err e, const struct answer *a);

/* The same as the whole answer to a DELETE of what {} in the path names. */
void request_deleted(struct request *r, enum err e, const struct answer *a, const char *object);

/* BAD_PARAM and the like with words of its own; param may be NULL. */
void request_wrong(struct request *r, enum err e, const char *param, const char *message);

/* What doc_read() said: "url: 1 to 2048 bytes"; the parameter is what stands before the colon. */
void request_shape(struct request *r, const char *why);

/* The key of its Authorization header. NULL: there is none, or none that could be one. */
const char *request_key(const struct request *r);

/* Ask jobs about the request's job: {} in the path. */
void request_ask_job(struct request *r, enum msg_type type, ask_done_fn *done);

/* For openai.h; valid as long as r. */
struct links request_links(const struct request *r);

/*
 * create.c: make want.n jobs of the request's body. When all are made, fn goes on with the first
 * of them (as it was then); r->ids has them all. When one cannot be made, none is, and the client
 * is told why.
 */
void request_create(struct request *r, void (*fn)(struct request *r, const struct job *j));

/* The same for routes whose answer has room for one: n of more than 1 is refused. */
void request_create_one(struct request *r, void (*fn)(struct request *r, const struct job *j));

/*
 * The same with a video of the caller's that is there already, which {} in the path names (remix)
 * or the body (edit, extend). operation: one of these, a constant. NOT_OFFERED, NOT_READY besides.
 */
void request_derive(struct request *r, const char *operation,
	void (*fn)(struct request *r, const struct job *j));

#endif
