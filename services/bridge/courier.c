#include "services/bridge/courier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/clock.h"
#include "proto/log.h"
#include "proto/webhook.h"
#include "services/bridge/web.h"

#define ANSWER_MAX    16384 /* bytes that are read of an answer: nobody looks at them */
#define SIGNATURE_MAX 256

struct courier {
	struct web *web;
	struct round *round; /* the HOOK_TAKE that is asked now; or NULL */
	bool again;          /* there was a hint since it was asked */
	int busy;
};

/* One HOOK_TAKE. Its token stays the same however often it is asked: so no answer is ever lost. */
struct round {
	struct bridge *b;
	char token[33];
	int tries;
	int64_t began_us;
};

/* One delivery on its way. */
struct parcel {
	struct bridge *b;
	char *owner, *endpoint, *id, *lease;
	int64_t began_us;
	size_t answered; /* bytes */
	/* what became of it */
	struct hook_tried say;
	char why[200];
	int tries; /* to tell it */
};

/* ---- telling ---- */

static void parcel_free(struct parcel *p)
{
	free(p->owner);
	free(p->endpoint);
	free(p->id);
	free(p->lease);
	free(p);
}

static void tell_ask(void *arg);

static void told(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct parcel *p = arg;

	(void)answer;
	(void)keep;
	if (err_passes(e) && !b->stopping && mono_us() - p->began_us < b->conf.lease_ms * 1000) {
		/* it was sent: nobody else should send it once more */
		loop_after(b->loop, pause_ms(p->tries++), tell_ask, p, NULL);
		return;
	}
	if (e != ERR_OK)
		log_warn("webhook_not_told", LS("id", p->id), LS("err", err_name(e)));
	b->courier->busy--;
	parcel_free(p);
	courier_look(b);
}

static void tell_ask(void *arg)
{
	struct parcel *p = arg;

	bridge_ask(p->b, p->b->jobs, MSG_HOOK_TRIED, &p->say, told, p);
}

/* ---- sending ---- */

static void fail(struct parcel *p, const char *why)
{
	snprintf(p->why, sizeof p->why, "%s", why);
	p->say.error = p->why;
}

static void came_back(void *arg)
{
	struct parcel *p = arg;

	metric_add(&fig_webhooks, 1);
	metric_add(&fig_webhooks_failed, p->say.error != NULL);
	metric_observe_us(&fig_webhook_seconds, p->say.took_ms * 1000);
	log_info("webhook_tried", LS("id", p->id), LI("status", p->say.status),
		LI("ms", p->say.took_ms), LS("why", p->say.error ? p->say.error : ""));
	tell_ask(p);
}

/* The server has answered, or begun to. */
static void judge(struct parcel *p, long status)
{
	char why[100];

	p->say.status = status;
	if (status >= 200 && status < 300)
		return;
	snprintf(why, sizeof why, "The server answered %ld%s.", status,
		status == 410                   ? ": it is gone"
		: status >= 300 && status < 400 ? "; redirects are not followed"
						: "");
	fail(p, why);
	p->say.final = status == 410;
}

/* In the thread of web.c. */
static void on_done(void *arg, const struct web_result *r)
{
	struct parcel *p = arg;

	p->say.took_ms = (mono_us() - p->began_us) / 1000;
	switch (r->end) {
	case WEB_ANSWERED:
	case WEB_REFUSED: /* by us: it was too long */
		judge(p, r->status);
		break;
	case WEB_PRIVATE:
		fail(p, "The url leads to a private address.");
		p->say.final = true;
		break;
	case WEB_BAD_LINK:
		fail(p, "The url cannot be followed.");
		p->say.final = true;
		break;
	case WEB_ENDED:
		fail(p, "We were stopped before an answer came.");
		break;
	case WEB_TOO_LARGE:
	case WEB_UNTRUSTED:
	case WEB_FAILED:
		fail(p, r->why);
		break;
	}
	loop_post(p->b->loop, came_back, p);
}

/* The same. */
static bool on_body(void *arg, long status, const char *bytes, size_t n)
{
	struct parcel *p = arg;

	(void)status;
	(void)bytes;
	p->answered += n;
	return p->answered <= ANSWER_MAX;
}

