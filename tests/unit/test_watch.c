/* The watch against a jobs service of the test's own, over inproc. */
#include <pthread.h>

#include "proto/clock.h"
#include "proto/hint.h"
#include "services/gateway/watch.h"
#include "tests/unit/check.h"

#define DEADLINE_US 10000000

static const uint8_t key[32] = {7};

/* What the fake answers, and how often it was asked; under lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static int asked;
static int64_t revision = 1;
static int64_t place;           /* in the queue */
static struct job changes[300]; /* of owner "o", in order; told by JOB_CHANGES */
static int n_changes;
static int64_t asked_after[300]; /* by each JOB_CHANGES */
static int n_asked_after;
static enum err failing;
static bool holding; /* answers wait */
static struct call *held;

static struct teller *teller;
static struct peer *peer;

static void answer_changes(struct call *c, const struct change_list *l)
{
	struct job page[100];
	struct change_page p = {.jobs = page, .last = 0};

	if (n_asked_after < 300)
		asked_after[n_asked_after++] = l->after;
	for (int i = 0; i < n_changes; i++) {
		if (changes[i].change <= l->after)
			continue;
		if ((int64_t)p.n_jobs == l->limit) {
			p.has_more = true;
			break;
		}
		page[p.n_jobs++] = changes[i];
		p.last = changes[i].change;
	}
	if (!p.n_jobs && n_changes)
		p.last = changes[n_changes - 1].change;
	call_answer(c, &p);
}

static void answer(struct call *c)
{
	const struct job_ref *ref = call_rec(c);

	if (failing)
		call_refuse(c, failing, NULL);
	else if (call_type(c) == MSG_JOB_CHANGES)
		answer_changes(c, call_rec(c));
	else
		call_answer(c, &(struct job){.id = ref->id,
				       .owner = ref->owner,
				       .status = "queued",
				       .revision = revision,
				       .queue_position = place});
}

static void on_call(void *arg, struct call *c)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	asked++;
	pthread_cond_broadcast(&moved);
	if (holding && !held)
		held = c;
	else
		answer(c);
	pthread_mutex_unlock(&lock);
}

/* What a listener heard; under lock. */
struct ear {
	struct watcher w;
	int jobs, lost, times, beats, checks, stops;
	int64_t revision, place;
	int64_t change, wrong; /* of all jobs: the newest, and how many came out of order */
	bool leave;            /* at the next job */
	bool full;             /* can take no more */
};

static bool on_news(void *arg, enum watch_news news, enum err e, const struct job *j)
{
	struct ear *ear = arg;
	bool stay = true;

	(void)e;
	pthread_mutex_lock(&lock);
	switch (news) {
	case WATCH_JOB:
		ear->jobs++;
		ear->revision = j->revision;
		ear->place = j->queue_position;
		ear->wrong += j->change && j->change <= ear->change;
		ear->change = j->change;
		stay = !ear->leave;
		break;
	case WATCH_LOST:
		ear->lost++;
		break;
	case WATCH_TIME:
		ear->times++;
		stay = false;
		break;
	case WATCH_BEAT:
		ear->beats++;
		break;
	case WATCH_CHECK:
		ear->checks++;
		break;
	case WATCH_STOP:
		ear->stops++;
		break;
	}
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
	return stay;
}

static struct watch *open_watch(const char *hints)
{
	static bool served;

	if (!served) {
		CHECK(server_open("jobs", "inproc://watch-jobs", key, 16, on_call, NULL) != NULL);
		teller = teller_open("inproc://watch-hints", key);
		peer = peer_open("jobs", "inproc://watch-jobs", key, 16);
		served = true;
	}
	pthread_mutex_lock(&lock);
	asked = 0;
	revision = 1;
	place = 0;
	n_changes = n_asked_after = 0;
	failing = ERR_OK;
	holding = false;
	pthread_mutex_unlock(&lock);
	return watch_open(peer, hints, key);
}

