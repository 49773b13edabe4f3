/* The file under examination: opened, and walked through once without decoding. */
#ifndef ARENA_MEDIA_SOURCE_H
#define ARENA_MEDIA_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

enum {
	SOURCE_SIDE_MAX = 8192, /* pixels */
	SOURCE_SIDE_MIN = 16,
	SOURCE_STREAMS_MAX = 16,
	SOURCE_SECONDS_MAX = 3600,
	SOURCE_KEYS_MAX = 1 << 16,
};

struct source {
	AVFormatContext *format;
	AVIOContext *io;
	AVStream *video;
	AVStream *audio;      /* NULL when there is none */
	const AVCodec *codec; /* decoder of the video */
	const char *name;     /* "h264" */
	int64_t packets;      /* of the video; each is a frame */
	int64_t first, end;   /* the video's time span, in the stream's units */
	int64_t *keys;        /* times from which decoding can begin, in order of the file */
	int key_count;
	bool mp4;
};

/* NULL, or what is wrong in plain words. Result must be passed to source_close(). */
const char *source_open(int fd, struct source *ret);
void source_close(struct source *source);

/* In seconds. */
double source_duration(const struct source *source);

#endif
