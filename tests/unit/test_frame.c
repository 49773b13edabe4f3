#include "services/bridge/frame.h"

#include "tests/unit/check.h"

#define JOB   "video_0123456789abcdef0123456789abcdef"
#define LEASE "00112233445566778899aabbccddeeff"
#define REF   "\"job\":\"" JOB "\",\"lease\":\"" LEASE "\""

static char why[SHAPE_WHY];

static enum err read_text(const char *text, struct frame *f)
{
	*why = 0;
	return frame_read(text, strlen(text), f, why);
}

static void check_good(const char *text, enum frame_type type)
{
	struct frame f = {0};

	if (read_text(text, &f) != ERR_OK)
		fprintf(stderr, "refused (%s): %s\n", why, text);
	CHECK_INT(f.type, type);
	frame_clear(&f);
}

static void check_bad(const char *text, const char *reason)
{
	struct frame f = {0};

	if (read_text(text, &f) == ERR_OK)
		fprintf(stderr, "taken: %s\n", text);
	CHECK(!f.doc);
	CHECK_STR(why, reason);
	frame_clear(&f);
}

static void hello_is_read_whole(void)
{
	struct frame f;
	const struct frame_hello *h;

	CHECK_INT(
		read_text("{\"type\":\"hello\",\"token\":\"wk_x\",\"worker\":{\"id\":\"a-B_9\","
			  "\"name\":\"render box\",\"kind\":\"gpu\",\"version\":\"1.2.0\"},"
			  "\"slots\":2,\"models\":[{\"id\":\"m1\",\"inputs\":[\"text\",\"image\"],"
			  "\"sizes\":[\"1280x720\"],\"max_seconds\":8,"
			  "\"parameters\":[\"seed\",\"negative_prompt\"],\"operations\":[\"remix\"]"
			  "},{\"id\":\"m2\"}],"
			  "\"jobs\":[{" REF
			  ",\"progress\":40,\"upstream_ref\":\"u\"}],\"new\":[{}]}",
			&f),
		ERR_OK);
	h = f.hello;
	CHECK_STR(h->token, "wk_x");
	CHECK_STR(h->worker.id, "a-B_9");
	CHECK_STR(h->worker.kind, "gpu");
	CHECK_INT(h->slots, 2);
	CHECK_INT(h->offer.n_models, 2);
	CHECK_STR(h->offer.models[0].inputs[1], "image");
	CHECK_STR(h->offer.models[0].sizes[0], "1280x720");
	CHECK_INT(h->offer.models[0].max_seconds, 8);
	CHECK_INT(h->offer.models[0].n_parameters, 2);
	CHECK_STR(h->offer.models[0].parameters[1], "negative_prompt");
	CHECK_INT(h->offer.models[0].n_operations, 1);
	CHECK_STR(h->offer.models[0].operations[0], "remix");
	CHECK_INT(h->offer.models[1].n_parameters, 0);
	CHECK_INT(h->offer.models[1].max_seconds, 20);
	CHECK_INT(h->offer.models[1].max_prompt, 32000);
	CHECK(h->offer.models[1].selectable);
	CHECK_INT(h->n_jobs, 1);
	CHECK_STR(h->jobs[0].ref.job, JOB);
	CHECK_STR(h->jobs[0].ref.lease, LEASE);
	CHECK_INT(h->jobs[0].progress, 40);
	frame_clear(&f);
}

