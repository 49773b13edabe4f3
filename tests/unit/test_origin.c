#include "proto/origin.h"
#include "tests/unit/check.h"

static void who_sends_no_origin_may(void)
{
	CHECK(origin_allowed("", NULL));
	CHECK(origin_allowed("https://a.example", NULL));
}

static void an_empty_list_lets_no_page_in(void)
{
	CHECK(!origin_allowed("", "https://a.example"));
	CHECK(!origin_allowed("", "http://127.0.0.1:3102"));
	CHECK(!origin_allowed("", "null"));
	CHECK(!origin_allowed("", ""));
	CHECK(!origin_allowed(" , ,", ""));
}

static void a_listed_origin_may_and_no_other(void)
{
	const char *list = "https://a.example, https://b.example:8443";

	CHECK(origin_allowed(list, "https://a.example"));
	CHECK(origin_allowed(list, "https://A.Example"));
	CHECK(origin_allowed(list, "https://b.example:8443"));
	CHECK(!origin_allowed(list, "http://a.example"));
	CHECK(!origin_allowed(list, "https://a.example:8443"));
	CHECK(!origin_allowed(list, "https://a.example.evil.example"));
	CHECK(!origin_allowed(list, "https://xa.example"));
	CHECK(!origin_allowed(list, "https://a.example, https://b.example:8443"));
}

static void a_star_stands_for_hosts_below(void)
{
	const char *list = "https://*.a.example";

	CHECK(origin_allowed(list, "https://www.a.example"));
	CHECK(origin_allowed(list, "https://x.y.a.example"));
	CHECK(!origin_allowed(list, "https://a.example"));
	CHECK(!origin_allowed(list, "https://.a.example"));
	CHECK(!origin_allowed(list, "https://xa.example"));
	CHECK(!origin_allowed(list, "http://www.a.example"));
	CHECK(!origin_allowed(list, "https://evil.example/.a.example"));
	CHECK(!origin_allowed(list, "https://evil.example:1.a.example"));
	CHECK(!origin_allowed(list, "https://evil.example@x.a.example"));
	CHECK(!origin_allowed(list, "https://www.a.example:8443"));
}

static void a_star_alone_means_nobody(void)
{
	CHECK(!origin_allowed("*", "https://a.example"));
	CHECK(!origin_allowed("https://*", "https://a.example"));
	CHECK(!origin_allowed("https://*.", "https://a.example"));
	CHECK(!host_allowed("*", "a.example"));
}

static void hosts_are_compared_without_case_and_root_dot(void)
{
	CHECK(host_allowed("files.example, *.cdn.example", "FILES.example"));
	CHECK(host_allowed("files.example, *.cdn.example", "files.example."));
	CHECK(host_allowed("files.example, *.cdn.example", "a.cdn.example"));
	CHECK(!host_allowed("files.example, *.cdn.example", "cdn.example"));
	CHECK(!host_allowed("files.example", ""));
	CHECK(!host_allowed("", "files.example"));
	CHECK(host_allowed("127.0.0.1", "127.0.0.1"));
}

TESTS("origin", T(who_sends_no_origin_may), T(an_empty_list_lets_no_page_in),
	T(a_listed_origin_may_and_no_other), T(a_star_stands_for_hosts_below),
	T(a_star_alone_means_nobody), T(hosts_are_compared_without_case_and_root_dot))
