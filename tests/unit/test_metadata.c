#include "proto/metadata.h"

#include "tests/unit/check.h"

static void it_is_written_as_an_object(void)
{
	const struct tag notes[] = {{"a", "1"}, {"\"b\"\n", ""}, {"ñ", "\xf0\x9f\xa6\x8a"}};
	struct buf b = {0};

	buf_adds(&b, "{");
	json_kv_metadata(&b, NULL, 0);
	json_kv_metadata(&b, notes, 3);
	CHECK_STR(b.p, "{\"metadata\":{},\"metadata\":{\"a\":\"1\",\"\\\"b\\\"\\n\":\"\","
		       "\"ñ\":\"\xf0\x9f\xa6\x8a\"}");
	buf_free(&b);
}

static void only_whole_pairs_are_right_and_not_too_many(void)
{
	const struct tag bad[] = {{NULL, "x"}, {"a", NULL}, {"", "x"}};
	struct tag all[METADATA_PAIRS + 1];

	for (size_t i = 0; i < METADATA_PAIRS + 1; i++)
		all[i] = (struct tag){"a", ""};
	CHECK(metadata_ok(NULL, 0));
	CHECK(metadata_ok(all, METADATA_PAIRS));
	CHECK(!metadata_ok(all, METADATA_PAIRS + 1));
	for (size_t i = 0; i < 3; i++)
		CHECK(!metadata_ok(&bad[i], 1));
}

static void a_job_keeps_it_and_one_from_before_has_none(void)
{
	/* as it was written before there was any */
	static const char old[] = "{\"v\":1,\"id\":\"video_1\",\"owner\":\"ann\","
				  "\"status\":\"queued\",\"prompt\":\"a fox\",\"untold\":true}";
	const struct tag notes[] = {{"scene", "3"}, {"empty", ""}};
	struct job job = {.id = "video_1", .metadata = notes, .n_metadata = 2};
	const struct job *got;
	struct msg *m = NULL;
	size_t n;
	char *json = rec_write(&rec_job, &job, &n);

	CHECK_INT(msg_read(&rec_job, json, n, &m), ERR_OK);
	got = msg_rec(m);
	CHECK_INT(got->n_metadata, 2);
	CHECK_STR(got->metadata[0].key, "scene");
	CHECK_STR(got->metadata[1].value, "");
	CHECK(metadata_ok(got->metadata, got->n_metadata));
	msg_free(m);
	free(json);

	CHECK_INT(msg_read(&rec_job, old, sizeof old - 1, &m), ERR_OK);
	got = msg_rec(m);
	CHECK_STR(got->prompt, "a fox");
	CHECK_INT(got->n_metadata, 0);
	msg_free(m);
	job.n_metadata = 0;
	json = rec_write(&rec_job, &job, &n);
	CHECK(strstr(json, "metadata") == NULL); /* nor do those of now that need none */
	free(json);
}

TESTS("metadata", T(it_is_written_as_an_object), T(only_whole_pairs_are_right_and_not_too_many),
	T(a_job_keeps_it_and_one_from_before_has_none))
