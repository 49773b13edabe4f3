/* What a job starts from: images by link and by id, and videos that are there already. */
#include "tests/unit/gateway_rig.h"

#define LINK "https://example.com/a.png"

static struct rig_job *newest(void)
{
	return &rig.jobs[rig.n_jobs - 1];
}

/* The roles and files of a job's inputs, as the rig notes them. */
static const char *noted(const char *a, const char *file_a, const char *b, const char *file_b)
{
	static char text[120];

	snprintf(text, sizeof text, "%s:%.4s ", a, file_a);
	if (b)
		snprintf(text + strlen(text), 60, "%s:%.4s ", b, file_b);
	return text;
}

/* A file in the store, for links and ids to lead to. */
static void make_file(void)
{
	rig_blob("image", 5, rig.file);
}

static void an_image_by_link_is_fetched_by_the_bridge(void)
{
	struct reply *r;

	rig_start();
	make_file();
	r = post_json("/v1/videos", ME, "{\"prompt\":\"x\",\"image\":\"" LINK "\"}");
	CHECK_INT(r->status, 200);
	CHECK_STR(newest()->inputs, noted("first_frame", rig.file, NULL, NULL));
	CHECK_INT(rig.fetches, 1);
	/* its bytes may have been swept in between: then it is fetched again */
	rig.blob_gone = 1;
	r = post_json("/v1/videos", ME,
		"{\"prompt\":\"x\",\"input_reference\":{\"image_url\":\"" LINK "\"}}");
	CHECK_INT(r->status, 200);
	CHECK_INT(rig.fetches, 3);
	rig_stop();
}

static void a_link_that_leads_nowhere_is_the_parameters_fault(void)
{
	struct reply *r;

	rig_start();
	r = post_json("/v1/videos", ME,
		"{\"prompt\":\"x\",\"input_reference\":\"https://example.com/nothing\"}");
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "param"), "input_reference");
	CHECK_STR(field(r, "message"), "It is not there.");
	r = post_json("/v1/videos", ME, "{\"prompt\":\"x\",\"image\":\"http://127.0.0.1/a.png\"}");
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "param"), "image");
	CHECK_INT(rig.n_jobs, 0);
	rig_stop();
}

static void an_image_by_id_is_the_owners_own_file(void)
{
	struct reply *r;

	rig_start();
	make_file();
	r = post_json("/v1/videos", ME,
		"{\"prompt\":\"x\",\"input_reference\":{\"file_id\":\"" RIG_FILE "\"}}");
	CHECK_INT(r->status, 200);
	CHECK_STR(newest()->inputs, noted("first_frame", rig.file, NULL, NULL));
	r = post_json("/v1/videos", "good-you",
		"{\"prompt\":\"x\",\"input_reference\":{\"file_id\":\"" RIG_FILE "\"}}");
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "param"), "input_reference");
	CHECK_INT(rig.n_jobs, 1);
	rig_stop();
}

static void first_and_last_frame_keep_their_roles(void)
{
	char other[BLOB_NAME];

	rig_start();
	make_file();
	/* sent in the wrong order, and in two ways */
	CHECK_INT(post_json("/v1/videos", ME,
			  "{\"prompt\":\"x\",\"last_frame\":\"" LINK "\",\"image\":\"data:;base64,"
			  "R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==\"}")
			  ->status,
		200);
	snprintf(other, sizeof other, "%s", newest()->image);
	CHECK(blob_exists(rig.blobs, other) && strcmp(other, rig.file) != 0);
	CHECK_STR(newest()->inputs, noted("first_frame", other, "last_frame", rig.file));
	rig_stop();
}

static void a_remix_is_like_its_source(void)
{
	char path[120], id[ID_MAX];
	struct reply *r;

	rig_start();
	make_files();
	CHECK_INT(post_json("/v1/videos", ME,
			  "{\"prompt\":\"a fox\",\"seconds\":9,\"size\":\"640x360\"}")
			  ->status,
		200);
	snprintf(id, sizeof id, "%s", newest()->id);
	snprintf(path, sizeof path, "/v1/videos/%s/remix", id);
	r = post_json(path, ME, "{\"prompt\":\"a hare\"}");
	CHECK_INT(r->status, 409);
	CHECK_STR(field(r, "code"), "video_not_ready");
	CHECK_STR(header(r, "x-should-retry"), "false");
	rig_change(complete);
	r = post_json(path, ME, "{\"prompt\":\"a hare\"}");
	CHECK_INT(r->status, 200);
	CHECK_INT(rig.n_jobs, 2);
	CHECK_STR(newest()->prompt, "a hare");
	CHECK_STR(newest()->operation, "remix");
	CHECK_STR(newest()->source, id);
	CHECK_STR(newest()->inputs, ""); /* the model cannot look at a video */
	CHECK_INT(newest()->j.seconds, 9);
	CHECK_INT(newest()->j.width, 640);
	CHECK_INT(post_json(path, ME, "{\"prompt\":\"x\",\"seconds\":3}")->status, 200);
	CHECK_INT(newest()->j.seconds, 3);
	CHECK_INT(newest()->j.height, 360);
	CHECK_INT(post_json(path, "good-you", "{\"prompt\":\"x\"}")->status, 404);
	CHECK_INT(post_json("/v1/videos/none/remix", ME, "{\"prompt\":\"x\"}")->status, 404);
	CHECK_INT(rig.n_jobs, 3);
	rig_stop();
}

