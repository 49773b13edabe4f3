/* The one enum of errors, made from errors.def. */
#ifndef ARENA_ERR_H
#define ARENA_ERR_H

enum err {
#define E(number, name, http, type, code, text) ERR_##name = number,
#include "errors.def"
#undef E
};

struct err_info {
	int number;       /* the wire's number */
	const char *name; /* for logs: "LIMITED" */
	int http;         /* the HTTP status that answers it */
	const char *type; /* "error.type" of the JSON answer */
	const char *code; /* "error.code" */
	const char *text; /* a sentence for people, saying what to do */
};

/* Never NULL: an unknown number gives the entry of ERR_INTERNAL. */
const struct err_info *err_info(enum err e);

/* Short for err_info(e)->name. */
const char *err_name(enum err e);

#endif
