#include "proto/sign.h"
#include "services/gateway/links.h"
#include "tests/unit/check.h"

#define NOW 1790000000
#define ID  "video_00000000000000000000000000000001"

static const struct links links = {
	.base = "http://h:1", .key = {1, 2, 3}, .keep_s = 86400, .now_s = NOW};
static const struct output outputs[2] = {
	{.sha256 = "aa", .mime = "video/mp4", .poster = "bb"}, {.sha256 = "cc"}};

static struct job completed(void)
{
	return (struct job){.id = ID,
		.owner = "key_1",
		.status = "completed",
		.outputs = outputs,
		.n_outputs = 2};
}

/* To be freed. */
static struct buf link_of(const struct job *j, const char *variant, size_t index, int64_t now_s)
{
	struct links l = links;
	struct buf b = {0};

	l.now_s = now_s;
	link_add(&b, &l, j, variant, index);
	return b;
}

/* Is the link one that this gateway would let in? */
static bool good(const char *url, const char *variant, size_t index, const char *owner, int64_t now)
{
	char exp[32] = "", sig[64] = "", path[LINK_TEXT], what[LINK_TEXT];
	const char *q = strchr(url, '?');

	if (!q || sscanf(q, "?exp=%31[0-9]&sig=%63[0-9a-f]&owner=", exp, sig) != 2)
		return false;
	return sign_check(links.key, link_path(ID, path), link_what(variant, index, owner, what),
		exp, sig, now);
}

static void a_link_is_bound_to_all_that_it_names(void)
{
	struct job j = completed();
	struct buf b = link_of(&j, VARIANT_VIDEO, 1, NOW);

	CHECK(strstr(b.p, "http://h:1/v1/videos/" ID "/content.mp4?exp=") == b.p);
	CHECK(strstr(b.p, "&owner=key_1&index=1") != NULL);
	CHECK(good(b.p, VARIANT_VIDEO, 1, "key_1", NOW));
	CHECK(!good(b.p, VARIANT_VIDEO, 0, "key_1", NOW));
	CHECK(!good(b.p, VARIANT_POSTER, 1, "key_1", NOW));
	CHECK(!good(b.p, VARIANT_VIDEO, 1, "key_2", NOW));
	buf_free(&b);
	b = link_of(&j, VARIANT_POSTER, 0, NOW);
	CHECK(strstr(b.p, "/content?exp=") != NULL);
	CHECK(strstr(b.p, "&variant=thumbnail") != NULL);
	CHECK(good(b.p, VARIANT_POSTER, 0, "key_1", NOW));
	buf_free(&b);
}

static void a_link_is_good_for_a_day_and_a_quarter_more_at_most(void)
{
	struct job j = completed();

	for (int64_t now = NOW; now < NOW + 90000; now += 1237) {
		struct buf b = link_of(&j, VARIANT_VIDEO, 0, now);

		CHECK(good(b.p, VARIANT_VIDEO, 0, "key_1", now + 86400));
		CHECK(!good(b.p, VARIANT_VIDEO, 0, "key_1", now + 86400 + 21600 + 1));
		buf_free(&b);
	}
}

static void a_link_stays_the_same_for_some_hours(void)
{
	struct job j = completed();
	int64_t begin = NOW / 21600 * 21600;
	struct buf a = link_of(&j, VARIANT_VIDEO, 0, begin);
	struct buf b = link_of(&j, VARIANT_VIDEO, 0, begin + 21599);
	struct buf c = link_of(&j, VARIANT_VIDEO, 0, begin + 21600);

	CHECK_STR(a.p, b.p);
	CHECK(strcmp(a.p, c.p) != 0);
	buf_free(&a);
	buf_free(&b);
	buf_free(&c);
}

static void no_link_outlives_its_video(void)
{
	struct job j = completed();
	struct buf b;

	j.expires_at = (int64_t)(NOW + 3600) * 1000;
	b = link_of(&j, VARIANT_VIDEO, 0, NOW);
	CHECK(good(b.p, VARIANT_VIDEO, 0, "key_1", NOW + 3600));
	CHECK(!good(b.p, VARIANT_VIDEO, 0, "key_1", NOW + 3601));
	buf_free(&b);
}

static void what_is_not_there_has_no_link(void)
{
	struct job j = completed();
	struct buf b = {0};

	CHECK_STR(link_file(&j, VARIANT_VIDEO, 0), "aa");
	CHECK_STR(link_file(&j, VARIANT_POSTER, 0), "bb");
	CHECK_STR(link_file(&j, VARIANT_SPRITE, 0), NULL);
	CHECK_STR(link_file(&j, VARIANT_VIDEO, 1), "cc");
	CHECK_STR(link_file(&j, VARIANT_VIDEO, 2), NULL);
	CHECK_STR(link_file(&j, "x", 0), NULL);
	j.status = "failed";
	CHECK_STR(link_file(&j, VARIANT_VIDEO, 0), NULL);
	buf_adds(&b, "{");
	json_kv_link(&b, "url", &links, &j, VARIANT_VIDEO, 0);
	CHECK_STR(b.p, "{\"url\":null");
	buf_free(&b);
}

TESTS("links", T(a_link_is_bound_to_all_that_it_names),
	T(a_link_is_good_for_a_day_and_a_quarter_more_at_most),
	T(a_link_stays_the_same_for_some_hours), T(no_link_outlives_its_video),
	T(what_is_not_there_has_no_link))
