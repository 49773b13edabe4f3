#include "services/gateway/range.h"

#include <stdbool.h>
#include <strings.h>

/* Reads digits, at least one; a number that is too large counts as INT64_MAX. */
static bool number(const char **p, int64_t *ret)
{
	const char *s = *p;
	int64_t n = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *s - '0', &n)) {
			while (*s >= '0' && *s <= '9')
				s++;
			n = INT64_MAX;
			break;
		}
	*p = s;
	*ret = n;
	return true;
}

static enum range_kind suffix(const char *s, int64_t size, struct range *ret)
{
	int64_t n;

	if (!number(&s, &n) || *s)
		return RANGE_ALL;
	if (n == 0)
		return RANGE_NONE;
	if (size == 0) /* the last bytes of nothing cannot be told as a range */
		return RANGE_ALL;
	if (n > size)
		n = size;
	ret->first = size - n;
	ret->length = n;
	return RANGE_PART;
}

enum range_kind range_parse(const char *header, int64_t size, struct range *ret)
{
	int64_t first, last = INT64_MAX;
	const char *s;

	if (!header || strncasecmp(header, "bytes=", 6) != 0)
		return RANGE_ALL;
	s = header + 6;
	if (*s == '-')
		return suffix(s + 1, size, ret);
	if (!number(&s, &first) || *s++ != '-')
		return RANGE_ALL;
	if (*s && (!number(&s, &last) || *s || last < first))
		return RANGE_ALL;
	if (first >= size)
		return RANGE_NONE;
	if (last >= size)
		last = size - 1;
	ret->first = first;
	ret->length = last - first + 1;
	return RANGE_PART;
}
