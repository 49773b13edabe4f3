/*
 * What every unit test program shares: a table of tests and a main. A failed check says what was
 * expected and what came.
 *
 *   static void empty_queue_gives_nothing(void) { CHECK_INT(queue_len(q), 0); }
 *   TESTS("queue", T(empty_queue_gives_nothing), T(owners_take_turns))
 */
#ifndef ARENA_TESTS_CHECK_H
#define ARENA_TESTS_CHECK_H

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		int ok_ = !!(cond);                                                                \
		if (!ok_)                                                                          \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #cond);       \
		CU_ASSERT(ok_);                                                                    \
	} while (0)

#define CHECK_INT(got, want)                                                                       \
	do {                                                                                       \
		long long g_ = (long long)(got), w_ = (long long)(want);                           \
		if (g_ != w_)                                                                      \
			fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #got, \
				g_, w_);                                                           \
		CU_ASSERT(g_ == w_);                                                               \
	} while (0)

#define CHECK_STR(got, want)                                                                       \
	do {                                                                                       \
		const char *g_ = (got), *w_ = (want);                                              \
		int same_ = g_ && w_ ? strcmp(g_, w_) == 0 : g_ == w_;                             \
		if (!same_)                                                                        \
			fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__,   \
				#got, g_ ? g_ : "(null)", w_ ? w_ : "(null)");                     \
		CU_ASSERT(same_);                                                                  \
	} while (0)

/* A fresh folder under $TMPDIR; the caller removes it with tmp_remove(). */
static inline char *tmp_make(void)
{
	const char *base = getenv("TMPDIR");
	char *dir = malloc(512);

	snprintf(dir, 512, "%s/arena-test-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(dir)) {
		perror("mkdtemp");
		abort();
	}
	return dir;
}

static inline void tmp_remove(char *dir)
{
	char cmd[600];

	snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		fprintf(stderr, "could not remove %s\n", dir);
	free(dir);
}

#define T(fn)                                                                                      \
	{                                                                                          \
#fn, fn                                                                            \
	}

#define TESTS(suite_name, ...) TESTS_MAIN(suite_name, , __VA_ARGS__)

/* The same; `first` runs at the head of main, for tests that start their own program again. */
#define TESTS_MAIN(suite_name, first, ...)                                                         \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		(void)argc;                                                                        \
		(void)argv;                                                                        \
		first static const struct {                                                        \
			const char *name;                                                          \
			void (*fn)(void);                                                          \
		} tests_[] = {__VA_ARGS__};                                                        \
		unsigned failed_;                                                                  \
                                                                                                   \
		CU_initialize_registry();                                                          \
		CU_pSuite suite_ = CU_add_suite(suite_name, NULL, NULL);                           \
		for (size_t i_ = 0; i_ < sizeof tests_ / sizeof *tests_; i_++)                     \
			CU_add_test(suite_, tests_[i_].name, tests_[i_].fn);                       \
		CU_basic_set_mode(CU_BRM_VERBOSE);                                                 \
		CU_basic_run_tests();                                                              \
		failed_ = CU_get_number_of_failures();                                             \
		CU_cleanup_registry();                                                             \
		return failed_ ? 1 : 0;                                                            \
	}

#endif
