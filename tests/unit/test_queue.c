/* Who is next: fairness, limits, order and delays. */
#include "services/jobs/queue.h"

#include "tests/unit/check.h"

static const char *const sandbox[] = {"sandbox"};

static int readies;
static char ready_model[64];

static void on_ready(void *arg, const char *model)
{
	(void)arg;
	readies++;
	snprintf(ready_model, sizeof ready_model, "%s", model);
}

static void add(
	struct queue *q, const char *owner, int number, const char *model, int64_t not_before)
{
	char id[ID_MAX];
	struct queue_job j = {.id = id,
		.owner = owner,
		.model = model,
		.since = number,
		.not_before = not_before};

	snprintf(id, sizeof id, "%s%06d", owner, number);
	queue_add(q, &j, 1000);
}

static const char *take(struct queue *q)
{
	static char id[ID_MAX];
	const char *owner;

	return queue_take(q, sandbox, 1, id, &owner) ? id : NULL;
}

static void an_empty_queue_gives_nothing(void)
{
	struct queue *q = queue_new(NULL, NULL);
	int64_t since;

	CHECK_STR(take(q), NULL);
	CHECK_INT(queue_waiting(q), 0);
	CHECK_INT(queue_next_wake(q), INT64_MAX);
	CHECK_STR(queue_oldest(q, &since), NULL);
	CHECK(!queue_remove(q, "x"));
	queue_free(q);
	queue_free(NULL);
}

static void one_owners_jobs_come_in_the_order_of_ids(void)
{
	struct queue *q = queue_new(NULL, NULL);

	add(q, "a", 3, "sandbox", 0);
	add(q, "a", 1, "sandbox", 0);
	add(q, "a", 2, "sandbox", 0);
	CHECK_INT(queue_owner_waiting(q, "a"), 3);
	CHECK_STR(take(q), "a000001");
	CHECK_STR(take(q), "a000002");
	CHECK_STR(take(q), "a000003");
	CHECK_STR(take(q), NULL);
	CHECK_INT(queue_running(q), 3);
	queue_free(q);
}

static void a_thousand_jobs_of_one_owner_do_not_starve_another(void)
{
	struct queue *q = queue_new(NULL, NULL);
	const char *id;

	for (int i = 0; i < 1000; i++)
		add(q, "big", i, "sandbox", 0);
	CHECK_STR(take(q), "big000000");
	CHECK_STR(take(q), "big000001");
	add(q, "small", 1, "sandbox", 0);
	CHECK_STR(take(q), "small000001");
	/* coming and going wins nothing either: the other one has its turn between */
	for (int i = 2; i < 50; i++) {
		add(q, "small", i, "sandbox", 0);
		id = take(q);
		CHECK(id && id[0] == 'b');
		id = take(q);
		CHECK(id && id[0] == 's');
	}
	queue_free(q);
}

static void owners_take_turns(void)
{
	static const char *const owners[] = {"a", "b", "c", "d"};
	struct queue *q = queue_new(NULL, NULL);
	int got[4] = {0};

	for (int i = 0; i < 100; i++) {
		for (int o = 0; o < 4; o++) {
			for (int k = 0; k < (o == 0 ? 10 : 1); k++)
				add(q, owners[o], 10 * i + k, "sandbox", 0);
		}
	}
	for (int i = 0; i < 40; i++) {
		const char *id = take(q);

		got[id[0] - 'a']++;
	}
	for (int o = 0; o < 4; o++)
		CHECK_INT(got[o], 10);
	queue_free(q);
}

