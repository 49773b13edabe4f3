/* A growing byte buffer. Aborts when out of memory: nobody could do anything about it. */
#ifndef ARENA_BUF_H
#define ARENA_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *p; /* always NUL-terminated once something was added; NULL before */
	size_t n;
	size_t cap;
};

void buf_room(struct buf *b, size_t n); /* so much more will follow: no growing on the way */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addi(struct buf *b, int64_t value); /* in decimal digits */
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_clear(struct buf *b); /* keeps the memory */
void buf_free(struct buf *b);  /* leaves an empty buffer */

/* malloc, calloc and strdup that abort when out of memory. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s); /* NULL gives NULL */

/* Zeroed memory for the life of the process: never freed, and known not to be a leak. */
void *xlasting(size_t n, size_t size);

#endif
