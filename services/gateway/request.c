#include "request.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cors.h"
#include "inputs.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "proto/shape.h"
#include "stats.h"

#define SMALL_BODY (64 << 10) /* up to here: read it first, then ask all that is to ask */

/* ---- ends ---- */

void request_resume(struct request *r)
{
	exchange_resume(r->x);
}

void request_json(struct request *r, int status, struct buf *json)
{
	answer_json(r->x, status, json);
	exchange_resume(r->x);
}

void request_fail(struct request *r, enum err e, const struct problem *p)
{
	/* What services say to each other is not for clients: errors.def. */
	answer_error(r->x, e >= ERR_BAD_WIRE ? ERR_UNAVAILABLE : e, p);
	exchange_resume(r->x);
}

bool request_ok(struct request *r, enum err e, const struct answer *a)
{
	if (e != ERR_OK)
		request_fail(r, e, a->problem);
	return e == ERR_OK;
}

void request_deleted(struct request *r, enum err e, const struct answer *a, const char *object)
{
	struct buf json = {0};

	if (!request_ok(r, e, a))
		return;
	openai_deleted(&json, object, r->arg);
	request_json(r, 200, &json);
}

void request_wrong(struct request *r, enum err e, const char *param, const char *message)
{
	request_fail(r, e, &PROBLEM(.param = param, .message = message));
}

void request_shape(struct request *r, const char *why)
{
	char param[32], message[SHAPE_WHY + 1];

	snprintf(param, sizeof param, "%.*s", (int)strcspn(why, ":"), why);
	snprintf(message, sizeof message, "%s.", why);
	request_wrong(r, ERR_BAD_PARAM, param, message);
}

struct links request_links(const struct request *r)
{
	struct links l = {.base = r->base,
		.keep_s = r->g->conf->link_keep_ms / 1000,
		.now_s = now_ms() / 1000};

	linkkey_now(r->g->linkkey, l.key);
	return l;
}

void request_ask_job(struct request *r, enum msg_type type, ask_done_fn *done)
{
	if (!id_ok("video_", r->arg)) {
		request_fail(r, ERR_NOT_FOUND, NULL);
		return;
	}
	ask(r->g->jobs, exchange_rid(r->x), type, &(struct job_ref){r->owner, r->arg},
		JOBS_BUDGET_MS, done, r);
}

/* ---- auth ---- */

static void fail_body(struct request *r)
{
	if (r->body)
		request_fail(r, r->body_err, body_problem(r->body));
	else if (r->body_err == ERR_BAD_CONTENT_TYPE)
		request_wrong(r, r->body_err, NULL, body_types(r->route->takes));
	else
		request_fail(r, r->body_err, NULL);
}

static void go_on(struct request *r)
{
	if (r->body_err != ERR_OK)
		fail_body(r);
	else
		r->route->handler(r);
}

static bool take_grant(struct request *r, const struct auth_grant *grant)
{
	if (!grant->owner || strlen(grant->owner) >= sizeof r->owner)
		return false;
	r->granted = true;
	snprintf(r->owner, sizeof r->owner, "%s", grant->owner);
	r->unlimited = grant->unlimited;
	r->max_running = grant->max_running;
	r->max_waiting = grant->max_waiting;
	answer_rate(r->x, grant->limit, grant->remaining, grant->reset_ms);
	return true;
}

/* Before the body: with a grant it is read, without one it is not. */
static void on_early_grant(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (e == ERR_OK && !take_grant(r, a->rec))
		e = ERR_BAD_WIRE;
	if (e != ERR_OK)
		request_fail(r, e, a->problem);
	else if (r->body_err != ERR_OK)
		fail_body(r);
	else
		exchange_resume(r->x);
}

static void on_grant(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (e == ERR_OK && !take_grant(r, a->rec))
		e = ERR_BAD_WIRE;
	if (request_ok(r, e, a))
		go_on(r);
}

const char *request_key(const struct request *r)
{
	const char *v = exchange_header(r->x, "Authorization");

	if (!v || strncasecmp(v, "Bearer ", 7) != 0)
		return NULL;
	v += 7;
	v += strspn(v, " ");
	return strlen(v) <= 200 ? v : NULL;
}

