#include "worker_json.h"

#include <string.h>

#include "proto/json.h"

static void put_attention(struct buf *out, const struct worker *w)
{
	json_key(out, "attention");
	if (!w->attention_reason) {
		json_str(out, NULL);
		return;
	}
	buf_adds(out, "{");
	json_kv_str(out, "reason", w->attention_reason);
	json_kv_str(out, "message", w->attention_message);
	json_kv_str(out, "url", w->attention_url);
	json_kv_time(out, "since", w->attention_since);
	buf_adds(out, "}");
}

static void put_models(struct buf *out, const struct worker *w)
{
	json_key(out, "models");
	buf_adds(out, "[");
	for (size_t i = 0; i < w->n_models; i++) {
		json_next(out);
		json_str(out, w->models[i].id);
	}
	buf_adds(out, "]");
}

static void put_jobs(struct buf *out, const struct worker *w, const char *owner)
{
	json_key(out, "jobs");
	buf_adds(out, "[");
	for (size_t i = 0; i < w->n_jobs; i++) {
		const struct worker_job *j = &w->jobs[i];

		if (!j->owner || strcmp(j->owner, owner) != 0)
			continue;
		json_next(out);
		json_str(out, j->id);
	}
	buf_adds(out, "]");
}

/* A bridge of an older version tells no state. */
static const char *state_of(const struct worker *w)
{
	return w->state ? w->state : w->busy ? "busy" : "ready";
}

/* Its key is nobody else's, and to revoke it ends this worker. */
static void put_key(struct buf *out, const char *id, const struct worker_key *key)
{
	json_kv_str(out, "key_id", id);
	json_kv_bool(out, "paired", key && key->owner);
}

void worker_json(
	struct buf *out, const struct worker *w, const struct worker_key *key, const char *owner)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", w->id);
	json_kv_str(out, "object", "worker");
	json_kv_str(out, "name", w->name);
	json_kv_str(out, "kind", w->kind);
	json_kv_str(out, "version", w->version);
	json_kv_bool(out, "connected", 1);
	json_kv_time(out, "connected_at", w->connected_at);
	json_kv_str(out, "transport", w->transport ? w->transport : "websocket");
	json_kv_str(out, "state", state_of(w));
	put_attention(out, w);
	json_kv_time(out, "until", w->until);
	json_kv_str(out, "note", w->note);
	json_kv_int(out, "slots", w->slots);
	json_kv_int(out, "busy", w->busy);
	put_models(out, w);
	put_jobs(out, w, owner);
	put_key(out, w->key, key);
	buf_adds(out, "}");
}

void worker_json_away(struct buf *out, const struct worker_key *k)
{
	static const char *const unknown[] = {
		"connected_at", "transport", "state", "attention", "until", "note"};

	buf_adds(out, "{");
	json_kv_str(out, "id", k->id);
	json_kv_str(out, "object", "worker");
	json_kv_str(out, "name", k->name);
	json_kv_str(out, "kind", NULL);
	json_kv_str(out, "version", NULL);
	json_kv_bool(out, "connected", 0);
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		json_kv_str(out, unknown[i], NULL);
	json_kv_int(out, "slots", 0);
	json_kv_int(out, "busy", 0);
	json_kv_strs(out, "models", NULL, 0);
	json_kv_strs(out, "jobs", NULL, 0);
	put_key(out, k->id, k);
	buf_adds(out, "}");
}

void worker_json_code(struct buf *out, const struct pair_code *c)
{
	buf_adds(out, "{");
	json_kv_str(out, "object", "pairing_code");
	json_kv_str(out, "code", c->code);
	json_kv_int(out, "expires_at", c->expires_at / 1000);
	buf_adds(out, "}");
}

void worker_json_token(struct buf *out, const struct pair_token *t)
{
	buf_adds(out, "{");
	json_kv_str(out, "token", t->token);
	json_kv_str(out, "worker_key_id", t->key_id);
	json_kv_str(out, "name", t->name);
	buf_adds(out, "}");
}
