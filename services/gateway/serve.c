#include "serve.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "range.h"

#define WISH_MAX 240 /* bytes of a name: with an ending no more than file systems take */

/*
 * Does a list of entity tags (or "*") have this one? Compared weakly: RFC 9110, section 13.1.2.
 */
static bool tag_among(const char *list, const char *tag)
{
	size_t n = strlen(tag);

	if (!list)
		return false;
	list += strspn(list, " \t");
	if (strcmp(list, "*") == 0)
		return true;
	while (*list) {
		const char *end;

		list += strspn(list, " \t,");
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		end = *list == '"' ? strchr(list + 1, '"') : NULL;
		if (!end)
			return false;
		if ((size_t)(end + 1 - list) == n && strncmp(list, tag, n) == 0)
			return true;
		list = end + 1;
	}
	return false;
}

/*
 * The Range header, if it is to be looked at: for GET only, and under If-Range only when that is
 * our tag (a date never is: we tell none). RFC 9110, sections 14.2 and 13.1.5.
 */
static const char *range_wanted(struct exchange *x, const char *tag)
{
	const char *cond = exchange_header(x, "If-Range");

	if (strcmp(exchange_method(x), "GET") != 0 || (cond && strcmp(cond, tag) != 0))
		return NULL;
	return exchange_header(x, "Range");
}

/* For ever: what is in a file is its name. */
static void set_validators(struct exchange *x, const char *tag)
{
	exchange_set(x, "ETag", tag);
	exchange_set(x, "Cache-Control", "private, max-age=31536000, immutable");
}

/* RFC 8187: what is no letter of a token as its bytes. */
static void add_extended(struct buf *b, const char *s)
{
	for (; *s; s++)
		if (isalnum((unsigned char)*s) || strchr("-._~", *s))
			buf_add(b, s, 1);
		else
			buf_addf(b, "%%%02X", (unsigned char)*s);
}

/* Shown, or kept: under its own name (1), or under the one that is wished for, with its own ending.
 */
static void set_disposition(struct exchange *x, const char *name)
{
	const char *wish = exchange_query(x, "download");
	const char *ending = strrchr(name, '.');
	bool kept = wish && wish[0] && strcmp(wish, "0") != 0;
	struct buf b = {0};

	buf_addf(&b, "%s; filename=\"%s\"", kept ? "attachment" : "inline", name);
	if (kept && strcmp(wish, "1") != 0 && strlen(wish) <= WISH_MAX) {
		buf_adds(&b, "; filename*=UTF-8''");
		add_extended(&b, wish);
		add_extended(&b, ending ? ending : "");
	}
	exchange_set(x, "Content-Disposition", b.p);
	buf_free(&b);
}

void serve_file(struct exchange *x, struct blobs *blobs, const struct file *f)
{
	char tag[BLOB_NAME + 2];
	struct range part;
	enum range_kind kind;
	enum err e;
	int64_t size;
	int fd;

	snprintf(tag, sizeof tag, "\"%s\"", f->sha256);
	e = blob_open(blobs, f->sha256, &fd, &size);
	if (e != ERR_OK) {
		answer_error(x, e, NULL);
		return;
	}
	exchange_set(x, "Accept-Ranges", "bytes");
	if (tag_among(exchange_header(x, "If-None-Match"), tag)) {
		close(fd);
		set_validators(x, tag);
		answer_const(x, 304, NULL, "", 0);
		return;
	}
	kind = range_parse(range_wanted(x, tag), size, &part);
	if (kind == RANGE_NONE) {
		close(fd);
		exchange_setf(x, "Content-Range", "bytes */%" PRId64, size);
		answer_error(x, ERR_BAD_RANGE, NULL);
		return;
	}
	set_validators(x, tag);
	set_disposition(x, f->name);
	if (kind == RANGE_PART) {
		exchange_setf(x, "Content-Range", "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
			part.first, part.first + part.length - 1, size);
		answer_fd(x, 206, f->type, fd, part.first, part.length);
	} else {
		answer_fd(x, 200, f->type, fd, 0, size);
	}
}
