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

void json_int(struct buf *out, int64_t value)
{
	buf_addi(out, value);
}

void json_num(struct buf *out, double value)
{
	char text[40];
	int n;

	if (value > -1e15 && value < 1e15 && value == (double)(int64_t)value) {
		json_int(out, (int64_t)value);
		return;
	}
	n = snprintf(text, sizeof text, "%.15g", value);
	if (strtod(text, NULL) != value)
		n = snprintf(text, sizeof text, "%.17g", value);
	buf_add(out, text, (size_t)n);
}

void json_next(struct buf *out)
{
	if (out->n && out->p[out->n - 1] != '{' && out->p[out->n - 1] != '[')
		buf_add(out, ",", 1);
}

void json_key(struct buf *out, const char *key)
{
	json_next(out);
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

void json_kv_known(struct buf *out, const char *key, int64_t value)
{
	json_key(out, key);
	if (value > 0)
		json_int(out, value);
	else
		json_str(out, NULL);
}

void json_kv_time(struct buf *out, const char *key, int64_t ms)
{
	json_kv_known(out, key, ms / 1000);
}

void json_kv_strs(struct buf *out, const char *key, const char *const *s, size_t n)
{
	json_key(out, key);
	buf_adds(out, "[");
	for (size_t i = 0; i < n; i++) {
		json_next(out);
		json_str(out, s[i]);
	}
	buf_adds(out, "]");
}
