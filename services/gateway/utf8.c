#include "utf8.h"

/* Bytes of the character at p, 0 when it is not valid. n: bytes left, at least 1. */
static size_t char_size(const uint8_t *p, size_t n)
{
	size_t size = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (p[0] == 0 || (p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4 || size > n)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, surrogates, too high: RFC 3629, section 4 */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return size;
}

int64_t utf8_count(const char *s, size_t n)
{
	const uint8_t *p = (const uint8_t *)s;
	int64_t count = 0;

	for (size_t i = 0; i < n; count++) {
		size_t size = char_size(p + i, n - i);

		if (!size)
			return -1;
		i += size;
	}
	return count;
}
