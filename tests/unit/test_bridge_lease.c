/* What a worker does with a job, from the offer to its end. */
#include "tests/unit/bridge_hand.h"

static void a_whole_run(void)
{
	struct rig r;
	struct fake_job *j;
	cJSON *job, *welcome;
	struct wsc *c;

	rig_open(&r, NULL);
	c = worker_in(&r, "w1", 2, NULL, &welcome);
	CHECK_STR(str(welcome, "worker"), "w1");
	CHECK_INT(num(welcome, "heartbeat_ms"), 20000);
	CHECK_INT(num(welcome, "lease_ms"), 60000);
	CHECK_INT(num(cJSON_GetObjectItem(welcome, "limits"), "frame"), 262144);
	EVENTUALLY(rig_workers_are(&r, "w1:0/2[m,];"));
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	j = rig_job(&r, "m");
	rig_hint_work(&r, "m");
	job = expect(c, "job");
	CHECK_STR(str(job, "job"), j->id);
	CHECK_STR(str(job, "prompt"), "a red \"fox\"\n\xf0\x9f\xa6\x8a");
	CHECK_INT(num(job, "seconds"), 4);
	CHECK_INT(num(job, "attempt"), 1);
	CHECK(num(job, "deadline") > (double)now_ms() + 1700000);
	CHECK(!cJSON_GetObjectItem(job, "seed"));
	wsc_text(c, "{\"type\":\"accepted\",%s}", ref(job));
	EVENTUALLY(rig_workers_are(&r, "w1:1/2[m,];"));
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":40,\"stage\":\"rendering\"}", ref(job));
	EVENTUALLY(SEEN(&r, j->progress == 40));
	CHECK_STR(SEEN(&r, j->stage), "rendering");
	upload(c, job, "u1", VIDEO, sizeof VIDEO);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	CHECK_STR(rig_status(&r, j), "completed");
	CHECK_INT(SEEN(&r, j->width), 720);
	CHECK_STR(SEEN(&r, j->mime), "video/mp4");
	CHECK(blob_exists(r.blobs, SEEN(&r, j->video)));
	CHECK(blob_exists(r.blobs, SEEN(&r, j->poster)));
	CHECK(blob_exists(r.blobs, SEEN(&r, j->sprite)));
	CHECK(blob_remove(r.blobs, SEEN(&r, j->video))); /* no pin is left */
	EVENTUALLY(rig_workers_are(&r, "w1:0/2[m,];"));
	wsc_drop(c);
	EVENTUALLY(rig_workers_are(&r, "w1:gone;"));
	cJSON_Delete(job);
	cJSON_Delete(welcome);
	rig_close(&r);
}

static void a_job_is_resumed_after_a_broken_connection(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	char held[500];
	cJSON *job, *welcome, *states;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	wsc_text(
		c, "{\"type\":\"progress\",%s,\"percent\":10,\"upstream_ref\":\"up-7\"}", ref(job));
	EVENTUALLY(SEEN(&r, strcmp(j->upstream_ref, "up-7") == 0));
	wsc_drop(c);
	EVENTUALLY(rig_workers_are(&r, "w1:gone;"));
	CHECK_STR(rig_status(&r, j), "in_progress");
	rig_restart(&r); /* and at another bridge at that */
	snprintf(held, sizeof held,
		"{%s,\"progress\":30,\"upstream_ref\":\"up-8\"},{\"job\":\"video_"
		"00000000000000000000000000000000\","
		"\"lease\":\"00000000000000000000000000000000\"}",
		ref(job));
	c = worker_in(&r, "w1", 2, held, &welcome);
	states = cJSON_GetObjectItem(welcome, "jobs");
	CHECK_INT(cJSON_GetArraySize(states), 2);
	CHECK_STR(str(cJSON_GetArrayItem(states, 0), "state"), "yours");
	CHECK_STR(str(cJSON_GetArrayItem(states, 1), "state"), "lost");
	/* and what it found out meanwhile is told */
	EVENTUALLY(SEEN(&r, j->progress == 30 && strcmp(j->upstream_ref, "up-8") == 0));
	upload(c, job, "u1", VIDEO, sizeof VIDEO);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	wsc_drop(c);
	cJSON_Delete(job);
	cJSON_Delete(welcome);
	rig_close(&r);
}

