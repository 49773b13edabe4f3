/* /v1/webhook_endpoints: whom to tell when a video is over, and what became of it. */
#include <stdio.h>
#include <string.h>

#include "handlers.h"
#include "proto/shape.h"
#include "proto/weburl.h"
#include "repeat.h"
#include "request.h"
#include "webhook_json.h"

#define NAME_BYTES 255
#define DEFAULT    "default" /* the endpoint of the videos' own webhook_url */

/* ---- answers of jobs ---- */

static void answer_endpoint(struct request *r, enum err e, const struct answer *a, bool with_secret)
{
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	webhook_json_endpoint(&json, a->rec, with_secret);
	request_json(r, 200, &json);
}

static void on_endpoint(void *arg, enum err e, const struct answer *a)
{
	answer_endpoint(arg, e, a, true);
}

static void on_updated(void *arg, enum err e, const struct answer *a)
{
	answer_endpoint(arg, e, a, false);
}

static void on_endpoints(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	webhook_json_endpoints(&json, a->rec);
	request_json(r, 200, &json);
}

static void on_deleted(void *arg, enum err e, const struct answer *a)
{
	request_deleted(arg, e, a, "webhook_endpoint.deleted");
}

static void on_tested(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	webhook_json_delivery(&json, a->rec);
	request_json(r, 200, &json);
}

static void on_deliveries(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	webhook_json_deliveries(&json, a->rec);
	request_json(r, 200, &json);
}

/* ---- bodies ---- */

/* What a client says of an endpoint. */
struct wish {
	const char *url, *name;    /* NULL: not said */
	const char *const *events; /* the same */
	size_t n_events;
	bool disabled, disabled_or_yes; /* "disabled" with two defaults: equal when it was said */
};

#define AT(m) offsetof(struct wish, m)

static const struct shape wish_shape[] = {{"url", SHAPE_STR, AT(url), .lo = 1, .hi = WEBURL_MAX},
	{"name", SHAPE_STR, AT(name), .hi = NAME_BYTES, .ok = line_ok},
	{"events", SHAPE_STRS, AT(events), .hi = WEBHOOK_EVENTS, .count_offset = AT(n_events)},
	{"disabled", SHAPE_BOOL, AT(disabled), .dflt = 0},
	{"disabled", SHAPE_BOOL, AT(disabled_or_yes), .dflt = 1}, {.type = SHAPE_END}};

/* False: it is no good, and the client has been told so. */
static bool wish_ok(struct request *r, const struct wish *w)
{
	const char *must = w->url ? weburl_check(w->url, r->g->conf->fetch_private, NULL) : NULL;
	char message[160];

	if (must) {
		snprintf(message, sizeof message, "url %s.", must);
		request_wrong(r, ERR_BAD_PARAM, "url", message);
		return false;
	}
	for (size_t i = 0; i < w->n_events; i++) {
		if (!webhook_event_known(w->events[i])) {
			request_wrong(r, ERR_BAD_PARAM, "events",
				"events must be of video.completed, video.failed and "
				"video.cancelled; leave it out for all.");
			return false;
		}
	}
	return true;
}

/*
 * Read the body. NULL: it is no good, and the client has been told so. Lives as long as *doc, which
 * must be passed to doc_free() either way.
 */
static const struct wish *wish_of(struct request *r, struct doc **doc)
{
	const struct wish *w;
	char why[SHAPE_WHY];
	const char *text;
	size_t n;

	text = body_text(r->body, &n);
	if (doc_parse(text, n, doc) != ERR_OK) {
		request_fail(r, ERR_BAD_JSON, NULL);
		return NULL;
	}
	w = doc_read(*doc, wish_shape, sizeof *w, why);
	if (!w) {
		request_shape(r, why);
		return NULL;
	}
	return wish_ok(r, w) ? w : NULL;
}

/* ---- routes ---- */

