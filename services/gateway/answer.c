#include "answer.h"

#include <inttypes.h>
#include <stdio.h>

#include "openai.h"

void answer_json(struct exchange *x, int status, struct buf *json)
{
	char *p = json->p;
	size_t n = json->n;

	*json = (struct buf){0};
	answer_take(x, status, "application/json", p, n);
}

/* As OpenAI writes it, and Go: "6m0s", "1s", "20ms". */
static void set_duration(struct exchange *x, const char *name, int64_t ms)
{
	if (ms < 1000)
		exchange_setf(x, name, "%" PRId64 "ms", ms);
	else if (ms < 60000)
		exchange_setf(x, name, "%" PRId64 "s", (ms + 999) / 1000);
	else
		exchange_setf(x, name, "%" PRId64 "m%" PRId64 "s", ms / 60000, ms % 60000 / 1000);
}

void answer_rate(struct exchange *x, int64_t limit, int64_t remaining, int64_t reset_ms)
{
	if (limit >= 0)
		exchange_setf(x, "x-ratelimit-limit-requests", "%" PRId64, limit);
	if (remaining >= 0)
		exchange_setf(x, "x-ratelimit-remaining-requests", "%" PRId64, remaining);
	if (reset_ms >= 0)
		set_duration(x, "x-ratelimit-reset-requests", reset_ms);
}

void answer_error(struct exchange *x, enum err e, const struct problem *p)
{
	const struct err_info *info = err_info(e);
	int64_t wait_ms = p ? p->retry_after_ms : 0;
	struct buf json = {0};

	if (p && e == ERR_LIMITED)
		answer_rate(x, p->limit, p->remaining, p->reset_ms);
	if (!wait_ms && (info->http == 429 || info->http == 503))
		wait_ms = 1000;
	if (wait_ms) {
		exchange_setf(x, "Retry-After", "%" PRId64, (wait_ms + 999) / 1000);
		exchange_setf(x, "retry-after-ms", "%" PRId64, wait_ms);
	}
	if (info->http == 409 || e == ERR_QUOTA)
		exchange_set(x, "x-should-retry", "false");
	if (info->http == 401)
		exchange_set(x, "WWW-Authenticate", "Bearer");
	openai_error(&json, p && p->message ? p->message : info->text, info->type,
		p ? p->param : NULL, info->code);
	answer_json(x, info->http, &json);
}