/* Wait until *n is at least want; false after a while. With ticks, as a gateway would. */
static bool reaches(struct watch *w, const int *n, int want)
{
	int64_t until = mono_us() + DEADLINE_US;
	bool ok = false;

	while (!ok && mono_us() < until) {
		pthread_mutex_lock(&lock);
		ok = *n >= want;
		pthread_mutex_unlock(&lock);
		if (!ok) {
			watch_tick(w, mono_us());
			usleep(1000);
		}
	}
	if (!ok)
		fprintf(stderr, "waited for %d, have %d\n", want, *n);
	return ok;
}

static int asked_by_now(void)
{
	int n;

	pthread_mutex_lock(&lock);
	n = asked;
	pthread_mutex_unlock(&lock);
	return n;
}

static void listen_to(struct watch *w, struct ear *ear, const char *id)
{
	ear->w.fn = on_news;
	ear->w.arg = ear;
	ear->w.revision = -1;
	CHECK(watch_add(w, &ear->w, "o", id));
}

static void change(int64_t to)
{
	pthread_mutex_lock(&lock);
	revision = to;
	pthread_mutex_unlock(&lock);
}

static void the_present_state_comes_at_once(void)
{
	struct watch *w = open_watch(NULL);
	struct ear ear = {0};

	listen_to(w, &ear, "a");
	CHECK(reaches(w, &ear.jobs, 1));
	CHECK_INT(ear.revision, 1);
	CHECK(watch_remove(w, &ear.w));
	CHECK(!watch_remove(w, &ear.w));
	CHECK_INT(watch_count(w), 0);
}

static void a_hint_brings_the_next_state_soon(void)
{
	struct watch *w = open_watch("inproc://watch-hints");
	struct ear ear = {0};
	int64_t from;

	listen_to(w, &ear, "a");
	CHECK(reaches(w, &ear.jobs, 1));
	change(2);
	from = mono_us();
	/* The subscription may still be on its way: tell until it has come. */
	while (mono_us() - from < DEADLINE_US) {
		bool heard;

		tell(teller, MSG_JOB_CHANGED,
			&(struct job_hints){&(struct job_hint){.id = "a", .revision = 2}, 1});
		usleep(5000);
		pthread_mutex_lock(&lock);
		heard = ear.jobs == 2;
		pthread_mutex_unlock(&lock);
		if (heard)
			break;
	}
	CHECK_INT(ear.jobs, 2);
	CHECK_INT(ear.revision, 2);
	CHECK(watch_remove(w, &ear.w));
}

static void without_hints_the_poll_finds_it(void)
{
	struct watch *w = open_watch(NULL);
	struct ear ear = {0};

	listen_to(w, &ear, "a");
	CHECK(reaches(w, &ear.jobs, 1));
	change(5);
	CHECK(reaches(w, &ear.jobs, 2));
	CHECK_INT(ear.revision, 5);
	CHECK(watch_remove(w, &ear.w));
}

static void many_listeners_cost_one_ask(void)
{
	struct watch *w = open_watch(NULL);
	struct ear ears[50] = {0};

	pthread_mutex_lock(&lock);
	holding = true; /* so that all join while the first ask is out */
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < 50; i++)
		listen_to(w, &ears[i], "b");
	CHECK(reaches(w, &asked, 1));
	CHECK_INT(asked_by_now(), 1);
	pthread_mutex_lock(&lock);
	holding = false;
	answer(held);
	held = NULL;
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < 50; i++)
		CHECK(reaches(w, &ears[i].jobs, 1));
	/* Who came while it was out makes it ask once more; on a slow machine its poll comes, too.
	 */
	CHECK(asked_by_now() < 10);
	for (int i = 0; i < 50; i++)
		CHECK_INT(ears[i].jobs, 1);
	CHECK_INT(watch_count(w), 50);
	for (int i = 0; i < 50; i++)
		CHECK(watch_remove(w, &ears[i].w));
}

static void the_same_revision_is_told_once(void)
{
	struct watch *w = open_watch(NULL);
	struct ear ear = {0};

	listen_to(w, &ear, "a");
	CHECK(reaches(w, &asked, 3)); /* two polls more */
	CHECK_INT(ear.jobs, 1);
	CHECK(watch_remove(w, &ear.w));
}

