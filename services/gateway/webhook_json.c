#include "webhook_json.h"

#include <string.h>

#include "openai.h"
#include "proto/json.h"

static const char *const event_names[WEBHOOK_EVENTS] = {
	"video.completed", "video.failed", "video.cancelled"};

bool webhook_event_known(const char *name)
{
	for (size_t i = 0; i < WEBHOOK_EVENTS; i++)
		if (strcmp(event_names[i], name) == 0)
			return true;
	return false;
}

void webhook_json_endpoint(struct buf *out, const struct endpoint *e, bool with_secret)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", e->id);
	json_kv_str(out, "object", "webhook_endpoint");
	json_kv_int(out, "created_at", e->created_at / 1000);
	json_kv_str(out, "url", e->url);
	json_kv_str(out, "name", e->name && e->name[0] ? e->name : NULL);
	json_kv_strs(out, "events", e->n_events ? e->events : event_names,
		e->n_events ? e->n_events : WEBHOOK_EVENTS);
	json_kv_bool(out, "disabled", e->disabled);
	json_kv_time(out, "old_secret_expires_at", e->old_until);
	if (with_secret)
		json_kv_str(out, "secret", e->secret);
	buf_adds(out, "}");
}

void webhook_json_delivery(struct buf *out, const struct delivery *d)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", d->id);
	json_kv_str(out, "object", "webhook_delivery");
	json_kv_str(out, "endpoint", d->endpoint);
	json_kv_str(out, "url", d->url);
	json_kv_str(out, "type", d->type);
	json_kv_str(out, "video_id", d->video);
	json_kv_str(out, "status", d->state);
	json_kv_int(out, "attempts", d->attempts);
	json_kv_int(out, "created_at", d->created_at / 1000);
	json_kv_time(out, "last_attempt_at", d->tried_at);
	json_kv_time(out, "next_attempt_at", d->next_at);
	json_kv_time(out, "ended_at", d->ended_at);
	json_kv_known(out, "response_status", d->status);
	json_kv_str(out, "error", d->error);
	json_kv_int(out, "duration_ms", d->took_ms);
	buf_adds(out, "}");
}

/* Both lists are whole: there is no next page. */

void webhook_json_endpoints(struct buf *out, const struct endpoint_list *list)
{
	size_t n = list->n_endpoints;

	openai_list_begin(out);
	for (size_t i = 0; i < n; i++) {
		json_next(out);
		webhook_json_endpoint(out, &list->endpoints[i], false);
	}
	openai_list_end(
		out, n ? list->endpoints[0].id : NULL, n ? list->endpoints[n - 1].id : NULL, false);
}

void webhook_json_deliveries(struct buf *out, const struct delivery_list *list)
{
	size_t n = list->n_deliveries;

	openai_list_begin(out);
	for (size_t i = 0; i < n; i++) {
		json_next(out);
		webhook_json_delivery(out, &list->deliveries[i]);
	}
	openai_list_end(out, n ? list->deliveries[0].id : NULL,
		n ? list->deliveries[n - 1].id : NULL, false);
}
