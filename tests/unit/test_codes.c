#include "services/auth/codes.h"

#include "services/auth/tries.h"
#include "tests/unit/check.h"

#define NOW     1790000000000LL
#define CODE_MS 600000
#define MINUTE  60000000LL

static const uint8_t key[32] = {7};

static char *folder(void)
{
	char *dir = tmp_make();

	CHECK_INT(keyfile_prepare(dir), ERR_OK);
	return dir;
}

static struct code code_of(const char *owner, const char *made_by)
{
	struct code c = {.expires_at = NOW + CODE_MS};

	snprintf(c.owner, sizeof c.owner, "%s", owner);
	snprintf(c.made_by, sizeof c.made_by, "%s", made_by);
	return c;
}

static void what_people_type_is_one_code_or_none(void)
{
	static const char *const same[] = {
		"ABCD-2345", "abcd2345", " aBcD  2345 ", "A-B-C-D-2-3-4-5"};
	static const char *const none[] = {"", "-", "ABCD-234", "ABCD-23456", "ABCD-234O",
		"ABCD-2340", "ABCD-2341", "ABCI-2345", "ABCD_2345", "ÄBCD-2345", "ABCD\n2345"};
	char first[KEY_CODE], hash[KEY_CODE];

	CHECK(code_hash(same[0], first));
	CHECK_INT(strlen(first), KEY_CODE - 1);
	for (size_t i = 1; i < sizeof same / sizeof *same; i++) {
		CHECK(code_hash(same[i], hash));
		CHECK_STR(hash, first);
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		CHECK(!code_hash(none[i], hash));
	CHECK(code_hash("ABCD-2346", hash));
	CHECK(strcmp(hash, first) != 0);
}

static void code_is_open_until_it_ends_and_the_file_has_no_code(void)
{
	struct code c = code_of("key_00000000000000aa", "1"), found;
	char *dir = folder(), text[CODE_TEXT], path[600], *file;

	CHECK_INT(codes_add(dir, key, NOW, &c, text), ERR_OK);
	CHECK_INT(codes_find(dir, NOW + CODE_MS - 1, c.hash, &found), ERR_OK);
	CHECK_STR(found.owner, c.owner);
	CHECK_INT(codes_find(dir, NOW + CODE_MS, c.hash, &found), ERR_NOT_FOUND);
	snprintf(path, sizeof path, "%s/auth/codes.json", dir);
	CHECK_INT(file_read(path, 100000, &file), ERR_OK);
	CHECK(!strstr(file, text));
	CHECK(strstr(file, c.hash) != NULL);
	free(file);
	tmp_remove(dir);
}

static void ended_codes_make_room(void)
{
	char *dir = folder(), text[CODE_TEXT], by[16];
	struct code c;

	for (int i = 0; i < CODES_OPEN; i++) {
		snprintf(by, sizeof by, "%d", i);
		c = code_of("key_00000000000000aa", by);
		c.expires_at += i;
		CHECK_INT(codes_add(dir, key, NOW + i, &c, text), ERR_OK);
	}
	c = code_of("key_00000000000000aa", "more");
	c.expires_at += CODE_MS;
	CHECK_INT(codes_add(dir, key, NOW + CODE_MS - 1, &c, text), ERR_QUOTA);
	CHECK_INT(codes_add(dir, key, NOW + CODE_MS, &c, text), ERR_OK);
	tmp_remove(dir);
}

static void repeated_request_has_one_code(void)
{
	static const uint8_t other_key[32] = {8};
	struct code c = code_of("key_00000000000000aa", "1"), again = c, found;
	struct code other = code_of("key_00000000000000aa", "2");
	struct code third = code_of("key_00000000000000bb", "1");
	char *dir = folder(), text[CODE_TEXT], same[CODE_TEXT];

	CHECK_INT(codes_add(dir, key, NOW, &c, text), ERR_OK);
	again.expires_at += 5000;
	CHECK_INT(codes_add(dir, key, NOW + 5000, &again, same), ERR_OK);
	CHECK_STR(same, text);
	CHECK_STR(again.hash, c.hash);
	CHECK_INT(again.expires_at, c.expires_at);
	CHECK_INT(codes_add(dir, key, NOW, &other, same), ERR_OK);
	CHECK(strcmp(same, text) != 0);
	CHECK_INT(codes_add(dir, other_key, NOW, &third, same), ERR_OK);
	CHECK_INT(codes_add(dir, key, NOW, &third, text), ERR_OK);
	CHECK(strcmp(same, text) != 0);
	CHECK_INT(codes_find(dir, NOW, third.hash, &found), ERR_OK);
	CHECK_INT(codes_find(dir, NOW, c.hash, &found), ERR_OK);
	CHECK_INT(codes_drop(dir, NOW, c.hash), ERR_OK);
	CHECK_INT(codes_find(dir, NOW, c.hash, &found), ERR_NOT_FOUND);
	CHECK_INT(codes_drop(dir, NOW, c.hash), ERR_OK);
	tmp_remove(dir);
}

static void damaged_file_has_no_codes_and_takes_new_ones(void)
{
	static const char *const files[] = {"", "nonsense", "[]", "{\"codes\":7}",
		("{\"codes\":[1,{},{\"hash\":\"x\",\"expires_at\":9e15},{\"hash\":[],\"owner\":{},"
		 "\"expires_at\":\"soon\"}]}")};
	char *dir = folder(), text[CODE_TEXT], path[600];
	struct code c = code_of("key_00000000000000aa", "1"), found;

	snprintf(path, sizeof path, "%s/auth/codes.json", dir);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		CHECK_INT(file_replace(path, files[i], strlen(files[i])), ERR_OK);
		CHECK_INT(codes_find(dir, NOW, c.hash, &found), ERR_NOT_FOUND);
		CHECK_INT(codes_add(dir, key, NOW, &c, text), ERR_OK);
		CHECK_INT(codes_find(dir, NOW, c.hash, &found), ERR_OK);
	}
	tmp_remove(dir);
}