static void who_says_false_is_out(void)
{
	struct watch *w = open_watch(NULL);
	struct ear ear = {.leave = true}, other = {0};

	listen_to(w, &ear, "a");
	listen_to(w, &other, "a");
	CHECK(reaches(w, &other.jobs, 1));
	CHECK(reaches(w, &ear.jobs, 1));
	CHECK(!watch_remove(w, &ear.w));
	CHECK(watch_remove(w, &other.w));
}

static void another_place_in_the_queue_is_told(void)
{
	struct watch *w = open_watch(NULL);
	struct ear ear = {0};

	listen_to(w, &ear, "a");
	CHECK(reaches(w, &ear.jobs, 1));
	pthread_mutex_lock(&lock);
	place = 7;
	pthread_mutex_unlock(&lock);
	CHECK(reaches(w, &ear.jobs, 2));
	CHECK_INT(ear.revision, 1);
	CHECK_INT(ear.place, 7);
	CHECK(watch_remove(w, &ear.w));
}

static bool has_room(void *arg)
{
	bool full;

	pthread_mutex_lock(&lock);
	full = ((struct ear *)arg)->full;
	pthread_mutex_unlock(&lock);
	return !full;
}

/* A change of each of n jobs more. */
static void happen(int n)
{
	pthread_mutex_lock(&lock);
	for (; n; n--) {
		changes[n_changes] = (struct job){.id = "j", .owner = "o", .status = "queued"};
		changes[n_changes].change = 10 * (n_changes + 1);
		n_changes++;
	}
	pthread_mutex_unlock(&lock);
}

static void listen_to_all(struct watch *w, struct ear *ear, int64_t after)
{
	ear->w = (struct watcher){.fn = on_news, .arg = ear, .room = has_room, .after = after};
	ear->change = after;
	CHECK(watch_add_owner(w, &ear->w, "o"));
}

static void each_hears_what_it_missed_and_nothing_twice(void)
{
	struct watch *w = open_watch(NULL);
	struct ear new = {0}, old = {0}, oldest = {0};

	happen(250);
	listen_to_all(w, &new, 2500);
	listen_to_all(w, &old, 2400);
	CHECK(reaches(w, &old.jobs, 10));
	listen_to_all(w, &oldest, 0); /* three pages */
	CHECK(reaches(w, &oldest.jobs, 250));
	CHECK_INT(new.jobs, 0);
	CHECK_INT(old.jobs, 10);
	happen(1);
	CHECK(reaches(w, &new.jobs, 1)); /* the poll */
	CHECK(reaches(w, &oldest.jobs, 251));
	CHECK(reaches(w, &old.jobs, 11));
	CHECK_INT(new.change, 2510);
	CHECK_INT((int)(new.wrong + old.wrong + oldest.wrong), 0);
	CHECK(watch_remove(w, &new.w));
	CHECK(watch_remove(w, &old.w));
	CHECK(watch_remove(w, &oldest.w));
	CHECK_INT(watch_count(w), 0);
}

static void one_that_cannot_take_more_holds_nobody_up(void)
{
	struct watch *w = open_watch(NULL);
	struct ear quick = {0}, slow = {.full = true};

	listen_to_all(w, &quick, 0);
	listen_to_all(w, &slow, 0);
	happen(150);
	CHECK(reaches(w, &quick.jobs, 150));
	CHECK_INT(slow.jobs, 0);
	pthread_mutex_lock(&lock);
	slow.full = false;
	pthread_mutex_unlock(&lock);
	CHECK(reaches(w, &slow.jobs, 150));
	CHECK_INT(quick.jobs, 150);
	CHECK_INT((int)(quick.wrong + slow.wrong), 0);
	CHECK(watch_remove(w, &quick.w));
	CHECK(watch_remove(w, &slow.w));
}

/* How often the owner's changes were asked for, when that has come to rest. */
static int rests_at(void)
{
	int64_t until = mono_us() + DEADLINE_US;
	int seen = -1, now = 0;

	while (seen != now && mono_us() < until) {
		seen = now;
		usleep(20000);
		pthread_mutex_lock(&lock);
		now = n_asked_after;
		pthread_mutex_unlock(&lock);
	}
	return now;
}

