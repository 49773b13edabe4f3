/*
 * Short words to talk about webhooks with a jobs service in this process: for the tests of
 * endpoints and deliveries.
 */
#ifndef ARENA_TESTS_WEBHOOKS_RIG_H
#define ARENA_TESTS_WEBHOOKS_RIG_H

#include "tests/unit/jobs_rig.h"

#define URL "https://example.com/hook"

struct box {
	struct msg *m; /* the last answer; freed by the next */
};

static inline const void *last(struct box *b, struct rig *r, enum msg_type type, const void *rec)
{
	msg_free(b->m);
	b->m = NULL;
	return rig_ask(r, type, rec, &b->m) == ERR_OK ? msg_rec(b->m) : NULL;
}

static inline enum err make(struct rig *r, const char *owner, char id[ID_MAX])
{
	struct endpoint want = {.id = id, .owner = owner, .url = URL};

	id_new("we_", id);
	return rig_ask(r, MSG_ENDPOINT_CREATE, &want, NULL);
}

static inline enum err tell_of(struct rig *r, enum msg_type type, const char *owner, const char *id)
{
	return rig_ask(r, type, &(struct endpoint_ref){.owner = owner, .id = id}, NULL);
}

static inline const char *token(void)
{
	static char t[33];

	token_hex(16, t);
	return t;
}

/* What is due, taken; at most `limit`. */
static inline const struct delivery_list *take(
	struct box *b, struct rig *r, const char *token, int64_t limit)
{
	return last(b, r, MSG_HOOK_TAKE, &(struct hook_take){.lease = token, .limit = limit});
}

/* Wait until something is due, and take it. It lives until the next answer. */
static inline const struct delivery *take_one(struct box *b, struct rig *r)
{
	static const struct delivery none = {.id = "none", .owner = "none", .endpoint = "none"};
	const struct delivery_list *got;
	bool one = false;

	EVENTUALLY(one || (one = (got = take(b, r, token(), 1)) && got->n_deliveries == 1));
	return one ? &((const struct delivery_list *)msg_rec(b->m))->deliveries[0] : &none;
}

static inline enum err tried(
	struct rig *r, const struct delivery *d, int64_t status, const char *error)
{
	struct hook_tried say = {.owner = d->owner,
		.endpoint = d->endpoint,
		.id = d->id,
		.lease = d->lease,
		.status = status,
		.error = error,
		.took_ms = 5};

	return rig_ask(r, MSG_HOOK_TRIED, &say, NULL);
}

static inline const struct delivery_list *list(
	struct box *b, struct rig *r, const char *owner, const char *endpoint)
{
	return last(
		b, r, MSG_DELIVERY_LIST, &(struct endpoint_ref){.owner = owner, .id = endpoint});
}

/* A job of this owner that is cancelled at once. */
static inline void cancelled(
	struct rig *r, const char *owner, const char *webhook_url, char id[ID_MAX])
{
	struct job_new want = rig_want(id, owner);

	id_new("video_", id);
	want.webhook_url = webhook_url;
	CHECK_INT(rig_ask(r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
	CHECK_INT(rig_ref(r, MSG_JOB_CANCEL, owner, id), ERR_OK);
}

#endif
