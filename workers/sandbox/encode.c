/* The one user of libav. */
#include "encode.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>

enum { BUFFER = 1 << 16 };

struct encoder {
	AVFormatContext *mux;
	AVCodecContext *codec;
	AVStream *stream;
	AVFrame *frame;
	AVPacket *packet;
	int fd;
	int failed; /* a write that failed inside libav, which does not always say so */
};

/* One position in the file: the index is moved to the front through a second one. */
struct cursor {
	struct encoder *owner;
	int64_t at;
};

static int cursor_read(void *opaque, uint8_t *buf, int n)
{
	struct cursor *c = opaque;
	ssize_t got = pread(c->owner->fd, buf, (size_t)n, c->at);

	if (got <= 0)
		return got ? AVERROR(errno) : AVERROR_EOF;
	c->at += got;
	return (int)got;
}

static int cursor_write(void *opaque, uint8_t *buf, int n)
{
	struct cursor *c = opaque;

	for (int done = 0; done < n;) {
		ssize_t put = pwrite(c->owner->fd, buf + done, (size_t)(n - done), c->at);

		if (put < 0) {
			c->owner->failed = 1;
			return AVERROR(errno);
		}
		done += (int)put;
		c->at += put;
	}
	return n;
}

static int64_t cursor_seek(void *opaque, int64_t to, int whence)
{
	struct cursor *c = opaque;
	off_t size = lseek(c->owner->fd, 0, SEEK_END);

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

static void io_free(AVIOContext *io)
{
	if (!io)
		return;
	avio_flush(io);
	free(io->opaque);
	av_freep(&io->buffer);
	avio_context_free(&io);
}

static AVIOContext *io_new(struct encoder *e, int writing)
{
	struct cursor *c = calloc(1, sizeof(*c));
	uint8_t *buffer = av_malloc(BUFFER);
	AVIOContext *io = NULL;

	if (c && buffer)
		io = avio_alloc_context(
			buffer, BUFFER, writing, c, cursor_read, cursor_write, cursor_seek);
	if (!io) {
		av_free(buffer);
		free(c);
		return NULL;
	}
	c->owner = e;
	return io;
}

/* libav wants to open the file again while it moves the index: it gets the same one. */
static int on_open(
	AVFormatContext *mux, AVIOContext **io, const char *url, int flags, AVDictionary **options)
{
	(void)url;
	(void)options;
	*io = io_new(mux->opaque, flags & AVIO_FLAG_WRITE);
	return *io ? 0 : AVERROR(ENOMEM);
}

static int on_close(AVFormatContext *mux, AVIOContext *io)
{
	(void)mux;
	io_free(io);
	return 0;
}

static int open_codec(struct encoder *e, int w, int h, int fps, int threads)
{
	const AVCodec *h264 = avcodec_find_encoder_by_name("libx264");
	AVDictionary *options = NULL;
	int failed;

	e->codec = h264 ? avcodec_alloc_context3(h264) : NULL;
	if (!e->codec)
		return -1;
	e->codec->width = w;
	e->codec->height = h;
	e->codec->pix_fmt = AV_PIX_FMT_YUV420P;
	e->codec->time_base = (AVRational){1, fps};
	e->codec->framerate = (AVRational){fps, 1};
	e->codec->gop_size = fps * 2; /* a seek lands within two seconds */
	e->codec->thread_count = threads;
	e->codec->profile = FF_PROFILE_H264_HIGH;
	e->codec->color_range = AVCOL_RANGE_MPEG;
	e->codec->color_primaries = AVCOL_PRI_BT709;
	e->codec->color_trc = AVCOL_TRC_BT709;
	e->codec->colorspace = AVCOL_SPC_BT709;
	e->codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	av_dict_set(&options, "preset", "veryfast", 0);
	av_dict_set(&options, "crf", "21", 0);
	av_dict_set(&options, "profile", "high", 0);
	failed = avcodec_open2(e->codec, h264, &options);
	av_dict_free(&options);
	return failed;
}

static int open_mux(struct encoder *e)
{
	AVDictionary *options = NULL;
	int failed;

	if (avformat_alloc_output_context2(&e->mux, NULL, "mp4", NULL) < 0)
		return -1;
	e->mux->opaque = e;
	e->mux->io_open = on_open;
	e->mux->io_close2 = on_close;
	e->mux->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
	e->mux->pb = io_new(e, 1);
	e->stream = avformat_new_stream(e->mux, NULL);
	if (!e->mux->pb || !e->stream ||
		avcodec_parameters_from_context(e->stream->codecpar, e->codec) < 0)
		return -1;
	e->stream->time_base = e->codec->time_base;
	e->stream->avg_frame_rate = e->codec->framerate;
	av_dict_set(&options, "movflags", "+faststart", 0);
	failed = avformat_write_header(e->mux, &options);
	av_dict_free(&options);
	return failed < 0 ? -1 : 0;
}

static int open_frame(struct encoder *e)
{
	e->frame = av_frame_alloc();
	e->packet = av_packet_alloc();
	if (!e->frame || !e->packet)
		return -1;
	e->frame->format = AV_PIX_FMT_YUV420P;
	e->frame->width = e->codec->width;
	e->frame->height = e->codec->height;
	e->frame->color_range = e->codec->color_range;
	e->frame->pts = -1;
	return av_frame_get_buffer(e->frame, 0);
}

struct encoder *encoder_new(int fd, int w, int h, int fps, int threads)
{
	struct encoder *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	av_log_set_level(AV_LOG_ERROR);
	e->fd = fd;
	if (open_codec(e, w, h, fps, threads) || open_mux(e) || open_frame(e)) {
		encoder_free(e);
		return NULL;
	}
	return e;
}

void encoder_free(struct encoder *e)
{
	if (!e)
		return;
	av_packet_free(&e->packet);
	av_frame_free(&e->frame);
	avcodec_free_context(&e->codec);
	if (e->mux) {
		io_free(e->mux->pb);
		avformat_free_context(e->mux);
	}
	free(e);
}

/* NULL: no more frames come. */
static int push(struct encoder *e, AVFrame *frame)
{
	int r = avcodec_send_frame(e->codec, frame);

	if (r < 0)
		return -1;
	while ((r = avcodec_receive_packet(e->codec, e->packet)) >= 0) {
		if (!e->packet->duration) /* else the last frame would last no time */
			e->packet->duration = 1;
		av_packet_rescale_ts(e->packet, e->codec->time_base, e->stream->time_base);
		e->packet->stream_index = 0;
		if (av_interleaved_write_frame(e->mux, e->packet) < 0)
			return -1;
	}
	return (r == AVERROR(EAGAIN) || r == AVERROR_EOF) && !e->failed ? 0 : -1;
}

int encoder_frame(struct encoder *e, const struct yuv *picture)
{
	const uint8_t *planes[4] = {picture->plane[0], picture->plane[1], picture->plane[2]};
	int strides[4] = {picture->stride[0], picture->stride[1], picture->stride[2]};

	if (av_frame_make_writable(e->frame) < 0)
		return -1;
	av_image_copy(e->frame->data, e->frame->linesize, planes, strides, AV_PIX_FMT_YUV420P,
		e->frame->width, e->frame->height);
	e->frame->pts++;
	return push(e, e->frame);
}

int encoder_finish(struct encoder *e)
{
	if (push(e, NULL) || av_write_trailer(e->mux) < 0)
		return -1;
	avio_flush(e->mux->pb);
	return e->failed || e->mux->pb->error ? -1 : 0;
}