static void an_owner_at_its_limit_is_passed_over(void)
{
	struct queue *q = queue_new(on_ready, NULL);
	struct queue_job j = {
		.id = "a1", .owner = "a", .model = "sandbox", .since = 1, .max_running = 1};

	readies = 0;
	queue_add(q, &j, 1000);
	j.id = "a2";
	queue_add(q, &j, 1000);
	add(q, "b", 1, "sandbox", 0);
	CHECK_INT(readies, 3);
	CHECK_STR(take(q), "a1");
	CHECK_STR(take(q), "b000001");
	CHECK_STR(take(q), NULL);
	j.id = "a3";
	queue_add(q, &j, 1000);
	CHECK_INT(readies, 3); /* nobody could take it */
	queue_run_over(q, "b");
	CHECK_INT(readies, 3);
	queue_run_over(q, "a");
	CHECK_INT(readies, 4);
	CHECK_STR(take(q), "a2");
	queue_run_over(q, "a");
	queue_runs(q, "a", 1); /* leased before a restart */
	CHECK_STR(take(q), NULL);
	queue_run_over(q, "a");
	CHECK_STR(take(q), "a3");
	queue_free(q);
}

static void the_newest_limit_of_an_owner_counts(void)
{
	struct queue *q = queue_new(NULL, NULL);
	struct queue_job j = {
		.id = "a1", .owner = "a", .model = "sandbox", .since = 1, .max_running = 1};

	queue_add(q, &j, 1000);
	j.id = "a2", j.max_running = 0;
	queue_add(q, &j, 1000);
	CHECK_STR(take(q), "a1");
	CHECK_STR(take(q), "a2");
	queue_free(q);
}

static void only_what_a_worker_can_make_is_taken(void)
{
	static const char *const two[] = {"x", "sandbox"};
	struct queue *q = queue_new(NULL, NULL);
	const char *owner;
	char id[ID_MAX];

	add(q, "a", 1, "other", 0);
	CHECK_STR(take(q), NULL);
	add(q, "a", 2, "sandbox", 0);
	add(q, "a", 3, "x", 0);
	add(q, "a", 0, "y", 0);
	CHECK(queue_take(q, two, 2, id, &owner));
	CHECK_STR(id, "a000002"); /* the oldest over all lanes */
	CHECK_STR(owner, "a");
	CHECK(queue_take(q, two, 2, id, &owner));
	CHECK_STR(id, "a000003");
	CHECK(!queue_take(q, two, 2, id, &owner));
	CHECK(!queue_take(q, two, 0, id, &owner));
	CHECK_INT(queue_waiting(q), 2);
	queue_free(q);
}

static void delayed_jobs_wait_for_their_time(void)
{
	struct queue *q = queue_new(on_ready, NULL);

	readies = 0;
	add(q, "a", 1, "sandbox", 1500);
	add(q, "a", 2, "sandbox", 1200);
	add(q, "a", 3, "sandbox", 1000);
	CHECK_INT(queue_delayed(q), 2);
	CHECK_INT(queue_waiting(q), 3);
	CHECK_INT(readies, 1);
	CHECK_STR(take(q), "a000003");
	CHECK_STR(take(q), NULL);
	CHECK_INT(queue_next_wake(q), 1200);
	queue_wake(q, 1199);
	CHECK_STR(take(q), NULL);
	queue_wake(q, 1200);
	CHECK_INT(readies, 2);
	CHECK_STR(ready_model, "sandbox");
	CHECK_STR(take(q), "a000002");
	queue_wake(q, 9999);
	CHECK_STR(take(q), "a000001");
	CHECK_INT(queue_next_wake(q), INT64_MAX);
	queue_free(q);
}

static void a_job_that_comes_back_is_in_front_again(void)
{
	struct queue *q = queue_new(NULL, NULL);

	for (int i = 1; i <= 3; i++)
		add(q, "a", i, "sandbox", 0);
	CHECK_STR(take(q), "a000001");
	queue_run_over(q, "a");
	add(q, "a", 1, "sandbox", 0);
	CHECK_STR(take(q), "a000001");
	queue_free(q);
}

