/* Files: results for those with a key or a signed link, inputs for workers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handlers.h"
#include "proto/clock.h"
#include "proto/image.h"
#include "proto/sign.h"
#include "range.h"
#include "request.h"

struct file {
	const char *sha256;
	const char *type;
	const char *name; /* for people who keep it */
};

/* ---- one file, whole or in part ---- */

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

/* Answers in any case; does not resume. */
static void answer_file(struct exchange *x, struct blobs *blobs, const struct file *f)
{
	const char *download = exchange_query(x, "download");
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
	exchange_setf(x, "Content-Disposition", "%s; filename=\"%s\"",
		download && download[0] == '1' ? "attachment" : "inline", f->name);
	if (kind == RANGE_PART) {
		exchange_setf(x, "Content-Range", "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
			part.first, part.first + part.length - 1, size);
		answer_fd(x, 206, f->type, fd, part.first, part.length);
	} else {
		answer_fd(x, 200, f->type, fd, 0, size);
	}
}

/* ---- results ---- */

static const char *variant_of(const struct exchange *x)
{
	const char *v = exchange_query(x, "variant");

	return v && v[0] ? v : VARIANT_VIDEO;
}

/* Which output; -1: that is no number. */
static int index_of(const struct exchange *x)
{
	const char *s = exchange_query(x, "index");

	if (!s || !s[0])
		return 0;
	if (strlen(s) > 4 || strspn(s, "0123456789") != strlen(s))
		return -1;
	return atoi(s);
}

/* False: the job has no such file. */
static bool choose_file(
	const struct job *j, const char *variant, size_t index, char name[64], struct file *ret)
{
	const char *ending = ".webp", *mime;

	*ret = (struct file){.sha256 = link_file(j, variant, index), .name = name};
	if (!ret->sha256)
		return false;
	ret->type = "image/webp";
	if (strcmp(variant, VARIANT_VIDEO) == 0) {
		mime = j->outputs[index].mime;
		ret->type = mime ? mime : "video/mp4";
		ending = strcmp(ret->type, "video/webm") == 0 ? ".webm" : ".mp4";
	}
	if (index)
		snprintf(name, 64, "%s-%zu%s", j->id, index, ending);
	else
		snprintf(name, 64, "%s%s", j->id, ending);
	return true;
}

static void answer_missing(struct request *r, const struct job *j)
{
	char message[96];

	if ((size_t)index_of(r->x) < j->n_outputs) {
		request_wrong(r, ERR_NOT_FOUND, "variant", "This video has no such variant.");
		return;
	}
	snprintf(message, sizeof message, "There is no such output: index must be 0 to %zu.",
		j->n_outputs - 1);
	request_wrong(r, ERR_NOT_FOUND, "index", message);
}

static void on_job(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct job *j = a->rec;
	struct file f;
	char name[64];

	if (e != ERR_OK) {
		request_fail(r, e, a->problem);
	} else if (strcmp(j->status, "completed") != 0 || !j->n_outputs) {
		bool live =
			strcmp(j->status, "queued") == 0 || strcmp(j->status, "in_progress") == 0;

		request_wrong(r, ERR_NOT_READY, NULL,
			live ? NULL : "There is no video: it failed or was cancelled.");
	} else if (!choose_file(j, variant_of(r->x), (size_t)index_of(r->x), name, &f)) {
		answer_missing(r, j);
	} else {
		answer_file(r->x, r->g->blobs, &f);
		request_resume(r);
	}
}

/* True: the link is good, and r has its owner. */
static bool link_good(struct request *r)
{
	const char *owner = exchange_query(r->x, "owner");
	char path[LINK_TEXT], what[LINK_TEXT];
	uint8_t key[32];

	if (!owner || strlen(owner) >= sizeof r->owner)
		return false;
	snprintf(r->owner, sizeof r->owner, "%s", owner);
	linkkey_now(r->g->linkkey, key);
	return sign_check(key, link_path(r->arg, path),
		link_what(variant_of(r->x), (size_t)index_of(r->x), owner, what),
		exchange_query(r->x, "exp"), exchange_query(r->x, "sig"), now_ms() / 1000);
}

void video_content(struct request *r)
{
	const char *variant = variant_of(r->x);

	if (strcmp(variant, VARIANT_VIDEO) != 0 && strcmp(variant, VARIANT_POSTER) != 0 &&
		strcmp(variant, VARIANT_SPRITE) != 0) {
		request_wrong(r, ERR_BAD_PARAM, "variant",
			"variant must be video, thumbnail or spritesheet.");
		return;
	}
	if (index_of(r->x) < 0) {
		request_wrong(r, ERR_BAD_PARAM, "index",
			"index must be a whole number: which of the outputs, from 0.");
		return;
	}
	if (!r->granted && !link_good(r)) {
		request_fail(r, ERR_BAD_LINK, NULL);
		return;
	}
	request_ask_job(r, MSG_JOB_GET, on_job);
}

/* ---- inputs, for workers; on the server's thread ---- */

/* An image, or the video that another one is made from, as the prober left it. NULL: neither. */
static const char *input_type(int fd)
{
	struct image_info info;
	char head[8] = "";

	if (image_sniff_fd(fd, &info) == ERR_OK)
		return info.mime;
	if (pread(fd, head, sizeof head, 0) != sizeof head)
		return NULL;
	if (memcmp(head, "\x1a\x45\xdf\xa3", 4) == 0) /* RFC 8794, 11.2.1: the EBML header */
		return "video/webm";
	return memcmp(head + 4, "ftyp", 4) == 0 ? "video/mp4" : NULL;
}

void input_content(struct request *r)
{
	struct exchange *x = r->x;
	struct file f = {.sha256 = r->arg, .name = r->arg};
	uint8_t key[32];
	int64_t size;
	enum err e;
	int fd;

	linkkey_now(r->g->linkkey, key);
	if (!blob_name_ok(r->arg) ||
		!sign_check(key, exchange_path(x), "input", exchange_query(x, "exp"),
			exchange_query(x, "sig"), now_ms() / 1000)) {
		answer_error(x, ERR_BAD_LINK, NULL);
		return;
	}
	e = blob_open(r->g->blobs, r->arg, &fd, &size);
	if (e == ERR_OK) {
		f.type = input_type(fd);
		close(fd);
	}
	if (!f.type) {
		answer_error(x, e == ERR_OK ? ERR_NOT_FOUND : e, NULL);
		return;
	}
	answer_file(x, r->g->blobs, &f);
}
