#include <cjson/cJSON.h>

#include "services/gateway/generation.h"
#include "tests/unit/check.h"

static const struct links links = {
	.base = "http://h:1", .key = {1, 2, 3}, .keep_s = 86400, .now_s = 1790000000};
static const struct output outputs[2] = {{.sha256 = "aa",
						 .mime = "video/mp4",
						 .size = 1000,
						 .width = 720,
						 .height = 1280,
						 .duration_ms = 4000},
	{.sha256 = "bb", .mime = "video/mp4"}};
static const struct job good = {.id = "video_1",
	.owner = "key_1",
	.status = "completed",
	.model = "m",
	.created_at = 1789999999123,
	.outputs = outputs,
	.n_outputs = 2};
static const struct job waiting = {.id = "video_2",
	.owner = "key_1",
	.status = "queued",
	.model = "m",
	.prompt = "x",
	.queue_position = 2,
	.eta_ms = 1500};
static const struct job failed = {.id = "video_3",
	.owner = "key_1",
	.status = "failed",
	.error_code = "content_policy",
	.error_message = "No."};
static const struct job cancelled = {.id = "video_4", .owner = "key_1", .status = "cancelled"};
static const struct job deleted = {.id = "video_5", .owner = "key_1", .status = "deleted"};

/* The object that is written between the buffer's start + skip and its end; to be deleted. */
static cJSON *parsed(struct buf *b, size_t skip)
{
	cJSON *o = cJSON_Parse(b->p + skip);

	if (!o)
		fprintf(stderr, "no JSON: %s\n", b->p + skip);
	CHECK(o != NULL);
	buf_free(b);
	return o;
}

static const char *text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(o, name));
}

static double number(const cJSON *o, const char *name)
{
	return cJSON_GetNumberValue(cJSON_GetObjectItem(o, name));
}

static struct generation of(const struct job *const *jobs, size_t n)
{
	return (struct generation){.jobs = jobs, .n = n, .links = &links};
}

static void every_output_of_every_job_is_an_entry_in_order(void)
{
	struct job other = good;
	const struct job *jobs[] = {&good, &failed, &other};
	struct generation g = of(jobs, 3);
	struct buf b = {0};
	const cJSON *data, *errors;
	cJSON *o;

	other.id = "video_9";
	generation_json(&b, &g);
	o = parsed(&b, 0);
	CHECK_INT(number(o, "created"), 1789999999);
	CHECK_STR(text(o, "id"), "video_1");
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "ids")), 3);
	data = cJSON_GetObjectItem(o, "data");
	CHECK_INT(cJSON_GetArraySize(data), 4);
	CHECK_STR(text(cJSON_GetArrayItem(data, 0), "id"), "video_1");
	CHECK_STR(text(cJSON_GetArrayItem(data, 2), "id"), "video_9");
	CHECK(strstr(text(cJSON_GetArrayItem(data, 1), "url"), "&index=1") != NULL);
	CHECK_INT(number(cJSON_GetArrayItem(data, 0), "width"), 720);
	errors = cJSON_GetObjectItem(o, "errors");
	CHECK_INT(cJSON_GetArraySize(errors), 1);
	CHECK_STR(text(cJSON_GetArrayItem(errors, 0), "id"), "video_3");
	CHECK_STR(text(cJSON_GetArrayItem(errors, 0), "code"), "content_policy");
	cJSON_Delete(o);
}

static void one_job_is_accepted_as_itself_and_several_as_a_list(void)
{
	const struct job *jobs[] = {&waiting, &good};
	struct generation one = of(jobs, 1), two = of(jobs, 2);
	struct buf b = {0};
	cJSON *o;

	generation_accepted(&b, &one);
	o = parsed(&b, 0);
	CHECK_STR(text(o, "object"), "video");
	cJSON_Delete(o);
	generation_accepted(&b, &two);
	o = parsed(&b, 0);
	CHECK_STR(text(o, "object"), "list");
	CHECK_STR(text(o, "last_id"), "video_1");
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "data")), 2);
	cJSON_Delete(o);
}

static void events_carry_their_type_in_name_and_data(void)
{
	static const char progress[] = "event: video_generation.progress\ndata: ";
	static const char done[] = "event: video_generation.completed\ndata: ";
	static const char unfinished[] = "event: video_generation.unfinished\ndata: ";
	const struct job *jobs[] = {&good};
	struct generation g = of(jobs, 1);
	struct buf b = {0};
	cJSON *o;

	generation_progress(&b, &waiting, 1);
	CHECK(strncmp(b.p, progress, sizeof progress - 1) == 0);
	CHECK_STR(b.p + b.n - 3, "}\n\n");
	o = parsed(&b, sizeof progress - 1);
	CHECK_STR(text(o, "type"), "video_generation.progress");
	CHECK_INT(number(o, "index"), 1);
	CHECK_INT(number(o, "queue_position"), 2);
	CHECK_INT(number(o, "eta_seconds"), 2);
	cJSON_Delete(o);
	generation_completed(&b, &g);
	CHECK(strncmp(b.p, done, sizeof done - 1) == 0);
	o = parsed(&b, sizeof done - 1);
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "data")), 2);
	cJSON_Delete(o);
	generation_unfinished(&b, &g);
	CHECK(strncmp(b.p, unfinished, sizeof unfinished - 1) == 0);
	buf_free(&b);
}

static void failures_say_why(void)
{
	const char *code;
	struct buf b = {0};

	CHECK_STR(job_failure(&failed, &code), "No.");
	CHECK_STR(code, "content_policy");
	CHECK_STR(job_failure(&cancelled, &code), "The video was cancelled.");
	CHECK_STR(code, "cancelled");
	CHECK_STR(job_failure(&deleted, &code), "The video was deleted.");
	generation_failed(&b, &failed);
	CHECK_STR(b.p,
		"event: error\ndata: {\"error\":{\"message\":\"No.\",\"type\":"
		"\"invalid_request_error\",\"param\":null,\"code\":\"content_policy\"}}\n\n");
	buf_free(&b);
	CHECK(job_is_over(&failed) && job_is_over(&deleted) && !job_is_over(&waiting));
	CHECK(job_is_good(&good) && !job_is_good(&failed));
}

TESTS("generation", T(every_output_of_every_job_is_an_entry_in_order),
	T(one_job_is_accepted_as_itself_and_several_as_a_list),
	T(events_carry_their_type_in_name_and_data), T(failures_say_why))
