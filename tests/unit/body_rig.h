/* Bodies fed to body.h with a blob store of their own: for test_body.c and test_form.c. */
#ifndef ARENA_TESTS_BODY_RIG_H
#define ARENA_TESTS_BODY_RIG_H

#include <dirent.h>
#include <stdatomic.h>

#include "proto/buf.h"
#include "services/gateway/body.h"
#include "tests/unit/check.h"

#define JSON "application/json"
#define FORM "multipart/form-data; boundary=XX"

/* A real PNG of one pixel. */
static const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I',
	'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13,
	'I', 'D', 'A', 'T', 'x', 0xda, 'c', 'd', 0xf8, 0xcf, 'P', 0x0f, 0, 3, 0x86, 1, 0x80, 'Z',
	'4', '}', 'k', 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 'B', 0x60, 0x82};

static char *dir;
static struct body_rules rules;

static void setup(void)
{
	dir = tmp_make();
	rules = (struct body_rules){.image_max = 10000,
		.image_side = 8192,
		.body_max = 100000,
		.prompt_max = 50,
		.memory_max = 100000};
	CHECK_INT(blobs_open(dir, &rules.blobs), ERR_OK);
}

static void teardown(void)
{
	CHECK_INT(atomic_load(&rules.memory), 0); /* all text was given back */
	blobs_close(rules.blobs);
	tmp_remove(dir);
}

/* Files that are on their way in. */
static int temporary_files(void)
{
	char path[600];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/blobs/tmp", dir);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* Feed in pieces of `step` bytes, to the end; the error of the first step that failed. */
static enum err run(struct body *b, const char *p, size_t n, size_t step)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && e == ERR_OK; i += step)
		e = body_feed(b, p + i, n - i < step ? n - i : step);
	if (e == ERR_OK)
		e = body_end(b);
	return e == ERR_OK ? body_store(b) : e;
}

static char last_param[80];

/* The same with a body of its own, which is let go; keeps the name of the wrong parameter. */
static enum err try_bytes(const char *type, const char *p, size_t n, size_t step)
{
	struct body *b;
	enum err e = body_new(&rules, TAKES_VIDEO, type, &b);

	last_param[0] = 0;
	if (e != ERR_OK)
		return e;
	e = run(b, p, n, step);
	if (e != ERR_OK && body_problem(b)->param)
		snprintf(last_param, sizeof last_param, "%s", body_problem(b)->param);
	body_free(b);
	return e;
}

#endif
