#include "words.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_MAX = 64 };

char *words_fold(const char *utf8)
{
	g_autofree char *plain = g_utf8_normalize(utf8, -1, G_NORMALIZE_ALL);
	GString *out = g_string_new(" ");

	for (const char *p = plain ? plain : ""; *p; p = g_utf8_next_char(p)) {
		gunichar u = g_utf8_get_char(p);

		if (u >= 0x300 && u < 0x370) /* the accent that normalizing split off */
			continue;
		if (g_unichar_isalnum(u) || g_unichar_ismark(u))
			g_string_append_unichar(out, g_unichar_tolower(u));
		else if (out->str[out->len - 1] != ' ')
			g_string_append_c(out, ' ');
	}
	if (out->str[out->len - 1] != ' ')
		g_string_append_c(out, ' ');

	char *ret = strdup(out->str);

	g_assert(ret);
	g_string_free(out, TRUE);
	return ret;
}

static int has(const char *folded, const char *pattern, size_t n)
{
	char needle[PATTERN_MAX];
	size_t k = 0;
	int whole = 1;

	g_assert(n > 0 && n + 3 < sizeof(needle));
	if ((unsigned char)pattern[0] < 0x80)
		needle[k++] = ' ';
	else
		whole = 0;
	for (size_t i = 0; i < n; i++) {
		if (pattern[i] == '*')
			whole = 0;
		else
			needle[k++] = pattern[i] == '_' ? ' ' : pattern[i];
	}
	if (whole)
		needle[k++] = ' ';
	needle[k] = '\0';
	return strstr(folded, needle) != NULL;
}

int words_count(const char *folded, const char *patterns)
{
	int count = 0;

	while (*patterns) {
		size_t n = strcspn(patterns, " ");

		if (n)
			count += has(folded, patterns, n);
		patterns += n + (patterns[n] == ' ');
	}
	return count;
}
