#include "proto/linkkey.h"

#include <fcntl.h>
#include <stdbool.h>

#include "proto/clock.h"
#include "proto/secret.h"
#include "tests/unit/check.h"

static const uint8_t base[32] = {1, 2, 3};

static void path_in(const char *dir, char path[600])
{
	snprintf(path, 600, "%s/link-secret", dir);
}

/* Does the key become another one than `was`? Given two seconds. */
static bool changes(struct linkkey *k, const uint8_t was[32])
{
	int64_t until = mono_us() + 2000000;
	uint8_t now[32];

	do {
		linkkey_now(k, now);
		if (memcmp(now, was, 32) != 0)
			return true;
		usleep(10000);
	} while (mono_us() < until);
	return false;
}

static void until_the_first_rotation_it_is_the_cluster_secrets(void)
{
	char *dir = tmp_make(), path[600];
	struct linkkey *k;
	uint8_t now[32];

	path_in(dir, path);
	CHECK_INT(linkkey_open(dir, base, &k), ERR_OK);
	linkkey_now(k, now);
	CHECK(memcmp(now, base, 32) == 0);
	CHECK_INT(access(path, F_OK), -1);
	linkkey_close(k);
	tmp_remove(dir);
}

static void a_running_service_takes_a_new_one_up(void)
{
	char *dir = tmp_make(), path[600];
	struct linkkey *k, *other;
	uint8_t first[32], second[32], now[32];
	struct stat st;

	path_in(dir, path);
	CHECK_INT(linkkey_open(dir, base, &k), ERR_OK);
	CHECK_INT(linkkey_rotate(dir), ERR_OK);
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK(changes(k, base));
	linkkey_now(k, first);
	CHECK_INT(linkkey_rotate(dir), ERR_OK);
	CHECK(changes(k, first));
	linkkey_now(k, second);
	CHECK(memcmp(second, base, 32) != 0);
	/* Who starts later has the same one. */
	CHECK_INT(linkkey_open(dir, base, &other), ERR_OK);
	linkkey_now(other, now);
	CHECK(memcmp(now, second, 32) == 0);
	linkkey_close(other);
	linkkey_close(k);
	tmp_remove(dir);
}

static void the_same_file_under_another_cluster_is_another_key(void)
{
	static const uint8_t theirs[32] = {9};
	char *dir = tmp_make();
	struct linkkey *a, *b;
	uint8_t x[32], y[32];

	CHECK_INT(linkkey_rotate(dir), ERR_OK);
	CHECK_INT(linkkey_open(dir, base, &a), ERR_OK);
	CHECK_INT(linkkey_open(dir, theirs, &b), ERR_OK);
	linkkey_now(a, x);
	linkkey_now(b, y);
	CHECK(memcmp(x, y, 32) != 0);
	linkkey_close(a);
	linkkey_close(b);
	tmp_remove(dir);
}

static void a_damaged_file_does_not_start_and_changes_nothing_that_runs(void)
{
	char *dir = tmp_make(), path[600];
	struct linkkey *k, *other = NULL;
	uint8_t before[32], now[32];
	int fd;

	path_in(dir, path);
	CHECK_INT(linkkey_rotate(dir), ERR_OK);
	CHECK_INT(linkkey_open(dir, base, &k), ERR_OK);
	linkkey_now(k, before);
	CHECK_INT(truncate(path, 31), 0);
	CHECK_INT(linkkey_open(dir, base, &other), ERR_STORE);
	usleep(1100000); /* past the next look */
	linkkey_now(k, now);
	CHECK(memcmp(now, before, 32) == 0);
	fd = open(path, O_WRONLY | O_APPEND);
	CHECK_INT(write(fd, "xx", 2), 2);
	close(fd);
	CHECK_INT(linkkey_open(dir, base, &other), ERR_STORE);
	CHECK_INT(linkkey_rotate("/nowhere/at/all"), ERR_STORE);
	linkkey_close(k);
	tmp_remove(dir);
}

TESTS("linkkey", T(until_the_first_rotation_it_is_the_cluster_secrets),
	T(a_running_service_takes_a_new_one_up),
	T(the_same_file_under_another_cluster_is_another_key),
	T(a_damaged_file_does_not_start_and_changes_nothing_that_runs))
