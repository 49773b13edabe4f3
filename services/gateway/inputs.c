#include "inputs.h"

#include <string.h>

#include "stats.h"

static void bring_next(struct request *r);

static void add(struct request *r, const struct input *in, const char *role)
{
	struct input *to = &r->inputs[r->n_inputs++];

	*to = *in;
	to->role = role;
}

static const char *role(size_t frame)
{
	return frame == 0 ? "first_frame" : "last_frame";
}

/* ---- of the source ---- */

static bool is_frame(const struct input *in)
{
	return in->role && strcmp(in->role, "video") != 0;
}

size_t inputs_inherited(const struct request *r, const struct model *m)
{
	const struct job *source = r->source ? msg_rec(r->source) : NULL;
	size_t n = 0, max = model_takes(m, "first_last_frame") ? 2
			    : model_takes(m, "image")          ? 1
							       : 0;

	if (!source || body_request(r->body)->n_images)
		return 0;
	for (size_t i = 0; i < source->n_inputs && n < max; i++)
		n += is_frame(&source->inputs[i]);
	return n;
}

static void add_source(struct request *r)
{
	const struct job *source = r->source ? msg_rec(r->source) : NULL;
	size_t left = r->n_inherited;

	for (size_t i = 0; source && i < source->n_inputs && left; i++) {
		if (!is_frame(&source->inputs[i]))
			continue;
		add(r, &source->inputs[i], source->inputs[i].role);
		left--;
	}
	if (source && r->with_video) {
		const struct output *o = &source->outputs[0];

		add(r,
			&(struct input){.sha256 = o->sha256,
				.mime = o->mime,
				.size = o->size,
				.width = o->width,
				.height = o->height},
			"video");
	}
}

/* ---- one image after the other ---- */

/* It has an answer of another service, which owns its strings. */
static void on_fetched(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	size_t i = r->n_inputs;
	struct problem p = *a->problem;

	if (e != ERR_OK) {
		if (!p.param)
			p.param = r->want.images[i].param;
		request_fail(r, e == ERR_BAD_LINK ? ERR_BAD_PARAM : e, &p);
		return;
	}
	r->kept[i] = answer_keep(a);
	add(r, msg_rec(r->kept[i]), role(i));
	bring_next(r);
}

static void on_file(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	size_t i = r->n_inputs;
	const struct image_file *file;

	if (e == ERR_NOT_FOUND) {
		request_wrong(r, ERR_BAD_PARAM, r->want.images[i].param,
			"There is no such file. It may have been deleted, or it belongs to another "
			"key.");
	} else if (e != ERR_OK) {
		request_fail(r, e, a->problem);
	} else {
		r->kept[i] = answer_keep(a);
		file = msg_rec(r->kept[i]);
		add(r,
			&(struct input){.sha256 = file->sha256,
				.mime = file->mime,
				.size = file->size,
				.width = file->width,
				.height = file->height},
			role(i));
		bring_next(r);
	}
}

static void bring_next(struct request *r)
{
	struct gateway *g = r->g;
	const struct wanted_image *image = &r->want.images[r->n_inputs];

	if (r->n_inputs == r->want.n_images) {
		add_source(r);
		r->brought(r);
	} else if (image->sent) {
		add(r, &image->stored, image->stored.role);
		bring_next(r);
	} else if (image->url) {
		ask(g->images, exchange_rid(r->x), MSG_IMAGE_FETCH,
			&(struct image_link){image->url}, IMAGE_BUDGET_MS, on_fetched, r);
	} else {
		ask(g->jobs, exchange_rid(r->x), MSG_FILE_GET,
			&(struct file_ref){r->owner, image->file_id}, JOBS_BUDGET_MS, on_file, r);
	}
}

/* ---- what came with the request ---- */

static void store(void *arg)
{
	struct request *r = arg;
	enum err e = r->stored ? body_store_again(r->body) : body_store(r->body);

	if (e != ERR_OK) {
		request_fail(r, e, body_problem(r->body));
		return;
	}
	for (size_t i = 0; i < r->want.n_images; i++) {
		if (!r->want.images[i].sent)
			continue;
		r->want.images[i] = body_request(r->body)->images[i];
		if (!r->stored)
			stats_upload(r->want.images[i].stored.size);
	}
	r->stored = true;
	bring_next(r);
}

void inputs_drop(struct request *r)
{
	for (size_t i = 0; i < IMAGES_MAX; i++) {
		msg_free(r->kept[i]);
		r->kept[i] = NULL;
	}
}

void inputs_bring(struct request *r, void (*then)(struct request *r))
{
	bool sent = false;

	inputs_drop(r);
	r->n_inputs = 0;
	r->brought = then;
	for (size_t i = 0; i < r->want.n_images; i++)
		sent |= r->want.images[i].sent;
	if (!sent)
		bring_next(r);
	else if (!task_run(r->g->tasks, store, r))
		request_fail(r, ERR_OVERLOADED, NULL);
}
