/*
 * The first byte says in what pieces the rest is fed. However it is cut, the reader must see the
 * same: the outcome and the bytes of the parts are compared with those of one big piece.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/buf.h"
#include "services/gateway/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static enum err on_head(void *arg, const struct part *part)
{
	struct buf *seen = arg;

	buf_addf(seen, "[%s|%s|%s]", part->name, part->filename ? part->filename : "",
		part->type ? part->type : "");
	return ERR_OK;
}

static enum err on_data(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
	return ERR_OK;
}

static enum err on_end(void *arg)
{
	buf_adds(arg, "]");
	return ERR_OK;
}

static const struct multipart_sink sink = {on_head, on_data, on_end};

static enum err feed(const char *p, size_t n, size_t step, struct buf *seen)
{
	struct multipart *m;
	enum err e;

	if (multipart_new("multipart/form-data; boundary=XX", &sink, seen, &m) != ERR_OK)
		abort();
	for (size_t i = 0; i < n; i += step)
		multipart_feed(m, p + i, n - i < step ? n - i : step);
	e = multipart_end(m);
	multipart_free(m);
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf whole = {0}, cut = {0};
	enum err a, b;

	if (!n)
		return 0;
	a = feed((const char *)p + 1, n - 1, n, &whole);
	b = feed((const char *)p + 1, n - 1, (size_t)p[0] % 16 + 1, &cut);
	assert(a == b);
	assert(a != ERR_OK ||
		(whole.n == cut.n && (!whole.n || memcmp(whole.p, cut.p, whole.n) == 0)));
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}
