#include "services/bridge/upload.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "proto/log.h"
#include "services/bridge/say.h"

#define PER_LEASE 8
#define ACK_EVERY (1 << 20) /* bytes */
#define PIECE     65536

enum upload_state { UPLOAD_OPEN, UPLOAD_SYNCING, UPLOAD_DONE };

struct upload {
	struct lease *l; /* NULL: let go of while it was being synced */
	bool keep;       /* then: leave the file */
	enum upload_state state;
	char name[65], job[ID_MAX];
	uint32_t channel; /* 0: refused, and not opened again yet */
	int64_t size, acked;
	struct bridge *b;
	struct blob_writer *w;
	char sha256[BLOB_NAME]; /* once it is DONE */
	enum err e;             /* of the sync */
	struct upload *prev, *next;
};

/* ---- small steps ---- */

static void upload_free(struct upload *u, bool keep)
{
	if (keep)
		blob_suspend(u->w);
	else
		blob_release(u->w);
	free(u);
}

static void drop(struct upload *u, bool keep)
{
	DL_DELETE(u->l->uploads, u);
	if (u->state == UPLOAD_SYNCING) { /* the pool has the file: synced() frees it */
		u->l = NULL;
		u->keep = keep;
	} else {
		upload_free(u, keep);
	}
}

static void refuse(
	struct link *w, const char *job, const char *name, const char *code, const char *message)
{
	struct say_refused r = {job, NULL, name, code, message};
	struct buf out = {0};

	say_refused(&out, &r);
	link_say(w, &out);
}

/* The upload is over; the worker may begin it again. */
static void refuse_and_drop(struct upload *u, const char *code, const char *message)
{
	refuse(u->l->worker, u->job, u->name, code, message);
	drop(u, false);
}

/*
 * The worker may open it again and go on with what is there. It stays among the lease's, so that it
 * counts as one of them and its file goes when the lease does.
 */
static void refuse_and_park(struct upload *u, const char *code, const char *message)
{
	refuse(u->l->worker, u->job, u->name, code, message);
	u->state = UPLOAD_OPEN;
	u->channel = 0;
}

static struct upload *by_name(struct lease *l, const char *name)
{
	struct upload *u;

	DL_FOREACH (l->uploads, u) {
		if (strcmp(u->name, name) == 0)
			return u;
	}
	return NULL;
}

static struct upload *by_channel(struct link *w, uint32_t channel)
{
	struct lease *l;
	struct upload *u;

	if (!channel)
		return NULL;
	DL_FOREACH (w->leases, l) {
		DL_FOREACH (l->uploads, u) {
			if (u->channel == channel)
				return u;
		}
	}
	return NULL;
}

/* Names should be unique on the connection; where they are not, take the one that is whole. */
static struct upload *by_end(struct link *w, const struct frame_upload_end *f)
{
	struct upload *u, *best = NULL;
	struct lease *l;

	DL_FOREACH (w->leases, l) {
		if (f->job && strcmp(l->job, f->job) != 0)
			continue;
		u = by_name(l, f->upload);
		if (u && u->channel &&
			(!best || (u->state == UPLOAD_OPEN && blob_written(u->w) == f->size)))
			best = u;
	}
	return best;
}

/* ---- the file ---- */

/* One name for the file at every bridge; hashed, because all three parts would be too long. */
static void file_key(const struct lease *l, const char *name, char key[80])
{
	unsigned char sum[32];
	char text[ID_MAX + 33 + 65 + 3], hex[65];
	int n = snprintf(text, sizeof text, "%s/%s/%s", l->job, l->token, name);

	crypto_generichash(
		sum, sizeof sum, (const unsigned char *)text, (unsigned long long)n, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, sum, sizeof sum);
	snprintf(key, 80, "upload-%s", hex);
}

static enum err file_open(
	const struct lease *l, const char *name, int64_t size, struct blob_writer **ret)
{
	struct blob_writer *w;
	char key[80];
	int64_t there;
	enum err e;

	file_key(l, name, key);
	e = blob_resume(l->b->blobs, key, size, &w, &there);
	if (e == ERR_OK && there && (there > size || (blob_sealed(w) && there != size))) {
		blob_release(w); /* of another file: start over */
		e = blob_resume(l->b->blobs, key, size, &w, &there);
	}
	if (e == ERR_OK)
		*ret = w;
	return e;
}

