#include <cjson/cJSON.h>

#include "services/gateway/chat_json.h"
#include "tests/unit/check.h"

static const struct links links = {
	.base = "http://h:1", .key = {1, 2, 3}, .keep_s = 86400, .now_s = 1790000000};
static const struct chat chat = {.video_id = "video_1", .model = "m", .created_s = 5};

static void the_status_is_a_line_that_changes_seldom(void)
{
	static const struct {
		struct job j;
		const char *line;
	} cases[] = {{{.status = "queued"}, "Waiting in line.\n"},
		{{.status = "queued", .queue_position = 3}, "Waiting in line, place 3.\n"},
		{{.status = "in_progress", .progress = 9}, "Making the video ...\n"},
		{{.status = "in_progress", .stage = "rendering"}, "rendering ...\n"},
		{{.status = "in_progress", .stage = "rendering", .progress = 47},
			"rendering: 40 %\n"},
		{{.status = "completed", .progress = 100}, ""}};
	char line[CHAT_STATUS];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_STR(chat_status(&cases[i].j, line), cases[i].line);
}

/* Of a run with two videos, only the first of which has a poster. */
static void every_video_is_a_poster_a_player_and_a_link(void)
{
	static const struct output two[] = {
		{.sha256 = "aa", .poster = "bb"}, {.sha256 = "cc", .mime = "video/webm"}};
	struct job j = {.id = "video_1",
		.owner = "o",
		.status = "completed",
		.outputs = two,
		.n_outputs = 2};
	struct buf b = {0};
	const char *player;

	chat_markdown(&b, &j, &links);
	CHECK(strncmp(b.p, "[![The video](http://h:1/v1/videos/video_1/content?", 50) == 0);
	/* A block of its own: an empty line before, the tag alone on its line. */
	player = strstr(b.p, "\n\n<video src=\"http://h:1/v1/videos/video_1/content.mp4?");
	CHECK(player != NULL);
	CHECK(strstr(b.p, "&amp;owner=o\" poster=\"http://h:1/") != NULL);
	CHECK(strstr(b.p, " controls>\nhttp://h:1/v1/videos/video_1/content.mp4?exp=") > player);
	CHECK(strstr(b.p, "\n</video>\n\n[Open the video](http://h:1/") > player);
	CHECK(strstr(b.p, "\n\n<video src=\"http://h:1/v1/videos/video_1/content.webm?") > player);
	CHECK(strstr(strstr(b.p, "webm"), "poster=") == NULL);
	buf_free(&b);
}

static void a_video_that_is_not_ready_has_a_link_for_later(void)
{
	struct job j = {.id = "video_1", .owner = "o", .status = "queued"};
	struct buf b = {0};

	chat_markdown(&b, &j, &links);
	CHECK(strstr(b.p, "not ready yet") != NULL);
	CHECK(strstr(b.p, "[This link](http://h:1/v1/videos/video_1/content.mp4?exp=") != NULL);
	buf_free(&b);
}

static void an_answer_reads_as_clients_expect(void)
{
	struct buf b = {0};
	const cJSON *choice;
	cJSON *o;

	chat_answer(&b, &chat, "a \"video\"");
	o = cJSON_Parse(b.p);
	choice = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "choices"), 0);
	CHECK_STR(cJSON_GetStringValue(cJSON_GetObjectItem(o, "id")), "chatcmpl-video_1");
	CHECK_STR(cJSON_GetStringValue(cJSON_GetObjectItem(o, "object")), "chat.completion");
	CHECK_STR(cJSON_GetStringValue(cJSON_GetObjectItem(choice, "finish_reason")), "stop");
	CHECK_STR(cJSON_GetStringValue(
			  cJSON_GetObjectItem(cJSON_GetObjectItem(choice, "message"), "content")),
		"a \"video\"");
	CHECK_INT(cJSON_GetNumberValue(
			  cJSON_GetObjectItem(cJSON_GetObjectItem(o, "usage"), "total_tokens")),
		0);
	cJSON_Delete(o);
	buf_free(&b);
}

/* Each of them is one event of one line, and JSON. */
static int events(const char *p)
{
	int n = 0;

	while (*p) {
		const char *end = strstr(p, "\n\n");
		cJSON *o;

		CHECK(strncmp(p, "data: ", 6) == 0 && end &&
			memchr(p, '\n', (size_t)(end - p)) == NULL);
		if (!end)
			return -1;
		o = cJSON_ParseWithLength(p + 6, (size_t)(end - p - 6));
		CHECK((o != NULL) == (strncmp(p, "data: [DONE]", 12) != 0));
		cJSON_Delete(o);
		p = end + 2;
		n++;
	}
	return n;
}

static void chunks_are_events_of_json(void)
{
	struct chat counted = chat;
	struct buf b = {0};

	chat_begin(&b, &chat);
	chat_reason(&b, &chat, "Waiting\n");
	chat_content(&b, &chat, "x\n\ny");
	chat_end(&b, &chat);
	CHECK_INT(events(b.p), 5);
	CHECK(strstr(b.p, "\"usage\"") == NULL);
	buf_clear(&b);
	counted.usage = true;
	chat_end(&b, &counted);
	CHECK_INT(events(b.p), 3);
	CHECK(strstr(b.p, "\"choices\":[],\"usage\":{") != NULL);
	buf_free(&b);
}

TESTS("chat_json", T(the_status_is_a_line_that_changes_seldom),
	T(every_video_is_a_poster_a_player_and_a_link),
	T(a_video_that_is_not_ready_has_a_link_for_later), T(an_answer_reads_as_clients_expect),
	T(chunks_are_events_of_json))
