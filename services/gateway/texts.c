#include "texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/clock.h"
#include "proto/id.h"

#define TEXTS    8       /* listeners that are told at once seldom have so many bases */
#define FRESH_US 1000000 /* so new links are signed with a new secret soon */

struct text_of {
	char id[ID_MAX], base[300];
	int64_t revision, place, made_us;
	struct buf event;
};

struct texts {
	struct text_of of[TEXTS];
	int next; /* to be written over */
};

struct texts *texts_new(void)
{
	return xcalloc(1, sizeof(struct texts));
}

void texts_free(struct texts *t)
{
	if (!t)
		return;
	for (int i = 0; i < TEXTS; i++)
		buf_free(&t->of[i].event);
	free(t);
}

static bool fits(
	const struct text_of *o, const struct job *j, const struct links *l, int64_t now_us)
{
	return o->revision == j->revision && o->place == j->queue_position &&
	       now_us - o->made_us < FRESH_US && strcmp(o->id, j->id) == 0 &&
	       strcmp(o->base, l->base) == 0;
}

const struct buf *texts_event(struct texts *t, const struct job *j, const struct links *l)
{
	int64_t now_us = mono_us();
	struct text_of *o;

	for (o = t->of; o < t->of + TEXTS; o++)
		if (o->event.n && fits(o, j, l, now_us))
			return &o->event;
	o = &t->of[t->next];
	t->next = (t->next + 1) % TEXTS;
	snprintf(o->id, sizeof o->id, "%s", j->id);
	snprintf(o->base, sizeof o->base, "%s", l->base);
	o->revision = j->revision;
	o->place = j->queue_position;
	o->made_us = now_us;
	buf_clear(&o->event);
	openai_event(&o->event, j, l);
	return &o->event;
}
