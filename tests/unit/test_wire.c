#include "proto/wire.h"
#include "tests/unit/check.h"

static const uint8_t key[32] = {1, 2, 3};
static const char body[] = "{\"id\":\"video_1\"}";
#define BODY (sizeof body - 1)

static size_t write_one(uint8_t out[WIRE_HEAD + BODY])
{
	struct wire_head h = {.kind = WIRE_ASK, .type = 0x1234, .status = 42, .budget = 0xdeadbeef};

	memset(h.rid.b, 7, sizeof h.rid.b);
	wire_write(key, &h, body, BODY, out);
	return WIRE_HEAD + BODY;
}

static void a_message_comes_back_as_it_was_written(void)
{
	uint8_t p[WIRE_HEAD + BODY];
	struct wire_head h;
	const char *b;
	size_t n = write_one(p), bn;

	CHECK_INT(wire_read(key, p, n, &h, &b, &bn), ERR_OK);
	CHECK_INT(h.kind, WIRE_ASK);
	CHECK_INT(h.type, 0x1234);
	CHECK_INT(h.status, 42);
	CHECK_INT(h.budget, 0xdeadbeef);
	CHECK_INT(h.rid.b[15], 7);
	CHECK_INT(bn, BODY);
	CHECK(memcmp(b, body, bn) == 0);
}

static void every_flipped_bit_is_noticed(void)
{
	uint8_t p[WIRE_HEAD + BODY];
	struct wire_head h;
	const char *b;
	size_t n = write_one(p), bn;

	for (size_t i = 0; i < n * 8; i++) {
		p[i / 8] ^= (uint8_t)(1 << i % 8);
		CHECK(wire_read(key, p, n, &h, &b, &bn) != ERR_OK);
		p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	CHECK_INT(wire_read(key, p, n, &h, &b, &bn), ERR_OK);
}

static void every_cut_is_noticed(void)
{
	uint8_t p[WIRE_HEAD + BODY];
	struct wire_head h;
	const char *b;
	size_t n = write_one(p), bn;

	for (size_t i = 0; i < n; i++)
		CHECK(wire_read(key, p, i, &h, &b, &bn) != ERR_OK);
}

static void another_key_does_not_fit(void)
{
	static const uint8_t other[32] = {9};
	uint8_t p[WIRE_HEAD + BODY];
	struct wire_head h;
	const char *b;
	size_t n = write_one(p), bn;

	CHECK_INT(wire_read(other, p, n, &h, &b, &bn), ERR_BAD_MAC);
}

static void a_hint_begins_with_its_prefix(void)
{
	struct wire_head h = {.kind = WIRE_HINT, .type = 61};
	uint8_t p[WIRE_HEAD], prefix[WIRE_PREFIX];

	wire_write(key, &h, NULL, 0, p);
	wire_prefix(61, prefix);
	CHECK(memcmp(p, prefix, sizeof prefix) == 0);
}

/* A bundle of three messages of 0, 1 and 2 bytes. */
static size_t write_bundle(uint8_t out[64])
{
	uint8_t *at = out + WIRE_BUNDLE_HEAD;

	wire_bundle(3, out);
	for (size_t n = 0; n < 3; n++) {
		wire_item(n, at);
		at += WIRE_ITEM_HEAD;
		memset(at, 'x', n);
		at += n;
	}
	return (size_t)(at - out);
}

static void a_bundle_is_walked_message_by_message(void)
{
	uint8_t p[64];
	const uint8_t *item;
	size_t n = write_bundle(p), at = 0, item_n, seen = 0;

	CHECK_INT(wire_count(p, n), 3);
	while (wire_next(p, n, &at, &item, &item_n))
		CHECK_INT(item_n, seen++);
	CHECK_INT(seen, 3);
}

static void a_bundle_of_too_many_has_none(void)
{
	uint8_t p[WIRE_BUNDLE_HEAD];

	wire_bundle(WIRE_BUNDLE_MAX, p);
	CHECK_INT(wire_count(p, sizeof p), WIRE_BUNDLE_MAX);
	p[2] = p[3] = 0xff;
	CHECK_INT(wire_count(p, sizeof p), 0);
}

static void a_cut_bundle_ends_early(void)
{
	uint8_t p[64];
	const uint8_t *item;
	size_t full = write_bundle(p), item_n;

	for (size_t n = WIRE_BUNDLE_HEAD; n < full; n++) {
		size_t at = 0, seen = 0;
		uint8_t *cut = malloc(n);

		memcpy(cut, p, n);
		while (wire_next(cut, n, &at, &item, &item_n))
			seen++;
		CHECK(seen < 3);
		free(cut);
	}
}

static void one_message_alone_is_walked_too(void)
{
	uint8_t p[WIRE_HEAD + BODY];
	const uint8_t *item;
	size_t n = write_one(p), at = 0, item_n;

	CHECK(wire_alone(p, n));
	CHECK_INT(wire_count(p, n), 1);
	CHECK(wire_next(p, n, &at, &item, &item_n));
	CHECK_INT(item_n, n);
	CHECK(!wire_next(p, n, &at, &item, &item_n));
}

TESTS("wire", T(a_message_comes_back_as_it_was_written), T(every_flipped_bit_is_noticed),
	T(every_cut_is_noticed), T(another_key_does_not_fit), T(a_hint_begins_with_its_prefix),
	T(a_bundle_is_walked_message_by_message), T(a_bundle_of_too_many_has_none),
	T(a_cut_bundle_ends_early), T(one_message_alone_is_walked_too))
