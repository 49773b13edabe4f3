/* Files: results for those with a key or a signed link, inputs for workers. */
#include <inttypes.h>
#include <stdio.h>
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

/* Does a list of entity tags (or "*") have this one? RFC 9110, section 13.1.2: compared weakly. */
static bool tag_among(const char *list, const char *sha256)
{
	return list && (strcmp(list, "*") == 0 || strstr(list, sha256));
}

static bool range_wanted(struct exchange *x, const char *tag)
{
	const char *cond = exchange_header(x, "If-Range");

	return !cond || strcmp(cond, tag) == 0;
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
	exchange_set(x, "ETag", tag);
	exchange_set(x, "Cache-Control", "private, max-age=31536000, immutable");
	exchange_set(x, "Accept-Ranges", "bytes");
	if (tag_among(exchange_header(x, "If-None-Match"), f->sha256)) {
		close(fd);
		answer_const(x, 304, NULL, "", 0);
		return;
	}
	exchange_setf(x, "Content-Disposition", "%s; filename=\"%s\"",
		download && download[0] == '1' ? "attachment" : "inline", f->name);
	kind = range_parse(range_wanted(x, tag) ? exchange_header(x, "Range") : NULL, size, &part);
	if (kind == RANGE_NONE) {
		close(fd);
		exchange_setf(x, "Content-Range", "bytes */%" PRId64, size);
		answer_const(x, 416, NULL, "", 0);
	} else if (kind == RANGE_PART) {
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

	return v && v[0] ? v : "video";
}

/* False: the job has no such file. */
static bool choose_file(const struct job *j, const char *variant, char name[64], struct file *ret)
{
	const struct output *o = &j->outputs[0];
	const char *ending = ".webp";

	*ret = (struct file){.type = "image/webp", .name = name};
	if (strcmp(variant, "video") == 0) {
		ret->sha256 = o->sha256;
		ret->type = o->mime ? o->mime : "video/mp4";
		ending = strcmp(ret->type, "video/webm") == 0 ? ".webm" : ".mp4";
	} else {
		ret->sha256 = strcmp(variant, "thumbnail") == 0 ? o->poster : o->sprite;
	}
	snprintf(name, 64, "%s%s", j->id, ending);
	return ret->sha256 != NULL;
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
	} else if (!choose_file(j, variant_of(r->x), name, &f)) {
		request_wrong(r, ERR_NOT_FOUND, "variant", "This video has no such variant.");
	} else {
		answer_file(r->x, r->g->blobs, &f);
		request_resume(r);
	}
}

/* True: the link is good, and r has its owner. */
static bool link_good(struct request *r)
{
	const char *owner = exchange_query(r->x, "owner");
	char path[LINK_VARIANT_MAX], what[LINK_VARIANT_MAX];
	uint8_t key[32];

	if (!owner || strlen(owner) >= sizeof r->owner)
		return false;
	snprintf(r->owner, sizeof r->owner, "%s", owner);
	linkkey_now(r->g->linkkey, key);
	return sign_check(key, link_path(r->arg, path), link_variant(variant_of(r->x), owner, what),
		exchange_query(r->x, "exp"), exchange_query(r->x, "sig"), now_ms() / 1000);
}

void video_content(struct request *r)
{
	const char *variant = variant_of(r->x);

	if (strcmp(variant, "video") != 0 && strcmp(variant, "thumbnail") != 0 &&
		strcmp(variant, "spritesheet") != 0) {
		request_wrong(r, ERR_BAD_PARAM, "variant",
			"variant must be video, thumbnail or spritesheet.");
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
