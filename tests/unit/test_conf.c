#include "proto/conf.h"
#include "tests/unit/check.h"

struct sample {
	const char *url;
	int64_t count, size, wait;
	bool open;
};

static const struct conf_opt opts[] = {CONF_STR(struct sample, url, "the-url", "tcp://x", "where"),
	CONF_INT(struct sample, count, "count", "5", 1, 10, "how many"),
	CONF_SIZE(struct sample, size, "size", "16K", 1, 1 << 30, "how large"),
	CONF_MS(struct sample, wait, "wait", "20s", 0, 86400000, "how long"),
	CONF_BOOL(struct sample, open, "open", "no", "for all"), CONF_END};

static const char *env(const char *name)
{
	if (strcmp(name, "ARENA_THE_URL") == 0)
		return "tcp://env";
	if (strcmp(name, "ARENA_COUNT") == 0)
		return "7";
	return NULL;
}

/* conf_parse() over up to five words; the program's name comes first, as in main. */
#define PARSE(c, getenv_fn, ...)                                                                   \
	parse(opts, c, getenv_fn, (const char *[6]){"program", __VA_ARGS__})

static char *parse(const struct conf_opt *table, struct sample *c,
	const char *(*getenv_fn)(const char *), const char **argv)
{
	char *copy[6];
	int argc = 0;

	for (; argc < 6 && argv[argc]; argc++)
		copy[argc] = (char *)argv[argc]; /* as main gets them */
	return conf_parse(table, c, getenv_fn, argc, copy);
}

static void defaults_then_environment_then_flags(void)
{
	struct sample c;

	CHECK_STR(PARSE(&c, NULL, NULL), NULL);
	CHECK_STR(c.url, "tcp://x");
	CHECK_INT(c.size, 16384);
	CHECK_INT(c.wait, 20000);
	CHECK(!c.open);
	CHECK_STR(PARSE(&c, env, "--count", "9", "--open=yes"), NULL);
	CHECK_STR(c.url, "tcp://env");
	CHECK_INT(c.count, 9);
	CHECK(c.open);
}

static void units_of_time_and_size(void)
{
	struct sample c;

	CHECK_STR(PARSE(&c, NULL, "--wait", "500ms", "--size", "3M"), NULL);
	CHECK_INT(c.wait, 500);
	CHECK_INT(c.size, 3 << 20);
	CHECK_STR(PARSE(&c, NULL, "--wait", "24h", "--size", "512"), NULL);
	CHECK_INT(c.wait, 86400000);
	CHECK_INT(c.size, 512);
}

static void nonsense_is_named(void)
{
	static const char *const bad[][2] = {{"--count", "0"}, {"--count", "11"}, {"--count", "x"},
		{"--count", "3x"}, {"--count", ""}, {"--size", "9999999999999999999G"},
		{"--size", "-1"}, {"--wait", "3 weeks"}, {"--wait", "9223372036854775807d"},
		{"--open", "perhaps"}, {"--nothing", "1"}, {"count", "3"}};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct sample c;
		char *wrong = PARSE(&c, NULL, bad[i][0], bad[i][1]);

		CHECK(wrong && strstr(wrong, bad[i][0]));
		free(wrong);
	}
}

static void a_flag_without_a_value_is_named(void)
{
	struct sample c;
	char *wrong = PARSE(&c, NULL, "--count");

	CHECK_STR(wrong, "--count needs a value");
	free(wrong);
}

/* The default may be what nothing else may. */
static void a_text_may_have_a_form(void)
{
	static const struct conf_opt forms[] = {
		CONF_STR_IF(struct sample, url, "the-url", "", conf_wrong_urls, "where"), CONF_END};
	struct sample c;
	char *wrong;

	CHECK_STR(parse(forms, &c, NULL, (const char *[6]){"program"}), NULL);
	CHECK_STR(parse(forms, &c, env, (const char *[6]){"program"}), NULL);
	CHECK_STR(c.url, "tcp://env");
	wrong = parse(forms, &c, NULL, (const char *[6]){"program", "--the-url", "foo"});
	CHECK_STR(wrong, "--the-url: \"foo\" is not an address like tcp://HOST:PORT");
	free(wrong);
	for (const char *const *good = (const char *const[]){"tcp://a:1", "tls+tcp://a:1, ipc:///x",
		     "inproc://a,", NULL};
		*good; good++)
		CHECK(!conf_wrong_urls(*good));
	for (const char *const *bad = (const char *const[]){"", ",", "tcp://", "http://a", "a:1",
		     "tcp://a:1,b", NULL};
		*bad; bad++)
		CHECK(conf_wrong_urls(*bad));
	CHECK(!conf_wrong_addrs("127.0.0.1:3114,[::1]:80"));
	for (const char *const *bad =
			(const char *const[]){"", "a", ":1", "a:", "a:b", "a:1,b", NULL};
		*bad; bad++)
		CHECK(conf_wrong_addrs(*bad));
	CHECK(!conf_wrong_level("warn"));
	CHECK(conf_wrong_level("loud"));
}

TESTS("conf", T(defaults_then_environment_then_flags), T(units_of_time_and_size),
	T(nonsense_is_named), T(a_flag_without_a_value_is_named), T(a_text_may_have_a_form))
