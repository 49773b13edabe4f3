/* JSON from outside, made safe before cJSON sees it. Pure. */
#ifndef ARENA_GATEWAY_OBJECT_H
#define ARENA_GATEWAY_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

/* How deep and how many: cJSON recurses for each level, and takes 80 bytes for each value. */
struct object_limits {
	int depth, values;
};

/*
 * One object of n bytes, UTF-8, with nothing but white space around it and without \u0000, at
 * which cJSON's strings would end. NULL: it is none. To be given to cJSON_Delete().
 */
struct cJSON *object_read(const char *p, size_t n, const struct object_limits *limits);

#endif