static void every_type_is_taken_in_its_plainest_form(void)
{
	check_good("{\"type\":\"hello\",\"worker\":{\"id\":\"a\"}}", FRAME_HELLO);
	check_good("{\"type\":\"models\"}", FRAME_MODELS);
	check_good("{\"type\":\"ready\",\"free\":0}", FRAME_READY);
	check_good("{\"type\":\"accepted\"," REF "}", FRAME_ACCEPTED);
	check_good("{\"type\":\"stopped\"," REF "}", FRAME_STOPPED);
	check_good("{\"type\":\"progress\"," REF "}", FRAME_PROGRESS);
	check_good("{\"type\":\"upload\"," REF ",\"upload\":\"u1\",\"size\":1}", FRAME_UPLOAD);
	check_good("{\"type\":\"upload_end\",\"upload\":\"u1\",\"size\":1}", FRAME_UPLOAD_END);
	check_good("{\"type\":\"result\"," REF ",\"outputs\":[{\"upload\":\"u1\"}]}", FRAME_RESULT);
	check_good("{\"type\":\"failed\"," REF ",\"code\":\"x\"}", FRAME_FAILED);
	check_good("{\"type\":\"release\"," REF "}", FRAME_RELEASE);
	check_good("{\"type\":\"input_get\"," REF ",\"input\":0}", FRAME_INPUT_GET);
	check_good("{\"type\":\"log\",\"message\":\"hi\"}", FRAME_LOG);
	check_good("{\"type\":\"pong\",\"t\":1}", FRAME_PONG);
}

static void unknown_types_and_fields_are_ignored(void)
{
	check_good("{\"type\":\"intention\",\"x\":1}", FRAME_UNKNOWN);
	check_good("{\"type\":\"?\"}", FRAME_UNKNOWN);
	check_good("{\"type\":\"ready\",\"free\":1,\"mood\":{\"a\":[1]}}", FRAME_READY);
	check_good("{\"type\":\"progress\"," REF ",\"stage\":null}", FRAME_PROGRESS);
}

static void nonsense_is_refused_with_a_reason(void)
{
	check_bad("", "not a JSON object");
	check_bad("{", "not a JSON object");
	check_bad("[]", "not a JSON object");
	check_bad("\"hello\"", "not a JSON object");
	check_bad("{\"type\":\"pong\xff\"}", "not a JSON object");
	check_bad("{}", "?: type is missing");
	check_bad("{\"type\":7}", "?: type is missing");
	check_bad("{\"type\":\"ready\"}", "ready: free: is missing");
	check_bad("{\"type\":\"ready\",\"free\":-1}", "ready: free: 0 to 64");
	check_bad("{\"type\":\"ready\",\"free\":65}", "ready: free: 0 to 64");
	check_bad("{\"type\":\"ready\",\"free\":1e300}", "ready: free: 0 to 64");
	check_bad("{\"type\":\"ready\",\"free\":1.5}", "ready: free: must be a whole number");
	check_bad("{\"type\":\"ready\",\"free\":\"1\"}", "ready: free: 0 to 64");
	check_bad("{\"type\":\"hello\"}", "hello: worker: is missing");
	check_bad("{\"type\":\"hello\",\"worker\":[]}", "hello: an object is missing");
	check_bad("{\"type\":\"hello\",\"worker\":{\"id\":\"\"}}", "hello: id: 1 to 64 bytes");
	check_bad("{\"type\":\"hello\",\"worker\":{\"id\":\"a b\"}}",
		"hello: id: is not well formed");
	check_bad("{\"type\":\"hello\",\"worker\":{\"id\":\"a\"},\"slots\":0}",
		"hello: slots: 1 to 64");
	check_bad("{\"type\":\"hello\",\"worker\":{\"id\":\"a\"},\"models\":{}}",
		"hello: models: must be a list");
	check_bad("{\"type\":\"hello\",\"worker\":{\"id\":\"a\"},\"models\":[1]}",
		"hello: an object is missing");
	check_bad("{\"type\":\"hello\",\"worker\":{\"id\":\"a\",\"name\":\"x\\ny\"}}",
		"hello: name: is not well formed");
	check_bad("{\"type\":\"models\",\"models\":[{\"id\":\"m\",\"sizes\":[\"1280*720\"]}]}",
		"models: sizes: is not well formed");
	check_bad("{\"type\":\"models\",\"models\":[{\"id\":\"m\",\"inputs\":[7]}]}",
		"models: inputs: must be a string");
	check_bad("{\"type\":\"models\",\"models\":[{\"id\":\"m\",\"selectable\":1}]}",
		"models: selectable: must be true or false");
	check_bad("{\"type\":\"log\",\"message\":7}", "log: message: must be a string");
}