static void what_a_job_asks_for_is_told(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *in;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	CHECK(!cJSON_GetObjectItem(job, "fps") && !cJSON_GetObjectItem(job, "negative_prompt"));
	CHECK(!cJSON_GetObjectItem(job, "operation") && !cJSON_GetObjectItem(job, "source"));
	cJSON_Delete(job);
	j = rig_job(&r, "m");
	j->fps = 30;
	j->negative_prompt = "rain";
	j->operation = "remix";
	j->source = "video_00000000000000000000000000000007";
	j->role = "video";
	j->input_mime = "video/mp4";
	memset(j->input, 'a', BLOB_NAME - 1);
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	CHECK_INT(num(job, "fps"), 30);
	CHECK_STR(str(job, "negative_prompt"), "rain");
	CHECK_STR(str(job, "operation"), "remix");
	CHECK_STR(str(job, "source"), "video_00000000000000000000000000000007");
	in = cJSON_GetArrayItem(cJSON_GetObjectItem(job, "inputs"), 0);
	CHECK_STR(str(in, "role"), "video");
	CHECK_STR(str(in, "mime"), "video/mp4");
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

/* What a worker said last about where its work is upstream, in whatever way it goes. */
static void a_reference_said_at_the_last_moment_is_kept(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	wsc_text(c, "{\"type\":\"release\",%s,\"upstream_ref\":\"up-1\"}", ref(job));
	check_done(c, job, "queued");
	CHECK_STR(SEEN(&r, j->upstream_ref), "up-1");
	cJSON_Delete(job);

	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	CHECK_STR(str(job, "upstream_ref"), "up-1");
	/* the second word waits for its turn when the release comes */
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":1}", ref(job));
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":2,\"upstream_ref\":\"up-2\"}", ref(job));
	wsc_text(c, "{\"type\":\"release\",%s}", ref(job));
	check_done(c, job, "queued");
	CHECK_STR(SEEN(&r, j->upstream_ref), "up-2");
	cJSON_Delete(job);

	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":1}", ref(job));
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":2,\"upstream_ref\":\"up-3\"}", ref(job));
	wsc_drop(c); /* as by a power cut */
	EVENTUALLY(SEEN(&r, strcmp(j->upstream_ref, "up-3") == 0));
	cJSON_Delete(job);
	rig_close(&r);
}

static void who_comes_with_an_old_token_is_told_lost(void)
{
	struct rig r;
	struct wsc *c;
	cJSON *f, *job = cJSON_Parse("{\"job\":\"video_00000000000000000000000000000000\","
				     "\"lease\":\"00000000000000000000000000000000\"}");

	rig_open(&r, NULL);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":1}", ref(job));
	f = expect(c, "cancel");
	CHECK_STR(str(f, "reason"), "lost");
	cJSON_Delete(f);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "lost");
	wsc_text(c, "{\"type\":\"failed\",%s,\"code\":\"x\"}", ref(job));
	check_done(c, job, "lost");
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u1\",%s,\"size\":5}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "upload"), "u1");
	CHECK_STR(str(f, "code"), "lost");
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"input_get\",%s,\"input\":0}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "lost");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_cancel_reaches_the_worker_at_once(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;
	int64_t began;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":1}", ref(job));
	EVENTUALLY(SEEN(&r, j->progress == 1));
	rig_set_status(&r, j, "cancelled");
	began = mono_us();
	rig_hint_over(&r, j);
	f = expect(c, "cancel");
	printf("  cancel after %lld us ", (long long)(mono_us() - began));
	CHECK(mono_us() - began < 500000);
	CHECK_STR(str(f, "job"), j->id);
	CHECK_STR(str(f, "reason"), "cancelled");
	cJSON_Delete(f);
	say_result(c, job, "{\"upload\":\"u1\"}"); /* too late */
	check_done(c, job, "lost");
	EVENTUALLY(rig_workers_are(&r, "w1:0/2[m,];"));
	CHECK_STR(rig_status(&r, j), "cancelled");
	rig_job(&r, "m");
	rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":2}"); /* without `stopped` */
	for (int i = 0; i < 2; i++) {
		f = expect(c, "job");
		wsc_text(c, "{\"type\":\"accepted\",%s}", ref(f));
		cJSON_Delete(f);
	}
	wsc_text(c, "{\"type\":\"stopped\",%s}", ref(job)); /* nothing is known of it */
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

/* What it says is free may be older than what is on its way to it. */
static void nobody_is_given_more_than_it_has_slots(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *first, *second, *third;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &first);
	rig_set_status(&r, j, "cancelled");
	rig_hint_over(&r, j);
	cJSON_Delete(expect(c, "cancel"));
	rig_job(&r, "m");
	rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":2}");
	second = expect(c, "job");
	wsc_text(c, "{\"type\":\"accepted\",%s}", ref(second));
	usleep(20000); /* so that the third would be on its way */
	wsc_text(c, "{\"type\":\"input_get\",%s,\"input\":0,\"offset\":0}", ref(second));
	cJSON_Delete(expect(c, "refused")); /* it has no input; nor did the third job come */
	wsc_text(c, "{\"type\":\"stopped\",%s}", ref(first));
	third = expect(c, "job"); /* without another word */
	CHECK(strcmp(str(second, "job"), str(third, "job")) != 0);
	wsc_text(c, "{\"type\":\"accepted\",%s}", ref(third));
	cJSON_Delete(first);
	cJSON_Delete(second);
	cJSON_Delete(third);
	wsc_drop(c);
	rig_close(&r);
}

