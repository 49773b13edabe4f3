#include "body.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "dataurl.h"
#include "fields.h"
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
	char *field;            /* its name */
	bool in_file;           /* what comes now goes into the store */
	bool no_file;
	struct blob_writer *image; /* its file, and then its pin */
	char sha256[BLOB_NAME];
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

/* The text has been read. A data URL that was in it is still held, by the fields. */
static void text_drop(struct body *b)
{
	buf_free(&b->text);
	if (b->fields.image_url)
		return;
	atomic_fetch_sub(&b->rules->memory, b->held);
	b->held = 0;
}

/* ---- the image ---- */

static enum err image_wrong(struct body *b, enum err e)
{
	if (e == ERR_TOO_LARGE)
		return fields_wrong(&b->fields, e, b->fields.image_param,
			"The image is too large: it may have %lld bytes.",
			(long long)b->rules->image_max);
	if (e == ERR_BAD_PARAM)
		return fields_wrong(&b->fields, e, b->fields.image_param,
			"The image is not a well-formed data: URL with base64.");
	b->fields.problem.param = b->fields.image_param;
	return e;
}

static enum err image_write(void *arg, const void *p, size_t n)
{
	struct body *b = arg;

	return blob_write(b->image, p, n);
}

/* ---- a form ---- */

static enum err form_head(void *arg, const struct part *p)
{
	struct body *b = arg;
	bool is_file = p->filename || (p->type && strncasecmp(p->type, "text/", 5) != 0 &&
					      strncasecmp(p->type, "application/json", 16) != 0);

	free(b->field);
	b->field = xstrdup(p->name);
	b->in_file = is_file && fields_is_image(p->name);
	b->no_file = b->in_file && !(p->filename && *p->filename);
	if (!b->in_file)
		return ERR_OK;
	b->fields.image_param = p->name[1] == 'm' ? "image" : "input_reference";
	if (b->fields.want.n_images)
		return fields_wrong(
			&b->fields, ERR_BAD_PARAM, b->fields.image_param, "Send one image only.");
	return ERR_OK;
}

static enum err form_data(void *arg, const char *p, size_t n)
{
	struct body *b = arg;
	enum err e = ERR_OK;

	if (b->in_file) {
		b->no_file = false;
		if (!b->image)
			e = blob_create(b->rules->blobs, b->rules->image_max, &b->image);
		if (e == ERR_OK)
			e = blob_write(b->image, p, n);
		return e == ERR_OK ? e : image_wrong(b, e);
	}
	if (!fields_is_image(b->field) && b->text.n + n > FIELD_TEXT_MAX)
		return strcmp(b->field, "prompt") == 0 ? ERR_PROMPT_TOO_LONG : ERR_TOO_LARGE;
	return text_add(b, p, n);
}

static enum err form_end(void *arg)
{
	struct body *b = arg;
	enum err e = ERR_OK;

	if (b->in_file) {
		/* Empty and without a name: what a browser sends for a file field left alone. */
		b->fields.want.n_images = !b->no_file;
		return ERR_OK;
	}
	if (utf8_count(b->text.p, b->text.n) < 0)
		e = fields_wrong(
			&b->fields, ERR_BAD_PARAM, NULL, "A field of the form is not valid UTF-8.");
	else
		e = fields_text(&b->fields, b->field, b->text.n ? b->text.p : "");
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

enum err body_new(struct body_rules *rules, enum route_takes takes, const char *content_type,
	struct body **ret)
{
	struct body *b;

	if (!type_taken(takes, content_type))
		return ERR_BAD_CONTENT_TYPE;
	b = xcalloc(1, sizeof *b);
	b->rules = rules;
	b->takes = takes;
	fields_init(&b->fields);
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
	return fields_object_ok(b->text.p, b->text.n) ? ERR_OK : ERR_BAD_JSON;
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
		b->err = fields_json(&b->fields, b->text.n ? b->text.p : "", b->text.n);
		text_drop(b);
	}
	if (b->err == ERR_OK)
		b->err = fields_check(&b->fields, b->rules->prompt_max);
	return b->err;
}

static enum err image_look(struct body *b)
{
	struct image_info info;
	struct input *in = &b->fields.want.images[0].stored;
	enum err e;
	int fd = open(blob_path(b->image), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ERR_STORE;
	e = image_sniff_fd(fd, &info);
	close(fd);
	if (e != ERR_OK)
		return e;
	if (info.width > b->rules->image_side || info.height > b->rules->image_side)
		return fields_wrong(&b->fields, ERR_BAD_IMAGE, b->fields.image_param,
			"The image has %d x %d pixels; a side may have %lld.", info.width,
			info.height, (long long)b->rules->image_side);
	*in = (struct input){.role = "first_frame",
		.sha256 = b->sha256,
		.mime = info.mime,
		.size = blob_written(b->image),
		.width = info.width,
		.height = info.height};
	return ERR_OK;
}

enum err body_store(struct body *b)
{
	struct fields *f = &b->fields;
	enum err e = ERR_OK;

	if (!f->want.n_images)
		return ERR_OK;
	if (!b->image)
		e = blob_create(b->rules->blobs, b->rules->image_max, &b->image);
	if (e == ERR_OK && f->image_url)
		e = dataurl_decode(f->image_url, image_write, b);
	free(f->image_url);
	f->image_url = NULL;
	text_drop(b);
	if (e == ERR_OK)
		e = image_look(b);
	if (e == ERR_OK)
		e = blob_commit(b->image, b->sha256);
	return e == ERR_OK || f->problem.message ? e : image_wrong(b, e);
}

enum err body_store_again(struct body *b)
{
	return b->image ? blob_commit(b->image, b->sha256) : ERR_BLOB_GONE;
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
	blob_release(b->image);
	fields_free(&b->fields);
	b->fields.image_url = NULL;
	text_drop(b);
	free(b->field);
	free(b);
}
