#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_str(struct buf *out, const char *s)
{
	const char *from = s;

	if (!s) {
		buf_add(out, "null", 4);
		return;
	}
	buf_add(out, "\"", 1);
	for (; *s; s++) {
		char esc[8];
		unsigned char c = (unsigned char)*s;

		/* U+007F besides, for those who print it */
		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		buf_add(out, from, (size_t)(s - from));
		from = s + 1;
		if (c == '"' || c == '\\')
			snprintf(esc, sizeof esc, "\\%c", c);
		else if (c == '\n')
			snprintf(esc, sizeof esc, "\\n");
		else
			snprintf(esc, sizeof esc, "\\u%04x", c);
		buf_adds(out, esc);
	}
	buf_add(out, from, (size_t)(s - from));
	buf_add(out, "\"", 1);
}

/* Without printf: every record has several numbers, and this is the hot path of every message. */
void json_int(struct buf *out, int64_t value)
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char text[24], *p = text + sizeof text;

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		*--p = '-';
	buf_add(out, p, (size_t)(text + sizeof text - p));
}

void json_num(struct buf *out, double value)
{
	char text[40];
	int n = snprintf(text, sizeof text, "%.15g", value);

	if (strtod(text, NULL) != value)
		n = snprintf(text, sizeof text, "%.17g", value);
	buf_add(out, text, (size_t)n);
}

void json_key(struct buf *out, const char *key)
{
	if (out->n && out->p[out->n - 1] != '{' && out->p[out->n - 1] != '[')
		buf_add(out, ",", 1);
	buf_add(out, "\"", 1);
	buf_adds(out, key);
	buf_add(out, "\":", 2);
}

void json_kv_str(struct buf *out, const char *key, const char *value)
{
	json_key(out, key);
	json_str(out, value);
}

void json_kv_int(struct buf *out, const char *key, int64_t value)
{
	json_key(out, key);
	json_int(out, value);
}

void json_kv_bool(struct buf *out, const char *key, int value)
{
	json_key(out, key);
	buf_adds(out, value ? "true" : "false");
}

void json_kv_num(struct buf *out, const char *key, double value)
{
	json_key(out, key);
	json_num(out, value);
}

void json_kv_strs(struct buf *out, const char *key, const char *const *s, size_t n)
{
	json_key(out, key);
	buf_adds(out, "[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_adds(out, ",");
		json_str(out, s[i]);
	}
	buf_adds(out, "]");
}
