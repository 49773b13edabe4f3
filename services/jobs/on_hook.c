/* The messages about deliveries of webhooks, as bridges send them. */
#include <string.h>

#include "outbox.h"

#define TAKE_MAX  64
#define ERROR_MAX 300 /* bytes of the sentence that is kept */

static enum err bad(struct reply *r, const char *param)
{
	r->problem.param = param;
	return ERR_BAD_PARAM;
}

enum err on_hook_take(struct jobs *j, const void *rec, struct reply *r)
{
	const struct hook_take *want = rec;
	size_t max = want->limit < 1 ? 1 : want->limit > TAKE_MAX ? TAKE_MAX : (size_t)want->limit;
	struct delivery_list *told = batch_mem(&j->batch, sizeof *told);
	struct delivery *list = batch_mem(&j->batch, max * sizeof *list);

	if (!lease_token_ok(want->lease))
		return bad(r, "lease");
	told->n_deliveries = outbox_take(j, want->lease, list, max);
	told->deliveries = list;
	r->rec = told;
	return ERR_OK;
}

static bool fits(const char *s, size_t max)
{
	return s && *s && strlen(s) < max;
}

enum err on_hook_tried(struct jobs *j, const void *rec, struct reply *r)
{
	const struct hook_tried *say = rec;

	if (!fits(say->owner, OWNER_MAX))
		return bad(r, "owner");
	if (!fits(say->endpoint, ID_MAX))
		return bad(r, "endpoint");
	if (!fits(say->id, ID_MAX))
		return bad(r, "id");
	if (!lease_token_ok(say->lease))
		return bad(r, "lease");
	if (say->error && strlen(say->error) > ERROR_MAX)
		return bad(r, "error");
	return outbox_tried(j, say);
}