static void ask_auth(struct request *r, ask_done_fn *done)
{
	struct auth_check check = {
		.key = request_key(r), .what = r->route->need == NEED_CREATE ? "create" : "read"};

	if (!check.key)
		request_fail(r, ERR_UNAUTHORIZED, NULL);
	else
		ask(r->g->auth, exchange_rid(r->x), MSG_AUTH_CHECK, &check, AUTH_BUDGET_MS, done,
			r);
}

/* ---- the steps, as the server calls them ---- */

/* Is it a name or address with a port, and nothing that does harm in a link? */
static bool host_ok(const char *host)
{
	return host && host[0] && strlen(host) < 256 &&
	       strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			    ".:[]-_") == strlen(host);
}

/* How a request's head says where its body ends. */
struct framing {
	int hosts, lengths, encodings;
	bool bad;
};

/* By the beginning of a name: the library makes "Content-Length13" of one folded after its colon.
 */
static void framing_add(void *arg, const char *name, const char *value)
{
	struct framing *f = arg;

	f->hosts += strcasecmp(name, "Host") == 0;
	if (strncasecmp(name, "Content-Length", 14) == 0) {
		f->lengths++;
		f->bad |= !value[0] || strspn(value, "0123456789") != strlen(value);
	} else if (strncasecmp(name, "Transfer-Encoding", 17) == 0) {
		f->encodings++;
		f->bad |= strcasecmp(value, "chunked") != 0;
	}
	f->bad |= strpbrk(name, " \t\r\n") || strpbrk(value, "\r\n");
}

/*
 * May a proxy have seen another end of the body than we do? This is how requests are smuggled
 * past it: RFC 9112, sections 5.1, 6.1 and 6.3.
 */
static bool framing_ok(const struct exchange *x)
{
	struct framing f = {0};

	exchange_headers(x, framing_add, &f);
	return !f.bad && f.hosts <= 1 && f.lengths + f.encodings <= 1;
}

static enum err check_head(struct request *r)
{
	struct gateway *g = r->g;
	struct exchange *x = r->x;
	const char *host = exchange_header(x, "Host");

	if (http_draining(g->http))
		return ERR_UNAVAILABLE;
	if (!host && strcmp(exchange_version(x), "HTTP/1.0") == 0)
		host = "localhost";
	if (!framing_ok(x)) {
		exchange_set(x, "Connection", "close"); /* what follows may be anything */
		return ERR_BAD_REQUEST;
	}
	if (!host_ok(host) || strcasestr(exchange_target(x), "%00"))
		return ERR_BAD_REQUEST;
	if (g->conf->public_url[0])
		snprintf(r->base, sizeof r->base, "%s", g->conf->public_url);
	else
		snprintf(r->base, sizeof r->base, "http://%s", host);
	if (strcmp(exchange_path(x), "*") == 0 && strcmp(exchange_method(x), "OPTIONS") == 0)
		return ERR_BAD_METHOD; /* the server itself: RFC 9110, section 9.3.7 */
	return route_find(
		gateway_routes, exchange_method(x), exchange_path(x), r->arg, r->allow, &r->route);
}

/* The setting that says which pages may: at the workers' addresses it is the workers' own. */
static const char *origins_for(const struct request *r)
{
	const struct gateway_conf *conf = r->g->conf;

	return strncmp(exchange_path(r->x), "/worker/", 8) == 0 ? conf->origins
								: conf->cors_origins;
}

static bool takes_parcel(const struct request *r)
{
	return r->route->takes == TAKES_FRAMES || r->route->takes == TAKES_PART;
}

static int64_t body_limit(const struct request *r)
{
	switch (r->route->takes) {
	case TAKES_NOTHING:
	case TAKES_JSON:
		return SMALL_BODY;
	case TAKES_FRAMES:
		return PARCEL_FRAMES;
	case TAKES_PART:
		return PARCEL_PART;
	default:
		return r->g->rules.body_max;
	}
}