/* ---- open ---- */

static void say_go(struct upload *u)
{
	struct buf out = {0};

	say_upload_go(&out, u->job, u->name, u->channel, u->acked);
	link_say(u->l->worker, &out);
}

static struct upload *upload_new(struct lease *l, const struct frame_upload *f)
{
	struct upload *u = xcalloc(1, sizeof *u);

	u->l = l;
	u->b = l->b;
	u->size = f->size;
	snprintf(u->name, sizeof u->name, "%s", f->upload);
	snprintf(u->job, sizeof u->job, "%s", l->job);
	DL_APPEND(l->uploads, u);
	return u;
}

/* May l have this new upload? */
static bool may_open(const struct lease *l, const struct frame_upload *f)
{
	const struct upload *each;
	int n = 0;

	DL_COUNT(l->uploads, each, n);
	if (l->state == LEASE_ENDING)
		refuse(l->worker, l->job, f->upload, "lost", "the job has its result already");
	else if (f->size > l->b->conf.video_max)
		refuse(l->worker, l->job, f->upload, "too_large", "the file is too large");
	else if (n >= PER_LEASE)
		refuse(l->worker, l->job, f->upload, "too_many_uploads",
			"too many uploads of one job");
	else
		return true;
	return false;
}

void upload_open(struct lease *l, const struct frame_upload *f)
{
	struct upload *u = by_name(l, f->upload);
	struct blob_writer *w = NULL;

	if (u && u->size != f->size && !u->channel) {
		drop(u, true);
		u = NULL;
	}
	if (u && u->size != f->size) {
		refuse_and_drop(u, "bad_size", "it was opened with another size");
		return;
	}
	if (!u) {
		if (!may_open(l, f))
			return;
		if (file_open(l, f->upload, f->size, &w) != ERR_OK) {
			refuse(l->worker, l->job, f->upload, "storage_failed", "try again");
			return;
		}
		u = upload_new(l, f);
		u->w = w;
	}
	u->channel = link_channel(l->worker);
	u->acked = u->state == UPLOAD_OPEN ? blob_written(u->w) : u->size;
	say_go(u);
}

/* ---- bytes ---- */

static void ack(struct upload *u)
{
	struct buf out = {0};

	if (blob_written(u->w) - u->acked < ACK_EVERY)
		return;
	u->acked = blob_written(u->w);
	say_ack(&out, u->job, u->name, u->acked);
	link_say(u->l->worker, &out);
}

const char *upload_chunk(struct link *w, const uint8_t *p, size_t n)
{
	struct upload *u;
	uint64_t offset;
	uint32_t channel;
	enum err e;

	if (!frame_chunk(&p, &n, &channel, &offset))
		return "a binary frame has 12 bytes of head, and bytes";
	u = by_channel(w, channel);
	if (!u || u->state != UPLOAD_OPEN)
		return NULL; /* on its way when the upload was refused, or its job cancelled */
	if (offset != (uint64_t)blob_written(u->w)) {
		refuse_and_park(u, "bad_offset", "open it again, and go on from its offset");
		return NULL;
	}
	e = blob_write(u->w, p, n);
	if (e == ERR_TOO_LARGE) {
		refuse_and_drop(u, "too_large", "more bytes than were announced");
		return NULL;
	}
	if (e != ERR_OK) {
		refuse_and_park(u, "storage_failed", "open it again, and go on");
		return NULL;
	}
	metric_add(&fig_upload_bytes, (int64_t)n);
	ack(u);
	return NULL;
}

/* All of the file, from where the upload is. */
static enum err copy_in(struct upload *u, int fd, int64_t offset)
{
	static uint8_t piece[PIECE];
	ssize_t n;

