#include "proto/blob.h"

#include <fcntl.h>

#include "proto/clock.h"
#include "proto/fault.h"
#include "tests/unit/check.h"

#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" /* of "hello" */

static char *dir;
static struct blobs *blobs;

static void begin(void)
{
	dir = tmp_make();
	CHECK_INT(blobs_open(dir, &blobs), ERR_OK);
}

static void end(void)
{
	blobs_close(blobs);
	tmp_remove(dir);
}

static int files_in(const char *sub)
{
	char cmd[700];
	FILE *f;
	int n = -1;

	snprintf(cmd, sizeof cmd, "find '%s/%s' -type f | wc -l", dir, sub);
	f = popen(cmd, "r");
	CHECK_INT(fscanf(f, "%d", &n), 1);
	pclose(f);
	return n;
}

static struct blob_writer *put(const char *text, char name[BLOB_NAME])
{
	struct blob_writer *w = NULL;

	CHECK_INT(blob_create(blobs, 1000, &w), ERR_OK);
	CHECK_INT(blob_write(w, text, strlen(text)), ERR_OK);
	CHECK_INT(blob_commit(w, name), ERR_OK);
	return w;
}

static void a_file_is_named_by_its_content(void)
{
	char name[BLOB_NAME], text[6] = "";
	struct blob_writer *w;
	int64_t size;
	int fd = -1;

	begin();
	w = put("hello", name);
	CHECK_STR(name, HELLO);
	blob_release(w);
	CHECK_INT(files_in("blobs/tmp"), 0);
	CHECK_INT(blob_open(blobs, HELLO, &fd, &size), ERR_OK);
	CHECK_INT(size, 5);
	CHECK_INT(read(fd, text, 5), 5);
	CHECK_STR(text, "hello");
	close(fd);
	CHECK(blob_remove(blobs, HELLO));
	CHECK(!blob_exists(blobs, HELLO));
	CHECK_INT(blob_open(blobs, HELLO, &fd, &size), ERR_NOT_FOUND);
	end();
}

static void a_pinned_file_is_not_removed(void)
{
	struct blob_writer *a, *b;
	char name[BLOB_NAME];

	begin();
	a = put("hello", name);
	CHECK(!blob_remove(blobs, HELLO));
	b = put("hello", name); /* the same content: pins the same file */
	blob_release(a);
	CHECK(!blob_remove(blobs, HELLO));
	blob_release(b);
	CHECK(blob_remove(blobs, HELLO));
	CHECK_INT(files_in("blobs"), 0);
	end();
}

static void a_file_that_was_removed_is_committed_again_from_its_pin(void)
{
	char name[BLOB_NAME], path[700];
	struct blob_writer *w;

	begin();
	w = put("hello", name);
	snprintf(path, sizeof path, "%s/blobs/2c/%s", dir, HELLO);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(blob_commit(w, name), ERR_OK);
	CHECK_INT(access(path, F_OK), 0);
	blob_release(w);
	end();
}

static void the_limit_holds(void)
{
	struct blob_writer *w = NULL;

	begin();
	CHECK_INT(blob_create(blobs, 4, &w), ERR_OK);
	CHECK_INT(blob_write(w, "hello", 5), ERR_TOO_LARGE);
	CHECK_INT(blob_write(w, "hell", 4), ERR_OK);
	CHECK_INT(blob_write(w, "o", 1), ERR_TOO_LARGE);
	blob_release(w);
	CHECK_INT(files_in("blobs"), 0);
	end();
}

static void an_upload_goes_on_where_it_stopped(void)
{
	struct blob_writer *w = NULL;
	char name[BLOB_NAME];
	int64_t size;

	begin();
	CHECK_INT(blob_resume(blobs, "job-1_u1", 100, &w, &size), ERR_OK);
	CHECK_INT(size, 0);
	CHECK_INT(blob_write(w, "hel", 3), ERR_OK);
	blob_suspend(w);
	CHECK_INT(blob_resume(blobs, "job-1_u1", 100, &w, &size), ERR_OK);
	CHECK_INT(size, 3);
	CHECK_INT(blob_write(w, "lo", 2), ERR_OK);
	CHECK_INT(blob_commit(w, name), ERR_OK);
	CHECK_STR(name, HELLO);
	blob_release(w);
	CHECK_INT(blob_resume(blobs, "../etc", 100, &w, &size), ERR_BAD_PARAM);
	end();
}

