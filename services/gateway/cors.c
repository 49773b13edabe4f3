#include "cors.h"

#include <string.h>
#include <strings.h>

#include "proto/buf.h"
#include "proto/origin.h"

#define COUNT(a)   (sizeof(a) / sizeof *(a))
#define ECHO_MAX   2000
#define TOKEN      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#define MAX_AGE    "7200" /* seconds; browsers keep it no longer */
#define ALLOW_WHAT "Access-Control-Allow-"

/* What the clients of the API send and no browser lets them send unasked. */
static const char sent[] = "authorization, content-type, accept, idempotency-key, last-event-id, "
			   "prefer, range, if-range, if-none-match, cache-control, user-agent, "
			   "http-referer, x-title, x-request-id";

/* And begin so: whatever the rest, it changes nothing here. */
static const char *const sent_prefixes[] = {"x-stainless-", "openai-"};

static const char exposed[] =
	"Content-Range, Accept-Ranges, Content-Length, Content-Disposition, ETag, Location, "
	"Allow, x-request-id, Retry-After, retry-after-ms, x-should-retry, "
	"x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
	"openai-poll-after-ms";

/* For no other origin, whatever the setting. */
static const char *const own[] = {"/video-chat", "/docs", "/metrics", "/ws"};

/* ---- the setting ---- */

/* Calls fn for each item without the spaces around it; false: so did fn. */
static bool each(const char *list, bool (*fn)(const char *p, size_t n))
{
	while (*list) {
		size_t n, skip = strspn(list, ", \t");

		list += skip;
		n = strcspn(list, ",");
		while (n && strchr(" \t", list[n - 1]))
			n--;
		if (n && !fn(list, n))
			return false;
		list += strcspn(list, ",");
	}
	return true;
}

static bool is_star(const char *p, size_t n)
{
	return n == 1 && *p == '*';
}

static bool no_star(const char *p, size_t n)
{
	return !is_star(p, n);
}

static bool all_may(const char *origins)
{
	return !each(origins, no_star);
}

static bool item_ok(const char *p, size_t n)
{
	const char *host = memmem(p, n, "://", 3);
	size_t rest = host ? n - (size_t)(host + 3 - p) : 0;

	return is_star(p, n) ||
	       (host && host > p && rest && !memchr(host + 3, '/', rest) && !memchr(p, ' ', n));
}

const char *cors_wrong(const char *origins)
{
	if (each(origins, item_ok))
		return NULL;
	return "is not https://HOST[:PORT] without a path, or *, with commas between";
}

/* ---- answers ---- */

static bool below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strncmp(path, top, n) == 0 && (!path[n] || path[n] == '/');
}

/* May a page of the request's origin? */
static bool may(const char *origins, const struct exchange *x)
{
	const char *origin = exchange_header(x, "Origin");

	for (size_t i = 0; i < COUNT(own); i++)
		if (below(exchange_path(x), own[i]))
			return false;
	return origin && origin[0] && (all_may(origins) || origin_allowed(origins, origin));
}

void cors_head(const char *origins, struct exchange *x)
{
	if (!origins[0])
		return;
	if (!all_may(origins))
		exchange_set(x, "Vary", "Origin");
	if (!may(origins, x))
		return;
	exchange_set(x, ALLOW_WHAT "Origin", all_may(origins) ? "*" : exchange_header(x, "Origin"));
	exchange_set(x, "Access-Control-Expose-Headers", exposed);
}

static bool is_sent(const char *p, size_t n)
{
	for (size_t i = 0; i < COUNT(sent_prefixes); i++) {
		size_t pre = strlen(sent_prefixes[i]);

		if (n > pre && strncasecmp(p, sent_prefixes[i], pre) == 0)
			return strspn(p, TOKEN) >= n;
	}
	return false;
}

/* What we know, and of what is asked for what begins as it may. */
static void add_sent(struct buf *out, const char *asked)
{
	buf_adds(out, sent);
	while (asked && *asked && out->n < ECHO_MAX) {
		size_t n = strcspn(asked, ", \t");

		if (is_sent(asked, n)) {
			buf_adds(out, ", ");
			buf_add(out, asked, n);
		}
		asked += n;
		asked += strspn(asked, ", \t");
	}
}

void cors_options(const char *origins, struct exchange *x, const char *methods)
{
	struct buf sends = {0};

	if (methods[0])
		exchange_setf(x, "Allow", "%s, OPTIONS", methods);
	if (may(origins, x) && exchange_header(x, "Access-Control-Request-Method")) {
		add_sent(&sends, exchange_header(x, "Access-Control-Request-Headers"));
		exchange_set(x, ALLOW_WHAT "Methods", methods);
		exchange_set(x, ALLOW_WHAT "Headers", sends.p);
		exchange_set(x, "Access-Control-Max-Age", MAX_AGE);
		buf_free(&sends);
	}
	answer_const(x, 204, NULL, "", 0);
}
