/*
 * What threads may do only seldom, done often: a build with ARENA_PAUSES calls this at every
 * branch, and now and then it sleeps. With ThreadSanitizer it finds the races that need an unlucky
 * moment; without, the tests that need a lucky one.
 *
 * PAUSES: one branch in so many sleeps (default 60; 0: none). Where a program comes often it sleeps
 * seldom, and at last not at all: loops over bytes end in time.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PLACES     65536 /* counters of branches; two may share one */
#define RARE       200   /* a branch that came so often sleeps 20 times less often */
#define WORN_OUT   20000 /* and then never again */
#define LONGEST_US 4000

#define UNSEEN __attribute__((no_sanitize_coverage, no_sanitize_thread))

void __sanitizer_cov_trace_pc(void); /* GCC's -fsanitize-coverage=trace-pc calls it */

static unsigned came[PLACES];
static unsigned one_in = 60;
static __thread uint64_t state; /* xorshift64, of this thread */

__attribute__((constructor)) UNSEEN static void settle(void)
{
	const char *text = getenv("PAUSES");

	if (text)
		one_in = (unsigned)strtoul(text, NULL, 10);
}

UNSEEN static uint64_t random_next(void)
{
	if (!state) {
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		state = ((uint64_t)now.tv_nsec << 32 ^ (uint64_t)syscall(SYS_gettid)) | 1;
	}
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

UNSEEN void __sanitizer_cov_trace_pc(void)
{
	uintptr_t place = (uintptr_t)__builtin_return_address(0);
	uint64_t dice;
	unsigned n;

	if (!one_in)
		return;
	n = __atomic_add_fetch(&came[(place * 2654435761u >> 7) % PLACES], 1, __ATOMIC_RELAXED);
	if (n > WORN_OUT)
		return;
	dice = random_next();
	if (dice % (n < RARE ? one_in : one_in * 20) == 0) {
		struct timespec pause = {0, (long)((dice >> 32) % LONGEST_US) * 1000};

		syscall(SYS_nanosleep, &pause, NULL); /* not the sanitizer's: it would be a hint */
	}
}