	for (;;) {
		enum err e;

		n = pread(fd, piece, sizeof piece, blob_written(u->w) - offset);
		if (n <= 0)
			return n < 0 ? ERR_STORE : ERR_OK;
		e = blob_write(u->w, piece, (size_t)n);
		if (e != ERR_OK)
			return e;
		metric_add(&fig_upload_bytes, n);
	}
}

enum err upload_part(
	struct link *w, const char *job, const char *name, int fd, int64_t offset, int64_t *ret)
{
	struct upload *u = by_end(w, &(struct frame_upload_end){.upload = name, .job = job});
	enum err e = ERR_OK;

	if (!u)
		return ERR_UNKNOWN_UPLOAD;
	if (fd >= 0 && u->state == UPLOAD_OPEN && offset <= blob_written(u->w))
		e = copy_in(u, fd, offset);
	if (e == ERR_TOO_LARGE)
		refuse_and_drop(u, "too_large", "more bytes than were announced");
	else if (e != ERR_OK)
		refuse_and_park(u, "storage_failed", "open it again, and go on");
	else
		*ret = u->acked = u->state == UPLOAD_OPEN ? blob_written(u->w) : u->size;
	return e;
}

/* ---- end ---- */

static void say_it_is_up(struct upload *u)
{
	struct buf out = {0};

	say_uploaded(&out, u->job, u->name, u->sha256, u->size);
	link_say(u->l->worker, &out);
}

/* In the pool. */
static void sync_file(void *arg)
{
	struct upload *u = arg;
	struct stat st;

	/* two bridges may have written at once when the worker moved: then it is damaged */
	if (stat(blob_path(u->w), &st) != 0 || st.st_size != u->size)
		u->e = ERR_CONFLICT;
	else
		u->e = blob_seal(u->w, u->sha256);
}

static void synced(void *arg)
{
	struct upload *u = arg;

	u->state = UPLOAD_DONE;
	if (!u->l) {
		upload_free(u, u->keep && u->e != ERR_CONFLICT);
	} else if (u->e == ERR_OK) {
		say_it_is_up(u);
	} else {
		log_warn("upload_failed", LS("job", u->job), LS("e", err_name(u->e)));
		if (u->e == ERR_CONFLICT)
			refuse_and_drop(u, "damaged", "open it again");
		else
			refuse_and_park(u, "storage_failed", "open it again");
	}
}

void upload_end(struct link *w, const struct frame_upload_end *f)
{
	struct upload *u = by_end(w, f);

	if (!u) {
		refuse(w, f->job, f->upload, "unknown_upload", "there is no such upload");
		return;
	}
	if (u->state == UPLOAD_SYNCING)
		return;
	if (u->state == UPLOAD_DONE) {
		say_it_is_up(u);
		return;
	}
	if (f->size != u->size || blob_written(u->w) != u->size) {
		refuse_and_park(u, "bad_size", "not all bytes have come");
		return;
	}
	u->state = UPLOAD_SYNCING;
	pool_run(u->b->disk, sync_file, synced, u);
}

/* ---- after the end ---- */

/* Uploaded over an earlier connection, or at another bridge. */
static struct blob_writer *take_from_disk(struct lease *l, const char *name)
{
	struct blob_writer *w = NULL;
	int64_t there;
	char key[80];

	file_key(l, name, key);
	if (blob_resume(l->b->blobs, key, l->b->conf.video_max, &w, &there) != ERR_OK)
		return NULL;
	if (there && blob_sealed(w))
		return w;
	if (there)
		blob_suspend(w);
	else
		blob_release(w);
	return NULL;
}

struct blob_writer *upload_take(struct lease *l, const char *name)
{
	struct upload *u = by_name(l, name);
	struct blob_writer *w;

	if (!u)
		return take_from_disk(l, name);
	if (u->state != UPLOAD_DONE)
		return NULL;
	w = u->w, u->w = NULL;
	DL_DELETE(l->uploads, u);
	free(u);
	return w;
}

void uploads_leave(struct lease *l, bool keep)
{
	struct upload *u, *tmp;

	DL_FOREACH_SAFE (l->uploads, u, tmp) {
		drop(u, keep);
	}
}
