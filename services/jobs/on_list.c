/* The messages that ask for many jobs: lists, with filters, and what has changed. */
#include <string.h>

#include "proto/json.h"
#include "search.h"
#include "service.h"

#define LIST_MAX       100
#define LIST_BYTES_MAX (2 << 20) /* in a page */
/* What one ask does at most, as others wait meanwhile: records looked at, bytes of prompts
 * searched. */
#define LOOK_MAX         2000
#define SEARCH_BYTES_MAX (4 << 20)

static enum err bad(struct reply *r, const char *param)
{
	r->problem.param = param;
	return ERR_BAD_PARAM;
}

static bool owner_ok(const char *owner)
{
	return owner && *owner && strlen(owner) < OWNER_MAX;
}

static size_t page_size(int64_t limit)
{
	return limit < 0 ? 0 : limit > LIST_MAX ? LIST_MAX : (size_t)limit;
}

/* ---- lists ---- */

struct filter {
	struct buf status, model; /* as they are written in a record; empty: any */
	struct search *search;    /* NULL: any prompt */
	struct buf prompt;
};

static void written(struct buf *out, const char *s)
{
	if (s)
		json_str(out, s);
}

static struct filter filter_new(const struct job_list *want)
{
	struct filter f = {.search = want->q ? search_new(want->q) : NULL};

	written(&f.status, want->status);
	written(&f.model, want->model);
	return f;
}

static void filter_free(struct filter *f)
{
	buf_free(&f->status);
	buf_free(&f->model);
	buf_free(&f->prompt);
	search_free(f->search);
}

static bool filter_empty(const struct filter *f)
{
	return !f->status.n && !f->model.n && !f->search;
}

/* No field of it is left out: they have no defaults. */
static bool has(struct raw text, const char *name, const struct buf *want)
{
	struct raw value;

	return !want->n || (scan_field(text, name, &value) && value.n == want->n &&
				   memcmp(value.p, want->p, value.n) == 0);
}

/* Adds to *searched how many bytes it had to look through. */
static bool filter_passes(struct filter *f, struct raw text, size_t *searched)
{
	struct raw prompt;

	if (!has(text, "status", &f->status) || !has(text, "model", &f->model))
		return false;
	if (!f->search)
		return true;
	buf_clear(&f->prompt);
	if (!scan_field(text, "prompt", &prompt) || !scan_string(prompt, &f->prompt))
		return false;
	*searched += prompt.n;
	return search_hit(f->search, f->prompt.p, f->prompt.n);
}

struct listing {
	struct jobs *j;
	struct filter filter;
	char ids[LIST_MAX + 1][ID_MAX];
	size_t n, max;
	size_t looked, searched; /* when there is a filter: records, and bytes of prompts */
	char last[ID_MAX];       /* that was looked at */
	bool early;              /* enough has been looked at */
};

static bool list_one(void *arg, const char *id)
{
	struct listing *l = arg;
	struct raw text;
	bool all = filter_empty(&l->filter);

	if (!all && (l->looked == LOOK_MAX || l->searched >= SEARCH_BYTES_MAX)) {
		l->early = true;
		return false;
	}
	if (!all) {
		memccpy(l->last, id, 0, ID_MAX);
		l->looked++;
		if (store_job_record(l->j->store, id, &text) != ERR_OK)
			return true;
		if (!filter_passes(&l->filter, text, &l->searched))
			return true;
	}
	memccpy(l->ids[l->n++], id, 0, ID_MAX);
	return l->n < l->max;
}

/* A job of the owner, or one that was: people delete what they list while they list it. */
static bool after_ok(struct jobs *j, const char *owner, const char *after)
{
	struct job *job;

	if (!id_ok("video_", after))
		return false;
	return store_owned_has(j->store, owner, after) ||
	       (job_load(j, after, &job) == ERR_OK && strcmp(job->owner, owner) == 0);
}

static void page(struct listing *l, size_t limit, struct buf *out)
{
	bool early = l->early;
	size_t i;

	buf_adds(out, "{\"jobs\":[");
	for (i = 0; i < l->n && i < limit && out->n < LIST_BYTES_MAX; i++) {
		size_t n = out->n;

		json_next(out);
		/* what is not readable is logged: the others are told */
		if (tell_stored(l->j, l->ids[i], out) != ERR_OK)
			out->n = n;
	}
	buf_adds(out, "]");
	early &= i == l->n;
	json_kv_bool(out, "has_more", early || i < l->n);
	if (early)
		json_kv_str(out, "next", l->last);
	buf_adds(out, "}");
}

enum err on_job_list(struct jobs *j, const void *rec, struct reply *r)
{
	const struct job_list *want = rec;
	size_t limit = page_size(want->limit);
	struct listing l = {.j = j, .max = limit + 1};

	if (!owner_ok(want->owner))
		return bad(r, "owner");
	if (want->after && !after_ok(j, want->owner, want->after)) {
		r->problem.param = "after";
		return ERR_NOT_FOUND;
	}
	l.filter = filter_new(want);
	store_owned_walk(j->store, want->owner, want->after, want->ascending, list_one, &l);
	page(&l, limit, &r->json);
	filter_free(&l.filter);
	return ERR_OK;
}

/* ---- changes ---- */

struct changes {
	struct jobs *j;
	struct buf *out;
	size_t left;
	int64_t last;
	bool more;
};

static bool change_one(void *arg, int64_t number, const char *id)
{
	struct changes *c = arg;
	size_t n = c->out->n;

	if (c->left == 0 || n >= LIST_BYTES_MAX) {
		c->more = true;
		return false;
	}
	json_next(c->out);
	if (tell_stored(c->j, id, c->out) != ERR_OK)
		c->out->n = n;
	c->left--;
	c->last = number;
	return true;
}

enum err on_job_changes(struct jobs *j, const void *rec, struct reply *r)
{
	const struct change_list *want = rec;
	struct changes c = {.j = j, .out = &r->json, .left = page_size(want->limit)};

	if (!owner_ok(want->owner))
		return bad(r, "owner");
	c.last = store_change_last(j->store);
	buf_adds(c.out, "{\"jobs\":[");
	/* a number that was not given yet is of another store: begin where this one is */
	if (want->after >= 0 && want->after < c.last) {
		c.last = want->after;
		store_change_walk(j->store, want->owner, want->after, change_one, &c);
	}
	buf_adds(c.out, "]");
	json_kv_int(c.out, "last", c.last);
	json_kv_bool(c.out, "has_more", c.more);
	buf_adds(c.out, "}");
	return ERR_OK;
}