static void a_sealed_file_is_known_but_not_in_the_store(void)
{
	struct blob_writer *w = NULL;
	char name[BLOB_NAME] = "";
	int64_t size = 0;

	begin();
	CHECK_INT(blob_resume(blobs, "job-1_u1", 100, &w, &size), ERR_OK);
	CHECK_INT(blob_write(w, "hello", 5), ERR_OK);
	CHECK(!blob_sealed(w));
	fault_arm("blob.sync", 1);
	CHECK_INT(blob_seal(w, name), ERR_STORE);
	CHECK(!blob_sealed(w));
	CHECK_INT(blob_seal(w, name), ERR_OK);
	CHECK_STR(name, HELLO);
	CHECK_INT(access(blob_path(w), F_OK), 0);
	blob_suspend(w);
	CHECK(!blob_exists(blobs, HELLO));
	CHECK_INT(blob_resume(blobs, "job-1_u1", 100, &w, &size), ERR_OK);
	CHECK_INT(size, 5);
	CHECK(blob_sealed(w)); /* as another process sees it */
	blob_release(w);
	CHECK_INT(files_in("blobs"), 0);
	CHECK_INT(blob_resume(blobs, "job-1_u1", 100, &w, &size), ERR_OK);
	CHECK_INT(size, 0);
	CHECK(!blob_sealed(w));
	CHECK_INT(blob_write(w, "hello", 5), ERR_OK);
	CHECK_INT(blob_seal(w, name), ERR_OK);
	CHECK_INT(blob_commit(w, name), ERR_OK);
	blob_release(w);
	CHECK(blob_exists(blobs, HELLO));
	CHECK_INT(files_in("blobs"), 1);
	end();
}

static void a_full_disk_is_an_error_and_leaves_nothing(void)
{
	struct blob_writer *w = NULL;
	char name[BLOB_NAME];

	begin();
	CHECK_INT(blob_create(blobs, 100, &w), ERR_OK);
	fault_arm("blob.write", 1);
	CHECK_INT(blob_write(w, "hello", 5), ERR_STORE);
	blob_release(w);
	CHECK_INT(blob_create(blobs, 100, &w), ERR_OK);
	CHECK_INT(blob_write(w, "hello", 5), ERR_OK);
	fault_arm("blob.sync", 1);
	CHECK_INT(blob_commit(w, name), ERR_STORE);
	CHECK(!blob_exists(blobs, HELLO));
	CHECK_INT(blob_commit(w, name), ERR_OK);
	blob_release(w);
	CHECK(blob_remove(blobs, HELLO));
	CHECK_INT(files_in("blobs"), 0);
	end();
}

static bool is_orphan(void *arg, const char *name)
{
	return strcmp(name, arg) == 0;
}

static void the_sweep_takes_old_orphans_only(void)
{
	struct blob_writer *w = NULL, *pinned;
	char orphan[BLOB_NAME], used[BLOB_NAME], pin[BLOB_NAME];
	int64_t later = now_ms() + 3600 * 1000;

	begin();
	blob_release(put("orphan", orphan));
	blob_release(put("used", used));
	CHECK_INT(blob_sweep(blobs, now_ms(), 60000, is_orphan, orphan), 0);
	CHECK_INT(blob_sweep(blobs, later, 60000, is_orphan, orphan), 1);
	CHECK(!blob_exists(blobs, orphan));
	CHECK(blob_exists(blobs, used));
	pinned = put("pinned", pin);
	CHECK_INT(blob_create(blobs, 10, &w), ERR_OK);
	blob_suspend(w); /* as a process that was killed leaves it */
	CHECK_INT(blob_sweep(blobs, now_ms(), 60000, is_orphan, pin), 0);
	CHECK_INT(files_in("blobs/tmp"), 2);
	blob_release(pinned);
	CHECK_INT(blob_sweep(blobs, later, 60000, is_orphan, pin), 2);
	CHECK_INT(files_in("blobs"), 1);
	end();
}

static void names_from_outside_cannot_leave_the_store(void)
{
	int64_t size;
	int fd;

	begin();
	CHECK_INT(blob_open(blobs, "../../etc/passwd", &fd, &size), ERR_NOT_FOUND);
	CHECK(!blob_name_ok("2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"));
	CHECK(!blob_exists(blobs, ""));
	CHECK(!blob_exists(blobs, NULL));
	end();
}

TESTS("blob", T(a_file_is_named_by_its_content), T(a_pinned_file_is_not_removed),
	T(a_file_that_was_removed_is_committed_again_from_its_pin), T(the_limit_holds),
	T(an_upload_goes_on_where_it_stopped), T(a_sealed_file_is_known_but_not_in_the_store),
	T(a_full_disk_is_an_error_and_leaves_nothing), T(the_sweep_takes_old_orphans_only),
	T(names_from_outside_cannot_leave_the_store))
