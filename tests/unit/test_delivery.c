#include "services/jobs/delivery.h"

#include "tests/unit/check.h"

#define NOW    1700000000123LL
#define S      1000LL
#define MINUTE (60 * S)
#define HOUR   (60 * MINUTE)
#define MIDDLE 0.5 /* of the dice: no jitter */

static const struct delivery_rules rules = {
	.lease_ms = MINUTE, .retry_base_ms = 5 * S, .give_up_ms = 24 * HOUR};

static struct delivery one(void)
{
	return (struct delivery){.id = "evt_1",
		.owner = "a",
		.endpoint = "we_1",
		.url = "https://example.com/",
		.type = "video.completed",
		.video = "video_1",
		.body = "{}",
		.created_at = NOW,
		.state = "pending",
		.next_at = NOW};
}

static const struct hook_tried refused = {.status = 500, .error = "it said no", .took_ms = 7};
static const struct hook_tried taken = {.status = 204, .took_ms = 7};

static void the_body_is_what_clients_read(void)
{
	const struct tag notes[] = {{"scene", "3"}, {"quoted", "\"a\""}};
	struct job job = {.id = "video_1"};
	struct buf b = {0};

	delivery_body(&b, "evt_1", "video.completed", &job, NOW);
	CHECK_STR(b.p, "{\"id\":\"evt_1\",\"object\":\"event\",\"created_at\":1700000000,"
		       "\"type\":\"video.completed\",\"data\":{\"id\":\"video_1\","
		       "\"metadata\":{}}}");
	buf_clear(&b);
	job.metadata = notes, job.n_metadata = 2;
	delivery_body(&b, "evt_1", "video.failed", &job, NOW);
	CHECK(strstr(b.p, "\"data\":{\"id\":\"video_1\",\"metadata\":{\"scene\":\"3\","
			  "\"quoted\":\"\\\"a\\\"\"}}}") != NULL);
	buf_clear(&b);
	delivery_body(&b, "evt_2", DELIVERY_TEST, NULL, NOW);
	CHECK_STR(b.p, "{\"id\":\"evt_2\",\"object\":\"event\",\"created_at\":1700000000,"
		       "\"type\":\"webhook.test\",\"data\":{}}");
	buf_free(&b);
}

static void each_end_of_a_job_has_its_event(void)
{
	CHECK_STR(delivery_event("completed"), "video.completed");
	CHECK_STR(delivery_event("failed"), "video.failed");
	CHECK_STR(delivery_event("cancelled"), "video.cancelled");
	CHECK_STR(delivery_event("deleted"), NULL);
	CHECK(delivery_known("video.failed"));
	CHECK(!delivery_known("video.deleted") && !delivery_known(DELIVERY_TEST));
}

static void endpoints_get_what_they_want(void)
{
	static const char *const events[] = {"video.failed"};
	struct endpoint to = {.id = "we_1"};

	CHECK(delivery_wanted(&to, "video.completed"));
	to.events = events;
	to.n_events = 1;
	CHECK(delivery_wanted(&to, "video.failed"));
	CHECK(!delivery_wanted(&to, "video.completed"));
	CHECK(delivery_wanted(&to, DELIVERY_TEST));
	to.disabled = true;
	CHECK(!delivery_wanted(&to, "video.failed"));
	CHECK(delivery_wanted(&to, DELIVERY_TEST));
}

static void what_was_taken_is_delivered(void)
{
	struct delivery d = one();

	delivery_take(&d, &rules, NOW, "t1");
	CHECK_INT(d.attempts, 1);
	CHECK_INT(d.next_at, NOW + MINUTE);
	delivery_tried(&d, &rules, NOW + 50, MIDDLE, &taken);
	CHECK(delivery_over(&d));
	CHECK_STR(d.state, "delivered");
	CHECK_INT(d.status, 204);
	CHECK_INT(d.ended_at, NOW + 50);
	CHECK_INT(d.next_at, 0);
	CHECK_INT(d.took_ms, 7);
	CHECK_STR(d.lease, NULL);
	CHECK_STR(d.past_lease, "t1");
}

static void pauses_grow_up_to_two_hours(void)
{
	static const int64_t pauses[] = {5 * S, 30 * S, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR,
		2 * HOUR, 2 * HOUR, 2 * HOUR};

	for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
		int64_t n = (int64_t)i + 1;

		CHECK_INT(delivery_pause(&rules, n, MIDDLE), pauses[i]);
		CHECK_INT(delivery_pause(&rules, n, 0), pauses[i] * 8 / 10);
		CHECK(delivery_pause(&rules, n, 0.999999) <= pauses[i] * 12 / 10);
		CHECK(delivery_pause(&rules, n, 0.999999) > pauses[i] * 11 / 10);
	}
}

static void tries_go_on_for_24_hours(void)
{
	struct delivery d = one();
	int64_t now = NOW;
	int tries = 0;

	while (!delivery_over(&d) && tries < 100) {
		delivery_take(&d, &rules, now, "t");
		delivery_tried(&d, &rules, now, MIDDLE, &refused);
		tries++;
		if (!delivery_over(&d)) {
			CHECK_STR(d.state, "pending");
			CHECK(d.next_at > now);
			now = d.next_at;
		}
	}
	CHECK_STR(d.state, "failed");
	CHECK_STR(d.error, "it said no");
	CHECK_INT(d.attempts, tries);
	CHECK_INT(tries, 18);
	CHECK(now - NOW > 22 * HOUR && now - NOW <= 24 * HOUR);
}

static void final_failures_and_tests_are_not_tried_again(void)
{
	struct hook_tried final = refused;
	struct delivery d = one();

	final.final = true;
	delivery_take(&d, &rules, NOW, "t");
	delivery_tried(&d, &rules, NOW, MIDDLE, &final);
	CHECK_STR(d.state, "failed");
	d = one();
	d.type = DELIVERY_TEST;
	delivery_take(&d, &rules, NOW, "t");
	delivery_tried(&d, &rules, NOW, MIDDLE, &refused);
	CHECK_STR(d.state, "failed");
}

static void time_runs_out_only_for_what_was_tried(void)
{
	struct delivery d = one();

	CHECK(!delivery_late(&d, &rules, NOW + 48 * HOUR));
	delivery_take(&d, &rules, NOW, "t");
	CHECK(!delivery_late(&d, &rules, NOW + 24 * HOUR));
	CHECK(delivery_late(&d, &rules, NOW + 24 * HOUR + 1));
	delivery_give_up(&d, NOW + 25 * HOUR, "why");
	CHECK_STR(d.state, "failed");
	CHECK_STR(d.error, "why");
	CHECK_INT(d.ended_at, NOW + 25 * HOUR);
}

static void tokens_are_not_told(void)
{
	struct delivery d = one(), told;

	d.lease = "a";
	d.past_lease = "b";
	told = delivery_told(&d);
	CHECK_STR(told.lease, NULL);
	CHECK_STR(told.past_lease, NULL);
	CHECK_STR(told.id, "evt_1");
}

TESTS("delivery", T(the_body_is_what_clients_read), T(each_end_of_a_job_has_its_event),
	T(endpoints_get_what_they_want), T(what_was_taken_is_delivered),
	T(pauses_grow_up_to_two_hours), T(tries_go_on_for_24_hours),
	T(final_failures_and_tests_are_not_tried_again), T(time_runs_out_only_for_what_was_tried),
	T(tokens_are_not_told))
