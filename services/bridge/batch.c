#include "services/bridge/batch.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t skip_space(const char *p, size_t n, size_t at)
{
	while (at < n && is_space(p[at]))
		at++;
	return at;
}

/* Where the string that begins at `at` ends; n: nowhere. */
static size_t skip_string(const char *p, size_t n, size_t at)
{
	for (at++; at < n && p[at] != '"'; at++)
		if (p[at] == '\\')
			at++;
	return at < n ? at + 1 : n;
}

/* Where the element that begins at `at` ends: before a comma or bracket of the array. */
static size_t skip_element(const char *p, size_t n, size_t at)
{
	size_t depth = 0;

	while (at < n) {
		char c = p[at];

		if (c == '"') {
			at = skip_string(p, n, at);
			continue;
		}
		if (depth == 0 && (c == ',' || c == ']'))
			return at;
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth-- == 0)
			return n;
		at++;
	}
	return n;
}

bool batch_cut(const char *p, size_t n, struct piece pieces[BATCH_MAX], size_t *count)
{
	size_t at = skip_space(p, n, 0), k = 0;

	if (at == n || p[at] != '[')
		return false;
	at = skip_space(p, n, at + 1);
	if (at < n && p[at] == ']') {
		*count = 0;
		return skip_space(p, n, at + 1) == n;
	}
	for (;;) {
		size_t end = skip_element(p, n, at), stop = end;

		if (end == n || k == BATCH_MAX)
			return false;
		while (stop > at && is_space(p[stop - 1]))
			stop--;
		pieces[k++] = (struct piece){p + at, stop - at};
		at = skip_space(p, n, end + 1);
		if (p[end] == ']')
			break;
	}
	*count = k;
	return at == n;
}
