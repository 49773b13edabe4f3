#include "models.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "utf8.h"

#define POLL_US   2000000
#define BUDGET_MS 2000

struct model_shot {
	struct msg *msg;
	_Atomic int refs;
};

struct models {
	struct peer *jobs;
	const char *preferred;
	pthread_mutex_t lock; /* over the newest */
	struct model_shot *newest;
	_Atomic bool asking; /* the poll */
	int64_t asked_us;    /* ticker's */
};

struct models *models_new(struct peer *jobs, const char *preferred)
{
	struct models *m = xcalloc(1, sizeof *m);

	m->jobs = jobs;
	m->preferred = preferred;
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

const char *models_preferred(const struct models *m)
{
	return m->preferred;
}

/* ---- the copy ---- */

struct model_shot *models_now(struct models *m)
{
	struct model_shot *s;

	pthread_mutex_lock(&m->lock);
	s = m->newest;
	if (s)
		atomic_fetch_add(&s->refs, 1);
	pthread_mutex_unlock(&m->lock);
	return s;
}

const struct model_list *model_shot_list(const struct model_shot *s)
{
	return msg_rec(s->msg);
}

void model_shot_drop(struct model_shot *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	msg_free(s->msg);
	free(s);
}

/* NULL: the answer is an error. */
static struct model_shot *shot_new(enum err e, const struct answer *a)
{
	struct model_shot *s;

