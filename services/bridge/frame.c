#include "services/bridge/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/id.h"

#define MODELS_MAX 256
#define NAME_BYTES 128              /* of a model, as a vote reveals it */
#define WHOLE      9007199254740991 /* 2^53 - 1: the last whole number a double holds exactly */

bool frame_name_ok(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

	return n >= 1 && n <= 64 && !s[n];
}

static bool job_ok(const char *s)
{
	return id_ok("video_", s);
}

static bool lease_ok(const char *s)
{
	return strlen(s) == 32 && strspn(s, "0123456789abcdef") == 32;
}

static bool word_ok(const char *s)
{
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-")] == 0;
}

static bool size_ok(const char *s)
{
	size_t w = strspn(s, "0123456789"), h = s[w] ? strspn(s + w + 1, "0123456789") : 0;

	return w >= 1 && w <= 5 && s[w] == 'x' && h >= 1 && h <= 5 && !s[w + 1 + h] &&
	       s[0] != '0' && s[w + 1] != '0';
}

/* People get it to click on: no other scheme. */
static bool link_ok(const char *s)
{
	return !*s ||
	       ((strncmp(s, "https://", 8) == 0 || strncmp(s, "http://", 7) == 0) && line_ok(s));
}

/* The words of the tables below: N_ must be there, O_ may be. SELF is the struct that is filled. */
#define AT(m) .offset = offsetof(SELF, m)
#define N_JOB(m)                                                                                   \
	{                                                                                          \
		"job", SHAPE_STR, AT(m), 1, 48, true, .ok = job_ok                                 \
	}
#define O_JOB(m)                                                                                   \
	{                                                                                          \
		"job", SHAPE_STR, AT(m), 1, 48, .ok = job_ok                                       \
	}
#define N_REF                                                                                      \
	N_JOB(ref.job),                                                                            \
	{                                                                                          \
		"lease", SHAPE_STR, AT(ref.lease), 32, 32, true, .ok = lease_ok                    \
	}
#define N_NAME(name, m)                                                                            \
	{                                                                                          \
		name, SHAPE_STR, AT(m), 1, 64, true, .ok = frame_name_ok                           \
	}
#define O_NAME(name, m)                                                                            \
	{                                                                                          \
		name, SHAPE_STR, AT(m), 1, 64, .ok = frame_name_ok                                 \
	}
#define N_LINE(m, hi)                                                                              \
	{                                                                                          \
#m, SHAPE_STR, AT(m), 1, hi, true, .ok = line_ok                                   \
	}
#define O_LINE(m, hi)                                                                              \
	{                                                                                          \
#m, SHAPE_STR, AT(m), 0, hi, .ok = line_ok                                         \
	}
#define O_TEXT(m, hi)                                                                              \
	{                                                                                          \
#m, SHAPE_STR, AT(m), 0, hi                                                        \
	}
#define N_INT(m, lo, hi)                                                                           \
	{                                                                                          \
#m, SHAPE_INT, AT(m), lo, hi, true                                                 \
	}
#define O_INT(m, dflt, lo, hi)                                                                     \
	{                                                                                          \
#m, SHAPE_INT, AT(m), lo, hi, false, dflt                                          \
	}
#define O_BOOL(m, dflt)                                                                            \
	{                                                                                          \
#m, SHAPE_BOOL, AT(m), 0, 0, false, dflt                                           \
	}
#define O_STRS(m, hi, fn)                                                                          \
	{                                                                                          \
#m, SHAPE_STRS, AT(m), 0, hi, .ok = fn, .count_offset = offsetof(SELF, n_##m)      \
	}
#define LIST(name, m, count, lo, hi, shapes, type)                                                 \
	{                                                                                          \
		name, SHAPE_LIST, AT(m), lo, hi, lo > 0, 0, NULL, offsetof(SELF, count),           \
			sizeof(type), shapes                                                       \
	}
#define N_OBJ(m, shapes)                                                                           \
	{                                                                                          \
#m, SHAPE_OBJ, AT(m), .need = true, .sub = shapes                                  \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, SHAPE_END, 0, 0, 0, false, 0, NULL, 0, 0, NULL                               \
	}

