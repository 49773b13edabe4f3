#include "frames.h"

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

/* About eight seconds of decoding: beyond it only key frames are looked at. */
static const double PIXELS_MAX = 1.2e9;

struct sampler {
	struct source *source;
	AVCodecContext *codec;
	AVPacket *packet;
	frame *picture;
	bool fed_all; /* the file has ended, the decoder empties itself */
};

static AVCodecContext *open_codec(const struct source *s, bool keys_only)
{
	AVCodecContext *c = avcodec_alloc_context3(s->codec);

	if (!c)
		return NULL;
	c->thread_count = 1;
	c->pkt_timebase = s->video->time_base;
	if (keys_only)
		c->skip_frame = AVDISCARD_NONKEY;
	if (avcodec_parameters_to_context(c, s->video->codecpar) < 0 ||
		avcodec_open2(c, s->codec, NULL) < 0)
		avcodec_free_context(&c);
	return c;
}

/* Gives the decoder one more packet of the video. Damaged packets are passed over. */
static void feed(struct sampler *m)
{
	while (!m->fed_all) {
		int r = av_read_frame(m->source->format, m->packet);

		if (r < 0) {
			m->fed_all = true;
			avcodec_send_packet(m->codec, NULL);
			return;
		}
		if (m->packet->stream_index == m->source->video->index) {
			avcodec_send_packet(m->codec, m->packet);
			av_packet_unref(m->packet);
			return;
		}
		av_packet_unref(m->packet);
	}
}

/* The next decoded frame; false at the end. A picture of another size than announced is skipped. */
static bool next_frame(struct sampler *m)
{
	int r;

	while ((r = avcodec_receive_frame(m->codec, m->picture)) != AVERROR_EOF) {
		if (r == AVERROR(EAGAIN))
			feed(m);
		else if (r < 0)
			return false;
		else if (m->picture->width <= SOURCE_SIDE_MAX &&
			 m->picture->height <= SOURCE_SIDE_MAX)
			return true;
	}
	return false;
}

/* The last point before `at` where decoding can begin. */
static int64_t key_before(const struct source *s, int64_t at)
{
	int64_t best = s->first;

	for (int i = 0; i < s->key_count; i++)
		if (s->keys[i] <= at && s->keys[i] > best)
			best = s->keys[i];
	return best;
}

static bool jump(struct sampler *m, int64_t at)
{
	if (av_seek_frame(m->source->format, m->source->video->index, at, AVSEEK_FLAG_BACKWARD) < 0)
		return false;
	avcodec_flush_buffers(m->codec);
	m->fed_all = false;
	return true;
}

static int64_t time_of(const frame *f)
{
	return f->best_effort_timestamp;
}

/* All samples, from the first to the last; jumps only where a key frame saves decoding. */
static int run(struct sampler *m, int want, bool keys_only, const struct frames_user *user)
{
	const struct source *s = m->source;
	int64_t last = AV_NOPTS_VALUE;
	int i = 0;

	jump(m, s->first == AV_NOPTS_VALUE ? 0 : s->first);
	while (i < want && next_frame(m)) {
		int64_t span = s->first == AV_NOPTS_VALUE ? 0 : s->end - s->first;
		int64_t at = s->first + span / want * i + span % want * i / want;
		int64_t now = time_of(m->picture);

		if (i && now != AV_NOPTS_VALUE && now < at && !keys_only) {
			user->between(user->arg, m->picture);
			continue;
		}
		if (i && keys_only && now == last)
			break; /* fewer key frames than samples: the rest would repeat */
		user->take(user->arg, i++, m->picture);
		last = now;
		if (i == want || now == AV_NOPTS_VALUE)
			continue;
		at = s->first + span / want * i + span % want * i / want;
		if (key_before(s, at) > now && !jump(m, at))
			break;
	}
	return i;
}

int frames_sample(struct source *source, int want, const struct frames_user *user)
{
	struct sampler m = {.source = source};
	const AVCodecParameters *par = source->video->codecpar;
	bool keys_only = (double)par->width * par->height * (double)source->packets > PIXELS_MAX;
	int n = 0;

	m.codec = open_codec(source, keys_only);
	m.packet = av_packet_alloc();
	m.picture = av_frame_alloc();
	if (m.codec && m.packet && m.picture)
		n = run(&m, source->packets < want ? (int)source->packets : want, keys_only, user);
	av_frame_free(&m.picture);
	av_packet_free(&m.packet);
	avcodec_free_context(&m.codec);
	return n;
}

int frame_scale(const frame *f, int w, int h, uint8_t *bgra, int stride)
{
	struct SwsContext *sws = sws_getContext(f->width, f->height, f->format, w, h,
		AV_PIX_FMT_BGRA, SWS_AREA | SWS_ACCURATE_RND, NULL, NULL, NULL);
	uint8_t *planes[4] = {bgra};
	int strides[4] = {stride};
	/* What says nothing is BT.709 when it is HD, else BT.601: so browsers guess. */
	bool hd = f->colorspace == AVCOL_SPC_BT709 ||
		  (f->colorspace == AVCOL_SPC_UNSPECIFIED && f->height >= 720);
	const int *table = sws_getCoefficients(hd ? SWS_CS_ITU709 : SWS_CS_ITU601);
	int rows;

	if (!sws)
		return -1;
	sws_setColorspaceDetails(sws, table, f->color_range == AVCOL_RANGE_JPEG,
		sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
	rows = sws_scale(
		sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, planes, strides);
	sws_freeContext(sws);
	return rows == h ? 0 : -1;
}

int frame_luma(const frame *f)
{
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
	int64_t sum = 0;
	int n = 0, wide;

	if (!d || d->flags & AV_PIX_FMT_FLAG_RGB || !(d->flags & AV_PIX_FMT_FLAG_PLANAR))
		return -1;
	wide = d->comp[0].step; /* bytes of a sample; the high byte is enough of it */
	for (int y = 0; y < f->height; y += 8) {
		const uint8_t *row = f->data[0] + (ptrdiff_t)y * f->linesize[0];

		for (int x = 0; x < f->width; x += 8, n++)
			sum += wide == 1 ? row[x]
					 : (row[2 * x] | row[2 * x + 1] << 8) >>
						   (d->comp[0].depth - 8);
	}
	return n ? (int)(sum / n) : -1;
}
