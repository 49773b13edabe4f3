#include "services/gateway/coding.h"

#include "tests/unit/check.h"

static void best_of_what_the_client_takes_is_chosen(void)
{
	static const struct {
		const char *accept;
		enum coding both, only_gzip, only_br;
	} cases[] = {
		{NULL, CODING_NONE, CODING_NONE, CODING_NONE},
		{"", CODING_NONE, CODING_NONE, CODING_NONE},
		{"gzip, deflate, br", CODING_BR, CODING_GZIP, CODING_BR},
		{"gzip, deflate, br, zstd", CODING_BR, CODING_GZIP, CODING_BR},
		{"GZIP", CODING_GZIP, CODING_GZIP, CODING_NONE},
		{"x-gzip", CODING_GZIP, CODING_GZIP, CODING_NONE},
		{"br", CODING_BR, CODING_NONE, CODING_BR},
		{"bro, gzipped", CODING_NONE, CODING_NONE, CODING_NONE},
		{"gzip;q=1.0, br;q=0.9", CODING_GZIP, CODING_GZIP, CODING_BR},
		{"gzip;q=0.5, br;q=0.501", CODING_BR, CODING_GZIP, CODING_BR},
		{"gzip ; q=0.8 , br ; Q=0.3", CODING_GZIP, CODING_GZIP, CODING_BR},
		{"br;q=0, gzip", CODING_GZIP, CODING_GZIP, CODING_NONE},
		{"br;q=0.000, gzip;q=0.0", CODING_NONE, CODING_NONE, CODING_NONE},
		{"*", CODING_BR, CODING_GZIP, CODING_BR},
		{"*;q=0.1", CODING_BR, CODING_GZIP, CODING_BR},
		{"gzip, *;q=0", CODING_GZIP, CODING_GZIP, CODING_NONE},
		{"*;q=0.5, br;q=0", CODING_GZIP, CODING_GZIP, CODING_NONE},
		{"identity", CODING_NONE, CODING_NONE, CODING_NONE},
		{"identity;q=0.9, gzip;q=0.4, br;q=0.5", CODING_NONE, CODING_NONE, CODING_NONE},
		{"identity;q=0, gzip;q=0.1", CODING_GZIP, CODING_GZIP, CODING_NONE},
		{"identity;q=0", CODING_NONE, CODING_NONE, CODING_NONE},
		{",, ,br,", CODING_BR, CODING_NONE, CODING_BR},
		{"br;q=", CODING_BR, CODING_NONE, CODING_BR},
		{"br;q=x, gzip;q=0.9", CODING_BR, CODING_GZIP, CODING_BR},
		{"br;level=3", CODING_BR, CODING_NONE, CODING_BR},
		{";q=0.5", CODING_NONE, CODING_NONE, CODING_NONE},
	};
	static const bool both[CODINGS] = {[CODING_GZIP] = true, [CODING_BR] = true};
	static const bool only_gzip[CODINGS] = {[CODING_GZIP] = true};
	static const bool only_br[CODINGS] = {[CODING_BR] = true};
	static const bool none[CODINGS] = {false};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK_INT(coding_choose(cases[i].accept, both), cases[i].both);
		CHECK_INT(coding_choose(cases[i].accept, only_gzip), cases[i].only_gzip);
		CHECK_INT(coding_choose(cases[i].accept, only_br), cases[i].only_br);
		CHECK_INT(coding_choose(cases[i].accept, none), CODING_NONE);
	}
}

static void each_has_its_name_and_its_suffix(void)
{
	CHECK(coding_name(CODING_NONE) == NULL);
	CHECK_STR(coding_suffix(CODING_NONE), "");
	CHECK_STR(coding_name(CODING_GZIP), "gzip");
	CHECK_STR(coding_suffix(CODING_GZIP), ".gz");
	CHECK_STR(coding_name(CODING_BR), "br");
	CHECK_STR(coding_suffix(CODING_BR), ".br");
}

TESTS("coding", T(best_of_what_the_client_takes_is_chosen), T(each_has_its_name_and_its_suffix))
