#include "film.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { THREADS_MAX = 16, SLOTS_EACH = 3 };

/* A finished or free picture. Frame i uses slot i modulo the number of slots. */
struct slot {
	uint8_t *block;
	struct yuv picture;
	int ready;
};

struct film {
	const struct reel *reel;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	int next;  /* the frame that the next idle thread draws */
	int taken; /* how many frames the caller is done with */
	int stop;
	int slot_count;
	struct slot slots[THREADS_MAX * SLOTS_EACH];
};

/* The number of a frame to draw, once its slot is free; -1: nothing left to do. */
static int claim(struct film *f)
{
	int i = -1;

	pthread_mutex_lock(&f->lock);
	if (!f->stop && f->next < f->reel->frames)
		i = f->next++;
	while (i >= 0 && i >= f->taken + f->slot_count && !f->stop)
		pthread_cond_wait(&f->changed, &f->lock);
	if (f->stop)
		i = -1;
	pthread_mutex_unlock(&f->lock);
	return i;
}

static void give_up(struct film *f)
{
	pthread_mutex_lock(&f->lock);
	f->stop = 1;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static void *work(void *arg)
{
	struct film *f = arg;
	struct canvas *c = canvas_new(f->reel->w, f->reel->h);
	int i;

	if (!c) {
		give_up(f);
		return NULL;
	}
	while ((i = claim(f)) >= 0) {
		struct slot *slot = &f->slots[i % f->slot_count];

		f->reel->draw(f->reel->ctx, i, c);
		cairo_surface_flush(c->surface);
		yuv_from_rgb(c->px, c->stride, c->w, c->h, &slot->picture);
		pthread_mutex_lock(&f->lock);
		slot->ready = 1;
		pthread_cond_broadcast(&f->changed);
		pthread_mutex_unlock(&f->lock);
	}
	canvas_free(c);
	return NULL;
}

static int wait_ready(struct film *f, struct slot *slot)
{
	int ok;

	pthread_mutex_lock(&f->lock);
	while (!slot->ready && !f->stop)
		pthread_cond_wait(&f->changed, &f->lock);
	ok = slot->ready;
	pthread_mutex_unlock(&f->lock);
	return ok;
}

static void release(struct film *f, struct slot *slot)
{
	pthread_mutex_lock(&f->lock);
	slot->ready = 0;
	f->taken++;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static int hand_out(struct film *f, int (*take)(void *, int, const struct yuv *), void *arg)
{
	for (int i = 0; i < f->reel->frames; i++) {
		struct slot *slot = &f->slots[i % f->slot_count];

		if (!wait_ready(f, slot) || take(arg, i, &slot->picture))
			return -1;
		release(f, slot);
	}
	return 0;
}

static int make_slots(struct film *f, int count)
{
	size_t n = yuv_size(f->reel->w, f->reel->h);

	for (f->slot_count = 0; f->slot_count < count; f->slot_count++) {
		struct slot *slot = &f->slots[f->slot_count];

		slot->block = malloc(n);
		if (!slot->block)
			return -1;
		slot->picture = yuv_lay(slot->block, f->reel->w, f->reel->h);
	}
	return 0;
}

int film_run(const struct reel *reel, int threads,
	int (*take)(void *arg, int i, const struct yuv *), void *arg)
{
	struct film film = {.reel = reel};
	pthread_t ids[THREADS_MAX];
	int started = 0, bad;

	assert(threads > 0);
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	pthread_mutex_init(&film.lock, NULL);
	pthread_cond_init(&film.changed, NULL);
	bad = make_slots(&film, threads * SLOTS_EACH);
	while (!bad && started < threads && !pthread_create(&ids[started], NULL, work, &film))
		started++;
	bad = bad || !started || hand_out(&film, take, arg);
	give_up(&film);
	while (started)
		pthread_join(ids[--started], NULL);
	for (int i = 0; i < film.slot_count; i++)
		free(film.slots[i].block);
	pthread_cond_destroy(&film.changed);
	pthread_mutex_destroy(&film.lock);
	return bad ? -1 : 0;
}