static void a_model_that_remixes_gets_the_video(void)
{
	char path[120];

	rig_prepare();
	rig.operation = "remix"; /* before the gateway looks */
	rig_go();
	make_files();
	make_file();
	CHECK_INT(post_json("/v1/videos", ME, "{\"prompt\":\"x\"}")->status, 200);
	rig_change(complete);
	snprintf(path, sizeof path, "/v1/videos/%s/remix", newest()->id);
	CHECK_INT(post_json(path, ME, "{\"prompt\":\"x\",\"image\":\"" LINK "\"}")->status, 200);
	CHECK_STR(
		newest()->inputs, noted("first_frame", rig.file, "video", rig.jobs[0].out.sha256));
	rig_stop();
}

static void edits_are_for_those_that_offer_them(void)
{
	static char json[120];
	struct reply *r;

	rig_start();
	make_files();
	CHECK_INT(post_json("/v1/videos", ME, "{\"prompt\":\"x\"}")->status, 200);
	rig_change(complete);
	snprintf(json, sizeof json, "{\"prompt\":\"x\",\"video\":{\"id\":\"%s\"}}", newest()->id);
	r = post_json("/v1/videos/edits", ME, json);
	CHECK_INT(r->status, 501);
	CHECK_STR(field(r, "code"), "not_offered");
	CHECK_STR(header(r, "x-should-retry"), "false");
	CHECK_INT(req("POST", "/v1/videos/characters", ME, "", NULL, 0)->status, 501);
	pthread_mutex_lock(&rig.lock);
	rig.operation = "edit";
	pthread_mutex_unlock(&rig.lock);
	CHECK_INT(post_json("/v1/videos/edits", ME, json)->status, 200);
	CHECK_STR(newest()->operation, "edit");
	CHECK_STR(newest()->inputs, noted("video", rig.jobs[0].out.sha256, NULL, NULL));
	CHECK_INT(post_json("/v1/videos/extensions", ME, json)->status, 501);
	r = post_json("/v1/videos/edits", ME, "{\"prompt\":\"x\",\"video\":\"video_1\"}");
	CHECK_INT(r->status, 404);
	CHECK_STR(field(r, "param"), "video");
	rig_stop();
}

static void models_that_are_known_may_be_waited_for(void)
{
	struct reply *r;

	rig_start();
	CHECK_INT(
		post_json("/v1/videos", ME, "{\"prompt\":\"x\",\"model\":\"veo3\"}")->status, 200);
	CHECK_STR(newest()->model, "veo3");
	r = post_json("/v1/videos", ME, "{\"prompt\":\"x\",\"model\":\"veo3\",\"fail_fast\":true}");
	CHECK_INT(r->status, 503);
	CHECK_STR(field(r, "code"), "model_unavailable");
	CHECK_INT(
		post_json("/v1/videos", ME, "{\"prompt\":\"x\",\"fail_fast\":true}")->status, 200);
	r = post_json("/v1/videos", ME, "{\"prompt\":\"x\",\"model\":\"veo4\"}");
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "param"), "model");
	CHECK(strstr(field(r, "message"), "veo3") != NULL);
	rig_stop();
}

static void hints_that_the_model_does_not_take_are_kept_with_the_job(void)
{
	rig_start();
	CHECK_INT(post_json("/v1/videos", ME,
			  "{\"prompt\":\"x\",\"seed\":7,\"negative_prompt\":\"rain\"}")
			  ->status,
		200);
	CHECK_STR(newest()->ignored, "seed: negative_prompt: ");
	CHECK_STR(newest()->negative_prompt, "rain");
	CHECK_INT(newest()->j.seed, 7);
	rig_stop();
}

static struct reply *post_with_key(const char *target, const char *key, const char *json)
{
	char lines[120];

	snprintf(lines, sizeof lines, "Content-Type: application/json\r\nIdempotency-Key: %s\r\n",
		key);
	return req("POST", target, ME, lines, json, strlen(json));
}