static void post(struct parcel *p, const struct delivery *d, const char *signatures, int64_t now_s)
{
	char id[100], time[64], signature[SIGNATURE_MAX];
	const char *const headers[] = {"Content-Type: application/json", id, time, signature, NULL};
	struct web_want want = {.url = d->url,
		.post = d->body,
		.headers = headers,
		.allow_private = p->b->conf.fetch_private,
		.connect_ms = p->b->conf.webhook_ms,
		.total_ms = p->b->conf.webhook_ms,
		.body = on_body,
		.done = on_done,
		.arg = p};

	snprintf(id, sizeof id, "webhook-id: %s", d->id);
	snprintf(time, sizeof time, "webhook-timestamp: %lld", (long long)now_s);
	snprintf(signature, sizeof signature, "webhook-signature: %s", signatures);
	web_start(p->b->courier->web, &want);
}

static void dispatch(struct bridge *b, const struct delivery *d)
{
	struct parcel *p = xcalloc(1, sizeof *p);
	struct buf signatures = {0};
	int64_t now_s = now_ms() / 1000;

	p->b = b;
	p->owner = xstrdup(d->owner);
	p->endpoint = xstrdup(d->endpoint);
	p->id = xstrdup(d->id);
	p->lease = xstrdup(d->lease);
	p->say = (struct hook_tried){
		.owner = p->owner, .endpoint = p->endpoint, .id = p->id, .lease = p->lease};
	p->began_us = mono_us();
	b->courier->busy++;
	for (size_t i = 0; i < d->n_secrets && i < 2; i++)
		webhook_sign(d->secrets[i], d->id, now_s, d->body, &signatures);
	post(p, d, signatures.n ? signatures.p : "", now_s);
	buf_free(&signatures);
}

/* ---- taking ---- */

static bool whole(const struct delivery *d)
{
	return d->id && d->owner && d->endpoint && d->lease && d->url && d->body &&
	       strlen(d->id) < ID_MAX;
}

static void take_ask(void *arg);

static void taken(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	const struct delivery_list *list = answer;
	struct round *r = arg;
	struct courier *c = b->courier;
	bool again;

	(void)keep;
	if (err_passes(e) && !b->stopping && mono_us() - r->began_us < b->conf.lease_ms * 1000) {
		/* they may have been taken nevertheless: ask for the same */
		loop_after(b->loop, pause_ms(r->tries++), take_ask, r, NULL);
		return;
	}
	c->round = NULL;
	free(r);
	for (size_t i = 0; e == ERR_OK && i < list->n_deliveries; i++)
		if (whole(&list->deliveries[i]) && !b->stopping)
			dispatch(b, &list->deliveries[i]);
	again = c->again || (e == ERR_OK && list->n_deliveries > 0);
	c->again = false;
	if (again)
		courier_look(b);
}

static void take_ask(void *arg)
{
	struct round *r = arg;
	struct bridge *b = r->b;
	struct hook_take ask = {.lease = r->token, .limit = COURIER_MAX - b->courier->busy};

	if (b->stopping) {
		b->courier->round = NULL;
		free(r);
		return;
	}
	bridge_ask(b, b->jobs, MSG_HOOK_TAKE, &ask, taken, r);
}

void courier_look(void *bridge)
{
	struct bridge *b = bridge;
	struct courier *c = b->courier;

	if (b->draining || c->busy >= COURIER_MAX)
		return; /* whatever comes back looks again */
	if (c->round) {
		c->again = true;
		return;
	}
	c->round = xcalloc(1, sizeof *c->round);
	c->round->b = b;
	c->round->began_us = mono_us();
	token_hex(16, c->round->token);
	take_ask(c->round);
}

/* ---- life ---- */

void courier_open(struct bridge *b)
{
	b->courier = xcalloc(1, sizeof *b->courier);
	b->courier->web = web_open(b->conf.fetch_ca);
}

int courier_busy(const struct bridge *b)
{
	return b->courier->busy + (b->courier->round != NULL);
}

void courier_stop(struct bridge *b)
{
	web_close(b->courier->web);
	b->courier->web = NULL;
}

void courier_close(struct bridge *b)
{
	free(b->courier);
	b->courier = NULL;
}
