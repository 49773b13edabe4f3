/* /v1/files: images that wait for a request that names them, in the shapes of OpenAI's files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "proto/json.h"
#include "repeat.h"
#include "request.h"
#include "serve.h"
#include "stats.h"

#define TRIES_MAX 3 /* when the sweep of jobs was faster than we */
#define LIMIT_MAX 100
#define LIMIT_SAY 10000 /* what OpenAI's clients may ask for; they get a page of LIMIT_MAX */

/* ---- JSON ---- */

static void put_file(struct buf *out, const struct image_file *f)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", f->id);
	json_kv_str(out, "object", "file");
	json_kv_int(out, "bytes", f->size);
	json_kv_int(out, "created_at", f->created_at / 1000);
	json_kv_time(out, "expires_at", f->expires_at);
	json_kv_str(out, "filename", f->name ? f->name : "");
	json_kv_str(out, "purpose", f->purpose ? f->purpose : "");
	json_kv_str(out, "status", "processed");
	json_kv_str(out, "mime_type", f->mime);
	json_kv_int(out, "width", f->width);
	json_kv_int(out, "height", f->height);
	buf_adds(out, "}");
}

static void answer_file(struct request *r, const struct image_file *f)
{
	struct buf json = {0};

	put_file(&json, f);
	request_json(r, 200, &json);
}

/* ---- making ---- */

static void store(void *arg);

static void in_task(struct request *r)
{
	if (!task_run(r->g->tasks, store, r))
		request_fail(r, ERR_OVERLOADED, NULL);
}

static void on_created(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (e == ERR_BLOB_GONE && ++r->tries < TRIES_MAX)
		in_task(r);
	else if (request_ok(r, e, a))
		answer_file(r, a->rec);
}

static void create_ask(struct request *r)
{
	const struct video_request *w = body_request(r->body);
	const struct input *in = &w->images[0].stored;
	struct image_file file = {.id = r->ids[0],
		.owner = r->owner,
		.name = w->file_name,
		.purpose = w->purpose,
		.sha256 = in->sha256,
		.mime = in->mime,
		.size = in->size,
		.width = in->width,
		.height = in->height,
		.idempotency_key = repeat_key(r),
		.fingerprint = r->fingerprint};
	struct print p;

	print_begin(&p, r);
	print_text(&p, w->file_name);
	print_text(&p, w->purpose);
	print_text(&p, in->sha256);
	print_end(&p, r->fingerprint);
	ask(r->g->jobs, exchange_rid(r->x), MSG_FILE_CREATE, &file, JOBS_BUDGET_MS, on_created, r);
}

static void store(void *arg)
{
	struct request *r = arg;
	enum err e = r->stored ? body_store_again(r->body) : body_store(r->body);

	if (e != ERR_OK) {
		request_fail(r, e, body_problem(r->body));
		return;
	}
	if (!r->stored)
		stats_upload(body_request(r->body)->images[0].stored.size);
	r->stored = true;
	create_ask(r);
}

void file_create(struct request *r)
{
	if (!repeat_key_ok(r))
		return;
	id_new("file_", r->ids[0]);
	in_task(r);
}

/* ---- one ---- */

static void file_ask(struct request *r, enum msg_type type, ask_done_fn *done)
{
	if (!id_ok("file_", r->arg))
		request_wrong(r, ERR_NOT_FOUND, NULL,
			"No such file. It may have been deleted, or it belongs to another key.");
	else
		ask(r->g->jobs, exchange_rid(r->x), type, &(struct file_ref){r->owner, r->arg},
			JOBS_BUDGET_MS, done, r);
}

static void on_file(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (request_ok(r, e, a))
		answer_file(r, a->rec);
}

void file_get(struct request *r)
{
	file_ask(r, MSG_FILE_GET, on_file);
}

static void on_content(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct image_file *f = a->rec;
	char name[ID_MAX + 8];

	if (!request_ok(r, e, a))
		return;
	/* The client's own name for it may be anything: that one is in the JSON. */
	snprintf(name, sizeof name, "%s.%.4s", f->id, strchr(f->mime, '/') + 1);
	serve_file(r->x, r->g->blobs, &(struct file){f->sha256, f->mime, name});
	request_resume(r);
}

void file_content(struct request *r)
{
	file_ask(r, MSG_FILE_GET, on_content);
}

static void on_deleted(void *arg, enum err e, const struct answer *a)
{
	request_deleted(arg, e, a, "file");
}

void file_delete(struct request *r)
{
	file_ask(r, MSG_FILE_DELETE, on_deleted);
}

/* ---- many ---- */

static void on_page(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct file_page *page = a->rec;
	const char *purpose = exchange_query(r->x, "purpose");
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	openai_list_begin(&json);
	for (size_t i = 0; i < page->n_files; i++) {
		const struct image_file *f = &page->files[i];

		if (purpose && strcmp(purpose, f->purpose ? f->purpose : "") != 0)
			continue;
		json_next(&json);
		put_file(&json, f);
	}
	/* Where to go on: also when what was looked at had another purpose. */
	openai_list_end(&json, page->n_files ? page->files[0].id : NULL,
		page->n_files ? page->files[page->n_files - 1].id : NULL, page->has_more);
	request_json(r, 200, &json);
}

void file_list(struct request *r)
{
	const char *limit = exchange_query(r->x, "limit");
	const char *order = exchange_query(r->x, "order");
	const char *after = exchange_query(r->x, "after");
	struct file_list want = {.owner = r->owner, .limit = LIMIT_MAX};

	if (limit &&
		(!limit[0] || strlen(limit) > 5 || strspn(limit, "0123456789") != strlen(limit) ||
			atoi(limit) > LIMIT_SAY)) {
		request_wrong(r, ERR_BAD_PARAM, "limit",
			"limit must be a whole number from 0 to 10000; a page has up to 100.");
		return;
	}
	if (order && strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0) {
		request_wrong(r, ERR_BAD_PARAM, "order", "order must be asc or desc.");
		return;
	}
	if (after && after[0] && !id_ok("file_", after)) {
		request_wrong(
			r, ERR_NOT_FOUND, "after", "after must be the id of one of your files.");
		return;
	}
	if (limit && atoi(limit) < LIMIT_MAX)
		want.limit = atoi(limit);
	want.after = after && after[0] ? after : NULL;
	want.ascending = order && strcmp(order, "asc") == 0;
	ask(r->g->jobs, exchange_rid(r->x), MSG_FILE_LIST, &want, JOBS_BUDGET_MS, on_page, r);
}
