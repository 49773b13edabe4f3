#include "proto/id.h"
#include "tests/unit/check.h"

static void ids_grow_with_time_and_never_repeat(void)
{
	char last[ID_MAX] = "", id[ID_MAX];

	for (int i = 0; i < 100000; i++) {
		id_new("video_", id);
		if (strcmp(last, id) >= 0) {
			fprintf(stderr, "%s is not behind %s\n", id, last);
			CHECK(0);
			break;
		}
		memcpy(last, id, sizeof id);
	}
	CHECK(id_ok("video_", id));
	CHECK_INT(id[6 + 12], '7'); /* the version of the UUID */
}

static void ids_from_outside_are_looked_at(void)
{
	CHECK(!id_ok("video_", NULL));
	CHECK(!id_ok("video_", ""));
	CHECK(!id_ok("video_", "video_"));
	CHECK(!id_ok("video_", "video_0123456789ABCDEF0123456789ABCDEF"));
	CHECK(!id_ok("video_", "video_0123456789abcdef0123456789abcdef0"));
	CHECK(!id_ok("video_", "audio_0123456789abcdef0123456789abcdef"));
	CHECK(id_ok("video_", "video_0123456789abcdef0123456789abcdef"));
}

static void a_request_id_survives_its_text(void)
{
	struct rid a = rid_new(), b = rid_new(), c;
	char hex[RID_HEX];

	CHECK(memcmp(&a, &b, sizeof a) != 0);
	CHECK(rid_parse(rid_hex(&a, hex), &c));
	CHECK(memcmp(&a, &c, sizeof a) == 0);
	CHECK(!rid_parse("xyz", &c));
	CHECK(!rid_parse(NULL, &c));
}

TESTS("id", T(ids_grow_with_time_and_never_repeat), T(ids_from_outside_are_looked_at),
	T(a_request_id_survives_its_text))
