/* How a worker is, by its own words. */
#include "services/bridge/condition.h"

#include "tests/unit/check.h"

static struct frame_attention wants(const char *reason)
{
	return (struct frame_attention){
		.reason = reason, .message = "Look there.", .url = "https://example.com/"};
}

static const char *is(const struct condition *c, int64_t busy)
{
	return worker_state_name(condition_state(c, 2, busy));
}

static void what_is_worse_hides_what_is_better(void)
{
	const struct frame_attention login = wants("login");
	const struct frame_state rests = {.until_ms = 900};
	const struct frame_state both = {.paused = true, .until_ms = 900, .note = "slow down"};
	struct condition c = {0};

	CHECK_STR(is(&c, 1), "ready");
	CHECK_STR(is(&c, 2), "busy");
	CHECK(condition_stated(&c, &rests, 100));
	CHECK(!condition_stated(&c, &rests, 100));
	CHECK_STR(is(&c, 2), "cooling_down");
	CHECK(condition_stated(&c, &both, 100));
	CHECK_STR(is(&c, 0), "paused");
	CHECK(condition_attention(&c, &login, 150));
	CHECK_STR(is(&c, 0), "attention");
	CHECK(condition_attention_over(&c));
	CHECK(!condition_attention_over(&c));
	CHECK_STR(is(&c, 0), "paused");
}

static void a_cool_down_ends_by_itself(void)
{
	const struct frame_state rests = {.until_ms = 900, .note = "until nine"};
	struct worker w = {.slots = 1};
	struct condition c = {0};

	CHECK(condition_stated(&c, &rests, 100));
	CHECK(!condition_tick(&c, 899));
	condition_tell(&c, &w);
	CHECK_INT(w.until, 900);
	CHECK_STR(w.note, "until nine");
	CHECK(condition_tick(&c, 900));
	CHECK(!condition_tick(&c, 901));
	CHECK_STR(is(&c, 0), "ready");
	CHECK(!condition_stated(&c, &(struct frame_state){.until_ms = 800}, 950)); /* long over */
	CHECK_STR(is(&c, 0), "ready");
}

static void attention_is_told_with_its_beginning(void)
{
	struct frame_attention f = wants("login");
	struct worker w = {.slots = 1, .busy = 1};
	struct condition c = {0};

	CHECK(condition_attention(&c, &f, 150));
	CHECK(!condition_attention(&c, &f, 160));
	f.message = "Do look.";
	CHECK(condition_attention(&c, &f, 170));
	condition_tell(&c, &w);
	CHECK_STR(w.state, "attention");
	CHECK_STR(w.attention_reason, "login");
	CHECK_STR(w.attention_message, "Do look.");
	CHECK_STR(w.attention_url, "https://example.com/");
	CHECK_INT(w.attention_since, 150);
	f = wants("something_new");
	CHECK(condition_attention(&c, &f, 200));
	condition_tell(&c, &w);
	CHECK_STR(w.attention_reason, "other");
	CHECK_INT(w.attention_since, 200);
	condition_attention_over(&c);
	w = (struct worker){.slots = 1, .busy = 1};
	condition_tell(&c, &w);
	CHECK_STR(w.state, "busy");
	CHECK_STR(w.attention_reason, NULL);
	CHECK_STR(w.attention_url, NULL);
}

TESTS("condition", T(what_is_worse_hides_what_is_better), T(a_cool_down_ends_by_itself),
	T(attention_is_told_with_its_beginning))