#define SELF struct model
static const struct shape model[] = {N_LINE(id, 128), O_LINE(name, 128), O_LINE(owner, 128),
	O_LINE(description, 1000), O_STRS(inputs, 8, word_ok), O_INT(outputs, 1, 1, 16),
	O_STRS(parameters, 16, word_ok), O_STRS(operations, 8, word_ok), O_STRS(sizes, 64, size_ok),
	O_INT(max_width, 1920, 1, 65536), O_INT(max_height, 1080, 1, 65536),
	O_INT(min_seconds, 1, 1, 86400), O_INT(max_seconds, 20, 1, 86400),
	O_INT(max_prompt, 32000, 1, 32000), O_BOOL(selectable, true), END};
#undef SELF

#define SELF struct frame_who
static const struct shape who[] = {
	N_NAME("id", id), O_LINE(name, 128), O_LINE(kind, 64), O_LINE(version, 64), END};
#undef SELF

#define SELF struct frame_held
static const struct shape held[] = {
	N_REF, O_INT(progress, -1, -1, 100), O_TEXT(upstream_ref, 512), END};
#undef SELF

#define SELF struct frame_hello
static const struct shape hello[] = {O_TEXT(token, 256), N_OBJ(worker, who),
	O_INT(slots, 1, 1, FRAME_JOBS),
	LIST("models", offer.models, offer.n_models, 0, MODELS_MAX, model, struct model),
	LIST("jobs", jobs, n_jobs, 0, FRAME_JOBS, held, struct frame_held), END};
#undef SELF

#define SELF struct frame_models
static const struct shape models[] = {
	LIST("models", models, n_models, 0, MODELS_MAX, model, struct model), END};
#undef SELF

#define SELF struct frame_ready
static const struct shape ready[] = {N_INT(free, 0, FRAME_JOBS), END};
#undef SELF

struct ref_only {
	struct frame_ref ref;
};

#define SELF struct ref_only
static const struct shape ref[] = {N_REF, END};
#undef SELF

#define SELF struct frame_progress
static const struct shape progress[] = {
	N_REF, O_INT(percent, 0, 0, 100), O_LINE(stage, 64), O_TEXT(upstream_ref, 512), END};
#undef SELF

#define SELF struct frame_upload
static const struct shape upload[] = {
	N_REF, N_NAME("upload", upload), N_INT(size, 1, WHOLE), O_LINE(mime, 64), END};
#undef SELF

#define SELF struct frame_upload_end
static const struct shape upload_end[] = {
	O_JOB(job), N_NAME("upload", upload), N_INT(size, 1, WHOLE), END};
#undef SELF

#define SELF struct frame_output
static const struct shape output[] = {O_NAME("upload", upload),
	{"url", SHAPE_STR, AT(url), 1, 4096, .ok = line_ok}, O_NAME("label", label),
	O_LINE(name, 128), END};
#undef SELF

#define SELF struct frame_result
static const struct shape result[] = {N_REF,
	LIST("outputs", outputs, n_outputs, 1, FRAME_OUTPUTS, output, struct frame_output), END};
#undef SELF

#define SELF struct frame_failed
static const struct shape failed[] = {N_REF,
	{"code", SHAPE_STR, AT(code), 1, 64, true, .ok = word_ok}, O_TEXT(message, 2000),
	O_BOOL(retryable, true), O_INT(retry_after_ms, 0, 0, 86400000), END};
#undef SELF

#define SELF struct frame_release
static const struct shape release[] = {N_REF, O_LINE(reason, 64), O_INT(not_before, 0, 0, WHOLE),
	O_TEXT(upstream_ref, 512), O_TEXT(message, 2000), END};
#undef SELF

#define SELF struct frame_input_get
static const struct shape input_get[] = {
	N_REF, N_INT(input, 0, 63), O_INT(offset, 0, 0, WHOLE), END};
#undef SELF

#define SELF struct frame_log
static const struct shape log_[] = {
	{"level", SHAPE_STR, AT(level), 0, 16, .ok = word_ok}, O_TEXT(message, 1024), END};
#undef SELF

#define SELF struct frame_attention
static const struct shape attention[] = {
	{"reason", SHAPE_STR, AT(reason), 1, 32, true, .ok = word_ok}, O_TEXT(message, 1000),
	{"url", SHAPE_STR, AT(url), 0, 2048, .ok = link_ok}, END};
#undef SELF

#define SELF struct frame_state
static const struct shape state[] = {
	O_BOOL(paused, false), O_INT(until_ms, 0, 0, WHOLE), O_TEXT(note, 1000), END};
#undef SELF

