#include "services/bridge/media.h"

#include "proto/clock.h"
#include "tests/unit/check.h"

/* ---- stand-ins for the program, as shell scripts ---- */

static char *dir;
static char why[MEDIA_WHY];
static struct media found;

static enum err probe(const char *script, int64_t time_ms)
{
	char program[600];
	FILE *f;

	snprintf(program, sizeof program, "%s/program", dir);
	unlink(program);
	f = fopen(program, "w");
	fprintf(f, "#!/bin/sh\n%s\n", script);
	fclose(f);
	chmod(program, 0700);
	*why = 0;
	memset(&found, 0, sizeof found);
	return media_probe(program, "the-file", dir, time_ms, &found, why);
}

static void what_the_program_finds_is_read(void)
{
	dir = tmp_make();
	CHECK_INT(probe("echo '{\"ok\":true,\"width\":64,\"height\":48,\"duration_ms\":1500,"
			"\"fps\":23.976,\"codec\":\"h264\",\"remuxed\":true,\"sprite_columns\":5,"
			"\"sprite_rows\":4}'",
			  5000),
		ERR_OK);
	CHECK_INT(found.width, 64);
	CHECK_INT(found.height, 48);
	CHECK_INT(found.duration_ms, 1500);
	CHECK(found.fps > 23.9 && found.fps < 24);
	CHECK(found.remuxed);
	CHECK_INT(found.sprite_columns, 5);
	CHECK_INT(found.sprite_rows, 4);
	tmp_remove(dir);
}

static void it_gets_the_file_and_the_folder_and_nothing_else(void)
{
	dir = tmp_make();
	CHECK_INT(
		probe("[ \"$1\" = the-file ] && [ -d \"$2\" ] && [ $# = 2 ] && [ -z \"$HOME\" ] && "
		      "echo '{\"ok\":true}'",
			5000),
		ERR_OK);
	/* no file of ours is open in it: only 0, 1, 2 and what ls itself opens */
	CHECK_INT(
		probe("n=$(ls /proc/self/fd | wc -l); [ $n -le 5 ] && echo '{\"ok\":true}'", 5000),
		ERR_OK);
	tmp_remove(dir);
}

static void a_refusal_comes_with_its_reason(void)
{
	dir = tmp_make();
	CHECK_INT(probe("echo '{\"ok\":false,\"error\":\"there is no video in it\"}'", 5000),
		ERR_BAD_PARAM);
	CHECK_STR(why, "there is no video in it");
	tmp_remove(dir);
}

static void a_program_that_breaks_is_our_fault(void)
{
	dir = tmp_make();
	CHECK_INT(probe("exit 3", 5000), ERR_INTERNAL);
	CHECK_INT(probe("echo nonsense", 5000), ERR_INTERNAL);
	CHECK_INT(probe("echo '{\"ok\":1}'", 5000), ERR_INTERNAL);
	CHECK_INT(probe("true", 5000), ERR_INTERNAL);
	CHECK_INT(media_probe("/nowhere/program", "x", dir, 1000, &found, why), ERR_INTERNAL);
	tmp_remove(dir);
}

static void one_that_meets_its_limits_has_seen_no_video(void)
{
	int64_t began = mono_us();

	dir = tmp_make();
	CHECK_INT(probe("exec sleep 60", 200), ERR_BAD_PARAM);
	CHECK_INT(probe("exec 1>&-; exec sleep 60", 200), ERR_BAD_PARAM);
	CHECK_INT(probe("while :; do echo too much to say; done", 5000), ERR_BAD_PARAM);
	CHECK_INT(probe("kill -SEGV $$", 5000), ERR_BAD_PARAM);
	CHECK(*why);
	CHECK(mono_us() - began < 10000000);
	tmp_remove(dir);
}

static void folders_are_made_and_removed(void)
{
	char path[600], file[700];
	struct stat st;
	FILE *f;

	dir = tmp_make();
	CHECK_INT(media_dir_make(dir, path, sizeof path), ERR_OK);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0700);
	snprintf(file, sizeof file, "%s/left.webp", path);
	f = fopen(file, "w");
	fclose(f);
	media_dir_sweep(dir, 600);
	CHECK(stat(path, &st) == 0); /* too young */
	media_dir_sweep(dir, -10);
	CHECK(stat(path, &st) != 0);
	CHECK_INT(media_dir_make(dir, path, sizeof path), ERR_OK);
	media_dir_remove(path);
	CHECK(stat(path, &st) != 0);
	CHECK_INT(media_dir_make("/nowhere", path, sizeof path), ERR_STORE);
	tmp_remove(dir);
}

TESTS("prober", T(what_the_program_finds_is_read),
	T(it_gets_the_file_and_the_folder_and_nothing_else), T(a_refusal_comes_with_its_reason),
	T(a_program_that_breaks_is_our_fault), T(one_that_meets_its_limits_has_seen_no_video),
	T(folders_are_made_and_removed))
