#include <cjson/cJSON.h>

#include "services/gateway/openai.h"
#include "tests/unit/check.h"

#define NOW 1790000000

static const struct links links = {
	.base = "http://h:1", .key = {1, 2, 3}, .keep_s = 7 * 86400, .now_s = NOW};
static const struct output output = {.sha256 = "aa",
	.mime = "video/mp4",
	.size = 1000,
	.width = 720,
	.height = 1280,
	.duration_ms = 4000,
	.poster = "bb"};

static struct job queued(void)
{
	return (struct job){.id = "video_00000000000000000000000000000001",
		.owner = "key_1",
		.status = "queued",
		.revision = 2,
		.change = 3,
		.model = "m",
		.prompt = "a \"fox\"\n\x01",
		.seconds = 4,
		.seed = -1,
		.width = 720,
		.height = 1280,
		.created_at = 1789999999123};
}

static struct job completed(void)
{
	struct job j = queued();

	j.status = "completed";
	j.progress = 90;
	j.ended_at = 1789999999999;
	j.expires_at = (int64_t)(NOW + 3600) * 1000;
	j.outputs = &output;
	j.n_outputs = 1;
	return j;
}

/* The object that was written; to be deleted. */
static cJSON *parsed(struct buf *b)
{
	cJSON *o = cJSON_Parse(b->p);

	if (!o)
		fprintf(stderr, "no JSON: %s\n", b->p);
	CHECK(o != NULL);
	buf_free(b);
	return o;
}

static cJSON *video(const struct job *j)
{
	struct buf b = {0};

	openai_video(&b, j, &links);
	return parsed(&b);
}

static const char *text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(o, name));
}

static void every_key_is_always_there(void)
{
	static const char *const keys[] = {"id", "object", "model", "status", "progress",
		"created_at", "completed_at", "expires_at", "prompt", "size", "seconds",
		"remixed_from_video_id", "error", "url", "thumbnail_url", "spritesheet_url",
		"queue_position", "eta_seconds", "attempts", "worker", "stage", "note", "vote",
		"negative_prompt", "seed", "fps", "ignored_parameters", "metadata", "outputs"};
	struct job jobs[] = {queued(), completed()};

	for (int i = 0; i < 2; i++) {
		cJSON *o = video(&jobs[i]);

		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
			if (!cJSON_HasObjectItem(o, keys[k]))
				fprintf(stderr, "%s is missing\n", keys[k]);
			CHECK(cJSON_HasObjectItem(o, keys[k]));
		}
		cJSON_Delete(o);
	}
}

static void a_vote_and_what_it_revealed_are_told(void)
{
	struct job j = completed();
	struct output named[] = {j.outputs[0], j.outputs[0]};
	cJSON *o, *vote, *second;

	j.vote_winner = "tie", j.vote_state = "sent";
	named[1].label = "b", named[1].model_name = "Blue";
	j.outputs = named, j.n_outputs = 2;
	o = video(&j);
	vote = cJSON_GetObjectItem(o, "vote");
	second = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "outputs"), 1);
	CHECK_STR(text(vote, "winner"), "tie");
	CHECK_STR(text(vote, "state"), "sent");
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(vote, "message")));
	CHECK_STR(text(second, "label"), "b");
	CHECK_STR(text(second, "model_name"), "Blue");
	cJSON_Delete(o);
}

static void a_queued_video_reads_as_clients_expect(void)
{
	struct job j = queued();
	cJSON *o = video(&j);

	CHECK_STR(text(o, "object"), "video");
	CHECK_STR(text(o, "status"), "queued");
	CHECK_STR(text(o, "prompt"), "a \"fox\"\n\x01");
	CHECK_STR(text(o, "size"), "720x1280");
	CHECK_STR(text(o, "seconds"), "4");
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(o, "created_at")), 1789999999);
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "completed_at")));
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "error")));
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "url")));
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "queue_position")));
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "eta_seconds")));
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "seed")));
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "outputs")), 0);
	CHECK(cJSON_IsObject(cJSON_GetObjectItem(o, "metadata")));
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "metadata")), 0);
	cJSON_Delete(o);
}

