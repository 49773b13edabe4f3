/* Allow-lists of the settings: names with commas between, pure functions. */
#ifndef ARENA_ORIGIN_H
#define ARENA_ORIGIN_H

#include <stdbool.h>

/*
 * May a page of this Origin open a connection? NULL (not a browser) may; an Origin must be in the
 * list: as it is, or with a star for the labels below a host (https, then *.arena.example). Never
 * "*" alone, and never because it is the same host.
 */
bool origin_allowed(const char *list, const char *origin);

/* Is host (a name or an address, any case) in the list? "*.example.com" stands for hosts below it.
 */
bool host_allowed(const char *list, const char *host);

#endif
