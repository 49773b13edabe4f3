#include "body.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "dataurl.h"
#include "dialects.h"
#include "multipart.h"
#include "proto/buf.h"
#include "proto/image.h"
#include "utf8.h"

struct body {
	struct body_rules *rules;
	enum route_takes takes;
	struct multipart *form; /* NULL: JSON */
	enum err err;           /* sticky */
	int64_t held;           /* bytes taken from the memory of all */
	struct buf text;        /* the JSON, or the field that comes now */
	/* the part of the form that comes now */
	const struct field *field; /* NULL: nobody wants it */
	bool is_id;                /* it is the id of a file */
	bool in_file;              /* it goes into the store */
	bool no_file;
	size_t frame; /* which image it is */
	/* of each image that came with the request: its file, and then its pin */
	struct blob_writer *files[IMAGES_MAX];
	char sha256[IMAGES_MAX][BLOB_NAME];
	struct fields fields;
};

/* ---- text in memory ---- */

static enum err text_add(struct body *b, const char *p, size_t n)
{
	struct body_rules *rules = b->rules;

	if (atomic_fetch_add(&rules->memory, (int64_t)n) + (int64_t)n > rules->memory_max) {
		atomic_fetch_sub(&rules->memory, (int64_t)n);
		return ERR_OVERLOADED;
	}
	b->held += (int64_t)n;
	buf_add(&b->text, p, n);
	return ERR_OK;
}

/* The text has been read. A data: URL that was in it is still held, by the fields. */
static void text_drop(struct body *b)
{
	buf_free(&b->text);
	if (fields_hold_data(&b->fields))
		return;
	atomic_fetch_sub(&b->rules->memory, b->held);
	b->held = 0;
}

/* ---- images ---- */

static enum err image_wrong(struct body *b, size_t frame, enum err e)
{
	const char *param = b->fields.want.images[frame].param;

	if (e == ERR_TOO_LARGE)
		return fields_wrong(&b->fields, e, param,
			"The image is too large: it may have %lld bytes.",
			(long long)b->rules->image_max);
	if (e == ERR_BAD_PARAM)
		return fields_wrong(&b->fields, e, param,
			"The image is not a well-formed data: URL with base64.");
	b->fields.problem.param = param;
	return e;
}

/* ---- a form ---- */

static enum err form_head(void *arg, const struct part *p)
{
	struct body *b = arg;
	bool is_file = p->filename || (p->type && strncasecmp(p->type, "text/", 5) != 0 &&
					      strncasecmp(p->type, "application/json", 16) != 0);

	enum err e = fields_bracketed(&b->fields, p->name, &b->is_id, &b->field);

	if (e != ERR_OK)
		return e;
	b->in_file = is_file && b->field && field_kind(b->field) == FIELD_IMAGE;
	/* Empty and without a name: what a browser sends for a file field left alone. */
	b->no_file = b->in_file && !(p->filename && *p->filename);
	if (is_file && b->field && !b->in_file && strcmp(field_name(b->field), "video") == 0)
		return fields_wrong(&b->fields, ERR_BAD_PARAM, "video",
			"Send the id of one of your videos as video[id].");
	if (!b->in_file || b->no_file)
		return ERR_OK;
	if (b->takes == TAKES_FILE)
		fields_file_name(&b->fields, p->filename);
	return fields_file(&b->fields, b->field, &b->frame);
}

static enum err form_file(struct body *b, const char *p, size_t n)
{
	enum err e = ERR_OK;

	if (b->no_file) {
		b->no_file = false;
		e = fields_file(&b->fields, b->field, &b->frame);
	}
	if (e != ERR_OK)
		return e;
	if (!b->files[b->frame])
		e = blob_create(b->rules->blobs, b->rules->image_max, &b->files[b->frame]);
	if (e == ERR_OK)
		e = blob_write(b->files[b->frame], p, n);
	return e == ERR_OK ? e : image_wrong(b, b->frame, e);
}

static enum err form_data(void *arg, const char *p, size_t n)
{
	struct body *b = arg;

	if (!b->field)
		return ERR_OK;
	if (b->in_file)
		return form_file(b, p, n);
	if (field_kind(b->field) != FIELD_IMAGE && b->text.n + n > FIELD_TEXT_MAX)
		return strcmp(field_name(b->field), "prompt") == 0
			       ? ERR_PROMPT_TOO_LONG
			       : fields_wrong(&b->fields, ERR_BAD_PARAM, field_name(b->field),
					 "%s is too long.", field_name(b->field));
	return text_add(b, p, n);
}

/* Clients write every line of a form's text with CRLF, whatever it was: none of them was meant. */
static void form_lines(struct buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->n; i++)
		if (text->p[i] != '\r' || text->p[i + 1] != '\n')
			text->p[n++] = text->p[i];
	if (text->n)
		text->p[n] = '\0';
	text->n = n;
}

static enum err form_end(void *arg)
{
	struct body *b = arg;
	const char *value;
	enum err e = ERR_OK;

	if (!b->field || b->in_file)
		return ERR_OK;
	form_lines(&b->text);
	value = b->text.n ? b->text.p : "";
	if (utf8_count(b->text.p, b->text.n) < 0)
		e = fields_wrong(&b->fields, ERR_BAD_PARAM, field_name(b->field),
			"%s is not valid UTF-8.", field_name(b->field));
	else if (field_kind(b->field) == FIELD_IMAGE)
		e = fields_image(&b->fields, b->field, value, b->is_id);
	else if (field_kind(b->field) == FIELD_PAIRS)
		e = fields_pair(&b->fields, b->fields.pair_key, value);
	else
		e = field_set(&b->fields, b->field, value);
	text_drop(b);
	return e;
}

