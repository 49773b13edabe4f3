#include "services/gateway/userscript.h"

#include "tests/unit/check.h"

static void fills(const char *text, const char *base, const char *want)
{
	struct buf out = {0};

	userscript_fill(&out, text, strlen(text), base, "1.2.3.202611220000");
	CHECK_STR(out.p, want);
	buf_free(&out);
}

static void words_are_filled_in(void)
{
	fills("// @updateURL @@SERVER@@/x\n// @connect @@HOST@@\n// @version @@VERSION@@\n",
		"http://127.0.0.1:3102",
		"// @updateURL http://127.0.0.1:3102/x\n// @connect 127.0.0.1\n"
		"// @version 1.2.3.202611220000\n");
	fills("@@HOST@@@@HOST@@", "https://video.example.org",
		"video.example.orgvideo.example.org");
	fills("@@HOST@@", "https://example.org/behind/a/path", "example.org");
	fills("@@HOST@@ @@SERVER@@", "http://[::1]:3102", "[::1] http://[::1]:3102");
}

static void other_words_stay(void)
{
	fills("", "http://a", "");
	fills("@", "http://a", "@");
	fills("a @@ b @@HOST b @@host@@ @@", "http://a", "a @@ b @@HOST b @@host@@ @@");
	fills("@@@HOST@@@", "http://a", "@a@");
	fills("@@SERVER@@", "http://@@HOST@@", "http://@@HOST@@"); /* once only */
}

TESTS("userscript", T(words_are_filled_in), T(other_words_stay))