#define SELF struct frame_voted
static const struct shape voted[] = {N_JOB(job), O_BOOL(ok, false), O_TEXT(message, 1000),
	{"names", SHAPE_STRS, AT(names), 0, FRAME_OUTPUTS, .ok = line_ok,
		.count_offset = offsetof(SELF, n_names), .sub_size = NAME_BYTES},
	END};
#undef SELF

/* ---- types ---- */

struct nothing {
	char none;
};

static const struct shape nothing[] = {END};

static const struct {
	const char *name;
	const struct shape *shapes;
	size_t size;
} types[FRAME_TYPES] = {
	[FRAME_UNKNOWN] = {"?", nothing, sizeof(struct nothing)},
	[FRAME_HELLO] = {"hello", hello, sizeof(struct frame_hello)},
	[FRAME_MODELS] = {"models", models, sizeof(struct frame_models)},
	[FRAME_READY] = {"ready", ready, sizeof(struct frame_ready)},
	[FRAME_ACCEPTED] = {"accepted", ref, sizeof(struct ref_only)},
	[FRAME_STOPPED] = {"stopped", ref, sizeof(struct ref_only)},
	[FRAME_PROGRESS] = {"progress", progress, sizeof(struct frame_progress)},
	[FRAME_UPLOAD] = {"upload", upload, sizeof(struct frame_upload)},
	[FRAME_UPLOAD_END] = {"upload_end", upload_end, sizeof(struct frame_upload_end)},
	[FRAME_RESULT] = {"result", result, sizeof(struct frame_result)},
	[FRAME_FAILED] = {"failed", failed, sizeof(struct frame_failed)},
	[FRAME_RELEASE] = {"release", release, sizeof(struct frame_release)},
	[FRAME_INPUT_GET] = {"input_get", input_get, sizeof(struct frame_input_get)},
	[FRAME_LOG] = {"log", log_, sizeof(struct frame_log)},
	[FRAME_ATTENTION] = {"attention", attention, sizeof(struct frame_attention)},
	[FRAME_ATTENTION_OVER] = {"attention_over", nothing, sizeof(struct nothing)},
	[FRAME_STATE] = {"state", state, sizeof(struct frame_state)},
	[FRAME_VOTED] = {"voted", voted, sizeof(struct frame_voted)},
	[FRAME_PONG] = {"pong", nothing, sizeof(struct nothing)},
};

const char *frame_name(enum frame_type type)
{
	return types[type].name;
}

static enum frame_type type_of(const char *name)
{
	for (int i = FRAME_UNKNOWN + 1; i < FRAME_TYPES; i++)
		if (strcmp(types[i].name, name) == 0)
			return (enum frame_type)i;
	return FRAME_UNKNOWN;
}

/* What no rule of a single field can say. */
static bool whole_ok(const struct frame *f, char why[SHAPE_WHY])
{
	if (f->type != FRAME_RESULT)
		return true;
	for (size_t i = 0; i < f->result->n_outputs; i++) {
		const struct frame_output *o = &f->result->outputs[i];

		if (!o->upload == !o->url) {
			snprintf(why, SHAPE_WHY, "outputs: each is an upload or a url");
			return false;
		}
	}
	return true;
}

enum err frame_read(const char *p, size_t n, struct frame *ret, char why[SHAPE_WHY])
{
	struct frame f = {0};
	enum err e = doc_parse(p, n, &f.doc);
	char broken[SHAPE_WHY] = "";
	const char *name;

	if (e != ERR_OK) {
		snprintf(why, SHAPE_WHY, "not a JSON object");
		return e;
	}
	name = doc_str(f.doc, "type");
	if (name) {
		f.type = type_of(name);
		f.any = doc_read(f.doc, types[f.type].shapes, types[f.type].size, broken);
	} else {
		snprintf(broken, sizeof broken, "type is missing");
	}
	if (!f.any || !whole_ok(&f, broken)) {
		snprintf(why, SHAPE_WHY, "%s: %.100s", name ? frame_name(f.type) : "?", broken);
		frame_clear(&f);
		return ERR_BAD_PARAM;
	}
	*ret = f;
	return ERR_OK;
}

void frame_clear(struct frame *f)
{
	doc_free(f->doc);
	*f = (struct frame){0};
}

static uint64_t be(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

bool frame_chunk(const uint8_t **p, size_t *n, uint32_t *channel, uint64_t *offset)
{
	if (*n <= FRAME_HEAD)
		return false;
	*channel = (uint32_t)be(*p, 4);
	*offset = be(*p + 4, 8);
	*p += FRAME_HEAD;
	*n -= FRAME_HEAD;
	return true;
}
