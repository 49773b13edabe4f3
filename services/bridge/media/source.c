#include "source.h"

#include "proto/avfd.h"

#include <stdlib.h>
#include <string.h>

/* Only these: a playlist would read other files, and obscure formats have obscure bugs. */
static const char formats[] = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm";

/* Codec, and the decoders that may run for it: never a hardware one, never another library. */
static const struct {
	enum AVCodecID id;
	const char *name, *decoder;
} codecs[] = {
	{AV_CODEC_ID_H264, "h264", "h264"},
	{AV_CODEC_ID_AV1, "av1", "libdav1d"},
	{AV_CODEC_ID_VP9, "vp9", "vp9"},
	{AV_CODEC_ID_VP8, "vp8", "vp8"},
	{AV_CODEC_ID_HEVC, "hevc", "hevc"},
};

static const char decoders[] = "h264,libdav1d,vp9,vp8,hevc,aac,mp3,opus,vorbis,flac,ac3";

static const char *open_format(int fd, struct source *s)
{
	AVDictionary *options = NULL;
	int r;

	s->io = avfd_new(fd, 0);
	s->format = avformat_alloc_context();
	if (!s->io || !s->format)
		return "not enough memory";
	avfd_attach(s->format, s->io);
	s->format->max_streams = SOURCE_STREAMS_MAX;
	s->format->max_analyze_duration = 5 * AV_TIME_BASE;
	av_dict_set(&options, "format_whitelist", formats, 0);
	av_dict_set(&options, "codec_whitelist", decoders, 0);
	av_dict_set(&options, "protocol_whitelist", "none", 0);
	/* libav frees the context itself when this fails. */
	r = avformat_open_input(&s->format, NULL, NULL, &options);
	av_dict_free(&options);
	if (r < 0)
		return "the file is neither MP4, MOV, WebM nor Matroska, or its index is missing";
	s->mp4 = strstr(s->format->iformat->name, "mp4") != NULL;
	if (avformat_find_stream_info(s->format, NULL) < 0)
		return "the streams in the file cannot be read";
	return NULL;
}

static const char *choose_codec(struct source *s)
{
	for (unsigned i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		if (codecs[i].id != s->video->codecpar->codec_id)
			continue;
		s->name = codecs[i].name;
		s->codec = avcodec_find_decoder_by_name(codecs[i].decoder);
		return s->codec ? NULL : "there is no decoder for the video here";
	}
	return "the video is not H.264, HEVC, AV1, VP9 or VP8";
}

static const char *choose_streams(struct source *s)
{
	int video = av_find_best_stream(s->format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
	int audio = av_find_best_stream(s->format, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);
	const AVCodecParameters *par;
	const char *wrong;

	if (video < 0 || s->format->streams[video]->disposition & AV_DISPOSITION_ATTACHED_PIC)
		return "there is no video in the file";
	s->video = s->format->streams[video];
	s->audio = audio < 0 ? NULL : s->format->streams[audio];
	par = s->video->codecpar;
	wrong = choose_codec(s);
	if (wrong)
		return wrong;
	if (par->width < SOURCE_SIDE_MIN || par->height < SOURCE_SIDE_MIN)
		return "the video is smaller than 16 pixels";
	if (par->width > SOURCE_SIDE_MAX || par->height > SOURCE_SIDE_MAX)
		return "the video is larger than 8192 pixels";
	return NULL;
}

static bool add_key(struct source *s, int64_t at)
{
	int n = s->key_count;

	/* Room doubles whenever the count reaches a power of two. */
	if (n >= 16 && !(n & (n - 1))) {
		int64_t *more = realloc(s->keys, sizeof(*more) * (size_t)n * 2);

		if (!more)
			return false;
		s->keys = more;
	}
	s->keys[s->key_count++] = at;
	return true;
}

/* A packet's time on the stream's clock, for those that have one. */
static void note_packet(struct source *s, const AVPacket *p)
{
	int64_t at = p->pts != AV_NOPTS_VALUE ? p->pts : p->dts;

	s->packets++;
	if (at == AV_NOPTS_VALUE)
		return;
	if (s->first == AV_NOPTS_VALUE || at < s->first)
		s->first = at;
	if (s->end == AV_NOPTS_VALUE || at + p->duration > s->end)
		s->end = at + p->duration;
	if (p->flags & AV_PKT_FLAG_KEY && s->key_count < SOURCE_KEYS_MAX)
		add_key(s, at);
}

/*
 * Fewer frames than the index of an MP4 names: the rest of the bytes has not come. A few may miss,
 * as in what was recorded until the power failed. (Of Matroska, the index has key frames only. And
 * nb_frames counts what an edit list leaves out; the index does not.)
 */
static bool cut_short(const struct source *s)
{
	int named = avformat_index_get_entries_count(s->video);

	return s->mp4 && s->packets * 100 < (int64_t)named * 95;
}

static const char *walk(struct source *s)
{
	AVPacket *p = av_packet_alloc();

	s->keys = calloc(16, sizeof(*s->keys));
	if (!p || !s->keys) {
		av_packet_free(&p);
		return "not enough memory";
	}
	for (unsigned i = 0; i < s->format->nb_streams; i++)
		if (s->format->streams[i] != s->video)
			s->format->streams[i]->discard = AVDISCARD_ALL;
	while (av_read_frame(s->format, p) >= 0) {
		if (p->stream_index == s->video->index)
			note_packet(s, p);
		av_packet_unref(p);
	}
	av_packet_free(&p);
	if (!s->packets)
		return "there are no frames in the video";
	if (cut_short(s))
		return "the file is cut short";
	if (source_duration(s) > SOURCE_SECONDS_MAX)
		return "the video is longer than an hour";
	return NULL;
}

const char *source_open(int fd, struct source *ret)
{
	struct source s = {.first = AV_NOPTS_VALUE, .end = AV_NOPTS_VALUE};
	const char *wrong = open_format(fd, &s);

	if (!wrong)
		wrong = choose_streams(&s);
	if (!wrong)
		wrong = walk(&s);
	if (wrong) {
		source_close(&s);
		return wrong;
	}
	*ret = s;
	return NULL;
}

void source_close(struct source *s)
{
	avformat_close_input(&s->format);
	avfd_free(s->io);
	free(s->keys);
	memset(s, 0, sizeof(*s));
}

double source_duration(const struct source *s)
{
	if (s->first == AV_NOPTS_VALUE)
		return 0;
	return (double)(s->end - s->first) * av_q2d(s->video->time_base);
}