static void make(struct request *r, const struct wish *w)
{
	struct endpoint e = {.id = r->ids[0],
		.owner = r->owner,
		.url = w->url,
		.name = w->name,
		.events = w->events,
		.n_events = w->n_events,
		.disabled = w->disabled,
		.idempotency_key = repeat_key(r),
		.fingerprint = r->fingerprint};
	struct print p;

	id_new("we_", r->ids[0]);
	print_begin(&p, r);
	print_text(&p, e.url);
	print_text(&p, e.name);
	print_int(&p, e.disabled);
	for (size_t i = 0; i < e.n_events; i++)
		print_text(&p, e.events[i]);
	print_end(&p, r->fingerprint);
	ask(r->g->jobs, exchange_rid(r->x), MSG_ENDPOINT_CREATE, &e, JOBS_BUDGET_MS, on_endpoint,
		r);
}

void webhook_create(struct request *r)
{
	struct doc *doc = NULL;
	const struct wish *w;

	if (!repeat_key_ok(r))
		return;
	w = wish_of(r, &doc);
	if (w && !w->url)
		request_wrong(r, ERR_MISSING_PARAM, "url",
			"url is missing: say where webhooks go, such as https://example.com/hook.");
	else if (w)
		make(r, w);
	doc_free(doc);
}

void webhook_list(struct request *r)
{
	ask(r->g->jobs, exchange_rid(r->x), MSG_ENDPOINT_LIST,
		&(struct endpoint_ref){.owner = r->owner}, JOBS_BUDGET_MS, on_endpoints, r);
}

/* False: there is none of this id, and the client has been told so. */
static bool arg_ok(struct request *r)
{
	if (strcmp(r->arg, DEFAULT) == 0 || id_ok("we_", r->arg))
		return true;
	request_wrong(r, ERR_NOT_FOUND, NULL,
		"No such webhook endpoint. It may have been deleted, or it belongs to another "
		"key.");
	return false;
}

void webhook_update(struct request *r)
{
	const char *set[4];
	struct endpoint e = {.id = r->arg, .owner = r->owner, .set = set};
	struct doc *doc = NULL;
	const struct wish *w;

	if (!arg_ok(r))
		return;
	w = wish_of(r, &doc);
	if (w) {
		if (w->url)
			set[e.n_set++] = "url";
		if (w->name)
			set[e.n_set++] = "name";
		if (w->events)
			set[e.n_set++] = "events";
		if (w->disabled == w->disabled_or_yes)
			set[e.n_set++] = "disabled";
		e.url = w->url;
		e.name = w->name;
		e.events = w->events;
		e.n_events = w->n_events;
		e.disabled = w->disabled;
		ask(r->g->jobs, exchange_rid(r->x), MSG_ENDPOINT_UPDATE, &e, JOBS_BUDGET_MS,
			on_updated, r);
	}
	doc_free(doc);
}

static void ask_one(struct request *r, enum msg_type type, ask_done_fn *done)
{
	struct endpoint_ref which = {.owner = r->owner, .id = r->arg};

	if (arg_ok(r))
		ask(r->g->jobs, exchange_rid(r->x), type, &which, JOBS_BUDGET_MS, done, r);
}

/* The same for what makes something, and may be asked for again. */
static void ask_once(struct request *r, enum msg_type type, ask_done_fn *done)
{
	struct endpoint_ref which = {.owner = r->owner,
		.id = r->arg,
		.event = r->ids[0],
		.idempotency_key = repeat_key(r),
		.fingerprint = r->fingerprint};
	struct print p;

	if (!arg_ok(r) || !repeat_key_ok(r))
		return;
	print_begin(&p, r);
	print_end(&p, r->fingerprint);
	ask(r->g->jobs, exchange_rid(r->x), type, &which, JOBS_BUDGET_MS, done, r);
}

void webhook_get(struct request *r)
{
	ask_one(r, MSG_ENDPOINT_GET, on_endpoint);
}

void webhook_delete(struct request *r)
{
	ask_one(r, MSG_ENDPOINT_DELETE, on_deleted);
}

void webhook_rotate(struct request *r)
{
	ask_once(r, MSG_ENDPOINT_ROTATE, on_endpoint);
}

void webhook_test(struct request *r)
{
	id_new("evt_", r->ids[0]);
	ask_once(r, MSG_ENDPOINT_TEST, on_tested);
}

void webhook_deliveries(struct request *r)
{
	ask_one(r, MSG_DELIVERY_LIST, on_deliveries);
}
