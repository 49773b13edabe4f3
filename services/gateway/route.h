/* Which handler answers which request: a table, and how it is searched. Pure. */
#ifndef ARENA_GATEWAY_ROUTE_H
#define ARENA_GATEWAY_ROUTE_H

#include <stddef.h>

#include "proto/err.h"

struct request;

enum route_need {
	NEED_NOTHING, /* anybody; the handler runs in the server's own thread, before any ask */
	NEED_NO_KEY,  /* anybody; for what takes a body or asks */
	NEED_READ,    /* a key, and one read of its rate */
	NEED_CREATE,  /* a key, and one create of its rate */
	NEED_LINK     /* a signed link, else as NEED_READ */
};

enum route_takes {
	TAKES_NOTHING, /* a small body is read and thrown away */
	TAKES_WASTE,   /* the same with a body of any size up to the limit */
	TAKES_VIDEO,   /* JSON or multipart: what a video is wished to be */
	TAKES_REMIX,   /* the same; all but the prompt may come from a video that is there */
	TAKES_EDIT,    /* the same, and which video */
	TAKES_CHAT,    /* JSON of OpenAI's chat completions */
	TAKES_ROUTER,  /* JSON of OpenRouter's videos */
	TAKES_FILE,    /* multipart: a file */
	TAKES_JSON,    /* any small JSON object; no body at all is an empty one */
	TAKES_FRAMES,  /* a worker's frames, as text: parcel.h */
	TAKES_PART     /* a part of a worker's file: the same */
};

struct route {
	const char *name; /* in logs and figures: "video_get" */
	const char *method;
	const char *pattern; /* "{}" stands for one segment, a final "*" for any rest */
	enum route_need need;
	enum route_takes takes;
	void (*handler)(struct request *r);
};

#define ROUTE_ARG   80 /* room for the segment that stands at {} */
#define ROUTE_ALLOW 64 /* room for "DELETE, GET, HEAD" */

/*
 * Search a table that ends with a NULL pattern. HEAD is answered by GET's handler. arg is filled
 * with the segment at {}, or "". ERR_NO_ROUTE; ERR_BAD_METHOD: allow is filled for the header.
 */
enum err route_find(const struct route *table, const char *method, const char *path,
	char arg[ROUTE_ARG], char allow[ROUTE_ALLOW], const struct route **ret);

#endif