static void any_job_can_leave(void)
{
	struct queue *q = queue_new(NULL, NULL);
	int64_t since = 0;

	for (int i = 1; i <= 9; i++)
		add(q, i % 2 ? "a" : "b", i, "sandbox", i % 3 ? 0 : 2000);
	CHECK_STR(queue_oldest(q, &since), "a000001");
	CHECK_INT(since, 1);
	CHECK(queue_remove(q, "a000001"));
	CHECK(!queue_remove(q, "a000001"));
	CHECK(queue_remove(q, "a000003")); /* delayed */
	CHECK(queue_remove(q, "b000002"));
	CHECK_STR(queue_oldest(q, &since), "b000004");
	CHECK_INT(queue_waiting(q), 6);
	CHECK_INT(queue_owner_waiting(q, "a"), 3);
	CHECK_INT(queue_owner_waiting(q, "b"), 3);
	CHECK_INT(queue_owner_waiting(q, "nobody"), 0);
	while (queue_oldest(q, &since))
		CHECK(queue_remove(q, queue_oldest(q, &since)));
	CHECK_INT(queue_waiting(q), 0);
	CHECK_INT(queue_delayed(q), 0);
	queue_free(q);
}

/* Against a naive queue: an array that is searched from end to end. */
#define OWNERS 7
#define MODELS 3
#define JOBS   300

struct naive {
	char id[ID_MAX];
	int owner, model;
	bool in;
};

static void any_mix_agrees_with_a_naive_queue(void)
{
	static struct naive jobs[JOBS];
	static const char *const owners[OWNERS] = {"o0", "o1", "o2", "o3", "o4", "o5", "o6"};
	static const char *const models[MODELS] = {"m0", "m1", "m2"};
	struct queue *q = queue_new(NULL, NULL);
	unsigned served[OWNERS] = {0}, running[OWNERS] = {0}, takes = 0, rnd = 7;

	for (int i = 0; i < JOBS; i++)
		snprintf(jobs[i].id, sizeof jobs[i].id, "id%06d", i);
	for (int step = 0; step < 20000; step++) {
		struct naive *j, *best = NULL;
		const char *owner;
		char id[ID_MAX] = "";
		int model;

		rnd = rnd * 1103515245 + 12345;
		j = &jobs[(rnd >> 8) % JOBS];
		model = (int)(rnd >> 5) % MODELS;
		if ((rnd >> 16) % 3 == 0) {
			CHECK_INT(queue_remove(q, j->id), j->in);
			j->in = false;
		} else if ((rnd >> 16) % 3 == 1) {
			struct queue_job new = {.id = j->id, .max_running = 5, .since = step};

			if (j->in)
				continue;
			j->owner = (int)(rnd >> 3) % OWNERS;
			j->model = model;
			new.owner = owners[j->owner], new.model = models[model];
			queue_add(q, &new, 1000);
			j->in = true;
		} else {
			for (int i = 0; i < JOBS; i++) {
				struct naive *k = &jobs[i];

				if (k->in && k->model == model && running[k->owner] < 5 &&
					(!best || served[k->owner] < served[best->owner]))
					best = k;
			}
			takes++;
			/* owners that were never served are equal: any of them will do */
			if (!best) {
				CHECK(!queue_take(q, &models[model], 1, id, &owner));
				if ((rnd >> 24) % 2 && running[model]) {
					running[model]--;
					queue_run_over(q, owners[model]);
				}
				continue;
			}
			CHECK(queue_take(q, &models[model], 1, id, &owner));
			if (served[best->owner] == 0)
				best = &jobs[atoi(id + 2)];
			CHECK_STR(id, best->id);
			CHECK_STR(owner, owners[best->owner]);
			best->in = false;
			served[best->owner] = takes;
			if (++running[best->owner] == 5 || (rnd >> 24) % 2) {
				running[best->owner]--;
				queue_run_over(q, owner);
			}
		}
	}
	queue_free(q);
}

static size_t position(struct queue *q, const char *id)
{
	struct queue_place p = {.position = 0};

	return queue_place(q, id, &p) ? p.position : 0;
}

