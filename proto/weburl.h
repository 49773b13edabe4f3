/*
 * Links to servers out in the world, as clients give them for us to call. Pure: names are not
 * looked up. What is really connected to is checked again when it is.
 */
#ifndef ARENA_WEBURL_H
#define ARENA_WEBURL_H

#include <stdbool.h>

#define WEBURL_MAX      2048 /* bytes of a link */
#define WEBURL_HOST_MAX 254  /* room for its host, with the NUL */

/*
 * NULL: the link is one that may be called, and host (may be NULL) gets its host, in lower case.
 * Else what it must be, to be put behind the name of the parameter: "must not have a user name".
 * allow_private: addresses of private networks, and localhost, may be named.
 */
const char *weburl_check(const char *url, bool allow_private, char host[WEBURL_HOST_MAX]);

#endif
