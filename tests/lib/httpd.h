/* A little HTTP server for tests: on loopback, one connection at a time, answers given as raw
 * bytes. */
#ifndef ARENA_TESTS_HTTPD_H
#define ARENA_TESTS_HTTPD_H

#include <stdatomic.h>
#include <stddef.h>

struct httpd;

/* One request: write the whole answer to fd. The connection is closed afterwards. */
typedef void httpd_fn(void *arg, const char *path, int fd);

struct httpd *httpd_open(httpd_fn *fn, void *arg);
int httpd_port(const struct httpd *h);
int httpd_hits(const struct httpd *h); /* connections so far */
void httpd_close(struct httpd *h);

/* A whole answer with these headers ("Location: /x\r\n" or "") and body. */
void httpd_say(int fd, const char *status, const char *headers, const void *body, size_t n);

#endif
