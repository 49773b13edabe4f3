/* /v1/webhook_endpoints: whom to tell when a video is over, and what became of it. */
#include <stdio.h>
#include <string.h>

#include "handlers.h"
#include "proto/json.h"
#include "proto/shape.h"
#include "proto/weburl.h"
#include "repeat.h"
#include "request.h"

#define NAME_BYTES 255
#define DEFAULT    "default" /* the endpoint of the videos' own webhook_url */

static const char *const event_names[] = {"video.completed", "video.failed", "video.cancelled"};

#define N_EVENTS (sizeof event_names / sizeof *event_names)

/* ---- JSON ---- */

static void put_time(struct buf *out, const char *key, int64_t ms)
{
	json_key(out, key);
	if (ms)
		json_int(out, ms / 1000);
	else
		json_str(out, NULL);
}

static void put_events(struct buf *out, const struct endpoint *e)
{
	const char *const *names = e->n_events ? e->events : event_names;
	size_t n = e->n_events ? e->n_events : N_EVENTS;

	json_key(out, "events");
	buf_adds(out, "[");
	for (size_t i = 0; i < n; i++) {
		buf_adds(out, i ? "," : "");
		json_str(out, names[i]);
	}
	buf_adds(out, "]");
}

static void put_endpoint(struct buf *out, const struct endpoint *e, bool with_secret)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", e->id);
	json_kv_str(out, "object", "webhook_endpoint");
	json_kv_int(out, "created_at", e->created_at / 1000);
	json_kv_str(out, "url", e->url);
	json_kv_str(out, "name", e->name && e->name[0] ? e->name : NULL);
	put_events(out, e);
	json_kv_bool(out, "disabled", e->disabled);
	put_time(out, "old_secret_expires_at", e->old_until);
	if (with_secret)
		json_kv_str(out, "secret", e->secret);
	buf_adds(out, "}");
}

static void put_delivery(struct buf *out, const struct delivery *d)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", d->id);
	json_kv_str(out, "object", "webhook_delivery");
	json_kv_str(out, "endpoint", d->endpoint);
	json_kv_str(out, "url", d->url);
	json_kv_str(out, "type", d->type);
	json_kv_str(out, "video_id", d->video);
	json_kv_str(out, "status", d->state);
	json_kv_int(out, "attempts", d->attempts);
	json_kv_int(out, "created_at", d->created_at / 1000);
	put_time(out, "last_attempt_at", d->tried_at);
	put_time(out, "next_attempt_at", d->next_at);
	put_time(out, "ended_at", d->ended_at);
	json_key(out, "response_status");
	if (d->status)
		json_int(out, d->status);
	else
		json_str(out, NULL);
	json_kv_str(out, "error", d->error);
	json_kv_int(out, "duration_ms", d->took_ms);
	buf_adds(out, "}");
}

static void end_list(struct buf *out, const char *first, const char *last)
{
	buf_adds(out, "]");
	json_kv_str(out, "first_id", first);
	json_kv_str(out, "last_id", last);
	json_kv_bool(out, "has_more", 0);
	buf_adds(out, "}");
}

/* ---- answers of jobs ---- */

static void answer_endpoint(struct request *r, enum err e, const struct answer *a, bool with_secret)
{
	struct buf json = {0};

	if (e != ERR_OK) {
		request_fail(r, e, a->problem);
		return;
	}
	put_endpoint(&json, a->rec, with_secret);
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
	const struct endpoint_list *list = a->rec;
	struct buf json = {0};
	size_t n;

	if (e != ERR_OK) {
		request_fail(r, e, a->problem);
		return;
	}
	n = list->n_endpoints;
	buf_adds(&json, "{\"object\":\"list\",\"data\":[");
	for (size_t i = 0; i < n; i++) {
		buf_adds(&json, i ? "," : "");
		put_endpoint(&json, &list->endpoints[i], false);
	}
	end_list(&json, n ? list->endpoints[0].id : NULL, n ? list->endpoints[n - 1].id : NULL);
	request_json(r, 200, &json);
}

static void on_deleted(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct buf json = {0};

	if (e != ERR_OK) {
		request_fail(r, e, a->problem);
		return;
	}
	buf_adds(&json, "{");
	json_kv_str(&json, "id", r->arg);
	json_kv_str(&json, "object", "webhook_endpoint.deleted");
	json_kv_bool(&json, "deleted", 1);
	buf_adds(&json, "}");
	request_json(r, 200, &json);
}

static void on_tested(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct buf json = {0};

	if (e != ERR_OK) {
		request_fail(r, e, a->problem);
		return;
	}
	put_delivery(&json, a->rec);
	request_json(r, 200, &json);
}

static void on_deliveries(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct delivery_list *list = a->rec;
	struct buf json = {0};
	size_t n;

	if (e != ERR_OK) {
		request_fail(r, e, a->problem);
		return;
	}
	n = list->n_deliveries;
	buf_adds(&json, "{\"object\":\"list\",\"data\":[");
	for (size_t i = 0; i < n; i++) {
		buf_adds(&json, i ? "," : "");
		put_delivery(&json, &list->deliveries[i]);
	}
	end_list(&json, n ? list->deliveries[0].id : NULL, n ? list->deliveries[n - 1].id : NULL);
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
	{"events", SHAPE_STRS, AT(events), .hi = N_EVENTS, .count_offset = AT(n_events)},
	{"disabled", SHAPE_BOOL, AT(disabled), .dflt = 0},
	{"disabled", SHAPE_BOOL, AT(disabled_or_yes), .dflt = 1}, {.type = SHAPE_END}};

/* "url: 1 to 2048 bytes" of the shapes; the parameter is what stands before the colon. */
static void refuse_shape(struct request *r, const char *why)
{
	char param[32], message[SHAPE_WHY + 1];

	snprintf(param, sizeof param, "%.*s", (int)strcspn(why, ":"), why);
	snprintf(message, sizeof message, "%s.", why);
	request_wrong(r, ERR_BAD_PARAM, param, message);
}

static bool event_known(const char *name)
{
	for (size_t i = 0; i < N_EVENTS; i++)
		if (strcmp(event_names[i], name) == 0)
			return true;
	return false;
}

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
		if (!event_known(w->events[i])) {
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
		refuse_shape(r, why);
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
	struct endpoint_ref which = {.owner = r->owner, .id = r->arg, .event = r->ids[0]};

	if (arg_ok(r))
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
	ask_one(r, MSG_ENDPOINT_ROTATE, on_endpoint);
}

void webhook_test(struct request *r)
{
	id_new("evt_", r->ids[0]);
	ask_one(r, MSG_ENDPOINT_TEST, on_tested);
}

void webhook_deliveries(struct request *r)
{
	ask_one(r, MSG_DELIVERY_LIST, on_deliveries);
}