	if (e != ERR_OK)
		return NULL;
	s = xcalloc(1, sizeof *s);
	s->msg = answer_keep(a);
	atomic_store(&s->refs, 1);
	return s;
}

static void keep(struct models *m, struct model_shot *s)
{
	struct model_shot *old;

	atomic_fetch_add(&s->refs, 1);
	pthread_mutex_lock(&m->lock);
	old = m->newest;
	m->newest = s;
	pthread_mutex_unlock(&m->lock);
	model_shot_drop(old);
}

/* ---- asking ---- */

static void on_poll(void *arg, enum err e, const struct answer *a)
{
	struct models *m = arg;
	struct model_shot *s = shot_new(e, a);

	if (s)
		keep(m, s);
	model_shot_drop(s);
	atomic_store(&m->asking, false);
}

void models_tick(struct models *m, int64_t now_us)
{
	struct rid rid;

	if (now_us - m->asked_us < POLL_US && m->asked_us)
		return;
	if (atomic_exchange(&m->asking, true))
		return;
	m->asked_us = now_us;
	rid = rid_new();
	ask(m->jobs, &rid, MSG_MODEL_LIST, &(struct empty){}, BUDGET_MS, on_poll, m);
}

struct fresh {
	struct models *m;
	models_fn *fn;
	void *arg;
};

static void on_fresh(void *arg, enum err e, const struct answer *a)
{
	struct fresh *f = arg;
	struct model_shot *s = shot_new(e, a);

	if (s)
		keep(f->m, s);
	f->fn(f->arg, e, s);
	free(f);
}

void models_ask(struct models *m, const struct rid *rid, models_fn *fn, void *arg)
{
	struct fresh *f = xmalloc(sizeof *f);

	*f = (struct fresh){m, fn, arg};
	ask(m->jobs, rid, MSG_MODEL_LIST, &(struct empty){}, BUDGET_MS, on_fresh, f);
}

bool models_busy(const struct models *m)
{
	return atomic_load(&m->asking);
}

void models_free(struct models *m)
{
	if (!m)
		return;
	model_shot_drop(m->newest);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* ---- pure ---- */

static const char *const sandbox_inputs[] = {"text", "image"};
static const struct model sandbox = {.id = "sandbox",
	.name = "Sandbox renderer",
	.owner = "arena-video",
	.description = "A local renderer, not an AI model.",
	.inputs = sandbox_inputs,
	.n_inputs = 2,
	.outputs = 1,
	.max_width = 1920,
	.max_height = 1080,
	.min_seconds = 1,
	.max_seconds = 20,
	.max_prompt = 32000,
	.selectable = true};

bool model_available(const struct model_list *list, const char *id)
{
	for (size_t i = 0; i < list->n_available; i++)
		if (strcmp(list->available[i], id) == 0)
			return true;
	return false;
}

const char *model_choose(const struct model_list *list, const char *preferred, const char *wanted)
{
	if (wanted[0])
		return wanted;
	if (preferred[0])
		return preferred;
	for (size_t i = 0; i < list->n_available; i++)
		if (model_find(list, list->available[i]))
			return list->available[i];
	return sandbox.id;
}

const struct model *model_find(const struct model_list *list, const char *id)
{
	for (size_t i = 0; i < list->n_models; i++)
		if (list->models[i].id && strcmp(list->models[i].id, id) == 0)
			return list->models[i].selectable ? &list->models[i] : NULL;
	return strcmp(id, sandbox.id) == 0 ? &sandbox : NULL;
}

static bool takes(const struct model *m, const char *input)
{
	for (size_t i = 0; i < m->n_inputs; i++)
		if (strcmp(m->inputs[i], input) == 0)
			return true;
	return false;
}

static bool size_read(const char *s, int64_t *w, int64_t *h)
{
	long long a, b;

	if (sscanf(s, "%lldx%lld", &a, &b) != 2)
		return false;
	*w = a;
	*h = b;
	return true;
}

/* Fills in the size when none was said: 720x1280, or else the model's first. */
static bool size_fits(const struct model *m, struct video_request *want)
{
	int64_t w = want->width ? want->width : 720, h = want->height ? want->height : 1280;
	int64_t lw, lh;

	if (!m->n_sizes) {
		want->width = w;
		want->height = h;
		return w % 2 == 0 && h % 2 == 0 && w >= 64 && h >= 64 &&
		       (w > h ? w : h) <= m->max_width && (w > h ? h : w) <= m->max_height;
	}
	for (size_t i = 0; i < m->n_sizes; i++) {
		if (!size_read(m->sizes[i], &lw, &lh) || lw != w || lh != h)
			continue;
		want->width = lw;
		want->height = lh;
		return true;
	}
	return !want->width && size_read(m->sizes[0], &want->width, &want->height);
}

static enum err wrong(struct problem *p, enum err e, const char *param, const char *message)
{
	*p = (struct problem){
		.param = param, .message = message, .limit = -1, .remaining = -1, .reset_ms = -1};
	return e;
}

enum err model_check(
	const struct model *m, struct video_request *want, struct problem *p, char message[240])
{
	if (!want->seconds)
		want->seconds = m->min_seconds > 4   ? m->min_seconds
				: m->max_seconds < 4 ? m->max_seconds
						     : 4;
	if (want->seconds < m->min_seconds || want->seconds > m->max_seconds) {
		snprintf(message, 240, "seconds must be %lld to %lld with the model %.60s.",
			(long long)m->min_seconds, (long long)m->max_seconds, m->id);
		return wrong(p, ERR_BAD_PARAM, "seconds", message);
	}
	if (!size_fits(m, want)) {
		if (m->n_sizes)
			snprintf(message, 240,
				"The model %.60s cannot make this size; it can make %.60s%s.",
				m->id, m->sizes[0], m->n_sizes > 1 ? " and others" : "");
		else
			snprintf(message, 240,
				"size must be even numbers, from 64x64 up to %lldx%lld (or "
				"upright) with the model %.60s.",
				(long long)m->max_width, (long long)m->max_height, m->id);
		return wrong(p, ERR_BAD_PARAM, "size", message);
	}
	if (utf8_count(want->prompt, strlen(want->prompt)) > m->max_prompt) {
		snprintf(message, 240, "The model %.60s takes prompts of up to %lld characters.",
			m->id, (long long)m->max_prompt);
		return wrong(p, ERR_PROMPT_TOO_LONG, "prompt", message);
	}
	if (want->n_images && !takes(m, "image") && !takes(m, "first_last_frame")) {
		snprintf(message, 240, "The model %.60s takes no image.", m->id);
		return wrong(p, ERR_BAD_PARAM, "image", message);
	}
	if (!want->n_images && m->n_inputs && !takes(m, "text")) {
		snprintf(message, 240, "The model %.60s needs an image.", m->id);
		return wrong(p, ERR_MISSING_PARAM, "image", message);
	}
	return ERR_OK;
}
