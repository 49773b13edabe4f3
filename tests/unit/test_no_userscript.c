/* A gateway that was built where npm could not be reached. */
#include "services/gateway/pages_data.h"
#include "tests/unit/gateway_rig.h"

const struct page_file page_files[] = {{0}};

static void its_address_says_that_it_was_not_built_and_what_to_do(void)
{
	struct reply *r;

	rig_start();
	r = get("/LMArenaVideoInjector.user.js", NULL);
	CHECK_INT(r->status, 501);
	CHECK_STR(field(r, "code"), "not_offered");
	CHECK_STR(field(r, "message"),
		"This server was built without the userscript. Build it again "
		"where npm can be reached: ./arena build");
	CHECK_INT(get("/v1/models", ME)->status, 200); /* all else works */
	rig_stop();
}

TESTS("no_userscript", T(its_address_says_that_it_was_not_built_and_what_to_do))
