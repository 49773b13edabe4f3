#include "delivery.h"

#include <string.h>

#include "proto/json.h"
#include "proto/metadata.h"

#define JITTER 0.2 /* of a pause, to both sides */

static const struct {
	const char *status, *type;
} events[] = {{"completed", "video.completed"}, {"failed", "video.failed"},
	{"cancelled", "video.cancelled"}};

#define N_EVENTS (sizeof events / sizeof *events)

static const char pending[] = "pending", delivered[] = "delivered", failed[] = "failed";

void delivery_body(
	struct buf *out, const char *id, const char *type, const struct job *job, int64_t now)
{
	buf_adds(out, "{");
	json_kv_str(out, "id", id);
	json_kv_str(out, "object", "event");
	json_kv_int(out, "created_at", now / 1000);
	json_kv_str(out, "type", type);
	json_key(out, "data");
	buf_adds(out, "{");
	if (job) {
		json_kv_str(out, "id", job->id);
		json_kv_metadata(out, job->metadata, job->n_metadata);
	}
	buf_adds(out, "}}");
}

const char *delivery_event(const char *status)
{
	for (size_t i = 0; i < N_EVENTS; i++)
		if (strcmp(events[i].status, status) == 0)
			return events[i].type;
	return NULL;
}

bool delivery_known(const char *type)
{
	for (size_t i = 0; i < N_EVENTS; i++)
		if (strcmp(events[i].type, type) == 0)
			return true;
	return false;
}

bool delivery_wanted(const struct endpoint *to, const char *type)
{
	if (strcmp(type, DELIVERY_TEST) == 0)
		return true;
	if (to->disabled)
		return false;
	for (size_t i = 0; i < to->n_events; i++)
		if (strcmp(to->events[i], type) == 0)
			return true;
	return to->n_events == 0;
}

bool delivery_late(const struct delivery *d, const struct delivery_rules *rules, int64_t now)
{
	return d->attempts > 0 && d->created_at + rules->give_up_ms < now;
}

void delivery_take(
	struct delivery *d, const struct delivery_rules *rules, int64_t now, const char *token)
{
	d->attempts++;
	d->lease = token;
	d->next_at = now + rules->lease_ms;
}

/* It ends, or goes on at `next`. */
static void settle(struct delivery *d, const char *state, int64_t now, int64_t next)
{
	d->state = state;
	d->lease = NULL;
	d->next_at = next;
	d->ended_at = next ? 0 : now;
}

void delivery_tried(struct delivery *d, const struct delivery_rules *rules, int64_t now,
	double dice, const struct hook_tried *say)
{
	int64_t next = now + delivery_pause(rules, d->attempts, dice);

	d->past_lease = d->lease;
	d->tried_at = now;
	d->status = say->status;
	d->error = say->error;
	d->took_ms = say->took_ms;
	if (!say->error)
		settle(d, delivered, now, 0);
	else if (say->final || strcmp(d->type, DELIVERY_TEST) == 0 ||
		 next > d->created_at + rules->give_up_ms)
		settle(d, failed, now, 0);
	else
		settle(d, pending, now, next);
}

void delivery_give_up(struct delivery *d, int64_t now, const char *why)
{
	d->error = why;
	settle(d, failed, now, 0);
}

bool delivery_over(const struct delivery *d)
{
	return strcmp(d->state, pending) != 0;
}

int64_t delivery_pause(const struct delivery_rules *rules, int64_t attempts, double dice)
{
	/* 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 2 h, ... from a base of 5 s */
	static const int64_t times[] = {1, 6, 24, 120, 360, 720, 1440};
	int64_t last = sizeof times / sizeof *times - 1;
	int64_t n = attempts < 1 ? 0 : attempts - 1;
	double pause = (double)(rules->retry_base_ms * times[n < last ? n : last]);

	return (int64_t)(pause * (1 - JITTER + 2 * JITTER * dice));
}

struct delivery delivery_told(const struct delivery *d)
{
	struct delivery told = *d;

	told.lease = told.past_lease = NULL;
	return told;
}
