#include "proto/secret.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "tests/unit/check.h"

static void the_first_start_makes_it_and_the_others_read_it(void)
{
	char *dir = tmp_make(), path[600];
	struct secret a, b;
	struct stat st;

	CHECK_INT(secret_load(dir, &a), ERR_OK);
	CHECK_INT(secret_load(dir, &b), ERR_OK);
	CHECK(memcmp(&a, &b, sizeof a) == 0);
	CHECK(memcmp(a.wire, a.link, 32) != 0);
	snprintf(path, sizeof path, "%s/cluster-secret", dir);
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK_INT(st.st_size, 32);
	tmp_remove(dir);
}

static void many_that_start_at_once_agree(void)
{
	char *dir = tmp_make();
	struct secret mine;
	int fds[2], same = 0;

	CHECK_INT(pipe(fds), 0);
	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			struct secret s;

			_exit(secret_load(dir, &s) != ERR_OK ||
				write(fds[1], &s, sizeof s) != (ssize_t)sizeof s);
		}
	}
	for (int i = 0; i < 8; i++)
		wait(NULL);
	CHECK_INT(secret_load(dir, &mine), ERR_OK);
	for (int i = 0; i < 8; i++) {
		struct secret s;

		CHECK_INT(read(fds[0], &s, sizeof s), sizeof s);
		same += memcmp(&s, &mine, sizeof s) == 0;
	}
	CHECK_INT(same, 8);
	close(fds[0]);
	close(fds[1]);
	tmp_remove(dir);
}

static void a_damaged_file_is_said(void)
{
	char *dir = tmp_make(), path[600];
	struct secret s;
	bool made;

	snprintf(path, sizeof path, "%s/cluster-secret", dir);
	CHECK_INT(secret_file(path, "short", 5, &made), ERR_OK);
	CHECK(made);
	CHECK_INT(secret_load(dir, &s), ERR_STORE);
	tmp_remove(dir);
}

TESTS("secret", T(the_first_start_makes_it_and_the_others_read_it),
	T(many_that_start_at_once_agree), T(a_damaged_file_is_said))
