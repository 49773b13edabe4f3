/*
 * The page at /video-chat and its files (web/dist/, made by web/build.mjs with packages from npm),
 * the page at /docs (web/docs/, and a viewer from npm when it was there at build time), and
 * /openapi.json (docs/). They are compiled in, a file's .br and .gz too, which are sent in its
 * place to whoever takes them; the setting web-dir serves a folder at /video-chat instead, read
 * afresh at each request, for whoever works on the page.
 *
 * What has the hash of its content in its name is kept by browsers for good. For the rest they ask
 * each time.
 *
 * The pages may load nothing from elsewhere and run no inline script (Content-Security-Policy), be
 * framed by nobody, and tell nobody where their reader came from.
 */
#ifndef ARENA_GATEWAY_PAGES_H
#define ARENA_GATEWAY_PAGES_H

#include "proto/err.h"
#include "services/gateway/http.h"

#define PAGE_ETAG 36 /* quotes, 32 hex digits, NUL */

struct pages;

/* web_dir: NULL or "": only what is compiled in. ERR_STORE, logged, when it is no folder. */
enum err pages_open(const char *web_dir, struct pages **ret);
void pages_close(struct pages *p); /* NULL is fine */

/*
 * Answer GET and HEAD of a page or a file of it, in begin or end; ERR_NO_ROUTE as an answer too
 * when there is no such file, and 501 in plain words when there is no page. Any thread.
 */
void pages_answer(const struct pages *p, struct exchange *x);

/* The tag of n bytes. */
void page_etag(const void *p, size_t n, char out[PAGE_ETAG]);

/*
 * Set the ETag. True: the client has it already, and has been told so; there is nothing more to
 * answer.
 */
bool page_had(struct exchange *x, const char *etag);

#endif
