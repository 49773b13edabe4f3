/* For the few loops over all pixels: a second version for newer processors, chosen at start. */
#ifndef ARENA_SANDBOX_WIDE_H
#define ARENA_SANDBOX_WIDE_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
	!defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

#endif
