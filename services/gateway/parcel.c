#include "parcel.h"

#include <stdatomic.h>

#include "request.h"
#include "worker_http.h"

static void on_place(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (!request_ok(r, e, a))
		return;
	r->parcel.waste = worker_offset(r) > ((const struct session_offset *)a->rec)->offset;
	exchange_resume(r->x);
}

void parcel_begin(struct request *r)
{
	if (!request_key(r)) {
		answer_error(r->x, ERR_UNAUTHORIZED, NULL);
	} else if (r->route->takes == TAKES_PART && exchange_has_body(r->x)) {
		exchange_suspend(r->x);
		worker_ask_bytes(r, on_place);
	}
}

static enum err feed_text(struct request *r, const char *p, size_t n)
{
	struct body_rules *rules = &r->g->rules;

	if (atomic_fetch_add(&rules->memory, (int64_t)n) + (int64_t)n > rules->memory_max) {
		atomic_fetch_sub(&rules->memory, (int64_t)n);
		return ERR_OVERLOADED;
	}
	buf_add(&r->parcel.text, p, n);
	return ERR_OK;
}

static enum err feed_file(struct request *r, const char *p, size_t n)
{
	enum err e = ERR_OK;

	if (r->parcel.waste)
		return ERR_OK;
	if (!r->parcel.file)
		e = blob_create(r->g->blobs, PARCEL_PART, &r->parcel.file);
	return e == ERR_OK ? blob_write(r->parcel.file, p, n) : e;
}

enum err parcel_feed(struct request *r, const char *p, size_t n)
{
	return r->route->takes == TAKES_FRAMES ? feed_text(r, p, n) : feed_file(r, p, n);
}

void parcel_free(struct request *r)
{
	atomic_fetch_sub(&r->g->rules.memory, (int64_t)r->parcel.text.n);
	buf_free(&r->parcel.text);
	blob_release(r->parcel.file);
}
