#include "coding.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define UNSAID (-1)
#define WHOLE  1000 /* q=1: qualities are thousandths */

static const struct {
	const char *name, *alias, *suffix;
} codings[CODINGS] = {
	[CODING_NONE] = {"identity", NULL, ""},
	[CODING_GZIP] = {"gzip", "x-gzip", ".gz"},
	[CODING_BR] = {"br", NULL, ".br"},
};

const char *coding_name(enum coding c)
{
	return c == CODING_NONE ? NULL : codings[c].name;
}

const char *coding_suffix(enum coding c)
{
	return codings[c].suffix;
}

static bool is(const char *p, size_t n, const char *word)
{
	return word && strlen(word) == n && strncasecmp(p, word, n) == 0;
}

/* "0.8", of which three digits count; what is no number is no wish against it. */
static int quality(const char *p, size_t n)
{
	int q, unit = WHOLE / 10;

	if (!n || (*p != '0' && *p != '1') || (n > 1 && p[1] != '.'))
		return WHOLE;
	q = (*p - '0') * WHOLE;
	for (size_t i = 2; i < n && p[i] >= '0' && p[i] <= '9'; i++, unit /= 10)
		q += (p[i] - '0') * unit;
	return q > WHOLE ? WHOLE : q;
}

/* Of one item, "gzip; q=0.5": the length of its name, and how much it is wanted. */
static size_t item(const char *p, size_t n, int *ret)
{
	size_t name = 0, i;

	while (name < n && !strchr("; \t", p[name]))
		name++;
	*ret = WHOLE;
	for (i = name; i < n && strchr("; \t", p[i]); i++)
		;
	if (n - i >= 2 && (p[i] == 'q' || p[i] == 'Q') && p[i + 1] == '=')
		*ret = quality(p + i + 2, n - i - 2);
	return name;
}

/* A name that is not there is wanted as much as "*", if that is. */
static void wishes(const char *accept, int q[CODINGS])
{
	int all = UNSAID, wanted;

	for (int c = 0; c < CODINGS; c++)
		q[c] = UNSAID;
	while (*accept) {
		size_t n, name;

		accept += strspn(accept, ", \t");
		n = strcspn(accept, ",");
		name = item(accept, n, &wanted);
		if (is(accept, name, "*"))
			all = wanted;
		for (int c = 0; c < CODINGS; c++)
			if (is(accept, name, codings[c].name) || is(accept, name, codings[c].alias))
				q[c] = wanted;
		accept += n;
	}
	for (int c = 0; c < CODINGS; c++)
		if (q[c] == UNSAID)
			q[c] = all;
}

enum coding coding_choose(const char *accept, const bool have[CODINGS])
{
	enum coding best = CODING_NONE;
	int q[CODINGS];

	if (!accept)
		return CODING_NONE;
	wishes(accept, q);
	for (int c = CODING_NONE + 1; c < CODINGS; c++)
		if (have[c] && q[c] > 0 && q[c] >= q[best])
			best = (enum coding)c;
	return best;
}
