/* The same streams in an MP4 whose index comes first, so that players begin and seek at once. */
#ifndef ARENA_MEDIA_REMUX_H
#define ARENA_MEDIA_REMUX_H

#include "source.h"

/* Whether the file needs it, and whether all of its streams can be carried over. */
bool remux_wanted(int fd, const struct source *source);

/* Writes it to `out`, open for reading and writing, empty. 0, or -1: the file is no good then. */
int remux_write(struct source *source, int out);

#endif
