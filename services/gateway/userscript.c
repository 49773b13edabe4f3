#include "userscript.h"

#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "pages.h"
#include "pages_data.h"

#define PATH "/LMArenaVideoInjector.user.js"
#define MARK "@@"

/* The host of "http://HOST:PORT" or "https://[v6]:PORT/path", with the brackets. */
static size_t host_of(const char *base, const char **ret)
{
	const char *slashes = strstr(base, "://");
	const char *host = slashes ? slashes + 3 : base;

	*ret = host;
	return *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
}

void userscript_fill(
	struct buf *out, const char *p, size_t n, const char *base, const char *version)
{
	const char *end = p + n, *host, *at;
	size_t host_n = host_of(base, &host), i;
	const struct {
		const char *mark, *p;
		size_t n;
	} words[] = {{"@@SERVER@@", base, strlen(base)}, {"@@HOST@@", host, host_n},
		{"@@VERSION@@", version, strlen(version)}};

	while ((at = memmem(p, (size_t)(end - p), MARK, 2))) {
		buf_add(out, p, (size_t)(at - p));
		for (i = 0; i < sizeof words / sizeof *words; i++) {
			size_t len = strlen(words[i].mark);

			if ((size_t)(end - at) >= len && memcmp(at, words[i].mark, len) == 0)
				break;
		}
		if (i == sizeof words / sizeof *words) {
			buf_add(out, at, 1);
			p = at + 1;
		} else {
			buf_add(out, words[i].p, words[i].n);
			p = at + strlen(words[i].mark);
		}
	}
	buf_add(out, p, (size_t)(end - p));
}

static const struct page_file *script(void)
{
	const struct page_file *f = page_files;

	while (f->path && strcmp(f->path, PATH) != 0)
		f++;
	return f->path ? f : NULL;
}

void userscript_answer(struct exchange *x, const char *base)
{
	static const char none[] = "This server was built without the userscript. Build it again "
				   "where npm can be reached: ./arena build";
	const struct page_file *f = script();
	char version[64], etag[PAGE_ETAG];
	struct buf text = {0};

	if (!f) {
		answer_error(x, ERR_NOT_OFFERED, &PROBLEM(.message = none));
		return;
	}
	snprintf(version, sizeof version, "%s.%s", ARENA_VERSION, f->made);
	userscript_fill(&text, (const char *)f->p, f->n, base, version);
	page_etag(text.p, text.n, etag);
	exchange_set(x, "Cache-Control", "no-cache");
	if (!page_had(x, etag))
		answer_copy(x, 200, "text/javascript; charset=utf-8", text.p, text.n);
	buf_free(&text);
}
