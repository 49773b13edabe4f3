#include "origin.h"

#include <string.h>
#include <strings.h>

struct span {
	const char *p;
	size_t n;
};

static bool same(struct span a, struct span b)
{
	return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

/* Is what one or more whole labels, as they stand before ".example.com"? */
static bool labels_ok(struct span what)
{
	if (!what.n || what.p[0] == '.' || what.p[what.n - 1] == '.')
		return false;
	for (size_t i = 0; i < what.n; i++)
		if (strchr("/:@?#[]\\", what.p[i]) || (unsigned char)what.p[i] <= ' ')
			return false;
	return true;
}

/* pattern: HEAD*.TAIL, with HEAD empty or a scheme; or a name as it is. */
static bool matches(struct span pattern, struct span name)
{
	const char *star = memchr(pattern.p, '*', pattern.n);
	struct span head, tail, middle;

	if (!star)
		return same(pattern, name);
	head = (struct span){pattern.p, (size_t)(star - pattern.p)};
	tail = (struct span){star + 1, pattern.n - head.n - 1};
	if (tail.n < 2 || tail.p[0] != '.' || name.n <= head.n + tail.n)
		return false; /* "*" alone would let everybody in */
	middle = (struct span){name.p + head.n, name.n - head.n - tail.n};
	return same((struct span){name.p, head.n}, head) && labels_ok(middle) &&
	       same((struct span){middle.p + middle.n, tail.n}, tail);
}

static bool listed(const char *list, struct span name)
{
	while (*list) {
		size_t n = strcspn(list, ","), skip = strspn(list, " \t");
		struct span pattern = {list + (skip < n ? skip : n), n - (skip < n ? skip : n)};

		while (pattern.n && strchr(" \t", pattern.p[pattern.n - 1]))
			pattern.n--;
		if (pattern.n && name.n && matches(pattern, name))
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

bool origin_allowed(const char *list, const char *origin)
{
	return !origin || listed(list, (struct span){origin, strlen(origin)});
}

bool host_allowed(const char *list, const char *host)
{
	size_t n = strlen(host);

	if (n && host[n - 1] == '.')
		n--; /* the root's dot: the same host */
	return listed(list, (struct span){host, n});
}
