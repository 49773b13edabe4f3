/* Asking the other services, from the loop and back to it. */
#include <stdlib.h>

#include "proto/log.h"
#include "services/bridge/inside.h"

bool err_passes(enum err e)
{
	return e == ERR_UNAVAILABLE || e == ERR_TIMEOUT || e == ERR_OVERLOADED || e == ERR_STORE ||
	       e == ERR_NO_MEMORY || e == ERR_BAD_WIRE || e == ERR_BAD_MAC;
}

int64_t pause_ms(int n)
{
	return n >= 4 ? 5000 : 250LL << n;
}

struct asking {
	struct bridge *b;
	struct rid rid; /* what is logged about the answer has it, as the peer's lines do */
	asked_fn *fn;
	void *arg;
	enum err e;
	struct msg *msg;
};

static void asked_here(void *arg)
{
	struct asking *a = arg;

	a->b->asks--;
	log_rid(&a->rid);
	a->fn(a->b, a->arg, a->e, a->msg ? msg_rec(a->msg) : NULL, &a->msg);
	log_rid(NULL);
	msg_free(a->msg);
	free(a);
}

/* In a thread of nng's. */
static void asked_there(void *arg, enum err e, const struct answer *answer)
{
	struct asking *a = arg;

	a->e = e;
	if (e == ERR_OK)
		a->msg = answer_keep(answer);
	loop_post(a->b->loop, asked_here, a);
}

void bridge_ask(struct bridge *b, struct peer *p, enum msg_type type, const void *rec, asked_fn *fn,
	void *arg)
{
	struct asking *a = xcalloc(1, sizeof *a);

	*a = (struct asking){.b = b, .rid = rid_new(), .fn = fn, .arg = arg};
	b->asks++;
	ask(p, &a->rid, type, rec, ASK_MS, asked_there, a);
}
