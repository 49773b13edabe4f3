#include "services/bridge/waiting.h"

#include "services/bridge/say.h"

static int64_t waits_for(const struct link *w, const struct waiting_list *list)
{
	int64_t n = 0;

	for (size_t i = 0; i < list->n_models; i++) {
		if (list->models[i].id && link_offers(w, list->models[i].id))
			n += list->models[i].waiting;
	}
	return n;
}

static void heard(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct link *w, *tmp;

	(void)arg, (void)keep;
	if (e != ERR_OK)
		return;
	HASH_ITER (hh, b->by_id, w, tmp) {
		int64_t n = waits_for(w, answer);
		struct buf out = {0};

		if (w->state != LINK_LIVE || n == w->waiting)
			continue;
		w->waiting = n;
		say_queue(&out, n);
		link_say(w, &out);
	}
}

void waiting_look(void *bridge)
{
	struct bridge *b = bridge;

	if (!b->stopping && b->n_workers)
		bridge_ask(b, b->jobs, MSG_WAITING_LIST, &(struct empty){}, heard, NULL);
}