static void the_same_request_gives_the_same_job_though_all_else_has_changed(void)
{
	static const char linked[] = "{\"prompt\":\"x\",\"image\":\"" LINK "\",\"fail_fast\":true}";
	static const char three[] = "{\"prompt\":\"x\",\"n\":3,\"async\":true}";
	char path[120];

	rig_start();
	make_files();
	make_file();
	CHECK_INT(post_with_key("/v1/videos", "a", linked)->status, 200);
	CHECK_INT(rig.fetches, 1);
	rig_change(complete);
	snprintf(path, sizeof path, "/v1/videos/%s/remix", newest()->id);
	CHECK_INT(post_with_key(path, "b", "{\"prompt\":\"y\"}")->status, 200);
	CHECK_INT(req("DELETE", join("/v1/videos/", rig.jobs[0].id), ME, "", NULL, 0)->status, 200);
	rig.jobs[0].j.status =
		"completed"; /* for the first key, which must not find a deleted job */
	CHECK_STR(field(post_with_key("/v1/videos", "a", linked), "id"), rig.jobs[0].id);
	CHECK_INT(rig.fetches, 1); /* not even looked at */
	rig.jobs[0].j.status = "deleted";
	CHECK_STR(field(post_with_key(path, "b", "{\"prompt\":\"y\"}"), "id"), rig.jobs[1].id);
	CHECK_INT(post_with_key(path, "b", "{\"prompt\":\"z\"}")->status, 422);
	/* of several, those that are missing are made */
	rig.room = 4;
	CHECK_INT(post_with_key("/v1/videos/generations", "c", three)->status, 429);
	CHECK_INT(rig.n_jobs, 4);
	rig.room = 0;
	CHECK_INT(post_with_key("/v1/videos/generations", "c", three)->status, 202);
	CHECK_INT(rig.n_jobs, 5);
	CHECK_STR(rig.jobs[4].idem, "c\n2");
	CHECK_INT(post_with_key("/v1/videos/generations", "c", three)->status, 202);
	CHECK_INT(rig.n_jobs, 5);
	rig_stop();
}

/* With the same key: jobs would refuse the second if its fingerprint were another. */
static void a_fingerprint_is_of_all_that_was_asked_for(void)
{
	static const char *const bodies[] = {"{\"prompt\":\"x\"}", "{\"prompt\":\"y\"}",
		"{\"prompt\":\"x\",\"model\":\"m1\"}", "{\"prompt\":\"x\",\"seconds\":4}",
		"{\"prompt\":\"x\",\"size\":\"720x1280\"}",
		"{\"prompt\":\"x\",\"aspect_ratio\":\"9:16\"}",
		"{\"prompt\":\"x\",\"resolution\":\"720p\"}", "{\"prompt\":\"x\",\"fps\":24}",
		"{\"prompt\":\"x\",\"seed\":0}", "{\"prompt\":\"x\",\"negative_prompt\":\"y\"}",
		"{\"prompt\":\"x\",\"image\":\"" LINK "\"}",
		"{\"prompt\":\"x\",\"image\":\"" LINK "?2\"}",
		"{\"prompt\":\"x\",\"image\":\"" RIG_FILE "\"}",
		"{\"prompt\":\"x\",\"webhook_url\":\"https://example.com/\"}",
		"{\"prompt\":\"x\",\"async\":true}"};
	const int n = sizeof bodies / sizeof *bodies;

	rig_start();
	make_file();
	for (int i = 0; i < n; i++)
		CHECK_INT(post_json("/v1/videos", ME, bodies[i])->status, 200);
	CHECK_INT(post_json("/v1/videos/generations", ME, bodies[n - 1])->status, 202);
	CHECK_INT(rig.n_jobs, n + 1);
	for (int i = 0; i <= n; i++)
		for (int k = 0; k < i; k++)
			CHECK(strcmp(rig.jobs[i].fingerprint, rig.jobs[k].fingerprint) != 0);
	CHECK_INT(post_json("/v1/videos", ME, bodies[10])->status, 200);
	CHECK_STR(newest()->fingerprint, rig.jobs[10].fingerprint);
	rig_stop();
}

TESTS("gateway_inputs", T(an_image_by_link_is_fetched_by_the_bridge),
	T(a_link_that_leads_nowhere_is_the_parameters_fault),
	T(an_image_by_id_is_the_owners_own_file), T(first_and_last_frame_keep_their_roles),
	T(a_remix_is_like_its_source), T(a_model_that_remixes_gets_the_video),
	T(edits_are_for_those_that_offer_them), T(models_that_are_known_may_be_waited_for),
	T(hints_that_the_model_does_not_take_are_kept_with_the_job),
	T(the_same_request_gives_the_same_job_though_all_else_has_changed),
	T(a_fingerprint_is_of_all_that_was_asked_for))
