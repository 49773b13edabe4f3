/* What was found out about a file, and how it is told. */
#ifndef ARENA_MEDIA_REPORT_H
#define ARENA_MEDIA_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report {
	const char *error; /* a constant in plain words; NULL: the video is good */
	int width, height; /* pixels as they are stored */
	int64_t duration_ms;
	double fps;
	const char *codec;   /* "h264": a constant */
	const char *pix_fmt; /* "yuv420p": a constant */
	int64_t frames;
	bool audio;
	bool remuxed; /* there is a video.mp4 that serves better than the original */
	int sprite_columns, sprite_rows;
};

/* One JSON line with its newline. Returns its length; size of 512 is always enough. */
int report_print(const struct report *report, char *buf, size_t size);

#endif
