#include "proto/webhook.h"

#include <sodium.h>

#include "tests/unit/check.h"

/* The example that the reference libraries of Standard Webhooks are tested with. */
static void a_known_message_has_its_known_signature(void)
{
	struct buf got = {0};

	CHECK(webhook_sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
		1614265330, "{\"test\": 2432232314}", &got));
	CHECK_STR(got.p, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	buf_free(&got);
}

static void two_secrets_make_two_signatures(void)
{
	struct buf got = {0};

	CHECK(webhook_sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a", 1, "{}", &got));
	CHECK(webhook_sign("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "a", 1, "{}", &got));
	CHECK_INT(got.n, 2 * 47 + 1);
	CHECK(strncmp(got.p, "v1,", 3) == 0 && strncmp(got.p + 47, " v1,", 4) == 0);
	CHECK(strncmp(got.p, got.p + 48, 47) != 0);
	buf_free(&got);
}

static void what_is_no_secret_signs_nothing(void)
{
	static const char *const bad[] = {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsec_not base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", NULL};
	struct buf got = {0};

	for (int i = 0; bad[i]; i++)
		CHECK(!webhook_sign(bad[i], "a", 1, "{}", &got));
	CHECK_INT(got.n, 0);
}

static void new_secrets_differ_and_sign(void)
{
	char a[WEBHOOK_SECRET_MAX], b[WEBHOOK_SECRET_MAX];
	struct buf got = {0};

	webhook_secret_new(a);
	webhook_secret_new(b);
	CHECK(strcmp(a, b) != 0);
	CHECK_INT(strlen(a), 6 + 44);
	CHECK(webhook_sign(a, "a", 1, "{}", &got));
	buf_free(&got);
}

TESTS("webhook", T(a_known_message_has_its_known_signature), T(two_secrets_make_two_signatures),
	T(what_is_no_secret_signs_nothing), T(new_secrets_differ_and_sign))