static void where_it_is_and_what_was_asked_for_is_told(void)
{
	static const char *const ignored[] = {"seed"};
	const struct tag notes[] = {{"scene", "3"}, {"a \"b\"", ""}};
	struct job j = queued();
	cJSON *o, *metadata;

	j.queue_position = 3;
	j.eta_ms = 4001;
	j.seed = 0;
	j.negative_prompt = "fog";
	j.source = "video_2";
	j.ignored = ignored;
	j.n_ignored = 1;
	j.metadata = notes;
	j.n_metadata = 2;
	o = video(&j);
	metadata = cJSON_GetObjectItem(o, "metadata");
	CHECK_INT(cJSON_GetArraySize(metadata), 2);
	CHECK_STR(text(metadata, "scene"), "3");
	CHECK_STR(text(metadata, "a \"b\""), "");
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(o, "queue_position")), 3);
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(o, "eta_seconds")), 5);
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(o, "seed")), 0);
	CHECK_STR(text(o, "negative_prompt"), "fog");
	CHECK_STR(text(o, "remixed_from_video_id"), "video_2");
	CHECK_STR(cJSON_GetStringValue(
			  cJSON_GetArrayItem(cJSON_GetObjectItem(o, "ignored_parameters"), 0)),
		"seed");
	cJSON_Delete(o);
}

static void each_output_is_told_with_links_of_its_own(void)
{
	struct output two[2] = {output, output};
	struct job j = completed();
	const cJSON *list, *second;
	cJSON *o;

	two[1].mime = "video/webm";
	two[1].poster = NULL;
	j.outputs = two;
	j.n_outputs = 2;
	o = video(&j);
	list = cJSON_GetObjectItem(o, "outputs");
	second = cJSON_GetArrayItem(list, 1);
	CHECK_INT(cJSON_GetArraySize(list), 2);
	CHECK_STR(text(cJSON_GetArrayItem(list, 0), "url"), text(o, "url"));
	CHECK(strstr(text(second, "url"), "/content.webm?") != NULL);
	CHECK(strstr(text(second, "url"), "&index=1") != NULL);
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(second, "thumbnail_url")));
	CHECK_STR(text(second, "mime_type"), "video/webm");
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(second, "seconds")), 4);
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(o, "progress")), 100);
	cJSON_Delete(o);
}

static void an_empty_list_has_all_five_keys(void)
{
	struct buf b = {0};

	openai_list_begin(&b);
	openai_list_end(&b, NULL, NULL, false);
	CHECK_STR(b.p, "{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,"
		       "\"has_more\":false}");
	buf_free(&b);
}

static void a_failed_video_says_why(void)
{
	struct job j = queued();
	cJSON *o, *e;

	j.status = "failed";
	j.error_code = "content_policy";
	j.error_message = "No.";
	j.ended_at = 1;
	o = video(&j);
	e = cJSON_GetObjectItem(o, "error");
	CHECK_STR(text(e, "code"), "content_policy");
	CHECK_STR(text(e, "message"), "No.");
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "completed_at")));
	cJSON_Delete(o);
}

static void cancelled_stays_cancelled_and_is_no_error(void)
{
	struct job j = queued();
	cJSON *o;

	j.status = "cancelled";
	o = video(&j);
	CHECK_STR(text(o, "status"), "cancelled");
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "error")));
	cJSON_Delete(o);
}

static void an_event_is_three_lines_and_an_empty_one(void)
{
	struct job j = queued();
	struct buf b = {0};

	openai_event(&b, &j, &links);
	CHECK(strncmp(b.p, "id: 3\nevent: video\ndata: {", 26) == 0);
	CHECK_STR(b.p + b.n - 3, "}\n\n");
	CHECK(strstr(b.p + 26, "\n") == b.p + b.n - 2); /* no line end inside */
	buf_free(&b);
}

static void an_error_has_all_four_keys(void)
{
	struct buf b = {0};

	openai_error(&b, "It \\ broke.", "server_error", NULL, "broken");
	CHECK_STR(b.p, "{\"error\":{\"message\":\"It \\\\ broke.\",\"type\":\"server_error\","
		       "\"param\":null,\"code\":\"broken\"}}");
	buf_free(&b);
}

static void failures_are_the_clients_or_ours(void)
{
	CHECK_INT(openai_failure_status("content_policy"), 400);
	CHECK_INT(openai_failure_status("invalid_image"), 400);
	CHECK_INT(openai_failure_status("worker_lost"), 502);
	CHECK_INT(openai_failure_status(NULL), 502);
}

TESTS("openai", T(every_key_is_always_there), T(a_vote_and_what_it_revealed_are_told),
	T(a_queued_video_reads_as_clients_expect), T(where_it_is_and_what_was_asked_for_is_told),
	T(each_output_is_told_with_links_of_its_own), T(an_empty_list_has_all_five_keys),
	T(a_failed_video_says_why), T(cancelled_stays_cancelled_and_is_no_error),
	T(an_event_is_three_lines_and_an_empty_one), T(an_error_has_all_four_keys),
	T(failures_are_the_clients_or_ours))
