/* An HTTP client that says exactly what it is told to the gateway of gateway_rig.h. */
#ifndef ARENA_TESTS_GATEWAY_CLIENT_H
#define ARENA_TESTS_GATEWAY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct reply {
	int status; /* 0: none came */
	char head[4096];
	char body[1 << 18]; /* as much of it as fits */
	size_t n;
	bool closed; /* the server has closed */
};

int dial(void); /* -1: nobody listens */
void say(int fd, const void *p, size_t n);

/* One more byte, or as many as there are up to max; 0: end, or nothing came in time. */
size_t hear_some(int fd, char *p, size_t max);

/* One answer, good until the next is heard; with_body false: of a HEAD. */
struct reply *hear(int fd, bool with_body);

/* NULL: not there. Good until the next call. */
const char *header(const struct reply *r, const char *name);

/*
 * A request on a connection of its own. key may be NULL. lines: more header lines with CR LF, or
 * "". body may be NULL.
 */
struct reply *req(const char *method, const char *target, const char *key, const char *lines,
	const void *body, size_t n);
struct reply *get(const char *target, const char *key);
struct reply *post_json(const char *target, const char *key, const char *json);

/* The value of the first "name":"..." or "name":number in the answer; "" when it is not there. */
const char *field(const struct reply *r, const char *name);

/* Both together; good for one more call. */
const char *join(const char *a, const char *b);

/* The value of a figure in /metrics; -1: not there. */
double figure(const char *name);

#endif
