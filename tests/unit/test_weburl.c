#include "proto/weburl.h"

#include "tests/unit/check.h"

static void check_host(const char *url, const char *want)
{
	char host[WEBURL_HOST_MAX] = "";

	CHECK_STR(weburl_check(url, false, host), NULL);
	CHECK_STR(host, want);
}

static void ordinary_links_are_taken_apart(void)
{
	check_host("https://example.com", "example.com");
	check_host("http://Example.COM:8080/a?b=c#d", "example.com");
	check_host("HTTPS://a-b_c.example.:65535?x@y", "a-b_c.example.");
	check_host("http://8.8.8.8/", "8.8.8.8");
	check_host("https://[2606:4700::1111]:443/x", "2606:4700::1111");
	check_host("https://example.com/@me", "example.com");
	CHECK_STR(weburl_check("https://example.com/", false, NULL), NULL);
}

static void what_is_no_link_says_why(void)
{
	static const struct {
		const char *url, *word;
	} bad[] = {{"", "begin"}, {"example.com", "begin"}, {"ftp://example.com", "begin"},
		{"file:///etc/passwd", "begin"}, {"//example.com", "begin"},
		{"javascript:alert(1)", "begin"}, {"http:/example.com", "begin"},
		{"http://", "host"}, {"http:///x", "host"}, {"http://:80/", "host"},
		{"http://?x", "host"}, {"http://.example", "host"}, {"http://a:/", "host"},
		{"http://a:0/", "host"}, {"http://a:65536/", "host"}, {"http://a:8o/", "host"},
		{"http://a:-1/", "host"}, {"http://[::1/", "host"}, {"http://[]/", "host"},
		{"http://[x]/", "host"}, {"http://[2606::1%25eth0]/", "host"},
		{"http://[2606:4700::1]x/", "host"}, {"http://a%2eb/", "host"},
		{"http://u@example.com/", "user"}, {"http://u:p@example.com/", "user"},
		{"http://example.com\\@evil/", "spaces"}, {"http://exa mple.com/", "spaces"},
		{"http://example.com/\xc3\xa9", "spaces"}, {"http://example.com/\n", "spaces"}};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *got = weburl_check(bad[i].url, true, NULL);

		if (!got || !strstr(got, bad[i].word))
			fprintf(stderr, "%s: %s\n", bad[i].url, got ? got : "taken");
		CHECK(got && strstr(got, bad[i].word));
	}
}

static void private_addresses_are_taken_only_when_allowed(void)
{
	static const char *const private[] = {"http://127.0.0.1/", "http://10.1.2.3",
		"http://192.168.0.1:80", "http://169.254.169.254/latest", "http://localhost",
		"http://LOCALHOST.:3102/", "http://a.localhost/", "http://[::1]/",
		"http://[fd00::1]/", "http://[::ffff:127.0.0.1]/", "http://2130706433/",
		"http://0x7f.1/", "http://0/", "http://127.1", NULL};

	for (int i = 0; private[i]; i++) {
		const char *got = weburl_check(private[i], false, NULL);

		CHECK(got && strstr(got, "private"));
		CHECK_STR(weburl_check(private[i], true, NULL), NULL);
	}
	CHECK_STR(weburl_check("http://notlocalhost/", false, NULL), NULL);
}

static void a_link_may_have_2048_bytes(void)
{
	char url[WEBURL_MAX + 2];

	memset(url, 'x', sizeof url);
	memcpy(url, "http://example.com/", 19);
	url[WEBURL_MAX] = 0;
	CHECK_STR(weburl_check(url, false, NULL), NULL);
	url[WEBURL_MAX] = 'x';
	url[WEBURL_MAX + 1] = 0;
	CHECK_STR(weburl_check(url, false, NULL), "must have at most 2048 bytes");
}

TESTS("weburl", T(ordinary_links_are_taken_apart), T(what_is_no_link_says_why),
	T(private_addresses_are_taken_only_when_allowed), T(a_link_may_have_2048_bytes))