static void a_position_counts_the_turns_of_others(void)
{
	struct queue *q = queue_new(NULL, NULL);

	for (int i = 1; i <= 5; i++)
		add(q, "a", i, "sandbox", 0);
	add(q, "b", 1, "sandbox", 0);
	add(q, "b", 2, "sandbox", 0);
	add(q, "c", 1, "other", 0);
	CHECK_INT(position(q, "a000001"), 1);
	CHECK_INT(position(q, "b000001"), 2);
	CHECK_INT(position(q, "a000002"), 3);
	CHECK_INT(position(q, "b000002"), 4);
	CHECK_INT(position(q, "a000005"), 7);
	CHECK_INT(position(q, "c000001"), 1);
	CHECK_INT(position(q, "nobody"), 0);
	CHECK_STR(take(q), "a000001");
	CHECK_INT(position(q, "a000001"), 0);
	CHECK_INT(position(q, "b000001"), 1);
	CHECK_INT(position(q, "a000002"), 2);
	CHECK(queue_remove(q, "a000003")); /* exact also when somebody leaves */
	CHECK_INT(position(q, "a000005"), 5);
	queue_free(q);
}

static void a_delayed_job_has_a_position_too(void)
{
	struct queue *q = queue_new(NULL, NULL);
	struct queue_place p = {.position = 0};

	add(q, "a", 1, "sandbox", 0);
	add(q, "a", 2, "sandbox", 5000);
	add(q, "b", 1, "sandbox", 5000);
	CHECK(queue_place(q, "a000002", &p));
	CHECK_INT(p.position, 2);
	CHECK_INT(p.not_before, 5000);
	CHECK_STR(p.model, "sandbox");
	CHECK_INT(position(q, "b000001"), 2);
	CHECK_STR(take(q), "a000001");
	CHECK_INT(position(q, "a000002"), 1);
	queue_free(q);
}

/* Many jobs of many owners, some taken and some gone: then all are served just as was said. */
static void positions_come_true(void)
{
	static char ids[400][ID_MAX];
	struct queue *q = queue_new(NULL, NULL);
	size_t told[400], served = 0;
	unsigned rnd = 3;
	char owner[8];
	const char *id;

	for (int i = 0; i < 400; i++) {
		rnd = rnd * 1103515245 + 12345;
		snprintf(owner, sizeof owner, "o%u_", (rnd >> 16) % ((rnd >> 20) % 17 + 1));
		snprintf(ids[i], sizeof ids[i], "%s%06d", owner, i);
		add(q, owner, i, (rnd >> 8) % 4 ? "sandbox" : "other", 0);
		if ((rnd >> 12) % 5 == 0)
			take(q);
		if ((rnd >> 12) % 7 == 0)
			queue_remove(q, ids[(rnd >> 4) % 400]);
	}
	for (int i = 0; i < 400; i++) {
		struct queue_place p = {.model = ""};

		queue_place(q, ids[i], &p);
		told[i] = strcmp(p.model, "sandbox") == 0 ? p.position : 0;
	}
	while ((id = take(q)))
		CHECK_INT(told[atoi(strchr(id, '_') + 1)], ++served);
	CHECK(served > 50);
	queue_free(q);
}

static void a_hundred_thousand_jobs_are_no_burden(void)
{
	struct queue *q = queue_new(NULL, NULL);
	char owner[16];
	int taken = 0;

	for (int i = 0; i < 100000; i++) {
		snprintf(owner, sizeof owner, "o%d_", i % 500);
		add(q, owner, i, "sandbox", 0);
	}
	CHECK_INT(queue_waiting(q), 100000);
	CHECK_INT(position(q, "o0_000000"), 1);
	CHECK_INT(position(q, "o499_099999"), 100000);
	while (take(q))
		taken++;
	CHECK_INT(taken, 100000);
	queue_free(q);
}

TESTS("queue", T(an_empty_queue_gives_nothing), T(one_owners_jobs_come_in_the_order_of_ids),
	T(a_thousand_jobs_of_one_owner_do_not_starve_another), T(owners_take_turns),
	T(an_owner_at_its_limit_is_passed_over), T(the_newest_limit_of_an_owner_counts),
	T(only_what_a_worker_can_make_is_taken), T(delayed_jobs_wait_for_their_time),
	T(a_job_that_comes_back_is_in_front_again), T(any_job_can_leave),
	T(any_mix_agrees_with_a_naive_queue), T(a_position_counts_the_turns_of_others),
	T(a_delayed_job_has_a_position_too), T(positions_come_true),
	T(a_hundred_thousand_jobs_are_no_burden))
