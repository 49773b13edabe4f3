#include "answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "generation.h"
#include "proto/json.h"

#define POLL_MS     2000 /* nothing was measured yet */
#define POLL_MIN_MS 500
#define POLL_MAX_MS 5000

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

/*
 * OpenRouter's clients take a number for the code (its SDK calls an answer with a word there
 * malformed), so under /api the code is the status, and the word is in `metadata`.
 */
static void router_error(
	struct buf *out, const char *message, const struct err_info *info, const char *param)
{
	buf_adds(out, "{\"error\":{");
	json_kv_str(out, "message", message);
	json_kv_str(out, "type", info->type);
	json_kv_str(out, "param", param);
	json_kv_int(out, "code", info->http);
	json_key(out, "metadata");
	buf_adds(out, "{");
	json_kv_str(out, "code", info->code);
	buf_adds(out, "}}}");
}

void answer_error(struct exchange *x, enum err e, const struct problem *p)
{
	const struct err_info *info = err_info(e);
	int64_t wait_ms = p ? p->retry_after_ms : 0;
	const char *message = p && p->message ? p->message : info->text;
	const char *param = p ? p->param : NULL;
	struct buf json = {0};

	if (p && e == ERR_LIMITED)
		answer_rate(x, p->limit, p->remaining, p->reset_ms);
	if (!wait_ms && (info->http == 429 || info->http == 503))
		wait_ms = 1000;
	if (wait_ms) {
		exchange_setf(x, "Retry-After", "%" PRId64, (wait_ms + 999) / 1000);
		exchange_setf(x, "retry-after-ms", "%" PRId64, wait_ms);
	}
	/* clients try 409, 429 and 5xx again; here it would not help */
	if (info->http == 409 || info->http == 501 || e == ERR_QUOTA)
		exchange_set(x, "x-should-retry", "false");
	if (info->http == 401)
		exchange_set(x, "WWW-Authenticate", "Bearer");
	if (strncmp(exchange_path(x), "/api/", 5) == 0)
		router_error(&json, message, info, param);
	else
		openai_error(&json, message, info->type, param, info->code);
	answer_json(x, info->http, &json);
}

void answer_failed(struct exchange *x, const struct job *j)
{
	bool failed = strcmp(j->status, "failed") == 0;
	struct buf json = {0};

	/* Trying again by itself would make, and cost, another video. */
	exchange_set(x, "x-should-retry", "false");
	generation_error(&json, j);
	answer_json(x,
		failed                              ? openai_failure_status(j->error_code)
		: strcmp(j->status, "deleted") == 0 ? 404
						    : 409,
		&json);
}

/*
 * Python's create_and_poll() obeys it: often when it is nearly done, seldom when it takes long. Who
 * reads that the job is over asks no more, whatever it says.
 */
void answer_poll_after(struct exchange *x, const struct job *j)
{
	int64_t ms = job_is_over(j) ? 0 : j->eta_ms ? j->eta_ms / 10 : POLL_MS;

	exchange_setf(x, "openai-poll-after-ms", "%" PRId64,
		ms < POLL_MIN_MS   ? (int64_t)POLL_MIN_MS
		: ms > POLL_MAX_MS ? (int64_t)POLL_MAX_MS
				   : ms);
}

void answer_events(struct exchange *x)
{
	exchange_set(x, "Cache-Control", "no-store");
	exchange_set(x, "X-Accel-Buffering", "no"); /* nginx would keep them back */
	answer_stream(x, 200, "text/event-stream");
}
