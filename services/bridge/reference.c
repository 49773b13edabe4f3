#include "services/bridge/reference.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utlist.h>

#include "proto/clock.h"
#include "proto/image.h"
#include "proto/log.h"

#define PIN_MS   30000
#define PINS_MAX 256 /* each is an open file; beyond, the oldest goes early */

struct reference {
	struct bridge *b;
	struct call *call; /* NULL: answered */
	int64_t began_us;
	struct fetch_result got;
	struct blob_writer *w; /* then the pin */
	enum err e;            /* of looking at it */
	struct image_info info;
	char sha256[BLOB_NAME];
	int64_t pinned_until;
	struct reference *prev, *next; /* among the pins, oldest first */
};

struct references {
	struct fetcher *fetcher;
	int busy, n_pins;
	struct reference *pins;
};

/* ---- pins ---- */

static void let_go(struct references *all, struct reference *r)
{
	DL_DELETE(all->pins, r);
	all->n_pins--;
	blob_release(r->w);
	free(r);
}

static void pin(struct references *all, struct reference *r)
{
	if (all->n_pins == PINS_MAX)
		let_go(all, all->pins);
	r->pinned_until = mono_ms() + PIN_MS;
	DL_APPEND(all->pins, r);
	all->n_pins++;
}

void references_tick(struct bridge *b, int64_t now_ms)
{
	struct references *all = b->references;

	while (all->pins && all->pins->pinned_until <= now_ms)
		let_go(all, all->pins);
}

/* ---- the answer ---- */

static void answered(struct reference *r)
{
	r->call = NULL;
	r->b->references->busy--;
	metric_observe_us(&fig_image_seconds, mono_us() - r->began_us);
}

static void refuse(struct reference *r, enum err e, const char *message)
{
	metric_add(&fig_images_refused, 1);
	log_rid(call_rid(r->call));
	log_info("image_refused", LS("err", err_name(e)), LS("why", message ? message : ""));
	log_rid(NULL);
	call_refuse(r->call, e, &PROBLEM(.message = message));
	answered(r);
	blob_release(r->w);
	free(r);
}

static void refuse_size(struct reference *r)
{
	char message[160];

	snprintf(message, sizeof message,
		"The image behind the link is too large: it may have %lld bytes. Use a smaller "
		"one.",
		(long long)r->b->conf.image_max);
	refuse(r, ERR_TOO_LARGE, message);
}

static void refuse_fetch(struct reference *r)
{
	char message[320];

	switch (r->got.e) {
	case ERR_TOO_LARGE:
		refuse_size(r);
		return;
	case ERR_FORBIDDEN:
		snprintf(message, sizeof message,
			"The image cannot be fetched from there: %s. Use an http or https link to "
			"a "
			"public host, or send the image itself.",
			r->got.why);
		refuse(r, ERR_BAD_LINK, message);
		return;
	case ERR_UNAVAILABLE:
		if (r->b->draining) { /* we, not the host: another bridge may do it */
			refuse(r, ERR_UNAVAILABLE, NULL);
			return;
		}
		/* fall through - clients try a 5xx again, some for an hour */
	case ERR_BAD_REQUEST:
		snprintf(message, sizeof message,
			"The image could not be fetched: %s. Check the link, or send the image "
			"itself.",
			r->got.why);
		refuse(r, ERR_BAD_LINK, message);
		return;
	default:
		refuse(r, r->got.e, NULL);
		return;
	}
}

/* ---- looking at it: in a thread of the disk's ---- */

static void look(void *arg)
{
	struct reference *r = arg;
	int64_t side = r->b->conf.image_side;
	int fd = open(blob_path(r->w), O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		r->e = ERR_STORE;
		return;
	}
	r->e = image_sniff_fd(fd, &r->info);
	close(fd);
	if (r->e == ERR_OK && r->info.width <= side && r->info.height <= side)
		r->e = blob_commit(r->w, r->sha256);
}

static void looked(void *arg)
{
	struct reference *r = arg;
	int64_t side = r->b->conf.image_side;
	char message[160];

	if (r->e == ERR_OK && (r->info.width > side || r->info.height > side)) {
		snprintf(message, sizeof message,
			"The image has %d x %d pixels; a side may have %lld.", r->info.width,
			r->info.height, (long long)side);
		refuse(r, ERR_BAD_IMAGE, message);
	} else if (r->e == ERR_BAD_IMAGE) {
		refuse(r, ERR_BAD_IMAGE,
			"What is behind the link is not an image that can be read. Link to the "
			"PNG, "
			"JPEG, WebP or GIF itself, not to a page that shows it.");
	} else if (r->e != ERR_OK) {
		refuse(r, r->e, NULL);
	} else {
		struct input in = {.sha256 = r->sha256,
			.mime = r->info.mime,
			.size = blob_written(r->w),
			.width = r->info.width,
			.height = r->info.height};

		call_answer(r->call, &in);
		answered(r);
		pin(r->b->references, r);
	}
}

/* ---- fetching it ---- */

static void fetched(void *arg)
{
	struct reference *r = arg;

	r->w = r->got.w;
	if (r->got.e == ERR_OK)
		pool_run(r->b->disk, look, looked, r);
	else
		refuse_fetch(r);
}

/* In the fetcher's thread. */
static void fetched_there(void *arg, struct fetch_result *got)
{
	struct reference *r = arg;

	r->got = *got;
	loop_post(r->b->loop, fetched, r);
}

void reference_fetch(struct bridge *b, struct call *c)
{
	const struct image_link *want = call_rec(c);
	struct reference *r;

	if (!want->url || !*want->url) {
		call_refuse(c, ERR_BAD_LINK, NULL);
		return;
	}
	if (b->draining || b->references->busy >= REFERENCES_MAX) {
		call_refuse(c, b->draining ? ERR_UNAVAILABLE : ERR_OVERLOADED, NULL);
		return;
	}
	metric_add(&fig_images, 1);
	r = xcalloc(1, sizeof *r);
	r->b = b;
	r->call = c;
	r->began_us = mono_us();
	b->references->busy++;
	fetch_start(b->references->fetcher, want->url, fetched_there, r);
}

int references_busy(const struct bridge *b)
{
	return b->references->busy;
}

void references_open(struct bridge *b)
{
	struct fetch_conf conf = {.any_host = true,
		.ca = b->conf.fetch_ca,
		.allow_private = b->conf.fetch_private,
		.size_max = b->conf.image_max,
		.connect_ms = b->conf.image_wait_ms,
		.total_ms = b->conf.image_wait_ms,
		.stalled_ms = b->conf.image_wait_ms};

	b->references = xcalloc(1, sizeof *b->references);
	b->references->fetcher = fetcher_open(&conf, b->blobs);
}

void references_stop(struct bridge *b)
{
	fetcher_close(b->references->fetcher);
	b->references->fetcher = NULL;
}

void references_close(struct bridge *b)
{
	struct references *all = b->references;

	if (!all)
		return;
	assert(all->busy == 0 && !all->fetcher);
	while (all->pins)
		let_go(all, all->pins);
	free(all);
}
