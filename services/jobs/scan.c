#include "scan.h"

#include <stdlib.h>
#include <string.h>

/* Behind the string that begins at p; NULL: it does not end. */
static const char *skip_string(const char *p, const char *end)
{
	while (++p < end) {
		p = memchr(p, '"', (size_t)(end - p));
		if (!p)
			return NULL;
		const char *back = p;

		while (back[-1] == '\\') /* ends at the latest at the opening quote */
			back--;
		if ((p - back) % 2 == 0)
			return p + 1;
	}
	return NULL;
}

/* Behind the value that begins at p. */
static const char *skip_value(const char *p, const char *end)
{
	int depth = 0;

	while (p && p < end) {
		switch (*p) {
		case '"':
			p = skip_string(p, end);
			if (depth == 0)
				return p;
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (depth-- == 0)
				return p; /* the outermost object's */
			break;
		case ',':
			if (depth == 0)
				return p;
			break;
		default:
			break;
		}
		p++;
	}
	return depth == 0 ? p : NULL;
}

bool scan_field(struct raw text, const char *name, struct raw *ret)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t n = strlen(name);

	/* at each turn p is before a key: at the opening brace, or at a comma */
	while (p && end - p > 1 && p[1] == '"') {
		const char *key = p + 2, *value;

		value = skip_string(p + 1, end);
		if (!value || value == end || *value != ':')
			return false;
		p = skip_value(value + 1, end);
		if (p && (size_t)(value - key) == n + 1 && memcmp(key, name, n) == 0) {
			*ret = (struct raw){value + 1, (size_t)(p - value - 1)};
			return true;
		}
	}
	return false;
}

int64_t scan_int(struct raw text, const char *name, int64_t dflt)
{
	struct raw value;
	char digits[24];

	if (!scan_field(text, name, &value) || value.n >= sizeof digits)
		return dflt;
	memcpy(digits, value.p, value.n);
	digits[value.n] = 0;
	return strtoll(digits, NULL, 10);
}

/* The character behind a backslash; only ASCII is ever escaped. Returns how much it took. */
static size_t unescape(const char *p, const char *end, struct buf *out)
{
	char hex[5] = "", c = *p;

	if (c == 'u' && end - p >= 5) {
		memcpy(hex, p + 1, 4);
		c = (char)strtol(hex, NULL, 16);
		buf_add(out, &c, 1);
		return 5;
	}
	if (c == 'n')
		c = '\n';
	buf_add(out, &c, 1);
	return 1;
}

bool scan_string(struct raw value, struct buf *out)
{
	const char *p = value.p + 1, *end = value.p + value.n - 1;

	if (value.n < 2 || *value.p != '"')
		return false;
	while (p < end) {
		const char *back = memchr(p, '\\', (size_t)(end - p));

		buf_add(out, p, (size_t)((back ? back : end) - p));
		if (!back)
			break;
		p = back + 1;
		p += unescape(p, end, out);
	}
	return true;
}
