/* Lists of jobs: pages in both directions, and filters. */
#include "tests/unit/jobs_rig.h"

static const char *list(struct rig *r, const struct job_list *want, struct msg **m, bool *more)
{
	static char ids[400];
	const struct job_page *p;

	msg_free(*m);
	*m = NULL;
	ids[0] = 0;
	if (rig_ask(r, MSG_JOB_LIST, want, m) != ERR_OK)
		return "refused";
	p = msg_rec(*m);
	*more = p->has_more;
	for (size_t i = 0; i < p->n_jobs; i++) /* prompts are 0, 1, 2, .. in the order of age */
		strcat(ids, p->jobs[i].prompt);
	return ids;
}

static void lists_are_paged_in_both_directions(void)
{
	struct rig r = rig_new(NULL);
	char ids[5][ID_MAX], prompt[2] = "0", other[ID_MAX];
	struct job_list want = {.owner = "ann", .limit = 2};
	struct msg *m = NULL;
	bool more;

	for (int i = 0; i < 5; i++) {
		struct job_new job = rig_want(ids[i], "ann");

		id_new("video_", ids[i]);
		prompt[0] = (char)('0' + i);
		job.prompt = prompt;
		CHECK_INT(rig_ask(&r, MSG_JOB_CREATE, &job, NULL), ERR_OK);
		CHECK_INT(rig_create(&r, i % 2 ? "anna" : "an", other), ERR_OK);
	}
	CHECK_STR(list(&r, &want, &m, &more), "43");
	CHECK(more);
	want.after = ids[3];
	CHECK_STR(list(&r, &want, &m, &more), "21");
	CHECK(more);
	want.after = ids[1];
	CHECK_STR(list(&r, &want, &m, &more), "0");
	CHECK(!more);
	want.after = NULL, want.ascending = true, want.limit = 3;
	CHECK_STR(list(&r, &want, &m, &more), "012");
	CHECK(more);
	want.after = ids[2], want.limit = 2;
	CHECK_STR(list(&r, &want, &m, &more), "34");
	CHECK(!more);
	want.after = ids[4];
	CHECK_STR(list(&r, &want, &m, &more), "");
	CHECK(!more);
	want.after = NULL, want.limit = 0;
	CHECK_STR(list(&r, &want, &m, &more), "");
	CHECK(more);
	want.after = other;
	CHECK_STR(list(&r, &want, &m, &more), "refused");
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", ids[4]), ERR_OK);
	want = (struct job_list){.owner = "ann", .limit = 100};
	CHECK_STR(list(&r, &want, &m, &more), "3210");
	want.owner = "nobody";
	CHECK_STR(list(&r, &want, &m, &more), "");
	CHECK(!more);
	msg_free(m);
	rig_end(&r);
}

static void create(struct rig *r, char id[ID_MAX], const char *prompt, const char *model)
{
	struct job_new want = rig_want(id, "ann");

	id_new("video_", id);
	want.prompt = prompt;
	want.model = model;
	CHECK_INT(rig_ask(r, MSG_JOB_CREATE, &want, NULL), ERR_OK);
}

static void people_may_delete_while_they_list(void)
{
	struct rig r = rig_new(NULL);
	char ids[4][ID_MAX], prompt[2] = "0";
	struct job_list want = {.owner = "ann", .limit = 2};
	struct msg *m = NULL;
	bool more;

	for (int i = 0; i < 4; i++) {
		prompt[0] = (char)('0' + i);
		create(&r, ids[i], prompt, "sandbox");
	}
	CHECK_STR(list(&r, &want, &m, &more), "32");
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", ids[3]), ERR_OK);
	CHECK_INT(rig_ref(&r, MSG_JOB_DELETE, "ann", ids[2]), ERR_OK);
	want.after = ids[2];
	CHECK_STR(list(&r, &want, &m, &more), "10");
	CHECK(!more);
	want.owner = "bob"; /* not with another one's */
	CHECK_STR(list(&r, &want, &m, &more), "refused");
	msg_free(m);
	rig_end(&r);
}

