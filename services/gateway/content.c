/* Files: results for those with a key or a signed link, inputs for workers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generation.h"
#include "handlers.h"
#include "proto/clock.h"
#include "proto/image.h"
#include "proto/sign.h"
#include "request.h"
#include "serve.h"

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
		request_wrong(r, ERR_NOT_READY, NULL,
			job_is_over(j) ? "There is no video: it failed or was cancelled." : NULL);
	} else if (!choose_file(j, variant_of(r->x), (size_t)index_of(r->x), name, &f)) {
		answer_missing(r, j);
	} else {
		serve_file(r->x, r->g->blobs, &f);
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
	serve_file(x, r->g->blobs, &f);
}
