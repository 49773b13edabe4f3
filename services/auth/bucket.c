#include "services/auth/bucket.h"

#include <assert.h>

#define MINUTE_US 60000000LL

static int64_t ms_up(int64_t us)
{
	return (us + 999) / 1000;
}

struct bucket_answer bucket_take(
	struct bucket *b, int64_t now_us, int64_t per_minute, int64_t burst)
{
	struct bucket_answer a = {0};
	int64_t each, room, debt;

	assert(per_minute > 0 && per_minute <= MINUTE_US && burst > 0);
	each = MINUTE_US / per_minute;
	room = each * burst;
	debt = b->full_at_us > now_us ? b->full_at_us - now_us : 0;

	/* The limit may have been lowered by a restart's settings: never owe more than it holds. */
	if (debt > room)
		debt = room;
	if (debt + each > room) {
		a.retry_after_ms = ms_up(debt + each - room);
	} else {
		a.ok = true;
		debt += each;
		b->full_at_us = now_us + debt;
	}
	a.remaining = (room - debt) / each;
	a.reset_ms = ms_up(debt);
	return a;
}