static void tries_come_back_with_time(void)
{
	struct tries *t = tries_new();
	struct bucket_answer b = {0};

	for (int i = 0; i < TRIES_EACH; i++)
		CHECK(tries_take(t, "192.0.2.1", MINUTE).ok);
	b = tries_take(t, "192.0.2.1", MINUTE);
	CHECK(!b.ok);
	CHECK(b.retry_after_ms > 5000 && b.retry_after_ms <= 6000);
	CHECK(tries_take(t, "::ffff:192.0.2.2", MINUTE).ok);
	CHECK(tries_take(t, NULL, MINUTE).ok);
	CHECK(tries_take(t, "192.0.2.1", MINUTE + 6000000).ok);
	CHECK(!tries_take(t, "192.0.2.1", MINUTE + 6000000).ok);
	tries_free(t);
}

static void many_addresses_have_no_more_than_all(void)
{
	struct tries *t = tries_new();
	int64_t now = MINUTE;
	char peer[40];
	int taken = 0;

	/* an hour of a new address each 10 ms */
	for (int i = 0; i < 360000; i++, now += 10000) {
		snprintf(peer, sizeof peer, "10.%d.%d.%d", i >> 16 & 255, i >> 8 & 255, i & 255);
		taken += tries_take(t, peer, now).ok;
	}
	CHECK(taken >= 60 * TRIES_ALL && taken <= 61 * TRIES_ALL);
	tries_free(t);
	tries_free(NULL);
}

TESTS("codes", T(what_people_type_is_one_code_or_none),
	T(code_is_open_until_it_ends_and_the_file_has_no_code), T(ended_codes_make_room),
	T(repeated_request_has_one_code), T(damaged_file_has_no_codes_and_takes_new_ones),
	T(tries_come_back_with_time), T(many_addresses_have_no_more_than_all))
