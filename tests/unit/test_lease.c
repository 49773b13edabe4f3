/* Who has what: tokens, renewal, the order in which leases end. */
#include "services/jobs/lease.h"

#include "tests/unit/check.h"

static void add(struct leases *t, int n, int64_t until, int64_t give_up)
{
	struct lease l = {.until = until, .give_up = give_up};

	snprintf(l.id, sizeof l.id, "video_%d", n);
	snprintf(l.token, sizeof l.token, "%032d", n);
	lease_add(t, &l);
}

static const char *token(int n)
{
	static char s[LEASE_TOKEN];

	snprintf(s, sizeof s, "%032d", n);
	return s;
}

static void a_token_is_32_hex_digits(void)
{
	CHECK(lease_token_ok("0123456789abcdef0123456789abcdef"));
	CHECK(!lease_token_ok("0123456789ABCDEF0123456789ABCDEF"));
	CHECK(!lease_token_ok("0123456789abcdef0123456789abcde"));
	CHECK(!lease_token_ok("0123456789abcdef0123456789abcdef0"));
	CHECK(!lease_token_ok(""));
	CHECK(!lease_token_ok(NULL));
}

static void leases_are_found_by_job_and_by_token(void)
{
	struct leases *t = leases_new();

	add(t, 1, 100, 1000);
	add(t, 2, 50, 1000);
	CHECK_INT(lease_count(t), 2);
	CHECK_STR(lease_of_job(t, "video_1")->token, token(1));
	CHECK_STR(lease_of_token(t, token(2))->id, "video_2");
	CHECK(lease_of_job(t, "video_3") == NULL);
	CHECK(lease_of_token(t, token(3)) == NULL);
	CHECK(lease_remove(t, "video_1"));
	CHECK(!lease_remove(t, "video_1"));
	CHECK(lease_of_job(t, "video_1") == NULL);
	CHECK(lease_of_token(t, token(1)) == NULL);
	leases_free(t);
	leases_free(NULL);
}

static void the_next_to_end_is_on_top(void)
{
	struct leases *t = leases_new();

	CHECK(lease_next(t) == NULL);
	add(t, 1, 300, 1000);
	add(t, 2, 100, 1000);
	add(t, 3, 200, 1000);
	CHECK_STR(lease_next(t)->id, "video_2");
	CHECK(lease_renew(t, "video_2", token(2), 400));
	CHECK_STR(lease_next(t)->id, "video_3");
	CHECK(lease_remove(t, "video_3"));
	CHECK_STR(lease_next(t)->id, "video_1");
	CHECK_INT(lease_end(lease_next(t)), 300);
	leases_free(t);
}

static void only_the_right_token_renews(void)
{
	struct leases *t = leases_new();

	add(t, 1, 100, 1000);
	CHECK(!lease_renew(t, "video_1", token(2), 500));
	CHECK(!lease_renew(t, "video_2", token(1), 500));
	CHECK_INT(lease_next(t)->until, 100);
	CHECK(lease_renew(t, "video_1", token(1), 500));
	CHECK_INT(lease_next(t)->until, 500);
	leases_free(t);
}

static void renewing_does_not_move_the_last_deadline(void)
{
	struct leases *t = leases_new();

	add(t, 1, 100, 250);
	CHECK(lease_renew(t, "video_1", token(1), 9000));
	CHECK_INT(lease_end(lease_next(t)), 250);
	leases_free(t);
}

static void thousands_end_in_order(void)
{
	struct leases *t = leases_new();
	int64_t last = 0;
	unsigned rnd = 3;

	for (int i = 0; i < 3000; i++) {
		rnd = rnd * 1103515245 + 12345;
		add(t, i, (rnd >> 8) % 10000, 1000000);
		if (i % 3 == 0) {
			char id[ID_MAX];

			snprintf(id, sizeof id, "video_%d", i / 2);
			lease_renew(t, id, token(i / 2), (rnd >> 4) % 10000);
		}
	}
	CHECK_INT(lease_count(t), 3000);
	while (lease_next(t)) {
		CHECK(lease_end(lease_next(t)) >= last);
		last = lease_end(lease_next(t));
		CHECK(lease_remove(t, lease_next(t)->id));
	}
	CHECK_INT(lease_count(t), 0);
	leases_free(t);
}

TESTS("lease", T(a_token_is_32_hex_digits), T(leases_are_found_by_job_and_by_token),
	T(the_next_to_end_is_on_top), T(only_the_right_token_renews),
	T(renewing_does_not_move_the_last_deadline), T(thousands_end_in_order))
