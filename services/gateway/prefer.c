#include "prefer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WAIT_DIGITS 6

/* The end of one preference with its parameters: a comma that no quotes hold, or the end. */
static const char *end_of(const char *s)
{
	bool quoted = false;

	for (; *s && (quoted || *s != ','); s++) {
		if (quoted && *s == '\\' && s[1])
			s++;
		else if (*s == '"')
			quoted = !quoted;
	}
	return s;
}

/* Is it this name, and nothing that goes on? *rest: what is behind it. */
static bool named(const char *s, const char *name, const char **rest)
{
	size_t n = strlen(name);

	if (strncasecmp(s, name, n) != 0)
		return false;
	s += n;
	*rest = s + strspn(s, " \t");
	return *rest > s || !*s || strchr("=;,", *s);
}

/* A number of seconds behind '=', perhaps in quotes. -1: there is none. */
static int64_t seconds(const char *s)
{
	size_t n;

	if (*s++ != '=')
		return -1;
	s += strspn(s, " \t");
	s += *s == '"';
	n = strspn(s, "0123456789");
	if (n == 0 || n > WAIT_DIGITS || (s[n] && !strchr("\" \t;,", s[n])))
		return -1;
	return strtoll(s, NULL, 10);
}

void prefer_read(const char *value, struct prefer *p)
{
	const char *rest;

	while (*value) {
		value += strspn(value, " \t,");
		if (named(value, "respond-async", &rest))
			p->respond_async = true;
		else if (named(value, "wait", &rest) && p->wait_s < 0)
			p->wait_s = seconds(rest);
		value = end_of(value);
	}
}
