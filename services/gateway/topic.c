#include "topic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/buf.h"
#include "proto/clock.h"

#define BEAT_US   15000000
#define BUDGET_MS 2000
#define PAGE      100

void topic_key(char key[TOPIC_KEY], const char *owner, const char *id)
{
	bool one = id && id[0];

	snprintf(key, TOPIC_KEY, "%c%s", one ? 'j' : 'o', one ? id : owner);
}

struct topic *topic_new(struct watch *w, struct crowds *crowds, const char *owner, const char *id)
{
	struct topic *t = xcalloc(1, sizeof *t);

	topic_key(t->key, owner, id);
	snprintf(t->owner, sizeof t->owner, "%s", owner);
	snprintf(t->id, sizeof t->id, "%s", id ? id : "");
	t->w = w;
	t->crowds = crowds;
	t->crowd = crowd_join(crowds, owner);
	return t;
}

void topic_free(struct topic *t)
{
	crowd_leave(t->crowds, t->crowd);
	free(t);
}

static void count(struct topic *t, int by)
{
	t->crowds->watchers += by;
	t->crowd->watchers += by;
}

void topic_add(struct topic *t, struct watcher *who)
{
	who->topic = t;
	who->told_us = mono_us();
	DL_APPEND(t->watchers, who);
	count(t, 1);
}

void topic_drop(struct watcher *who)
{
	struct topic *t = who->topic;

	DL_DELETE(t->watchers, who);
	who->topic = NULL;
	count(t, -1);
}

/* ---- asking ---- */

static bool has_room(const struct watcher *who)
{
	return !who->room || who->room(who->arg);
}

bool topic_waits(const struct topic *t)
{
	const struct watcher *who;

	DL_FOREACH (t->watchers, who)
		if (who->behind && has_room(who))
			return true;
	return false;
}

/*
 * From where to ask: where the last of those is who can take anything. So one who comes with an
 * old place, or reads slowly, is brought up to date by the same asks that serve the others.
 */
static bool choose_after(struct topic *t)
{
	struct watcher *who;
	bool found = false;

	DL_FOREACH (t->watchers, who) {
		if (!has_room(who)) {
			who->behind = true;
			continue;
		}
		if (found && who->after >= t->after)
			continue;
		t->after = who->after;
		found = true;
	}
	return found;
}

bool topic_due(struct topic *t)
{
	if (t->asking) {
		t->again = true;
		return false;
	}
	if (!t->id[0] && !choose_after(t))
		return false;
	t->asking = true;
	t->again = false;
	t->asked_us = mono_us();
	return true;
}

void topic_ask(struct topic *t, struct peer *jobs, ask_done_fn *done)
{
	struct rid rid = rid_new();

	/* id and owner never change, and after only in topic_due(). */
	if (t->id[0])
		ask(jobs, &rid, MSG_JOB_GET, &(struct job_ref){t->owner, t->id}, BUDGET_MS, done,
			t);
	else
		ask(jobs, &rid, MSG_JOB_CHANGES, &(struct change_list){t->owner, t->after, PAGE},
			BUDGET_MS, done, t);
}

/* ---- telling ---- */

/* Is the state of one job new to this one? */
static bool job_concerns(struct watcher *who, const struct job *j)
{
	if (j->revision <= who->revision && j->queue_position == who->place)
		return false;
	if (!has_room(who))
		return false; /* the poll tells it later */
	who->revision = j->revision;
	who->place = j->queue_position;
	return true;
}

/* Of a page of changes; who is behind hears of none of its rest, which would be out of order. */
static bool change_concerns(struct watcher *who, const struct job *j)
{
	if (who->behind || j->change <= who->after)
		return false;
	who->behind = !has_room(who);
	if (who->behind)
		return false;
	who->after = j->change;
	return true;
}

static bool time_concerns(struct watcher *who, const struct notice *n, enum watch_news *ret)
{
	if (who->deadline_us && n->now_us >= who->deadline_us) {
		*ret = WATCH_TIME;
		return true;
	}
	if (n->now_us - who->told_us >= BEAT_US) {
		who->told_us = n->now_us;
		*ret = WATCH_BEAT;
		return true;
	}
	return n->check;
}

/* Is there anything to say to this one? */
static bool concerns(
	struct topic *t, struct watcher *who, const struct notice *n, enum watch_news *ret)
{
	bool is;

	*ret = n->news;
	if (n->news == WATCH_CHECK)
		return time_concerns(who, n, ret);
	if (n->news != WATCH_JOB)
		return true;
	is = t->id[0] ? job_concerns(who, n->j) : change_concerns(who, n->j);
	if (is)
		who->told_us = n->now_us;
	return is;
}

void topic_tell(struct topic *t, const struct notice *n)
{
	struct watcher *old = t->watchers, *who;
	bool last = n->news == WATCH_LOST || n->news == WATCH_STOP;

	t->watchers = NULL;
	while ((who = old)) {
		enum watch_news news;

		DL_DELETE(old, who);
		if (concerns(t, who, n, &news)) {
			/* What who is part of may be gone as soon as fn has said false. */
			who->topic = NULL;
			count(t, -1);
			if (!who->fn(who->arg, news, n->e, n->j) || last)
				continue;
			who->topic = t;
			count(t, 1);
		}
		DL_APPEND(t->watchers, who);
	}
}

/* True: there is more for somebody who can take it. */
static bool tell_page(struct topic *t, const struct change_page *page)
{
	struct watcher *who;
	bool more = false;

	/* Who joined while we asked, from an earlier place, waits for the next ask. */
	DL_FOREACH (t->watchers, who)
		who->behind = who->after < t->after;
	for (size_t i = 0; i < page->n_jobs; i++)
		topic_tell(
			t, &(struct notice){WATCH_JOB, ERR_OK, &page->jobs[i], mono_us(), false});
	DL_FOREACH (t->watchers, who) {
		if (who->behind)
			more = more || has_room(who);
		else if (page->last > who->after || page->last < t->after)
			who->after = page->last; /* back: jobs' store is another one now */
	}
	return more || (page->has_more && page->last > t->after);
}

bool topic_answer(struct topic *t, enum err e, const struct answer *a)
{
	bool more = false;

	t->asking = false;
	if (e == ERR_OK && t->id[0])
		topic_tell(t, &(struct notice){WATCH_JOB, e, a->rec, mono_us(), false});
	else if (e == ERR_OK)
		more = tell_page(t, a->rec);
	else if (e == ERR_NOT_FOUND && t->id[0])
		topic_tell(t, &(struct notice){WATCH_LOST, e, NULL, 0, false});
	/* Whatever else it was: the poll asks again. */
	return more || t->again;
}
