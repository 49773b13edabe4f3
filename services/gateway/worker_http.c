/*
 * Workers over plain HTTP, for those who cannot open a WebSocket. What a session is the bridge
 * knows (session.h there); here requests become asks. proto/WORKER.md has the rules.
 */
#include "worker_http.h"

#include <stdlib.h>
#include <string.h>

#include "bridges.h"
#include "handlers.h"
#include "proto/json.h"
#include "proto/shape.h"
#include "request.h"

#define BUDGET_MS  5000
#define NUMBER_LEN 15 /* digits */

/* ---- what the request says ---- */

/* -1: no number. */
static int64_t number(const struct request *r, const char *name)
{
	const char *v = exchange_query(r->x, name);

	if (!v || !*v || strlen(v) > NUMBER_LEN || strspn(v, "0123456789") != strlen(v))
		return -1;
	return strtoll(v, NULL, 10);
}

/* A name that may be sent on; NULL: none. */
static const char *name(const struct request *r, const char *param)
{
	const char *v = exchange_query(r->x, param);

	return v && *v && strlen(v) <= 64 && utf8_ok(v, strlen(v)) ? v : NULL;
}

int64_t worker_offset(const struct request *r)
{
	return number(r, "offset");
}

static void bad_number(struct request *r, const char *param)
{
	request_wrong(r, ERR_BAD_PARAM, param, "It must be a whole number in the query.");
}

/* Suspends. False: answered, as there is no key. */
static bool begin(struct request *r)
{
	exchange_set(r->x, "Cache-Control", "no-store");
	exchange_suspend(r->x);
	if (request_key(r))
		return true;
	request_fail(r, ERR_UNAUTHORIZED, NULL);
	return false;
}

/* ---- open, push, poll, close ---- */

static void on_open(void *arg, enum err e, const struct answer *a)
{
	const struct session_place *place = a->rec;
	struct request *r = arg;
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	buf_adds(&json, "{");
	json_kv_str(&json, "session", place->session);
	json_kv_int(&json, "poll_ms", place->poll_ms);
	buf_adds(&json, "}");
	request_json(r, 200, &json);
}

void worker_open(struct request *r)
{
	struct session_new want = {.token = request_key(r), .peer = exchange_peer(r->x)};

	if (begin(r))
		ask(r->g->sessions, exchange_rid(r->x), MSG_SESSION_OPEN, &want, BUDGET_MS, on_open,
			r);
}

static void on_done(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	buf_adds(&json, "{\"ok\":true}");
	request_json(r, 200, &json);
}

/* Goes on with the bridge that has the request's session. */
static void find_bridge(struct request *r, bridge_fn *fn)
{
	bridges_find(r->g->bridges, name(r, "session"), r, fn);
}

/* The session's bridge answers at once, or is not there. */
static void ask_bridge(struct request *r, struct bridge_at *at, enum msg_type type, const void *rec,
	ask_done_fn *done)
{
	if (at)
		ask(bridge_quick(at), exchange_rid(r->x), type, rec, BUDGET_MS, done, r);
	else
		request_fail(r, ERR_UNKNOWN_SESSION, NULL);
}

static void push_there(struct request *r, struct bridge_at *at)
{
	struct session_push push = {.session = name(r, "session"),
		.token = request_key(r),
		.seq = number(r, "seq"),
		.frames = r->parcel.text.p};

	ask_bridge(r, at, MSG_SESSION_PUSH, &push, on_done);
}

void worker_push(struct request *r)
{
	const struct buf *text = &r->parcel.text;

	if (!begin(r))
		return;
	if (number(r, "seq") < 1)
		bad_number(r, "seq");
	else if (!text->n || !utf8_ok(text->p, text->n))
		request_fail(r, ERR_BAD_JSON, NULL);
	else
		find_bridge(r, push_there);
}

static void poll_there(struct request *r, struct bridge_at *at)
{
	struct session_pull pull = {
		.session = name(r, "session"), .token = request_key(r), .ack = number(r, "ack")};

	if (at)
		poll_begin(r, at, &pull);
	else
		request_fail(r, ERR_UNKNOWN_SESSION, NULL);
}

void worker_poll(struct request *r)
{
	if (!begin(r))
		return;
	if (number(r, "ack") < 0)
		bad_number(r, "ack");
	else
		find_bridge(r, poll_there);
}

static void close_there(struct request *r, struct bridge_at *at)
{
	struct session_ref ref = {.session = name(r, "session"), .token = request_key(r)};

	ask_bridge(r, at, MSG_SESSION_CLOSE, &ref, on_done);
}

void worker_close(struct request *r)
{
	if (begin(r))
		find_bridge(r, close_there);
}

/* ---- upload ---- */

static void bytes_there(struct request *r, struct bridge_at *at)
{
	const struct blob_writer *file = r->parcel.file;
	struct session_bytes part = {.session = name(r, "session"),
		.token = request_key(r),
		.upload = name(r, "upload"),
		.job = name(r, "job"),
		.offset = worker_offset(r),
		.file = file ? blob_temporary(file) : NULL};

	ask_bridge(r, at, MSG_SESSION_BYTES, &part, r->parcel.asked);
}

void worker_ask_bytes(struct request *r, ask_done_fn *done)
{
	r->parcel.asked = done;
	if (worker_offset(r) < 0)
		bad_number(r, "offset");
	else
		find_bridge(r, bytes_there);
}

static void on_bytes(void *arg, enum err e, const struct answer *a)
{
	const struct session_offset *at = a->rec;
	struct request *r = arg;
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	buf_adds(&json, "{");
	json_kv_int(&json, "offset", at->offset);
	buf_adds(&json, "}");
	request_json(r, 200, &json);
}

void worker_upload(struct request *r)
{
	if (begin(r))
		worker_ask_bytes(r, on_bytes);
}
