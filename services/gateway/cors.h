/*
 * Which pages of other origins may use the API: the CORS protocol (WHATWG Fetch, 3.2). Without
 * cookies there are no credentials that a browser would add by itself: a page needs a key, or a
 * signed link, as everybody does. What is for people and operators (the page, /metrics) is for no
 * other origin.
 */
#ifndef ARENA_GATEWAY_CORS_H
#define ARENA_GATEWAY_CORS_H

#include "http.h"

/*
 * origins, of the setting: commas between; each "https://HOST[:PORT]", with a star for the labels
 * below a host, or "*" for all. NULL: that is what it is; else what is wrong (conf.h).
 */
const char *cors_wrong(const char *origins);

/* First of all for a request: sets what lets a page of an allowed origin read the answer, whatever
 * that is. */
void cors_head(const char *origins, struct exchange *x);

/*
 * Answers OPTIONS: 204 with the methods that the address takes ("GET, HEAD"; "": of no address in
 * particular), and to a preflight of an allowed origin what it may send.
 */
void cors_options(const char *origins, struct exchange *x, const char *methods);

#endif
