#include "proto/avfd.h"

#include <errno.h>
#include <libavformat/avformat.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUFFER = 1 << 16 };

struct cursor {
	int fd;
	int failed; /* a write failed; libav does not always say so */
	int64_t at;
};

static int on_read(void *opaque, uint8_t *buf, int n)
{
	struct cursor *c = opaque;
	ssize_t got = pread(c->fd, buf, (size_t)n, c->at);

	if (got <= 0)
		return got ? AVERROR(errno) : AVERROR_EOF;
	c->at += got;
	return (int)got;
}

static int on_write(void *opaque, uint8_t *buf, int n)
{
	struct cursor *c = opaque;

	for (int done = 0; done < n;) {
		ssize_t put = pwrite(c->fd, buf + done, (size_t)(n - done), c->at);

		if (put < 0) {
			c->failed = 1;
			return AVERROR(errno);
		}
		done += (int)put;
		c->at += put;
	}
	return n;
}

static int64_t on_seek(void *opaque, int64_t to, int whence)
{
	struct cursor *c = opaque;
	off_t size = lseek(c->fd, 0, SEEK_END);

	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return size;
	case SEEK_CUR:
		to += c->at;
		break;
	case SEEK_END:
		to += size;
		break;
	default:
		break;
	}
	return to < 0 ? AVERROR(EINVAL) : (c->at = to);
}

struct AVIOContext *avfd_new(int fd, int writing)
{
	struct cursor *c = calloc(1, sizeof(*c));
	uint8_t *buffer = av_malloc(BUFFER);
	AVIOContext *io = NULL;

	if (c && buffer)
		io = avio_alloc_context(buffer, BUFFER, writing, c, on_read, on_write, on_seek);
	if (!io) {
		av_free(buffer);
		free(c);
		return NULL;
	}
	c->fd = fd;
	return io;
}

int avfd_free(struct AVIOContext *io)
{
	struct cursor *c;
	int failed;

	if (!io)
		return 0;
	avio_flush(io);
	c = io->opaque;
	failed = c->failed || io->error;
	free(c);
	av_freep(&io->buffer);
	avio_context_free(&io);
	return failed ? -1 : 0;
}

/* The MP4 writer opens its file again to move the index to the front: it gets the same one. */
static int on_open(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
	AVDictionary **options)
{
	const struct cursor *c = format->pb->opaque;

	(void)url;
	(void)options;
	if (!format->oformat) /* a reader that follows links in a file gets nothing */
		return AVERROR(EACCES);
	*io = avfd_new(c->fd, flags & AVIO_FLAG_WRITE);
	return *io ? 0 : AVERROR(ENOMEM);
}

static int on_close(AVFormatContext *format, AVIOContext *io)
{
	struct cursor *c = format->pb->opaque;

	if (avfd_free(io))
		c->failed = 1;
	return 0;
}

void avfd_attach(struct AVFormatContext *format, struct AVIOContext *io)
{
	format->pb = io;
	format->io_open = on_open;
	format->io_close2 = on_close;
	format->flags |= AVFMT_FLAG_CUSTOM_IO;
}
