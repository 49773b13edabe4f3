/* POST /v1/chat/completions. */
#include "tests/unit/gateway_waiting.h"

#define CHAT  "/v1/chat/completions"
#define SAYS  "\"messages\":[{\"role\":\"user\",\"content\":\"a fox\"}]"
#define CLOSE "Content-Type: application/json\r\nConnection: close\r\n"

static void a_chat_answers_with_the_video(void)
{
	struct waiting w;

	rig_start();
	make_files();
	waiting_begin(&w, CHAT, "{" SAYS "}", NULL, 1);
	CHECK_STR(rig.jobs[0].prompt, "a fox");
	rig_change(progress);
	rig_change(complete);
	waiting_end(&w);
	CHECK_INT(w.status, 200);
	CHECK(strstr(w.body, "\"object\":\"chat.completion\"") != NULL);
	CHECK(strstr(w.body, "\"content\":\"[![The video](http://gw.test/v1/videos/") != NULL);
	CHECK(strstr(w.body, "\"finish_reason\":\"stop\"") != NULL);
	rig_stop();
}

static void a_failure_is_an_error_and_a_wait_that_ends_is_not(void)
{
	struct waiting w;

	rig_start();
	waiting_begin(&w, CHAT, "{" SAYS "}", NULL, 1);
	rig_change(fail_policy);
	waiting_end(&w);
	CHECK_INT(w.status, 400);
	CHECK(strstr(w.body, "\"code\":\"content_policy\"") != NULL);
	waiting_begin(&w, CHAT, "{" SAYS ",\"timeout\":1}", NULL, 1);
	waiting_end(&w);
	CHECK_INT(w.status, 200);
	CHECK(strstr(w.body, "not ready yet") != NULL);
	waiting_begin(&w, CHAT, "{" SAYS ",\"timeout\":0}", NULL, 1);
	waiting_end(&w);
	CHECK_INT(w.status, 200);
	CHECK(strstr(w.body, "not ready yet") != NULL);
	rig_stop();
}

static void a_streamed_chat_says_where_it_is_and_ends_with_the_video(void)
{
	struct waiting w;
	const char *queued, *working, *video;

	rig_start();
	make_files();
	waiting_begin(&w, CHAT,
		"{" SAYS ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}", CLOSE, 1);
	CHECK(BECOMES(rig.gets >= 1));
	rig_change(progress);
	CHECK(BECOMES(rig.gets >= 2));
	rig_change(complete);
	waiting_end(&w);
	CHECK_INT(w.status, 200);
	CHECK_STR(w.type, "text/event-stream");
	CHECK(strstr(w.body, "\"delta\":{\"role\":\"assistant\",\"content\":\"\"}") != NULL);
	queued = strstr(w.body, "\"reasoning_content\":\"Waiting in line");
	working = strstr(w.body, "\"reasoning_content\":\"Making the video: 10 %");
	video = strstr(w.body, "\"delta\":{\"content\":\"[![");
	CHECK(queued && working && video && queued < working && working < video);
	CHECK(strstr(w.body, "\"finish_reason\":\"stop\"") > video);
	CHECK(strstr(w.body, "\"usage\":{\"prompt_tokens\":0") > video);
	CHECK(strstr(w.body, "data: [DONE]\n\n") > video);
	rig_stop();
}

static void a_streamed_failure_is_an_error_event(void)
{
	struct waiting w;

	rig_start();
	waiting_begin(&w, CHAT, "{" SAYS ",\"stream\":true}", CLOSE, 1);
	rig_change(fail_worker);
	waiting_end(&w);
	CHECK_INT(w.status, 200);
	CHECK(strstr(w.body,
		      "event: error\ndata: {\"error\":{\"message\":\"The worker was lost.\"") !=
		NULL);
	CHECK(strstr(w.body, "[DONE]") == NULL);
	rig_stop();
}

static void the_job_goes_on_when_the_client_leaves(void)
{
	static const char post[] =
		"POST " CHAT " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " ME
		"\r\nContent-Type: application/json\r\nContent-Length: 62\r\n\r\n{" SAYS
		",\"stream\":true}";
	int fd;

	rig_start();
	fd = dial();
	say(fd, post, sizeof post - 1);
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	close(fd);
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	CHECK_STR(rig.jobs[0].j.status, "queued");
	rig_stop();
}

static void what_is_no_chat_with_a_video_model_makes_no_job(void)
{
	struct reply *r;

	rig_start();
	r = post_json(CHAT, ME, "{" SAYS ",\"model\":\"gpt-4o\"}");
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "code"), "model_not_found");
	r = post_json(CHAT, ME, "{\"messages\":[]}");
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "param"), "messages");
	CHECK_INT(rig.creates, 0);
	rig_stop();
}

TESTS("gateway_chat", T(a_chat_answers_with_the_video),
	T(a_failure_is_an_error_and_a_wait_that_ends_is_not),
	T(a_streamed_chat_says_where_it_is_and_ends_with_the_video),
	T(a_streamed_failure_is_an_error_event), T(the_job_goes_on_when_the_client_leaves),
	T(what_is_no_chat_with_a_video_model_makes_no_job))
