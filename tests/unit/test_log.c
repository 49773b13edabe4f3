#include "proto/log.h"
#include "tests/unit/check.h"

static char last[4096];

static void keep(void *arg, const char *line)
{
	(void)arg;
	snprintf(last, sizeof last, "%s", line);
}

static void a_line_has_its_event_and_values(void)
{
	log_open("test", LOG_ERROR);
	log_tap(keep, NULL);
	log_info("job_created", LS("id", "video_1"), LI("attempt", -3));
	CHECK(strstr(last, " level=info svc=test ev=job_created id=video_1 attempt=-3") != NULL);
	CHECK(strncmp(last, "ts=20", 5) == 0);
}

static void nobody_can_forge_a_line(void)
{
	log_info("x", LS("v", "a\nts=1 level=error ev=forged \"quoted\" \\ \x1b[31m"));
	CHECK(strchr(last, '\n') == NULL);
	CHECK(strstr(last, "v=\"a\\nts=1 level=error ev=forged \\\"quoted\\\" \\\\ \\x1b[31m\"") !=
		NULL);
	log_info("x", LS("v", ""), LS("w", NULL));
	CHECK(strstr(last, "v=\"\" w=\"\"") != NULL);
}

static void the_request_id_of_the_thread_is_in_it(void)
{
	struct rid rid = {{0xab, 1}};

	log_rid(&rid);
	log_info("x");
	CHECK(strstr(last, "rid=ab010000000000000000000000000000") != NULL);
	log_rid(NULL);
	log_info("x");
	CHECK(strstr(last, "rid=") == NULL);
}

TESTS("log", T(a_line_has_its_event_and_values), T(nobody_can_forge_a_line),
	T(the_request_id_of_the_thread_is_in_it))
