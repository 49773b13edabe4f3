/* GET /v1/videos: pages, filters, and what is asked for wrongly. */
#include "tests/unit/gateway_rig.h"

/* Ten jobs; the oldest alone is of a fox. */
static void make_ten(void)
{
	CHECK_INT(post_json("/v1/videos", ME, "{\"prompt\":\"a fox\"}")->status, 200);
	for (int i = 1; i < 10; i++)
		CHECK_INT(post_json("/v1/videos", ME, "{\"prompt\":\"a hen\"}")->status, 200);
}

/* How many jobs are in the answer. */
static int count(const struct reply *r)
{
	int n = 0;

	for (const char *p = r->body; (p = strstr(p, "\"object\":\"video\"")); p++)
		n++;
	return n;
}

static void a_page_says_where_the_next_begins(void)
{
	char target[120];
	struct reply *r;

	rig_start();
	r = get("/v1/videos", ME);
	CHECK_STR(r->body, "{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,"
			   "\"has_more\":false}");
	make_ten();
	r = get("/v1/videos?limit=6&order=desc", ME);
	CHECK_INT(r->status, 200);
	CHECK_INT(count(r), 6);
	CHECK_STR(field(r, "first_id"), rig.jobs[9].id);
	CHECK_STR(field(r, "last_id"), rig.jobs[4].id);
	CHECK_STR(field(r, "has_more"), "true");
	snprintf(target, sizeof target, "/v1/videos?after=%s", rig.jobs[4].id);
	r = get(target, ME);
	CHECK_INT(rig.list_limit, 20);
	CHECK(!rig.list_ascending);
	CHECK_INT(count(r), 4);
	CHECK_STR(field(r, "has_more"), "false");
	CHECK_INT(count(get("/v1/videos?limit=0", ME)), 0);
	get("/v1/videos?order=asc", ME);
	CHECK(rig.list_ascending);
	CHECK_INT(count(get("/v1/videos", "good-other")), 0);
	rig_stop();
}

static void filters_are_passed_on(void)
{
	rig_start();
	make_ten();
	rig_change(progress);
	CHECK_INT(count(get("/v1/videos?q=fox", ME)), 1);
	CHECK_INT(count(get("/v1/videos?status=in_progress", ME)), 1);
	CHECK_INT(count(get("/v1/videos?model=m1", ME)), 10);
	CHECK_INT(count(get("/v1/videos?model=other", ME)), 0);
	CHECK_INT(count(get("/v1/videos?status=queued&q=hen&model=", ME)), 8);
	rig_stop();
}

static void a_search_goes_on_for_a_while_and_then_on_the_next_page(void)
{
	char target[120];
	struct reply *r;

	rig_start();
	make_ten();
	/* Four at a time: the third ask finds it. */
	rig.list_looks = 4;
	r = get("/v1/videos?q=fox", ME);
	CHECK_INT(rig.lists, 3);
	CHECK_INT(count(r), 1);
	CHECK_STR(field(r, "last_id"), rig.jobs[0].id);
	CHECK_STR(field(r, "has_more"), "false");
	/* One at a time: it goes on until it finds something. */
	rig.list_looks = 1;
	rig.lists = 0;
	r = get("/v1/videos?q=fox", ME);
	CHECK_INT(rig.lists, 10);
	CHECK_INT(count(r), 1);
	/* With something in the page it goes on for five asks, and says where to go on. */
	rig.lists = 0;
	r = get("/v1/videos?q=hen&limit=9", ME);
	CHECK_INT(rig.lists, 5);
	CHECK_INT(count(r), 5);
	CHECK_STR(field(r, "last_id"), rig.jobs[5].id);
	CHECK_STR(field(r, "has_more"), "true");
	snprintf(target, sizeof target, "/v1/videos?q=fox&after=%s", rig.jobs[5].id);
	CHECK_INT(count(get(target, ME)), 1);
	/* There is a bound when nothing is found: the page is empty, but says where to go on. */
	rig.list_barren = true;
	rig.lists = 0;
	r = get("/v1/videos?q=fox", ME);
	CHECK_INT(rig.lists, 50);
	CHECK_INT(count(r), 0);
	CHECK_STR(field(r, "first_id"), "null");
	CHECK_STR(field(r, "last_id"), rig.jobs[0].id);
	CHECK_STR(field(r, "has_more"), "true");
	rig.list_barren = false;
	/* What was found counts against the limit of the page. */
	rig.list_looks = 4;
	r = get("/v1/videos?q=hen&limit=6", ME);
	CHECK_INT(count(r), 6);
	CHECK_INT(rig.list_limit, 2); /* in the second ask */
	rig_stop();
}

static void what_makes_no_sense_is_refused_with_its_name(void)
{
	static const struct {
		const char *query, *param;
		int status;
	} cases[] = {{"limit=101", "limit", 400}, {"limit=x", "limit", 400},
		{"limit=-1", "limit", 400}, {"limit=1e1", "limit", 400}, {"order=up", "order", 400},
		{"status=done", "status", 400}, {"q=%ff", "q", 400}, {"model=%c3", "model", 400},
		{"after=x", "after", 404}};

	rig_start();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reply *r = get(join("/v1/videos?", cases[i].query), ME);

		CHECK_INT(r->status, cases[i].status);
		CHECK_STR(field(r, "param"), cases[i].param);
	}
	CHECK_INT(rig.lists, 0);
	rig.jobs_fail = ERR_NOT_FOUND;
	CHECK_INT(get("/v1/videos?after=video_00000000000000000000000000000000", ME)->status, 404);
	rig_stop();
}

TESTS("gateway_list", T(a_page_says_where_the_next_begins), T(filters_are_passed_on),
	T(a_search_goes_on_for_a_while_and_then_on_the_next_page),
	T(what_makes_no_sense_is_refused_with_its_name))
