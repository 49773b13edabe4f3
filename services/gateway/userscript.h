/*
 * The userscript that makes a browser's tab a worker: /LMArenaVideoInjector.user.js. It is built
 * apart (userscript/) and compiled in; three words of it are filled in for each request:
 *
 *   @@SERVER@@   what the request's address began with: the script comes back there
 *   @@HOST@@     its host name, without the port
 *   @@VERSION@@  of this server, and when the script was built: newer ones have higher numbers
 *
 * No secret is in it: whoever has it is nobody until he pairs it.
 */
#ifndef ARENA_GATEWAY_USERSCRIPT_H
#define ARENA_GATEWAY_USERSCRIPT_H

#include "http.h"
#include "proto/buf.h"

/* Answer in begin or end. base: "http://HOST". NOT_OFFERED when it was not built in. */
void userscript_answer(struct exchange *x, const char *base);

/* The text of n bytes with its words filled in. Pure. */
void userscript_fill(
	struct buf *out, const char *p, size_t n, const char *base, const char *version);

#endif
