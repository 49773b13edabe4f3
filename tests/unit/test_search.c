/* Words in prompts: all of them, anywhere, in any case. */
#include "services/jobs/search.h"

#include "tests/unit/check.h"

static bool hit(const char *words, const char *text)
{
	struct search *s = search_new(words);
	bool yes = search_hit(s, text, strlen(text)) && search_hit(s, text, strlen(text));

	search_free(s);
	return yes;
}

static void all_words_must_be_there(void)
{
	CHECK(hit("fox", "a red fox"));
	CHECK(hit("fox red", "a red fox"));
	CHECK(!hit("fox blue", "a red fox"));
	CHECK(hit("ox", "a red fox"));
	CHECK(!hit("redfox", "a red fox"));
	CHECK(hit("  fox \t\n red ", "a red fox"));
	CHECK(!hit("fox", ""));
	CHECK(!hit("foxes", "fox"));
}

static void no_words_are_everywhere(void)
{
	CHECK(hit("", "a red fox"));
	CHECK(hit("  ", ""));
}

static void case_does_not_matter(void)
{
	CHECK(hit("FOX", "a red fox"));
	CHECK(hit("fox", "A RED FOX"));
	CHECK(hit("\xc3\x84pfel", "viele \xc3\xa4PFEL")); /* Äpfel */
	CHECK(hit(
		"\xd0\xbb\xd0\xb8\xd1\x81\xd0\xb0", "\xd0\x9b\xd0\x98\xd0\xa1\xd0\x90")); /* лиса */
	CHECK(hit("\xf0\x90\x90\xa8", "\xf0\x90\x90\x80")); /* Deseret, of four bytes */
	CHECK(!hit("apfel", "\xc3\xa4pfel"));
	CHECK(hit("k", "\xe2\x84\xaa")); /* the Kelvin sign becomes shorter */
}

static void what_has_no_case_is_found_too(void)
{
	CHECK(hit("\xe7\x8b\x90", "\xe8\xb5\xa4\xe3\x81\x84\xe7\x8b\x90")); /* 狐 in 赤い狐 */
	CHECK(hit("\xf0\x9f\xa6\x8a", "a \xf0\x9f\xa6\x8a!"));
	CHECK(!hit("\xe7\x8b\x90", "\xe7\x8b\x91"));
}

static void bytes_that_are_no_text_are_no_harm(void)
{
	CHECK(!hit("fox", "\xff\xc3"));
	CHECK(hit("fox", "\xf0\x9f fox \xe2"));
	search_free(NULL);
}

TESTS("search", T(all_words_must_be_there), T(no_words_are_everywhere), T(case_does_not_matter),
	T(what_has_no_case_is_found_too), T(bytes_that_are_no_text_are_no_harm))