static const struct multipart_sink form_sink = {form_head, form_data, form_end};

/* ---- the whole ---- */

static bool type_is(const char *content_type, const char *want)
{
	size_t n = strlen(want);

	return strncasecmp(content_type, want, n) == 0 && strchr("; \t", content_type[n]);
}

static bool type_taken(enum route_takes takes, const char *content_type)
{
	if (!content_type)
		return takes == TAKES_JSON;
	if (type_is(content_type, "application/json"))
		return takes != TAKES_FILE;
	return type_is(content_type, "multipart/form-data") && takes != TAKES_CHAT &&
	       takes != TAKES_ROUTER && takes != TAKES_JSON;
}

const char *body_types(enum route_takes takes)
{
	if (takes == TAKES_FILE)
		return "Send the file as multipart/form-data.";
	if (takes == TAKES_CHAT || takes == TAKES_ROUTER || takes == TAKES_JSON)
		return "Send the body as application/json.";
	return "Send the body as application/json or multipart/form-data.";
}

enum err body_new(struct body_rules *rules, enum route_takes takes, const char *content_type,
	struct body **ret)
{
	struct body *b;

	if (!type_taken(takes, content_type))
		return ERR_BAD_CONTENT_TYPE;
	b = xcalloc(1, sizeof *b);
	b->rules = rules;
	b->takes = takes;
	fields_init(&b->fields, takes);
	b->fields.allow_private = rules->allow_private;
	if (content_type && type_is(content_type, "multipart/form-data") &&
		multipart_new(content_type, &form_sink, b, &b->form) != ERR_OK) {
		body_free(b);
		return ERR_BAD_MULTIPART;
	}
	*ret = b;
	return ERR_OK;
}

enum err body_feed(struct body *b, const char *p, size_t n)
{
	if (b->err == ERR_OK)
		b->err = b->form ? multipart_feed(b->form, p, n) : text_add(b, p, n);
	return b->err;
}

/* TAKES_JSON: the handler reads it. */
static enum err object_end(struct body *b)
{
	if (!b->text.n)
		buf_adds(&b->text, "{}");
	return dialect_object_ok(b->text.p, b->text.n) ? ERR_OK : ERR_BAD_JSON;
}

enum err body_end(struct body *b)
{
	if (b->err != ERR_OK)
		return b->err;
	if (b->takes == TAKES_JSON)
		return b->err = object_end(b);
	if (b->form) {
		b->err = multipart_end(b->form);
	} else {
		b->err = dialect_read(&b->fields, b->text.n ? b->text.p : "", b->text.n);
		text_drop(b);
	}
	if (b->err == ERR_OK)
		b->err = fields_check(&b->fields, b->rules->prompt_max);
	return b->err;
}

static enum err image_look(struct body *b, size_t frame)
{
	static const char *const roles[IMAGES_MAX] = {"first_frame", "last_frame"};
	struct wanted_image *image = &b->fields.want.images[frame];
	struct image_info info;
	enum err e;
	int fd = open(blob_path(b->files[frame]), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ERR_STORE;
	e = image_sniff_fd(fd, &info);
	close(fd);
	if (e != ERR_OK)
		return e;
	if (info.width > b->rules->image_side || info.height > b->rules->image_side)
		return fields_wrong(&b->fields, ERR_BAD_IMAGE, image->param,
			"The image has %d x %d pixels; a side may have %lld.", info.width,
			info.height, (long long)b->rules->image_side);
	image->stored = (struct input){.role = roles[frame],
		.sha256 = b->sha256[frame],
		.mime = info.mime,
		.size = blob_written(b->files[frame]),
		.width = info.width,
		.height = info.height};
	return ERR_OK;
}

static enum err image_write(void *arg, const void *p, size_t n)
{
	return blob_write(arg, p, n);
}

static enum err image_store(struct body *b, size_t frame)
{
	char **data = &b->fields.images[frame];
	enum err e = ERR_OK;

	if (!b->files[frame])
		e = blob_create(b->rules->blobs, b->rules->image_max, &b->files[frame]);
	if (e == ERR_OK && *data)
		e = dataurl_decode(*data, image_write, b->files[frame]);
	free(*data);
	*data = NULL;
	if (e == ERR_OK)
		e = image_look(b, frame);
	if (e == ERR_OK)
		e = blob_commit(b->files[frame], b->sha256[frame]);
	return e == ERR_OK || b->fields.problem.message ? e : image_wrong(b, frame, e);
}

enum err body_store(struct body *b)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < IMAGES_MAX && e == ERR_OK; i++)
		if (b->fields.want.images[i].sent)
			e = image_store(b, i);
	if (e == ERR_OK)
		text_drop(b);
	return e;
}

enum err body_store_again(struct body *b)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < IMAGES_MAX && e == ERR_OK; i++)
		if (b->files[i])
			e = blob_commit(b->files[i], b->sha256[i]);
	return e;
}

const struct problem *body_problem(const struct body *b)
{
	return &b->fields.problem;
}

const struct video_request *body_request(const struct body *b)
{
	return &b->fields.want;
}

const char *body_text(const struct body *b, size_t *n)
{
	*n = b->text.n;
	return b->text.p;
}

void body_free(struct body *b)
{
	if (!b)
		return;
	multipart_free(b->form);
	for (size_t i = 0; i < IMAGES_MAX; i++)
		blob_release(b->files[i]);
	fields_free(&b->fields);
	text_drop(b);
	free(b);
}
