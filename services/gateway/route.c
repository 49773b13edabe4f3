#include "route.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Does path fit pattern? The segment at {} is copied to arg; one too long for it does not fit. */
static bool fits(const char *pattern, const char *path, char arg[ROUTE_ARG])
{
	arg[0] = 0;
	while (*pattern) {
		if (pattern[0] == '*' && !pattern[1])
			return true;
		if (pattern[0] == '{' && pattern[1] == '}') {
			size_t n = strcspn(path, "/");

			if (!n || n >= ROUTE_ARG)
				return false;
			memcpy(arg, path, n);
			arg[n] = 0;
			path += n;
			pattern += 2;
			continue;
		}
		if (*pattern++ != *path++)
			return false;
	}
	return !*path;
}

static void allow_add(char allow[ROUTE_ALLOW], const char *method)
{
	size_t n = strlen(allow);

	if (strstr(allow, method)) /* by another pattern that fits */
		return;
	snprintf(allow + n, ROUTE_ALLOW - n, "%s%s%s", n ? ", " : "", method,
		strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

enum err route_find(const struct route *table, const char *method, const char *path,
	char arg[ROUTE_ARG], char allow[ROUTE_ALLOW], const struct route **ret)
{
	const char *want = strcmp(method, "HEAD") == 0 ? "GET" : method;

	allow[0] = 0;
	for (const struct route *r = table; r->pattern; r++) {
		if (!fits(r->pattern, path, arg))
			continue;
		if (strcmp(r->method, want) == 0) {
			*ret = r;
			return ERR_OK;
		}
		allow_add(allow, r->method);
	}
	arg[0] = 0;
	return allow[0] ? ERR_BAD_METHOD : ERR_NO_ROUTE;
}
