/* Content codings (RFC 9110, 12.5.3): in which form a file is sent that is kept in several. Pure.
 */
#ifndef ARENA_GATEWAY_CODING_H
#define ARENA_GATEWAY_CODING_H

#include <stdbool.h>

enum coding { CODING_NONE, CODING_GZIP, CODING_BR, CODINGS };

/* Of Content-Encoding; NULL for CODING_NONE. */
const char *coding_name(enum coding c);

/* Of a file that is kept in it: ".br"; "" for CODING_NONE. */
const char *coding_suffix(enum coding c);

/*
 * Which of those that we have the client likes best, by its Accept-Encoding (NULL: not sent). The
 * denser one where it likes two as well. CODING_NONE when it takes none of them, even where it says
 * that it does not take that either: so the RFC has it.
 */
enum coding coding_choose(const char *accept, const bool have[CODINGS]);

#endif