static void ids_and_tokens_are_checked(void)
{
	check_bad("{\"type\":\"accepted\"}", "accepted: job: is missing");
	check_bad("{\"type\":\"accepted\",\"job\":\"video_1\",\"lease\":\"" LEASE "\"}",
		"accepted: job: is not well formed");
	check_bad("{\"type\":\"accepted\",\"job\":\"" JOB "\"}", "accepted: lease: is missing");
	check_bad("{\"type\":\"accepted\",\"job\":\"" JOB "\",\"lease\":\"../../etc/passwd\"}",
		"accepted: lease: 32 to 32 bytes");
	check_bad("{\"type\":\"accepted\",\"job\":\"" JOB
		  "\",\"lease\":\"0011223344556677/../aabbccddeeff\"}",
		"accepted: lease: is not well formed");
	check_bad("{\"type\":\"upload\"," REF ",\"upload\":\"../u\",\"size\":1}",
		"upload: upload: is not well formed");
	check_bad("{\"type\":\"upload\"," REF ",\"upload\":\"u\",\"size\":0}",
		"upload: size: 1 to 9007199254740991");
	check_bad("{\"type\":\"input_get\"," REF ",\"input\":-1}", "input_get: input: 0 to 63");
}

static void an_output_is_an_upload_or_a_link(void)
{
	check_bad("{\"type\":\"result\"," REF "}", "result: outputs: is missing");
	check_bad(
		"{\"type\":\"result\"," REF ",\"outputs\":[]}", "result: outputs: 1 to 4 of them");
	check_bad("{\"type\":\"result\"," REF ",\"outputs\":[{},{},{},{},{}]}",
		"result: outputs: 1 to 4 of them");
	check_bad("{\"type\":\"result\"," REF ",\"outputs\":[{}]}",
		"result: outputs: each is an upload or a url");
	check_bad("{\"type\":\"result\"," REF ",\"outputs\":[{\"upload\":\"u\",\"url\":\"h\"}]}",
		"result: outputs: each is an upload or a url");
	check_good("{\"type\":\"result\"," REF ",\"outputs\":[{\"upload\":\"u\"},{\"url\":\"h\"}]}",
		FRAME_RESULT);
}

static void a_frame_cut_anywhere_is_refused(void)
{
	static const char text[] =
		"{\"type\":\"progress\"," REF ",\"percent\":40,\"stage\":\"\xc3\xa9\xe2\x82\xac\"}";
	struct frame f;

	for (size_t n = 0; n < sizeof text - 1; n++)
		CHECK(frame_read(text, n, &f, why) != ERR_OK);
	CHECK_INT(frame_read(text, sizeof text - 1, &f, why), ERR_OK);
	CHECK_INT(f.progress->percent, 40);
	frame_clear(&f);
}

static void deep_nesting_does_no_harm(void)
{
	size_t n = 200000;
	char *p = malloc(n);
	struct frame f;

	memset(p, '[', n);
	CHECK(frame_read(p, n, &f, why) != ERR_OK);
	for (int i = 0; i < 5; i++)
		p[i] = "{\"x\":"[i];
	CHECK(frame_read(p, n, &f, why) != ERR_OK);
	free(p);
}

