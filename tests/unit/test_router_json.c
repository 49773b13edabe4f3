#include <cjson/cJSON.h>

#include "services/gateway/router_json.h"
#include "tests/unit/check.h"

static const struct links links = {
	.base = "http://h:1", .key = {1, 2, 3}, .keep_s = 86400, .now_s = 1790000000};

/* To be deleted. */
static cJSON *video(const struct job *j)
{
	struct buf b = {0};
	cJSON *o;

	router_video(&b, j, &links);
	o = cJSON_Parse(b.p);
	CHECK(o != NULL);
	buf_free(&b);
	return o;
}

static const char *text(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(o, name));
}

static void states_have_other_names_and_nothing_is_null(void)
{
	static const struct {
		const char *status, *code, *told;
	} cases[] = {{"queued", NULL, "pending"}, {"in_progress", NULL, "in_progress"},
		{"failed", "worker_lost", "failed"}, {"failed", "expired", "expired"},
		{"cancelled", NULL, "cancelled"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct job j = {.id = "video_1",
			.owner = "o",
			.status = cases[i].status,
			.error_code = cases[i].code};
		cJSON *o = video(&j), *each;

		CHECK_STR(text(o, "status"), cases[i].told);
		CHECK_STR(text(o, "polling_url"), "http://h:1/api/v1/videos/video_1");
		CHECK_INT(cJSON_HasObjectItem(o, "error"), strcmp(cases[i].status, "failed") == 0);
		CHECK(!cJSON_HasObjectItem(o, "unsigned_urls"));
		cJSON_ArrayForEach (each, o)
			CHECK(!cJSON_IsNull(each));
		cJSON_Delete(o);
	}
}

static void each_output_has_a_link(void)
{
	static const struct output two[] = {{.sha256 = "aa"}, {.sha256 = "bb"}};
	struct job j = {.id = "video_1",
		.owner = "o",
		.status = "completed",
		.outputs = two,
		.n_outputs = 2};
	cJSON *o = video(&j);
	const cJSON *urls = cJSON_GetObjectItem(o, "unsigned_urls");

	CHECK_INT(cJSON_GetArraySize(urls), 2);
	CHECK(strstr(cJSON_GetStringValue(cJSON_GetArrayItem(urls, 1)), "&index=1") != NULL);
	cJSON_Delete(o);
}

/* The members of an array of strings, with commas. */
static const char *joined(const cJSON *o, const char *name)
{
	static char all[200];
	const cJSON *each;

	all[0] = 0;
	cJSON_ArrayForEach (each, cJSON_GetObjectItem(o, name)) {
		size_t n = strlen(all);

		snprintf(all + n, sizeof all - n, "%s%s", n ? "," : "",
			cJSON_IsString(each) ? each->valuestring : "?");
	}
	return all;
}

static void what_a_model_can_do_follows_from_its_sizes(void)
{
	static const char *const sizes[] = {"854x480", "720x1280", "1080x1080"};
	static const char *const inputs[] = {"text", "first_last_frame"};
	static const char *const parameters[] = {"seed"};
	struct model m = {.id = "m",
		.sizes = sizes,
		.n_sizes = 3,
		.inputs = inputs,
		.n_inputs = 2,
		.parameters = parameters,
		.n_parameters = 1,
		.min_seconds = 4,
		.max_seconds = 6};
	struct catalogue_entry e = {.id = "m", .model = &m};
	struct buf b = {0};
	cJSON *o;

	router_model(&b, &e);
	o = cJSON_Parse(b.p);
	CHECK_STR(joined(o, "supported_resolutions"), "480p,720p,1080p");
	CHECK_STR(joined(o, "supported_aspect_ratios"), "16:9,9:16,1:1");
	CHECK_STR(joined(o, "supported_frame_images"), "first_frame,last_frame");
	CHECK_STR(joined(o, "supported_sizes"), "854x480,720x1280,1080x1080");
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(o, "supported_durations")), 3);
	CHECK(cJSON_IsTrue(cJSON_GetObjectItem(o, "seed")));
	CHECK(cJSON_IsFalse(cJSON_GetObjectItem(o, "generate_audio")));
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "upscale_factor")));
	cJSON_Delete(o);
	buf_clear(&b);
	m.n_sizes = m.n_inputs = m.n_parameters = 0;
	m.max_height = 720;
	router_model(&b, &e);
	o = cJSON_Parse(b.p);
	CHECK_STR(joined(o, "supported_resolutions"), "480p,720p");
	CHECK(cJSON_IsNull(cJSON_GetObjectItem(o, "supported_sizes")));
	CHECK_STR(joined(o, "supported_frame_images"), "");
	CHECK(cJSON_IsFalse(cJSON_GetObjectItem(o, "seed")));
	cJSON_Delete(o);
	buf_free(&b);
}

TESTS("router_json", T(states_have_other_names_and_nothing_is_null), T(each_output_has_a_link),
	T(what_a_model_can_do_follows_from_its_sizes))
