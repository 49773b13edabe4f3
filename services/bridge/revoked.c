#include "services/bridge/revoked.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/log.h"
#include "services/bridge/lease.h"
#include "services/bridge/link.h"
#include "services/bridge/say.h"

static void send_away(struct link *w)
{
	struct buf out = {0};

	log_info("worker_revoked", LS("worker", w->id), LS("name", w->name), LS("key", w->key));
	say_bye(&out, "revoked");
	link_say(w, &out);
	leases_take_back(w, "worker_revoked");
	link_drop(w, WS_UNAUTHORIZED, "the token has been revoked");
}

static void told(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	const struct key_ids *gone = answer;

	(void)arg;
	(void)keep;
	b->asking_keys = false;
	for (size_t i = 0; e == ERR_OK && i < gone->n_ids; i++) {
		bool marked = i < gone->n_marks;
		struct link *w, *tmp;

		HASH_ITER (hh, b->by_id, w, tmp) {
			if (strcmp(w->key, gone->ids[i]) == 0 &&
				(!marked || strcmp(w->key_mark, gone->marks[i]) == 0))
				send_away(w);
		}
	}
}

/* Is this text of its key in the list already? */
static bool listed(const struct key_ids *ask, const struct link *w)
{
	for (size_t i = 0; i < ask->n_ids; i++)
		if (strcmp(ask->ids[i], w->key) == 0 && strcmp(ask->marks[i], w->key_mark) == 0)
			return true;
	return false;
}

void revoked_look(void *bridge)
{
	struct bridge *b = bridge;
	const char **ids, **marks;
	struct key_ids ask = {0};
	struct link *w, *tmp;

	if (!b->by_id || b->asking_keys)
		return;
	ask.ids = ids = xcalloc((size_t)b->n_workers + 1, sizeof *ids);
	ask.marks = marks = xcalloc((size_t)b->n_workers + 1, sizeof *marks);
	HASH_ITER (hh, b->by_id, w, tmp) {
		if (listed(&ask, w))
			continue;
		ids[ask.n_ids++] = w->key;
		marks[ask.n_marks++] = w->key_mark;
	}
	b->asking_keys = true;
	bridge_ask(b, b->auth, MSG_KEYS_GONE, &ask, told, NULL);
	free(ids);
	free(marks);
}