static void utf8_is_checked_by_the_rules(void)
{
	static const char *const bad[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xe2\x82", "a\xff", NULL};

	for (int i = 0; bad[i]; i++)
		CHECK(!utf8_ok(bad[i], strlen(bad[i])));
	CHECK(utf8_ok("a\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x8a", 10));
	CHECK(utf8_ok("\xf4\x8f\xbf\xbf", 4));
	CHECK(!utf8_ok("a\0b", 3));
	CHECK(utf8_ok("", 0));
}

static void binary_frames_are_split(void)
{
	static const uint8_t whole[] = {0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 'a', 'b'};
	const uint8_t *p = whole;
	size_t n = sizeof whole;
	uint32_t channel;
	uint64_t offset;

	CHECK(frame_chunk(&p, &n, &channel, &offset));
	CHECK_INT(channel, 7);
	CHECK_INT(offset, (1LL << 32) + 2);
	CHECK_INT(n, 2);
	CHECK(p == whole + 12);
	p = whole;
	n = 12;
	CHECK(!frame_chunk(&p, &n, &channel, &offset));
	n = 0;
	CHECK(!frame_chunk(&p, &n, &channel, &offset));
}

static void what_workers_say_of_themselves(void)
{
	struct frame f;

	CHECK_INT(read_text("{\"type\":\"attention\",\"reason\":\"login\",\"message\":\"Look.\","
			    "\"url\":\"https://example.com/x\"}",
			  &f),
		ERR_OK);
	CHECK_INT(f.type, FRAME_ATTENTION);
	CHECK_STR(f.attention->reason, "login");
	CHECK_STR(f.attention->url, "https://example.com/x");
	frame_clear(&f);
	check_good("{\"type\":\"attention\",\"reason\":\"x\",\"url\":\"\"}", FRAME_ATTENTION);
	check_good("{\"type\":\"attention_over\"}", FRAME_ATTENTION_OVER);
	check_bad("{\"type\":\"attention\"}", "attention: reason: is missing");
	CHECK(read_text("{\"type\":\"attention\",\"reason\":\"x\",\"url\":\"javascript:1\"}", &f) !=
		ERR_OK);
	CHECK_INT(
		read_text("{\"type\":\"state\",\"paused\":true,\"until_ms\":5,\"note\":\"n\"}", &f),
		ERR_OK);
	CHECK(f.state->paused);
	CHECK_INT(f.state->until_ms, 5);
	frame_clear(&f);
}

static void votes_and_outputs_with_names(void)
{
	struct frame f;

	CHECK_INT(read_text("{\"type\":\"voted\",\"job\":\"" JOB
			    "\",\"ok\":true,\"names\":[\"Red\",\"\"]}",
			  &f),
		ERR_OK);
	CHECK(f.voted->ok);
	CHECK_INT(f.voted->n_names, 2);
	CHECK_STR(f.voted->names[0], "Red");
	frame_clear(&f);
	CHECK(read_text("{\"type\":\"voted\",\"job\":\"x\",\"ok\":true}", &f) != ERR_OK);
	CHECK_INT(
		read_text("{\"type\":\"result\"," REF ",\"outputs\":[{\"upload\":\"u1\",\"label\":"
			  "\"a\",\"name\":\"Red\"},{\"upload\":\"u2\"}]}",
			&f),
		ERR_OK);
	CHECK_STR(f.result->outputs[0].label, "a");
	CHECK_STR(f.result->outputs[0].name, "Red");
	CHECK_STR(f.result->outputs[1].label, NULL);
	frame_clear(&f);
	CHECK_INT(read_text("{\"type\":\"release\"," REF ",\"message\":\"Why.\"}", &f), ERR_OK);
	CHECK_STR(f.release->message, "Why.");
	frame_clear(&f);
}

static void every_type_has_an_example_in_the_document(void)
{
	static char text[200000];
	FILE *f = fopen(ARENA_WORKER_MD, "r");

	CHECK(f && fread(text, 1, sizeof text - 1, f) > 0);
	for (int type = FRAME_UNKNOWN + 1; type < FRAME_TYPES; type++) {
		char example[80];

		snprintf(example, sizeof example, "{\"type\":\"%s\"",
			frame_name((enum frame_type)type));
		if (!strstr(text, example))
			fprintf(stderr, "WORKER.md has no %s\n", example);
		CHECK(strstr(text, example) != NULL);
	}
	fclose(f);
}

TESTS("frame", T(what_workers_say_of_themselves), T(votes_and_outputs_with_names),
	T(hello_is_read_whole), T(every_type_is_taken_in_its_plainest_form),
	T(unknown_types_and_fields_are_ignored), T(nonsense_is_refused_with_a_reason),
	T(ids_and_tokens_are_checked), T(an_output_is_an_upload_or_a_link),
	T(a_frame_cut_anywhere_is_refused), T(deep_nesting_does_no_harm),
	T(utf8_is_checked_by_the_rules), T(binary_frames_are_split),
	T(every_type_has_an_example_in_the_document))
