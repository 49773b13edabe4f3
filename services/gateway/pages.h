/*
 * The page at /video-chat and its files (web/). They are compiled in; the setting web-dir serves a
 * folder instead, read afresh at each request, for whoever works on the page.
 *
 * The page may load nothing from elsewhere and run no inline script (Content-Security-Policy), be
 * framed by nobody, and tells nobody where its reader came from.
 */
#ifndef ARENA_GATEWAY_PAGES_H
#define ARENA_GATEWAY_PAGES_H

#include "proto/err.h"
#include "services/gateway/http.h"

struct pages;

/* web_dir: NULL or "": the files compiled in. ERR_STORE, logged, when it is no folder. */
enum err pages_open(const char *web_dir, struct pages **ret);
void pages_close(struct pages *p); /* NULL is fine */

/*
 * Answer GET and HEAD of /video-chat and /video-chat/FILE, in begin or end; ERR_NO_ROUTE as an
 * answer too when there is no such file. Any thread.
 */
void pages_answer(const struct pages *p, struct exchange *x);

#endif
