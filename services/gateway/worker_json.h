/* Workers as the API tells of them. Pure. */
#ifndef ARENA_GATEWAY_WORKER_JSON_H
#define ARENA_GATEWAY_WORKER_JSON_H

#include "proto/buf.h"
#include "proto/messages.h"

/* key: the worker's; NULL: not known. owner: who asks; of a worker's jobs only theirs are told. */
void worker_json(
	struct buf *out, const struct worker *w, const struct worker_key *key, const char *owner);

/* A worker key whose worker is not connected: it goes by the key's id. */
void worker_json_away(struct buf *out, const struct worker_key *k);

void worker_json_code(struct buf *out, const struct pair_code *c);
void worker_json_token(struct buf *out, const struct pair_token *t);

#endif
