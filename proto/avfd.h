/*
 * libav on a file that is open already: jailed programs cannot open any. Reads and writes at a
 * position of its own, so several may share one descriptor.
 */
#ifndef ARENA_AVFD_H
#define ARENA_AVFD_H

struct AVFormatContext;
struct AVIOContext;

/* fd stays the caller's. NULL when there is no memory. Result must be passed to avfd_free(). */
struct AVIOContext *avfd_new(int fd, int writing);

/* Flushes. 0, or -1 when any write failed, now or before. NULL is fine, and 0. */
int avfd_free(struct AVIOContext *io);

/* Gives a format context files: io as its own, the same descriptor for what it wants to reopen. */
void avfd_attach(struct AVFormatContext *format, struct AVIOContext *io);

#endif
