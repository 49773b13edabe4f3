#include "remux.h"

#include "proto/avfd.h"

#include <endian.h>
#include <string.h>
#include <unistd.h>

/* Whether the bytes of the film come before their index: the outermost boxes tell. */
static bool index_is_last(int fd)
{
	uint8_t head[16];
	uint64_t at = 0;

	while (pread(fd, head, sizeof(head), (off_t)at) >= 8) {
		uint32_t size32;
		uint64_t size;

		if (!memcmp(head + 4, "moov", 4))
			return false;
		if (!memcmp(head + 4, "mdat", 4))
			return true;
		memcpy(&size32, head, 4);
		size = be32toh(size32);
		if (size == 1) { /* a 64-bit size follows the name */
			memcpy(&size, head + 8, 8);
			size = be64toh(size);
		}
		if (size < 8 || size > INT64_MAX - at)
			return false;
		at += size;
	}
	return false;
}

static bool fits_mp4(enum AVCodecID id)
{
	switch (id) {
	case AV_CODEC_ID_H264:
	case AV_CODEC_ID_HEVC:
	case AV_CODEC_ID_AV1:
	case AV_CODEC_ID_VP9:
	case AV_CODEC_ID_AAC:
	case AV_CODEC_ID_MP3:
	case AV_CODEC_ID_OPUS:
	case AV_CODEC_ID_FLAC:
		return true;
	default:
		return false;
	}
}

bool remux_wanted(int fd, const struct source *s)
{
	if (!fits_mp4(s->video->codecpar->codec_id))
		return false;
	if (s->audio && !fits_mp4(s->audio->codecpar->codec_id))
		return false;
	return !s->mp4 || index_is_last(fd);
}

static AVStream *add_stream(AVFormatContext *mux, const AVStream *from)
{
	AVStream *to = avformat_new_stream(mux, NULL);

	if (!to || avcodec_parameters_copy(to->codecpar, from->codecpar) < 0)
		return NULL;
	to->codecpar->codec_tag = 0; /* the container chooses its own */
	to->time_base = from->time_base;
	to->avg_frame_rate = from->avg_frame_rate;
	to->sample_aspect_ratio = from->sample_aspect_ratio;
	return to;
}

static int copy_packets(struct source *s, AVFormatContext *mux, AVStream *video, AVStream *audio)
{
	AVPacket *p = av_packet_alloc();
	int bad = p ? 0 : -1;

	while (!bad && av_read_frame(s->format, p) >= 0) {
		bool is_video = p->stream_index == s->video->index;
		AVStream *to = is_video ? video : audio;

		if (!is_video && !(s->audio && p->stream_index == s->audio->index)) {
			av_packet_unref(p);
			continue;
		}
		av_packet_rescale_ts(
			p, s->format->streams[p->stream_index]->time_base, to->time_base);
		p->stream_index = to->index;
		p->pos = -1;
		bad = av_interleaved_write_frame(mux, p) < 0;
	}
	av_packet_free(&p);
	return bad ? -1 : 0;
}

static int write_file(struct source *s, AVFormatContext *mux)
{
	AVStream *video = add_stream(mux, s->video);
	AVStream *audio = s->audio ? add_stream(mux, s->audio) : NULL;
	AVDictionary *options = NULL;
	int bad;

	if (!video || (s->audio && !audio))
		return -1;
	if (s->audio)
		s->audio->discard = AVDISCARD_DEFAULT;
	if (av_seek_frame(s->format, -1, s->format->start_time, AVSEEK_FLAG_BACKWARD) < 0 &&
		av_seek_frame(s->format, s->video->index, s->first, AVSEEK_FLAG_BACKWARD) < 0)
		return -1;
	mux->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL; /* FLAC and Opus in MP4 */
	av_dict_set(&options, "movflags", "+faststart", 0);
	bad = avformat_write_header(mux, &options) < 0;
	av_dict_free(&options);
	if (bad || copy_packets(s, mux, video, audio))
		return -1;
	return av_write_trailer(mux) < 0 ? -1 : 0;
}

int remux_write(struct source *s, int out)
{
	AVFormatContext *mux = NULL;
	AVIOContext *io = avfd_new(out, 1);
	int bad = -1;

	if (io && avformat_alloc_output_context2(&mux, NULL, "mp4", NULL) >= 0) {
		avfd_attach(mux, io);
		mux->flags |= AVFMT_FLAG_BITEXACT;
		bad = write_file(s, mux);
		mux->pb = NULL;
		avformat_free_context(mux);
	}
	return avfd_free(io) || bad ? -1 : 0;
}
