#include "messages.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"

#define WRITE_ROOM 1024 /* most records fit */
#define POOL_ROOM  4032

/* ---- the tables ---- */

#define REC(rec, doc)                                                                              \
	static const struct field_info *rec##_fields(size_t *n)                                    \
	{                                                                                          \
		typedef struct rec self;                                                           \
		static const struct field_info f[] = {
#define STR(name, doc)        {#name, FIELD_STR, offsetof(self, name), 0, NULL, 0, doc},
#define INT(name, dflt, doc)  {#name, FIELD_INT, offsetof(self, name), 0, NULL, dflt, doc},
#define NUM(name, dflt, doc)  {#name, FIELD_NUM, offsetof(self, name), 0, NULL, dflt, doc},
#define BOOL(name, dflt, doc) {#name, FIELD_BOOL, offsetof(self, name), 0, NULL, dflt, doc},
#define STRS(name, doc)                                                                            \
	{#name, FIELD_STRS, offsetof(self, name), offsetof(self, n_##name), NULL, 0, doc},
#define LIST(rec, name, doc)                                                                       \
	{#name, FIELD_LIST, offsetof(self, name), offsetof(self, n_##name), &rec_##rec, 0, doc},
#define REC_END(rec)                                                                               \
	{                                                                                          \
		NULL, FIELD_STR, sizeof(self), 0, NULL, 0, NULL                                    \
	}                                                                                          \
	}                                                                                          \
	;                                                                                          \
	*n = sizeof f / sizeof *f - 1;                                                             \
	return f;                                                                                  \
	}
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

#define STR(name, doc)
#define INT(name, dflt, doc)
#define NUM(name, dflt, doc)
#define BOOL(name, dflt, doc)
#define STRS(name, doc)
#define LIST(rec, name, doc)
#define REC_END(rec)

#define REC(rec, doc)                                                                              \
	const struct rec_info rec_##rec = {#rec, doc, sizeof(struct rec), rec##_fields};
#include "messages.def"
#undef REC

#define REC(rec, doc) &rec_##rec,
static const struct rec_info *const recs[] = {
#include "messages.def"
};
#undef REC
#undef MSG

#define IS_ASK  false
#define IS_HINT true
#define REC(rec, doc)
#define MSG(number, NAME, kind, rec, answer, doc)                                                  \
	{number, #NAME, IS_##kind, &rec_##rec, &rec_##answer, doc},
static const struct msg_info msgs[] = {
#include "messages.def"
};
#undef REC
#undef MSG
#undef STR
#undef INT
#undef NUM
#undef BOOL
#undef STRS
#undef LIST
#undef REC_END

const struct msg_info *msg_info(int type)
{
	for (size_t i = 0; i < sizeof msgs / sizeof *msgs; i++)
		if ((int)msgs[i].type == type)
			return &msgs[i];
	return NULL;
}

const struct msg_info *msg_all(size_t *n)
{
	*n = sizeof msgs / sizeof *msgs;
	return msgs;
}

const struct rec_info *const *rec_all(size_t *n)
{
	*n = sizeof recs / sizeof *recs;
	return recs;
}

/* ---- reading ---- */

/*
 * A message owns one pool: cJSON's tree, and the arrays of lists. A record is some fifty nodes and
 * strings that live and die together, so they are cut from few large pieces.
 */
struct piece {
	struct piece *next;
	size_t used, size;
	max_align_t data[];
};

struct msg {
	cJSON *root;
	struct piece *pieces;
	max_align_t rec[];
};

static void *msg_alloc(struct msg *m, size_t n)
{
	struct piece *p = m->pieces;
	void *at;

	n = (n + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	if (!p || p->size - p->used < n) {
		size_t size = p ? 2 * p->size : POOL_ROOM;

		if (size < n)
			size = n;
		p = xmalloc(sizeof *p + size);
		p->next = m->pieces;
		p->used = 0;
		p->size = size;
		m->pieces = p;
	}
	at = (char *)p->data + p->used;
	p->used += n;
	return at;
}

/*
 * While a thread reads a message, what cJSON allocates there comes from the message's pool, and is
 * freed with it. All others who use cJSON get malloc and free.
 */
static _Thread_local struct msg *reading;

static void *hook_malloc(size_t n)
{
	return reading ? msg_alloc(reading, n) : malloc(n);
}

static void hook_free(void *p)
{
	if (!reading)
		free(p);
}

/* Before main: nobody uses cJSON yet. */
__attribute__((constructor)) static void set_hooks(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = hook_malloc, .free_fn = hook_free});
}

static cJSON *parse(struct msg *m, const char *json, size_t n)
{
	const char *end = NULL;
	cJSON *root;

	reading = m;
	root = cJSON_ParseWithLengthOpts(json, n, &end, false);
	reading = NULL;
	return root;
}

static enum err read_rec(struct msg *m, const struct rec_info *rec, const cJSON *from, char *to);

static enum err read_strs(struct msg *m, const struct field_info *f, const cJSON *v, char *to)
{
	size_t n = (size_t)cJSON_GetArraySize(v), i = 0;
	const char **strs;
	const cJSON *e;

	if (!cJSON_IsArray(v))
		return ERR_BAD_WIRE;
	strs = msg_alloc(m, n * sizeof *strs);
	cJSON_ArrayForEach (e, v) {
		if (!cJSON_IsString(e))
			return ERR_BAD_WIRE;
		strs[i++] = e->valuestring;
	}
	*(const char *const **)(to + f->offset) = strs;
	*(size_t *)(to + f->count_offset) = n;
	return ERR_OK;
}

static enum err read_list(struct msg *m, const struct field_info *f, const cJSON *v, char *to)
{
	size_t n = (size_t)cJSON_GetArraySize(v), i = 0;
	char *list;
	const cJSON *e;

	if (!cJSON_IsArray(v))
		return ERR_BAD_WIRE;
	list = memset(msg_alloc(m, n * f->rec->size), 0, n * f->rec->size);
	cJSON_ArrayForEach (e, v) {
		if (read_rec(m, f->rec, e, list + i++ * f->rec->size) != ERR_OK)
			return ERR_BAD_WIRE;
	}
	*(const void **)(to + f->offset) = list;
	*(size_t *)(to + f->count_offset) = n;
	return ERR_OK;
}

static enum err read_field(struct msg *m, const struct field_info *f, const cJSON *v, char *to)
{
	switch (f->type) {
	case FIELD_STR:
		if (!cJSON_IsString(v))
			return ERR_BAD_WIRE;
		*(const char **)(to + f->offset) = v->valuestring;
		return ERR_OK;
	case FIELD_INT:
		/* a double holds whole numbers exactly up to 2^53 */
		if (!cJSON_IsNumber(v) || !(fabs(v->valuedouble) <= 9007199254740992.0))
			return ERR_BAD_WIRE;
		*(int64_t *)(to + f->offset) = (int64_t)v->valuedouble;
		return ERR_OK;
	case FIELD_NUM:
		if (!cJSON_IsNumber(v) || !isfinite(v->valuedouble))
			return ERR_BAD_WIRE;
		*(double *)(to + f->offset) = v->valuedouble;
		return ERR_OK;
	case FIELD_BOOL:
		if (!cJSON_IsBool(v))
			return ERR_BAD_WIRE;
		*(bool *)(to + f->offset) = cJSON_IsTrue(v);
		return ERR_OK;
	case FIELD_STRS:
		return read_strs(m, f, v, to);
	case FIELD_LIST:
		return read_list(m, f, v, to);
	}
	return ERR_BAD_WIRE;
}

static const struct field_info *find_field(
	const struct field_info *fields, size_t n, const char *name, size_t *hint)
{
	/* fields mostly come in the order of the table */
	for (size_t i = 0; i < n; i++) {
		size_t k = *hint + i < n ? *hint + i : *hint + i - n;

		if (strcmp(fields[k].name, name) == 0) {
			*hint = k + 1 < n ? k + 1 : 0;
			return &fields[k];
		}
	}
	return NULL;
}

static void set_defaults(const struct field_info *fields, size_t n, char *to)
{
	for (size_t i = 0; i < n; i++) {
		const struct field_info *f = &fields[i];

		if (f->dflt == 0)
			continue;
		if (f->type == FIELD_INT)
			*(int64_t *)(to + f->offset) = (int64_t)f->dflt;
		else if (f->type == FIELD_NUM)
			*(double *)(to + f->offset) = f->dflt;
		else if (f->type == FIELD_BOOL)
			*(bool *)(to + f->offset) = true;
	}
}

/* `to` is zeroed memory. Depth is that of the table, so no input can nest deeper. */
static enum err read_rec(struct msg *m, const struct rec_info *rec, const cJSON *from, char *to)
{
	size_t n, hint = 0;
	const struct field_info *fields = rec->fields(&n);
	const cJSON *v;

	if (!cJSON_IsObject(from))
		return ERR_BAD_WIRE;
	set_defaults(fields, n, to);
	cJSON_ArrayForEach (v, from) {
		const struct field_info *f = find_field(fields, n, v->string, &hint);

		if (!f || cJSON_IsNull(v))
			continue;
		if (read_field(m, f, v, to) != ERR_OK)
			return ERR_BAD_WIRE;
	}
	return ERR_OK;
}

enum err msg_read(const struct rec_info *rec, const char *json, size_t n, struct msg **ret)
{
	struct msg *m = xcalloc(1, sizeof *m + rec->size);

	m->root = parse(m, json, n);
	if (!m->root || read_rec(m, rec, m->root, (char *)m->rec) != ERR_OK) {
		msg_free(m);
		return ERR_BAD_WIRE;
	}
	*ret = m;
	return ERR_OK;
}

const void *msg_rec(const struct msg *m)
{
	return m->rec;
}

void msg_free(struct msg *m)
{
	if (!m)
		return;
	while (m->pieces) {
		struct piece *next = m->pieces->next;

		free(m->pieces);
		m->pieces = next;
	}
	free(m);
}

/* ---- writing ---- */

static void write_rec(const struct rec_info *rec, const char *from, struct buf *out);

static void write_list(const struct field_info *f, const char *from, struct buf *out)
{
	size_t n = *(const size_t *)(from + f->count_offset);
	const void *first = *(const void *const *)(from + f->offset);

	if (!n)
		return;
	json_key(out, f->name);
	for (size_t i = 0; i < n; i++) {
		buf_add(out, i ? "," : "[", 1);
		if (f->type == FIELD_STRS)
			json_str(out, ((const char *const *)first)[i]);
		else
			write_rec(f->rec, (const char *)first + i * f->rec->size, out);
	}
	buf_add(out, "]", 1);
}

/* What is at its default is left out. */
static void write_field(const struct field_info *f, const char *from, struct buf *out)
{
	const char *s;
	int64_t i;
	double d;
	bool b;

	switch (f->type) {
	case FIELD_STR:
		s = *(const char *const *)(from + f->offset);
		if (s)
			json_kv_str(out, f->name, s);
		break;
	case FIELD_INT:
		i = *(const int64_t *)(from + f->offset);
		if ((double)i != f->dflt)
			json_kv_int(out, f->name, i);
		break;
	case FIELD_NUM:
		d = *(const double *)(from + f->offset);
		if (d != f->dflt) {
			json_key(out, f->name);
			json_num(out, d);
		}
		break;
	case FIELD_BOOL:
		b = *(const bool *)(from + f->offset);
		if (b != (f->dflt != 0))
			json_kv_bool(out, f->name, b);
		break;
	case FIELD_STRS:
	case FIELD_LIST:
		write_list(f, from, out);
		break;
	}
}

static void write_rec(const struct rec_info *rec, const char *from, struct buf *out)
{
	size_t n;
	const struct field_info *fields = rec->fields(&n);

	buf_add(out, "{", 1);
	for (size_t i = 0; i < n; i++)
		write_field(&fields[i], from, out);
	buf_add(out, "}", 1);
}

char *rec_write(const struct rec_info *rec, const void *from, size_t *len)
{
	struct buf out = {0};

	buf_room(&out, WRITE_ROOM);
	write_rec(rec, from, &out);
	*len = out.n;
	return out.p;
}