static void on_begin(void *arg, struct exchange *x)
{
	struct request *r = exchange_data(x);
	int64_t length = exchange_length(x);
	const char *type;
	enum err e;

	r->g = arg;
	r->x = x;
	cors_head(origins_for(r), x);
	e = check_head(r);
	if (e == ERR_BAD_METHOD && strcmp(exchange_method(x), "OPTIONS") == 0) {
		cors_options(origins_for(r), x, r->allow);
		return;
	}
	if (e == ERR_BAD_METHOD)
		exchange_set(x, "Allow", r->allow);
	if (e == ERR_OK && length > body_limit(r))
		e = ERR_TOO_LARGE;
	if (e != ERR_OK) {
		answer_error(x, e, NULL);
		return;
	}
	if (r->route->takes == TAKES_NOTHING || r->route->takes == TAKES_WASTE)
		return;
	if (takes_parcel(r)) {
		parcel_begin(r);
		return;
	}
	type = exchange_header(x, "Content-Type");
	r->body_err = body_new(&r->g->rules, r->route->takes, type, &r->body);
	if (r->route->need != NEED_NO_KEY && exchange_has_body(x) &&
		(length < 0 || length > SMALL_BODY ||
			(type && strncasecmp(type, "multipart/", 10) == 0))) {
		exchange_suspend(x);
		ask_auth(r, on_early_grant);
	}
}

static void on_body(void *arg, struct exchange *x, const char *p, size_t n)
{
	struct request *r = exchange_data(x);
	enum err e = ERR_OK;

	(void)arg;
	if (exchange_status(x))
		return;
	r->taken += (int64_t)n;
	if (r->taken > body_limit(r))
		e = ERR_TOO_LARGE;
	else if (takes_parcel(r))
		e = parcel_feed(r, p, n);
	else if (r->body && r->body_err == ERR_OK)
		e = r->body_err = body_feed(r->body, p, n);
	/* Without a grant nobody is told more about the body than that there was too much of it. */
	if (e != ERR_OK && (r->granted || e == ERR_TOO_LARGE || takes_parcel(r)))
		answer_error(x, e, r->body ? body_problem(r->body) : NULL);
}

/* Much JSON takes long to read, and the server's threads serve others too. */
static void read_in_task(void *arg)
{
	struct request *r = arg;

	r->body_err = body_end(r->body);
	go_on(r);
}

static void on_end(void *arg, struct exchange *x)
{
	struct request *r = exchange_data(x);

	(void)arg;
	if (exchange_status(x))
		return;
	if (r->route->need == NEED_NOTHING) {
		r->route->handler(r);
		return;
	}
	exchange_suspend(x);
	if (r->granted && r->taken > SMALL_BODY && r->body) {
		if (!task_run(r->g->tasks, read_in_task, r))
			request_fail(r, ERR_OVERLOADED, NULL);
		return;
	}
	if (r->body && r->body_err == ERR_OK)
		r->body_err = body_end(r->body);
	if (r->granted || r->route->need == NEED_NO_KEY ||
		(r->route->need == NEED_LINK && exchange_query(x, "sig")))
		go_on(r);
	else
		ask_auth(r, on_grant);
}

static void on_done(void *arg, struct exchange *x)
{
	struct request *r = exchange_data(x);
	int64_t us = mono_us() - exchange_began_us(x);
	const char *name = r->route ? r->route->name : "none";

	(void)arg;
	if (r->waiting)
		watch_remove(r->g->watch, &r->watcher);
	body_free(r->body);
	parcel_free(r);
	wait_free(r);
	atomic_fetch_sub(&r->g->rules.memory, r->embedded);
	msg_free(r->first);
	msg_free(r->source);
	msg_free(r->cast);
	inputs_drop(r);
	stats_request(name, exchange_status(x), us);
	log_rid(exchange_rid(x));
	log_info("access", LS("method", exchange_method(x)), LS("route", name),
		LI("status", exchange_status(x)), LI("us", us), LS("owner", r->owner));
	log_rid(NULL);
}

/* What the server could not read. */
static void on_refuse(void *arg, struct exchange *x, int status)
{
	static const enum err errs[] = {
		ERR_SLOW, ERR_TOO_LARGE, ERR_LONG_URL, ERR_HEADER_TOO_LARGE, ERR_BAD_VERSION};
	enum err e = ERR_BAD_REQUEST;

	(void)arg;
	for (size_t i = 0; i < sizeof errs / sizeof *errs; i++)
		if (err_info(errs[i])->http == status)
			e = errs[i];
	answer_error(x, e, NULL);
	stats_request("none", exchange_status(x), mono_us() - exchange_began_us(x));
	log_rid(exchange_rid(x));
	log_info("refused", LI("status", exchange_status(x)), LS("code", err_info(e)->code));
	log_rid(NULL);
}

const struct http_app request_app = {
	.data_size = sizeof(struct request),
	.begin = on_begin,
	.body = on_body,
	.end = on_end,
	.done = on_done,
	.refuse = on_refuse,
};
