#include "proto/sign.h"
#include "tests/unit/check.h"

static const uint8_t key[32] = {5};

/* Take it apart as an HTTP server does. */
static void apart(char *query, char **exp, char **sig)
{
	*exp = strstr(query, "?exp=") + 5;
	*sig = strstr(query, "&sig=") + 5;
	(*sig)[-5] = '\0';
	(*exp)[-5] = '\0';
}

static void a_link_is_good_until_it_expires(void)
{
	struct buf b = {0};
	char *exp, *sig;

	sign_add(&b, key, "/v1/videos/v/content", "video", 1000);
	apart(b.p, &exp, &sig);
	CHECK(sign_check(key, "/v1/videos/v/content", "video", exp, sig, 1000));
	CHECK(!sign_check(key, "/v1/videos/v/content", "video", exp, sig, 1001));
	CHECK(!sign_check(key, "/v1/videos/w/content", "video", exp, sig, 1000));
	CHECK(!sign_check(key, "/v1/videos/v/content", "thumbnail", exp, sig, 1000));
	CHECK(!sign_check(key, "/v1/videos/v/content", "video", "2000", sig, 1000));
	buf_free(&b);
}

/* printf '/v1/videos/v/content\nvideo\n1000' |
 * openssl dgst -sha256 -mac HMAC -macopt hexkey:05000...0 */
static void others_can_make_the_same(void)
{
	struct buf b = {0};

	sign_add(&b, key, "/v1/videos/v/content", "video", 1000);
	CHECK_STR(b.p, "?exp=1000&sig=a5a0359f70971eca753638ae784fc4ea");
	buf_free(&b);
}

static void each_key_signs_differently(void)
{
	static const uint8_t other[32] = {6};
	struct buf a = {0}, b = {0}, c = {0};

	sign_add(&a, key, "/p", "", 1000);
	sign_add(&b, other, "/p", "", 1000);
	sign_add(&c, key, "/p", "", 1000);
	CHECK(strcmp(a.p, b.p) != 0);
	CHECK_STR(c.p, a.p);
	buf_free(&a);
	buf_free(&b);
	buf_free(&c);
}

static void nonsense_is_no_signature(void)
{
	static const char *const bad[] = {NULL, "", "0", "zz", "0123456789abcdef0123456789abcdef",
		"0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef00"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!sign_check(key, "/p", "", "2000", bad[i], 1000));
	CHECK(!sign_check(key, "/p", "", NULL, bad[4], 1000));
	CHECK(!sign_check(key, "/p", "", "99999999999999999999", bad[4], 1000));
	CHECK(!sign_check(key, "/p", "", "-1", bad[4], 1000));
}

TESTS("sign", T(a_link_is_good_until_it_expires), T(others_can_make_the_same),
	T(each_key_signs_differently), T(nonsense_is_no_signature))
