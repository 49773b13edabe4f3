#include "proto/json.h"

#include <cjson/cJSON.h>

#include "tests/unit/check.h"

static void strings_come_back_from_a_reader_as_they_were(void)
{
	char all[260], *p = all;
	struct buf b = {0};
	cJSON *back;

	for (int c = 1; c < 128; c++)
		*p++ = (char)c;
	strcpy(p, "\xc3\xa9\xf0\x9f\xa6\x8a\xe2\x80\xa8");
	json_str(&b, all);
	back = cJSON_ParseWithLength(b.p, b.n);
	CHECK_STR(cJSON_GetStringValue(back), all);
	cJSON_Delete(back);
	buf_clear(&b);
	json_str(&b, NULL);
	CHECK_STR(b.p, "null");
	buf_free(&b);
}

static void numbers_keep_their_value_and_are_short(void)
{
	static const double nums[] = {24, 23.976, 1.0 / 3, -3, 1e15 - 1, 1e21, -1e300};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof nums / sizeof *nums; i++) {
		json_num(&b, nums[i]);
		buf_adds(&b, " ");
	}
	CHECK_STR(b.p, "24 23.976 0.33333333333333331 -3 999999999999999 1e+21 -1e+300 ");
	buf_clear(&b);
	json_int(&b, -9007199254740993);
	buf_adds(&b, " ");
	json_int(&b, INT64_MIN);
	buf_adds(&b, " ");
	json_int(&b, 0);
	CHECK_STR(b.p, "-9007199254740993 -9223372036854775808 0");
	CHECK(strtod("0.33333333333333331", NULL) == 1.0 / 3);
	buf_free(&b);
}

static void commas_stand_between_members_only(void)
{
	struct buf b = {0};

	buf_adds(&b, "[{");
	json_kv_str(&b, "a", "{");
	json_kv_int(&b, "b", 2);
	json_key(&b, "c");
	buf_adds(&b, "{");
	json_kv_bool(&b, "d", 1);
	buf_adds(&b, "}}]");
	CHECK_STR(b.p, "[{\"a\":\"{\",\"b\":2,\"c\":{\"d\":true}}]");
	buf_clear(&b);
	buf_adds(&b, "[");
	for (int i = 0; i < 3; i++) {
		json_next(&b);
		json_str(&b, i ? "[" : "{");
	}
	buf_adds(&b, "]");
	CHECK_STR(b.p, "[\"{\",\"[\",\"[\"]");
	buf_free(&b);
}

static void what_is_not_known_is_null(void)
{
	struct buf b = {0};

	buf_adds(&b, "{");
	json_kv_known(&b, "a", 1);
	json_kv_known(&b, "b", 0);
	json_kv_known(&b, "c", -1);
	json_kv_time(&b, "d", 1700000000999);
	json_kv_time(&b, "e", 0);
	CHECK_STR(b.p, "{\"a\":1,\"b\":null,\"c\":null,\"d\":1700000000,\"e\":null");
	buf_free(&b);
}

TESTS("json", T(strings_come_back_from_a_reader_as_they_were),
	T(numbers_keep_their_value_and_are_short), T(commas_stand_between_members_only),
	T(what_is_not_known_is_null))