static void a_lost_lease_is_seen_when_it_is_renewed(void)
{
	static char setting[] = "--lease=400ms", *more[] = {setting, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;

	rig_open(&r, more);
	c = with_job(&r, &j, &job);
	EVENTUALLY(SEEN(&r, r.jobs->renews > 2));
	rig_set_status(&r, j, "queued"); /* as if it had run out */
	pthread_mutex_lock(&r.jobs->mutex);
	snprintf(j->model, sizeof j->model, "other");
	pthread_mutex_unlock(&r.jobs->mutex);
	f = expect(c, "cancel");
	CHECK_STR(str(f, "reason"), "lost");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void failed_and_released_jobs_are_passed_on(void)
{
	struct rig r;
	struct fake_job *j, *k, *l;
	struct wsc *c;
	cJSON *job;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	wsc_text(c,
		"{\"type\":\"failed\",%s,\"code\":\"content_policy\",\"message\":\"Not this.\","
		"\"retryable\":false}",
		ref(job));
	check_done(c, job, "failed");
	CHECK_STR(rig_status(&r, j), "failed");
	CHECK_STR(SEEN(&r, j->code), "content_policy");
	CHECK_STR(SEEN(&r, j->message), "Not this.");
	cJSON_Delete(job);

	k = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	rig_set_status(&r, k, "in_progress");
	wsc_text(c, "{\"type\":\"failed\",%s,\"code\":\"render_error\"}", ref(job));
	check_done(c, job, "queued");
	CHECK(SEEN(&r, k->retryable));
	cJSON_Delete(job);
	rig_set_status(&r, k, "completed");

	l = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	wsc_text(c, "{\"type\":\"release\",%s,\"reason\":\"cooling_down\",\"not_before\":5}",
		ref(job));
	check_done(c, job, "queued");
	CHECK_STR(SEEN(&r, l->code), "cooling_down");
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_job_that_is_not_accepted_goes_back(void)
{
	static char setting[] = "--accept-wait=200ms", *more[] = {setting, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;

	rig_open(&r, more);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	f = expect(c, "cancel");
	CHECK_STR(str(f, "reason"), "lost");
	EVENTUALLY(rig_is(&r, j, "queued"));
	CHECK_STR(SEEN(&r, j->code), "not_accepted");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void a_job_that_is_not_accepted_goes_to_another(void)
{
	static char setting[] = "--accept-wait=200ms", *more[] = {setting, NULL};
	struct rig r;
	struct fake_job *j;
	struct wsc *deaf, *other;
	cJSON *job;

	rig_open(&r, more);
	deaf = worker_in(&r, "w1", 8, NULL, NULL);
	other = worker_in(&r, "w2", 1, NULL, NULL);
	j = rig_job(&r, "m");
	wsc_text(deaf, "{\"type\":\"ready\",\"free\":8}");
	cJSON_Delete(expect(deaf, "job"));
	wsc_text(other, "{\"type\":\"ready\",\"free\":1}");
	cJSON_Delete(expect(deaf, "cancel"));
	EVENTUALLY(SEEN(&r, j->code[0] != 0)); /* given back */
	rig_hint_work(&r, "m");
	job = expect(other, "job");
	CHECK_STR(str(job, "job"), j->id);
	CHECK_INT(SEEN(&r, j->attempts), 2); /* not the deaf one again */
	cJSON_Delete(job);
	wsc_drop(deaf);
	wsc_drop(other);
	rig_close(&r);
}

static void a_job_taken_for_a_worker_that_left_goes_back(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;

	rig_open(&r, NULL);
	c = worker_in(&r, "w1", 1, NULL, NULL);
	BEND(&r, take_delay_ms, 300);
	j = rig_job(&r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	usleep(50000);
	wsc_drop(c);
	EVENTUALLY(SEEN(&r, strcmp(j->code, "worker_left") == 0));
	CHECK_STR(rig_status(&r, j), "queued");
	rig_close(&r);
}

static void progress_is_passed_on_four_times_a_second_at_most(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job;
	int64_t began;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	began = mono_us();
	for (int i = 1; i <= 100; i++)
		wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":%d}", ref(job), i);
	EVENTUALLY(SEEN(&r, j->progress == 100));
	CHECK(SEEN(&r, j->progress_asks) <= 2 + (mono_us() - began) / 250000);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

TESTS("bridge_lease", T(a_whole_run), T(a_job_is_resumed_after_a_broken_connection),
	T(what_a_job_asks_for_is_told), T(a_reference_said_at_the_last_moment_is_kept),
	T(who_comes_with_an_old_token_is_told_lost), T(a_cancel_reaches_the_worker_at_once),
	T(nobody_is_given_more_than_it_has_slots), T(a_lost_lease_is_seen_when_it_is_renewed),
	T(failed_and_released_jobs_are_passed_on), T(a_job_that_is_not_accepted_goes_back),
	T(a_job_that_is_not_accepted_goes_to_another),
	T(a_job_taken_for_a_worker_that_left_goes_back),
	T(progress_is_passed_on_four_times_a_second_at_most))