static void one_change_costs_one_ask_for_all_listeners(void)
{
	struct watch *w = open_watch("inproc://watch-hints");
	struct ear ears[50] = {0};
	struct job_hint hint[2] = {{.id = "j", .owner = "o"}, {.id = "k", .owner = "o"}};
	int before, used;

	for (int i = 0; i < 50; i++)
		listen_to_all(w, &ears[i], 0);
	CHECK(reaches(w, &asked, 1));
	do { /* until the subscription is there */
		before = rests_at();
		happen(1);
		tell(teller, MSG_JOB_CHANGED, &(struct job_hints){hint, 2});
		used = rests_at() - before;
	} while (!used);
	CHECK_INT(used, 1);
	for (int i = 0; i < 50; i++) {
		CHECK_INT(ears[i].jobs, n_changes);
		CHECK_INT((int)ears[i].wrong, 0);
		CHECK(watch_remove(w, &ears[i].w));
	}
}

static void a_job_that_is_gone_ends_the_wait(void)
{
	struct watch *w = open_watch(NULL);
	struct ear ear = {0};

	pthread_mutex_lock(&lock);
	failing = ERR_NOT_FOUND;
	pthread_mutex_unlock(&lock);
	listen_to(w, &ear, "a");
	CHECK(reaches(w, &ear.lost, 1));
	CHECK(!watch_remove(w, &ear.w));
}

static void a_service_that_fails_is_asked_again(void)
{
	struct watch *w = open_watch(NULL);
	struct ear ear = {0};

	pthread_mutex_lock(&lock);
	failing = ERR_STORE;
	pthread_mutex_unlock(&lock);
	listen_to(w, &ear, "a");
	CHECK(reaches(w, &asked, 1));
	pthread_mutex_lock(&lock);
	failing = ERR_OK;
	pthread_mutex_unlock(&lock);
	CHECK(reaches(w, &ear.jobs, 1));
	CHECK_INT(ear.lost, 0);
	CHECK(watch_remove(w, &ear.w));
}

static void time_brings_checks_beats_and_the_end(void)
{
	struct watch *w = open_watch(NULL);
	struct ear ear = {0}, second = {0};
	int64_t now = mono_us();

	ear.w.deadline_us = now + 60000000;
	listen_to(w, &ear, "a");
	listen_to(w, &second, "a");
	CHECK(reaches(w, &ear.jobs, 1));
	CHECK(reaches(w, &second.jobs, 1));
	watch_tick(w, now + 2000000);
	watch_tick(w, now + 2100000);
	CHECK(ear.checks >= 1);
	CHECK_INT(ear.beats, 0);
	watch_tick(w, now + 20000000);
	CHECK_INT(ear.beats, 1);
	CHECK_INT(second.beats, 1);
	CHECK_INT(ear.times, 0);
	watch_tick(w, now + 61000000);
	CHECK_INT(ear.times, 1);
	CHECK_INT(second.times, 0);
	CHECK(!watch_remove(w, &ear.w));
	CHECK(watch_remove(w, &second.w));
}

static void stopping_tells_all_and_takes_nobody_in(void)
{
	struct watch *w = open_watch(NULL);
	struct ear a = {0}, b = {0};

	listen_to(w, &a, "a");
	listen_to(w, &b, "b");
	watch_stop(w);
	CHECK_INT(a.stops, 1);
	CHECK_INT(b.stops, 1);
	CHECK_INT(watch_count(w), 0);
	CHECK(!watch_add(w, &a.w, "o", "a"));
}

TESTS("watch", T(the_present_state_comes_at_once), T(a_hint_brings_the_next_state_soon),
	T(without_hints_the_poll_finds_it), T(many_listeners_cost_one_ask),
	T(the_same_revision_is_told_once), T(who_says_false_is_out),
	T(another_place_in_the_queue_is_told), T(each_hears_what_it_missed_and_nothing_twice),
	T(one_that_cannot_take_more_holds_nobody_up), T(one_change_costs_one_ask_for_all_listeners),
	T(a_job_that_is_gone_ends_the_wait), T(a_service_that_fails_is_asked_again),
	T(time_brings_checks_beats_and_the_end), T(stopping_tells_all_and_takes_nobody_in))
