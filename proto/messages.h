/*
 * Records and messages, made from messages.def: one struct per record, one number per message,
 * and a description of each record from which it is written and read.
 *
 * Strings are NUL-terminated UTF-8, borrowed: a struct that was decoded borrows from its
 * `struct msg`, a struct that is to be encoded from whoever filled it.
 */
#ifndef ARENA_MESSAGES_H
#define ARENA_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define REC(rec, doc)         struct rec {
#define STR(name, doc)        const char *name;
#define INT(name, dflt, doc)  int64_t name;
#define NUM(name, dflt, doc)  double name;
#define BOOL(name, dflt, doc) bool name;
#define STRS(name, doc)                                                                            \
	const char *const *name;                                                                   \
	size_t n_##name;
#define LIST(rec, name, doc)                                                                       \
	const struct rec *name;                                                                    \
	size_t n_##name;
#define REC_END(rec)                                                                               \
	}                                                                                          \
	;
#define MSG(number, NAME, kind, rec, answer, doc)
#include "messages.def"
#undef REC
#undef STR
#undef INT
#undef NUM
#undef BOOL
#undef STRS
#undef LIST
#undef REC_END
#undef MSG

#include "messages_enum.h"

enum field_type { FIELD_STR, FIELD_INT, FIELD_NUM, FIELD_BOOL, FIELD_STRS, FIELD_LIST };

struct rec_info;

struct field_info {
	const char *name;
	enum field_type type;
	size_t offset;              /* of the value in its struct */
	size_t count_offset;        /* STRS, LIST: of its n_ member */
	const struct rec_info *rec; /* LIST: of what */
	double dflt;                /* INT, NUM, BOOL */
	const char *doc;
};

struct rec_info {
	const char *name;
	const char *doc;
	size_t size;                                       /* of the struct */
	const struct field_info *(*fields)(size_t *n_ret); /* its fields */
};

struct msg_info {
	enum msg_type type;
	const char *name; /* "JOB_CREATE" */
	bool is_hint;
	const struct rec_info *rec;
	const struct rec_info *answer;
	const char *doc;
};

/* rec_job, rec_problem, ...: the descriptions. */
#define REC(rec, doc) extern const struct rec_info rec_##rec;
#define STR(name, doc)
#define INT(name, dflt, doc)
#define NUM(name, dflt, doc)
#define BOOL(name, dflt, doc)
#define STRS(name, doc)
#define LIST(rec, name, doc)
#define REC_END(rec)
#define MSG(number, NAME, kind, rec, answer, doc)
#include "messages.def"
#undef REC
#undef STR
#undef INT
#undef NUM
#undef BOOL
#undef STRS
#undef LIST
#undef REC_END
#undef MSG

/* A problem of which this is known, and nothing of a limit: PROBLEM(.message = "..") */
#define PROBLEM(...)                                                                               \
	(struct problem)                                                                           \
	{                                                                                          \
		.limit = -1, .remaining = -1, .reset_ms = -1, __VA_ARGS__                          \
	}

/* NULL for a number that is not in the table. */
const struct msg_info *msg_info(int type);

/* All messages and all records, for PROTOCOL.md; *n is how many. */
const struct msg_info *msg_all(size_t *n);
const struct rec_info *const *rec_all(size_t *n);

/* A decoded body. It owns every string and list that its struct points to. */
struct msg;

/*
 * Read a record from n bytes of JSON. ERR_BAD_WIRE when it is no JSON object, or a field has the
 * wrong type, or is nested too deep. The result must be passed to msg_free().
 */
enum err msg_read(const struct rec_info *rec, const char *json, size_t n, struct msg **ret);

/* The struct inside, of the type that was read: const struct job *j = msg_rec(m). */
const void *msg_rec(const struct msg *m);

void msg_free(struct msg *m);

/*
 * Write a record as JSON without white space. Fields that are NULL, empty or at their default are
 * left out. The result, *len bytes and a NUL, must be passed to free(). Aborts when out of memory.
 */
char *rec_write(const struct rec_info *rec, const void *from, size_t *len);

#endif
