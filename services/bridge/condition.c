#include "services/bridge/condition.h"

#include <stdio.h>
#include <string.h>

static const char *const states[WORKER_STATES] = {
	"ready", "busy", "cooling_down", "paused", "attention"};

static const char *const reasons[ATTENTIONS] = {
	"other", "challenge", "login", "blocked", "verification", "changed"};

static enum attention reason_of(const char *word)
{
	for (int i = 0; i < ATTENTIONS; i++) {
		if (strcmp(reasons[i], word) == 0)
			return (enum attention)i;
	}
	return ATTENTION_OTHER;
}

/* Did it differ? s may be NULL. */
static bool set(char *to, size_t size, const char *s)
{
	bool other = strcmp(to, s ? s : "") != 0;

	snprintf(to, size, "%s", s ? s : "");
	return other;
}

bool condition_attention(struct condition *c, const struct frame_attention *f, int64_t now)
{
	enum attention reason = reason_of(f->reason);
	bool new = !c->needs_human || c->reason != reason;
	bool other = new;

	if (new)
		c->since = now;
	c->needs_human = true;
	c->reason = reason;
	other |= set(c->message, sizeof c->message, f->message);
	other |= set(c->url, sizeof c->url, f->url);
	return other;
}

bool condition_attention_over(struct condition *c)
{
	bool was = c->needs_human;

	c->needs_human = false;
	return was;
}

bool condition_stated(struct condition *c, const struct frame_state *f, int64_t now)
{
	int64_t until = f->until_ms > now ? f->until_ms : 0;
	bool other = c->paused != f->paused || c->until != until;

	c->paused = f->paused;
	c->until = until;
	other |= set(c->note, sizeof c->note, f->note);
	return other;
}

bool condition_tick(struct condition *c, int64_t now)
{
	if (!c->until || now < c->until)
		return false;
	c->until = 0;
	if (!c->paused)
		c->note[0] = 0;
	return true;
}

enum worker_state condition_state(const struct condition *c, int64_t slots, int64_t busy)
{
	if (c->needs_human)
		return WORKER_ATTENTION;
	if (c->paused)
		return WORKER_PAUSED;
	if (c->until)
		return WORKER_COOLING_DOWN;
	return busy >= slots ? WORKER_BUSY : WORKER_READY;
}

const char *worker_state_name(enum worker_state s)
{
	return states[s];
}

/* What is not said is NULL. */
static const char *said(const char *s)
{
	return *s ? s : NULL;
}

void condition_tell(const struct condition *c, struct worker *to)
{
	to->state = states[condition_state(c, to->slots, to->busy)];
	if (c->needs_human) {
		to->attention_reason = reasons[c->reason];
		to->attention_message = said(c->message);
		to->attention_url = said(c->url);
		to->attention_since = c->since;
	}
	to->paused = c->paused;
	to->until = c->until;
	to->note = said(c->note);
}
