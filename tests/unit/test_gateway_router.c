/* OpenRouter's routes under /api/v1. */
#include "tests/unit/gateway_rig.h"

static void a_video_is_asked_for_polled_and_fetched(void)
{
	char path[100], link[400];
	struct reply *r;

	rig_start();
	make_files();
	r = post_json(
		"/api/v1/videos", ME, "{\"model\":\"m1\",\"prompt\":\"a fox\",\"duration\":8}");
	CHECK_INT(r->status, 202);
	CHECK_STR(field(r, "status"), "pending");
	CHECK_STR(field(r, "id"), rig.jobs[0].id);
	CHECK_INT(rig.jobs[0].j.seconds, 8);
	snprintf(path, sizeof path, "/api/v1/videos/%s", rig.jobs[0].id);
	CHECK_STR(field(r, "polling_url"), join("http://gw.test", path));
	CHECK(strstr(r->body, "null") == NULL);
	rig_change(progress);
	CHECK_STR(field(get(path, ME), "status"), "in_progress");
	rig_change(complete);
	r = get(path, ME);
	CHECK_STR(field(r, "status"), "completed");
	snprintf(link, sizeof link, "%s", strstr(r->body, "\"unsigned_urls\":[\"") + 18);
	link[strcspn(link, "\"")] = 0;
	CHECK_INT(get(link + strlen("http://gw.test"), NULL)->n, 1000);
	CHECK_INT(get(join(path, "/content?index=0"), ME)->n, 1000);
	CHECK_INT(get(join(path, "/content"), NULL)->status, 401);
	CHECK_INT(get(path, "good-other")->status, 404);
	rig_stop();
}

static void models_say_what_they_can_do(void)
{
	struct reply *r;

	rig_start();
	r = get("/api/v1/videos/models", ME);
	CHECK_INT(r->status, 200);
	CHECK(strstr(r->body, "{\"data\":[{\"id\":\"m1\",\"canonical_slug\":\"m1\"") == r->body);
	CHECK(strstr(r->body, "\"supported_durations\":[1,2,3,") != NULL);
	rig_stop();
}

static void errors_have_a_number_for_a_code(void)
{
	struct reply *r;

	rig_start();
	r = post_json("/api/v1/videos", ME, "{\"model\":\"m1\"}");
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "code"), "400");
	CHECK(strstr(r->body, "\"metadata\":{\"code\":\"missing_required_parameter\"}") != NULL);
	rig_stop();
}

TESTS("gateway_router", T(a_video_is_asked_for_polled_and_fetched), T(models_say_what_they_can_do),
	T(errors_have_a_number_for_a_code))
