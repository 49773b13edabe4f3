#include "dataurl.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#define CHUNK (64 * 1024) /* characters; a multiple of four, so that chunks decode one by one */

bool dataurl_is(const char *s)
{
	return strncasecmp(s, "data:", 5) == 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static enum err decode_chunk(
	const char *p, size_t n, enum err (*sink)(void *arg, const void *p, size_t n), void *arg)
{
	unsigned char bin[CHUNK / 4 * 3];
	size_t n_bin;

	if (!n)
		return ERR_OK;
	if (sodium_base642bin(bin, sizeof bin, p, n, NULL, &n_bin, NULL,
		    sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0)
		return ERR_BAD_PARAM;
	return sink(arg, bin, n_bin);
}

enum err dataurl_decode(
	const char *s, enum err (*sink)(void *arg, const void *p, size_t n), void *arg)
{
	char chunk[CHUNK];
	const char *p = strchr(s, ',');
	size_t n, total = 0, filled = 0;
	int padding = 0;

	if (!dataurl_is(s) || !p || p - s < 7 + 5 || strncasecmp(p - 7, ";base64", 7) != 0)
		return ERR_BAD_PARAM;
	p++;
	n = strlen(p);
	while (n && (is_space(p[n - 1]) || (p[n - 1] == '=' && padding < 2)))
		padding += p[--n] == '=';
	for (size_t i = 0; i < n; i++) {
		if (is_space(p[i]))
			continue;
		chunk[filled++] = p[i];
		total++;
		if (filled == CHUNK) {
			enum err e = decode_chunk(chunk, filled, sink, arg);

			if (e != ERR_OK)
				return e;
			filled = 0;
		}
	}
	if (!total || (padding && (total + (size_t)padding) % 4))
		return ERR_BAD_PARAM;
	return decode_chunk(chunk, filled, sink, arg);
}
