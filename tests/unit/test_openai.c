#include <cjson/cJSON.h>

#include "proto/sign.h"
#include "services/gateway/openai.h"
#include "tests/unit/check.h"

#define NOW 1790000000

static const uint8_t key[32] = {1, 2, 3};
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
		"remixed_from_video_id", "error", "attempts", "worker", "stage"};
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
	CHECK(!cJSON_HasObjectItem(o, "url"));
	cJSON_Delete(o);
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

/* Is the link one that this gateway would let in? */
static bool link_good(const char *url, const char *variant, const char *owner, int64_t now_s)
{
	char exp[32] = "", sig[64] = "", path[LINK_VARIANT_MAX], what[LINK_VARIANT_MAX];
	const char *q = strchr(url, '?');

	if (!q || sscanf(q, "?exp=%31[0-9]&sig=%63[0-9a-f]&owner=", exp, sig) != 2)
		return false;
	return sign_check(key, link_path("video_00000000000000000000000000000001", path),
		link_variant(variant, owner, what), exp, sig, now_s);
}

static void a_completed_video_has_signed_links(void)
{
	struct job j = completed();
	cJSON *o = video(&j);
	const char *url = text(o, "url"), *thumb = text(o, "thumbnail_url");

	CHECK(strncmp(url,
		      "http://h:1/v1/videos/video_00000000000000000000000000000001/content.mp4?",
		      70) == 0);
	CHECK(strstr(url, "&owner=key_1") != NULL);
	CHECK(strstr(thumb, "&variant=thumbnail") != NULL);
	CHECK(link_good(url, "video", "key_1", NOW));
	CHECK(link_good(thumb, "thumbnail", "key_1", NOW));
	CHECK(!link_good(url, "thumbnail", "key_1", NOW));
	CHECK(!link_good(url, "video", "key_2", NOW));
	CHECK(link_good(url, "video", "key_1", NOW + 3599));
	CHECK(!link_good(url, "video", "key_1", NOW + 3601)); /* the video is gone then */
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(o, "progress")), 100);
	cJSON_Delete(o);
}

static void a_link_is_the_same_all_day(void)
{
	struct links later = links;
	struct buf a = {0}, b = {0};
	struct job j = completed();

	j.expires_at = (int64_t)(NOW + 90 * 86400) * 1000;
	later.now_s = NOW / 86400 * 86400 + 86399;
	openai_video(&a, &j, &links);
	openai_video(&b, &j, &later);
	CHECK_STR(a.p, b.p);
	buf_free(&b);
	later.now_s++;
	openai_video(&b, &j, &later);
	CHECK(strcmp(a.p, b.p) != 0);
	buf_free(&a);
	buf_free(&b);
}

static void a_list_has_all_five_keys_even_when_empty(void)
{
	struct job jobs[2] = {queued(), completed()};
	struct job_page page = {.jobs = jobs, .n_jobs = 2, .has_more = true};
	struct buf b = {0};
	cJSON *o;

	jobs[1].id = "video_2";
	openai_list(&b, &page, &links);
	o = parsed(&b);
	CHECK_STR(text(o, "object"), "list");
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "data")), 2);
	CHECK_STR(text(o, "first_id"), jobs[0].id);
	CHECK_STR(text(o, "last_id"), "video_2");
	CHECK(cJSON_IsTrue(cJSON_GetObjectItem(o, "has_more")));
	cJSON_Delete(o);
	openai_list(&b, &(struct job_page){0}, &links);
	CHECK_STR(b.p, "{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,"
		       "\"has_more\":false}");
	buf_free(&b);
}

static void a_generation_carries_its_file(void)
{
	struct job j = completed();
	struct buf b = {0};
	cJSON *o, *d;

	openai_generation(&b, &j, &links);
	o = parsed(&b);
	d = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "data"), 0);
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(o, "created")), 1789999999);
	CHECK_STR(text(o, "id"), j.id);
	CHECK(link_good(text(d, "url"), "video", "key_1", NOW));
	CHECK_STR(text(d, "mime_type"), "video/mp4");
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(d, "width")), 720);
	CHECK_INT(cJSON_GetNumberValue(cJSON_GetObjectItem(d, "seconds")), 4);
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

static void only_models_with_a_worker_are_listed(void)
{
	static const char *const inputs[] = {"text"};
	static const char *const available[] = {"here", "hidden"};
	static const struct model models[] = {
		{.id = "here", .inputs = inputs, .n_inputs = 1, .selectable = true},
		{.id = "gone", .selectable = true}, {.id = "hidden"}};
	struct model_list list = {
		.models = models, .n_models = 3, .available = available, .n_available = 2};
	struct buf b = {0};
	cJSON *o, *data;

	openai_models(&b, &list);
	o = parsed(&b);
	data = cJSON_GetObjectItem(o, "data");
	CHECK_INT(cJSON_GetArraySize(data), 1);
	CHECK_STR(text(cJSON_GetArrayItem(data, 0), "id"), "here");
	CHECK_STR(text(cJSON_GetArrayItem(data, 0), "object"), "model");
	cJSON_Delete(o);
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

TESTS("openai", T(every_key_is_always_there), T(a_queued_video_reads_as_clients_expect),
	T(a_failed_video_says_why), T(cancelled_stays_cancelled_and_is_no_error),
	T(a_completed_video_has_signed_links), T(a_link_is_the_same_all_day),
	T(a_list_has_all_five_keys_even_when_empty), T(a_generation_carries_its_file),
	T(an_event_is_three_lines_and_an_empty_one), T(only_models_with_a_worker_are_listed),
	T(an_error_has_all_four_keys), T(failures_are_the_clients_or_ours))