static void filters_leave_out_what_is_not_asked_for(void)
{
	struct rig r = rig_new(NULL);
	char a[ID_MAX], b[ID_MAX], c[ID_MAX], d[ID_MAX];
	struct job_list want = {.owner = "ann", .limit = 10};
	struct msg *m = NULL;
	bool more;

	create(&r, a, "1 \"Red\" fox\n", "sandbox");
	create(&r, b, "2 red queued hen", "sand");
	create(&r, c,
		"3 F\xc3\x9c"
		"CHSE",
		"sandbox");
	create(&r, d, "4 blue fox", "sandbox");
	CHECK_INT(rig_ref(&r, MSG_JOB_CANCEL, "ann", d), ERR_OK);
	want.status = "queued";
	CHECK_STR(list(&r, &want, &m, &more), "3 F\xc3\x9c"
					      "CHSE2 red queued hen1 \"Red\" fox\n");
	CHECK(!more);
	want.status = "cancelled";
	CHECK_STR(list(&r, &want, &m, &more), "4 blue fox");
	want.status = "queue";
	CHECK_STR(list(&r, &want, &m, &more), "");
	want.status = NULL, want.model = "sand";
	CHECK_STR(list(&r, &want, &m, &more), "2 red queued hen");
	want.model = NULL, want.q = "RED";
	CHECK_STR(list(&r, &want, &m, &more), "2 red queued hen1 \"Red\" fox\n");
	want.q = "fox \"red\"";
	CHECK_STR(list(&r, &want, &m, &more), "1 \"Red\" fox\n");
	want.q = "f\xc3\xbc"
		 "chse";
	CHECK_STR(list(&r, &want, &m, &more), "3 F\xc3\x9c"
					      "CHSE");
	want.q = "queued", want.status = "cancelled";
	CHECK_STR(list(&r, &want, &m, &more), "");
	want.q = "fox", want.status = NULL, want.model = "sandbox";
	CHECK_STR(list(&r, &want, &m, &more), "4 blue fox1 \"Red\" fox\n");
	msg_free(m);
	rig_end(&r);
}

static void filtered_lists_are_paged(void)
{
	struct rig r = rig_new(NULL);
	char ids[9][ID_MAX], prompt[2] = "0";
	struct job_list want = {.owner = "ann", .limit = 2, .model = "odd"};
	struct msg *m = NULL;
	bool more;

	for (int i = 0; i < 9; i++) {
		prompt[0] = (char)('0' + i);
		create(&r, ids[i], prompt, i % 2 ? "odd" : "even");
	}
	CHECK_STR(list(&r, &want, &m, &more), "75");
	CHECK(more);
	want.after = ids[5];
	CHECK_STR(list(&r, &want, &m, &more), "31");
	CHECK(!more);
	want.after = NULL, want.ascending = true, want.limit = 3;
	CHECK_STR(list(&r, &want, &m, &more), "135");
	CHECK(more);
	CHECK(((const struct job_page *)msg_rec(m))->next == NULL);
	want.limit = 0;
	CHECK_STR(list(&r, &want, &m, &more), "");
	CHECK(more);
	msg_free(m);
	rig_end(&r);
}

/* One hit at each end of more jobs than one ask looks at. */
static void a_long_search_goes_on_where_it_ended(void)
{
	struct rig r = rig_new(NULL);
	char first[ID_MAX], id[ID_MAX];
	struct job_list want = {.owner = "ann", .limit = 10, .q = "needle"};
	struct msg *m = NULL;
	const char *next;
	bool more;

	create(&r, first, "1 needle", "sandbox");
	for (int i = 0; i < 2100; i++)
		rig_create(&r, "ann", id);
	create(&r, id, "2 needle", "sandbox");
	CHECK_STR(list(&r, &want, &m, &more), "2 needle");
	CHECK(more);
	next = ((const struct job_page *)msg_rec(m))->next;
	CHECK(next != NULL);
	snprintf(id, sizeof id, "%s", next ? next : "");
	want.after = id;
	CHECK_STR(list(&r, &want, &m, &more), "1 needle");
	CHECK(!more);
	CHECK(((const struct job_page *)msg_rec(m))->next == NULL);
	msg_free(m);
	rig_end(&r);
}

static void a_search_of_long_prompts_ends_early_too(void)
{
	struct rig r = rig_new(NULL);
	static char prompt[32001];
	char first[ID_MAX], id[ID_MAX];
	struct job_list want = {.owner = "ann", .limit = 10, .q = "needle"};
	struct msg *m = NULL;
	bool more;

	create(&r, first, "1 needle", "sandbox");
	memset(prompt, 'x', sizeof prompt - 1);
	for (int i = 0; i < 140; i++) /* more than 4 MiB */
		create(&r, id, prompt, "sandbox");
	CHECK_STR(list(&r, &want, &m, &more), "");
	CHECK(more);
	CHECK(((const struct job_page *)msg_rec(m))->next != NULL);
	want.q = NULL, want.model = "sandbox", want.ascending = true, want.limit = 1;
	CHECK_STR(list(&r, &want, &m, &more), "1 needle");
	want.model = "other"; /* nothing is searched */
	CHECK_STR(list(&r, &want, &m, &more), "");
	CHECK(!more);
	msg_free(m);
	rig_end(&r);
}

TESTS("jobs_lists", T(lists_are_paged_in_both_directions), T(people_may_delete_while_they_list),
	T(filters_leave_out_what_is_not_asked_for), T(filtered_lists_are_paged),
	T(a_long_search_goes_on_where_it_ended), T(a_search_of_long_prompts_ends_early_too))
