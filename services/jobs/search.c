#include "search.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "proto/buf.h"

struct search {
	struct buf words; /* folded, each with a NUL behind */
	struct buf text;  /* the text at hand, folded */
};

/* Case by Unicode, whatever locale the process runs in. Where it is missing, ASCII's has to do. */
static locale_t unicode;

static void find_unicode(void)
{
	unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* The character of two to four bytes at p as a number; *n is how many they are, 1: nonsense. */
static unsigned decode(const unsigned char *p, size_t left, size_t *n)
{
	size_t more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : 1;
	unsigned c = *p & (0x3fu >> more);

	*n = 1;
	if (*p < 0xc0 || more >= left)
		return *p;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return *p;
		c = c << 6 | (p[i] & 0x3fu);
	}
	*n = more + 1;
	return c;
}

static void encode(struct buf *out, unsigned c)
{
	int more = c >= 0x10000 ? 3 : c >= 0x800 ? 2 : c >= 0x80 ? 1 : 0;
	unsigned char b[4];

	for (int i = more; i > 0; i--, c >>= 6)
		b[i] = (unsigned char)(0x80 | (c & 0x3f));
	b[0] = (unsigned char)(more ? (0xf0u << (3 - more)) | c : c);
	buf_add(out, b, (size_t)more + 1);
}

/* ASCII from p on; most texts are nothing else. Returns its end. */
static const unsigned char *fold_ascii(
	struct buf *out, const unsigned char *p, const unsigned char *end)
{
	const unsigned char *from = p;
	size_t at = out->n;

	while (p < end && *p < 0x80)
		p++;
	if (p == from)
		return p;
	buf_add(out, from, (size_t)(p - from));
	for (; at < out->n; at++) {
		if (out->p[at] >= 'A' && out->p[at] <= 'Z')
			out->p[at] |= 0x20;
	}
	return p;
}

static void fold(struct buf *out, const char *text, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const unsigned char *p = (const unsigned char *)text, *end = p + len;
	size_t n;

	pthread_once(&once, find_unicode);
	while ((p = fold_ascii(out, p, end)) < end) {
		unsigned c = decode(p, (size_t)(end - p), &n);

		if (n == 1 || !unicode)
			buf_add(out, p, n);
		else
			encode(out, towlower_l((wint_t)c, unicode));
		p += n;
	}
}

struct search *search_new(const char *words)
{
	static const char space[] = " \t\r\n\f\v";
	struct search *s = xcalloc(1, sizeof *s);

	for (words += strspn(words, space); *words; words += strspn(words, space)) {
		size_t n = strcspn(words, space);

		fold(&s->words, words, n);
		buf_add(&s->words, "", 1);
		words += n;
	}
	return s;
}

void search_free(struct search *s)
{
	if (!s)
		return;
	buf_free(&s->words);
	buf_free(&s->text);
	free(s);
}

bool search_hit(struct search *s, const char *text, size_t n)
{
	buf_clear(&s->text);
	fold(&s->text, text, n);
	buf_add(&s->text, "", 1);
	for (size_t at = 0; at < s->words.n;) {
		size_t len = strlen(s->words.p + at);

		if (!memmem(s->text.p, s->text.n - 1, s->words.p + at, len))
			return false;
		at += len + 1;
	}
	return true;
}
