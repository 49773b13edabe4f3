/* The prober as the program that the bridge runs, on videos that are made here with libav. */
#include "check.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <sys/wait.h>
#include <webp/decode.h>

enum { W = 160, H = 96, FPS = 24 };

static char *dir; /* of the running test */

static const char *in_dir(const char *name)
{
	static char path[600];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

struct recipe {
	const char *container, *encoder;
	int frames, black; /* so many frames at the start are black */
	int index_first;   /* MP4 only */
};

static void paint(AVFrame *f, int i, int black)
{
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			f->data[0][y * f->linesize[0] + x] =
				i < black ? 16 : 110 + (x + i * 4) % 110;
	for (int p = 1; p < 3; p++)
		for (int y = 0; y < H / 2; y++)
			memset(f->data[p] + y * f->linesize[p], i < black ? 128 : 90 + 30 * p,
				W / 2);
}

static void put(AVCodecContext *codec, AVFormatContext *mux, AVFrame *f)
{
	AVPacket *p = av_packet_alloc();

	CHECK(avcodec_send_frame(codec, f) >= 0);
	while (avcodec_receive_packet(codec, p) >= 0) {
		if (!p->duration)
			p->duration = 1;
		av_packet_rescale_ts(p, codec->time_base, mux->streams[0]->time_base);
		CHECK(av_interleaved_write_frame(mux, p) >= 0);
	}
	av_packet_free(&p);
}

static AVCodecContext *open_encoder(const char *name)
{
	AVCodecContext *c = avcodec_alloc_context3(avcodec_find_encoder_by_name(name));

	c->width = W;
	c->height = H;
	c->pix_fmt = AV_PIX_FMT_YUV420P;
	c->time_base = (AVRational){1, FPS};
	c->framerate = (AVRational){FPS, 1};
	c->gop_size = 12;
	c->max_b_frames = 0;
	c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	av_opt_set(c->priv_data, "preset", "ultrafast", 0);
	av_opt_set(c->priv_data, "deadline", "realtime", 0);
	CHECK(avcodec_open2(c, NULL, NULL) >= 0);
	return c;
}

static void make_video(const char *path, const struct recipe *r)
{
	AVFormatContext *mux = NULL;
	AVCodecContext *c = open_encoder(r->encoder);
	AVDictionary *options = NULL;
	AVFrame *f = av_frame_alloc();

	av_log_set_level(AV_LOG_ERROR);
	avformat_alloc_output_context2(&mux, NULL, r->container, path);
	avformat_new_stream(mux, NULL);
	avcodec_parameters_from_context(mux->streams[0]->codecpar, c);
	mux->streams[0]->time_base = c->time_base;
	mux->streams[0]->avg_frame_rate = c->framerate;
	CHECK(avio_open(&mux->pb, path, AVIO_FLAG_WRITE) >= 0);
	if (r->index_first)
		av_dict_set(&options, "movflags", "+faststart", 0);
	CHECK(avformat_write_header(mux, &options) >= 0);
	av_dict_free(&options);
	f->format = c->pix_fmt;
	f->width = W;
	f->height = H;
	av_frame_get_buffer(f, 0);
	for (int i = 0; i < r->frames; i++) {
		av_frame_make_writable(f);
		paint(f, i, r->black);
		f->pts = i;
		put(c, mux, f);
	}
	put(c, mux, NULL);
	av_write_trailer(mux);
	avio_closep(&mux->pb);
	avformat_free_context(mux);
	av_frame_free(&f);
	avcodec_free_context(&c);
}

static void make_audio(const char *path)
{
	AVFormatContext *mux = NULL;
	AVCodecContext *c = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_AAC));
	AVFrame *f = av_frame_alloc();

	c->sample_rate = 44100;
	c->sample_fmt = AV_SAMPLE_FMT_FLTP;
	av_channel_layout_default(&c->ch_layout, 1);
	c->time_base = (AVRational){1, 44100};
	c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	CHECK(avcodec_open2(c, NULL, NULL) >= 0);
	avformat_alloc_output_context2(&mux, NULL, "mp4", path);
	avformat_new_stream(mux, NULL);
	avcodec_parameters_from_context(mux->streams[0]->codecpar, c);
	CHECK(avio_open(&mux->pb, path, AVIO_FLAG_WRITE) >= 0);
	CHECK(avformat_write_header(mux, NULL) >= 0);
	f->format = c->sample_fmt;
	f->nb_samples = c->frame_size;
	av_channel_layout_copy(&f->ch_layout, &c->ch_layout);
	av_frame_get_buffer(f, 0);
	memset(f->data[0], 0, (size_t)f->linesize[0]);
	for (int i = 0; i < 20; i++) {
		f->pts = i * (int64_t)f->nb_samples;
		put(c, mux, f);
	}
	put(c, mux, NULL);
	av_write_trailer(mux);
	avio_closep(&mux->pb);
	avformat_free_context(mux);
	av_frame_free(&f);
	avcodec_free_context(&c);
}

static void write_bytes(const char *path, const void *data, size_t n)
{
	FILE *f = fopen(path, "wb");

	CHECK_INT(fwrite(data, 1, n, f), n);
	fclose(f);
}

static size_t read_bytes(const char *path, uint8_t **ret)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	*ret = malloc(1 << 22);
	if (!f)
		return 0;
	n = fread(*ret, 1, 1 << 22, f);
	fclose(f);
	return n;
}

static char said[1024];

/* Runs the program on a file of the folder; its outputs go to the same folder. */
static int probe(const char *name)
{
	char cmd[2000];
	FILE *f;
	size_t n;

	snprintf(cmd, sizeof cmd, "'%s' '%s/%s' '%s'", MEDIA_PROGRAM, dir, name, dir);
	f = popen(cmd, "r");
	n = fread(said, 1, sizeof said - 1, f);
	said[n] = 0;
	return pclose(f);
}

static void check_said(const char *part)
{
	if (!strstr(said, part))
		fprintf(stderr, "no %s in %s", part, said);
	CHECK(strstr(said, part) != NULL);
}

static int exists(const char *name)
{
	return access(in_dir(name), F_OK) == 0;
}

static void check_refused(const char *name, const char *because)
{
	CHECK_INT(probe(name), 0);
	check_said("{\"ok\":false,\"error\":\"");
	check_said(because);
	CHECK(!exists("poster.webp"));
	CHECK(!exists("sprite.webp"));
	CHECK(!exists("video.mp4"));
}

static void a_good_video_gets_poster_and_sprite(void)
{
	struct recipe r = {"mp4", "libx264", 48, 0, 1};
	uint8_t *data;
	int w = 0, h = 0;

	dir = tmp_make();
	make_video(in_dir("in.mp4"), &r);
	CHECK_INT(probe("in.mp4"), 0);
	check_said("{\"ok\":true,\"width\":160,\"height\":96,\"duration_ms\":2000,\"fps\":24.000,"
		   "\"codec\":\"h264\",\"pix_fmt\":\"yuv420p\",\"frames\":48,\"audio\":false,"
		   "\"remuxed\":false,\"sprite_columns\":5,\"sprite_rows\":5}\n");
	CHECK(!exists("video.mp4"));
	size_t n = read_bytes(in_dir("poster.webp"), &data);

	CHECK(WebPGetInfo(data, n, &w, &h));
	CHECK_INT(w, 160);
	CHECK_INT(h, 96);
	free(data);
	n = read_bytes(in_dir("sprite.webp"), &data);
	CHECK(WebPGetInfo(data, n, &w, &h));
	CHECK_INT(w, 800);
	CHECK_INT(h, 480);
	free(data);
	tmp_remove(dir);
}

static void tiles_are_spread_over_the_whole_video(void)
{
	struct recipe r = {"mp4", "libx264", 300, 150, 1};
	uint8_t *data, *px;
	int w, h;

	dir = tmp_make();
	make_video(in_dir("in.mp4"), &r);
	CHECK_INT(probe("in.mp4"), 0);
	size_t n = read_bytes(in_dir("sprite.webp"), &data);

	px = WebPDecodeBGRA(data, n, &w, &h);
	for (int i = 0; i < 25; i++) { /* the first half of the video is black */
		const uint8_t *p = px + 4 * ((i / 5 * 96 + 48) * w + i % 5 * 160 + 80);

		if ((p[1] > 40) != (i >= 13))
			fprintf(stderr, "tile %d is %d bright\n", i, p[1]);
		CHECK((p[1] > 40) == (i >= 13));
	}
	WebPFree(px);
	free(data);
	tmp_remove(dir);
}

static void the_poster_is_not_black(void)
{
	struct recipe r = {"mp4", "libx264", 48, 10, 1};
	uint8_t *data, *px;
	int w, h;

	dir = tmp_make();
	make_video(in_dir("in.mp4"), &r);
	CHECK_INT(probe("in.mp4"), 0);
	size_t n = read_bytes(in_dir("poster.webp"), &data);

	px = WebPDecodeBGRA(data, n, &w, &h);
	CHECK(px && px[4 * (w * h / 2 + w / 2) + 1] > 40);
	WebPFree(px);
	free(data);
	tmp_remove(dir);
}

static void an_index_at_the_end_is_moved_to_the_front(void)
{
	struct recipe r = {"mp4", "libx264", 24, 0, 0};
	uint8_t *data;

	dir = tmp_make();
	make_video(in_dir("in.mp4"), &r);
	CHECK_INT(probe("in.mp4"), 0);
	check_said("\"remuxed\":true");
	size_t n = read_bytes(in_dir("video.mp4"), &data);
	uint8_t *moov = memmem(data, n, "moov", 4), *mdat = memmem(data, n, "mdat", 4);

	CHECK(moov && mdat && moov < mdat);
	free(data);
	tmp_remove(dir);
}

static void webm_becomes_mp4_where_it_can(void)
{
	struct recipe vp9 = {"webm", "libvpx-vp9", 24, 0, 0}, vp8 = {"webm", "libvpx", 24, 0, 0};

	dir = tmp_make();
	make_video(in_dir("vp9.webm"), &vp9);
	make_video(in_dir("vp8.webm"), &vp8);
	CHECK_INT(probe("vp9.webm"), 0);
	check_said("\"codec\":\"vp9\"");
	check_said("\"remuxed\":true");
	CHECK(exists("video.mp4"));
	CHECK_INT(probe("vp8.webm"), 0);
	check_said("\"codec\":\"vp8\"");
	check_said("\"remuxed\":false");
	CHECK(!exists("video.mp4"));
	tmp_remove(dir);
}

static void a_single_frame_is_a_video(void)
{
	struct recipe r = {"mp4", "libx264", 1, 0, 1};

	dir = tmp_make();
	make_video(in_dir("in.mp4"), &r);
	CHECK_INT(probe("in.mp4"), 0);
	check_said("\"frames\":1,");
	check_said("\"sprite_columns\":1,\"sprite_rows\":1");
	tmp_remove(dir);
}

static void other_codecs_and_no_video_are_refused(void)
{
	struct recipe r = {"mp4", "mpeg4", 24, 0, 1};

	dir = tmp_make();
	make_video(in_dir("old.mp4"), &r);
	make_audio(in_dir("audio.mp4"));
	check_refused("old.mp4", "H.264");
	check_refused("audio.mp4", "no video");
	tmp_remove(dir);
}

static void what_is_no_video_is_refused(void)
{
	static const char m3u[] =
		"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n";
	static const char concat[] = "ffconcat version 1.0\nfile '/etc/passwd'\n";
	static const char svg[] = "<svg xmlns='http://www.w3.org/2000/svg'/>";
	uint8_t noise[20000];
	uint32_t v = 1;

	dir = tmp_make();
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)((v = v * 1664525 + 1013904223) >> 24);
	write_bytes(in_dir("noise.mp4"), noise, sizeof noise);
	write_bytes(in_dir("empty.mp4"), "", 0);
	write_bytes(in_dir("list.mp4"), m3u, sizeof m3u - 1);
	write_bytes(in_dir("concat.mp4"), concat, sizeof concat - 1);
	write_bytes(in_dir("svg.mp4"), svg, sizeof svg - 1);
	check_refused("noise.mp4", "neither");
	check_refused("empty.mp4", "neither");
	check_refused("list.mp4", "neither");
	check_refused("concat.mp4", "neither");
	check_refused("svg.mp4", "neither");
	tmp_remove(dir);
}

/* Cut at any place, the answer is a line that says yes or no, and never a crash. */
static void cut_and_damaged_files_get_an_answer(void)
{
	struct recipe kinds[] = {{"mp4", "libx264", 24, 0, 1}, {"mp4", "libx264", 24, 0, 0},
		{"webm", "libvpx-vp9", 24, 0, 0}};

	dir = tmp_make();
	for (int k = 0; k < 3; k++) {
		uint8_t *data;
		size_t n;

		make_video(in_dir("whole"), &kinds[k]);
		n = read_bytes(in_dir("whole"), &data);
		for (size_t part = 1; part <= 5; part++) {
			write_bytes(in_dir("cut"), data, n * part / 6);
			CHECK_INT(probe("cut"), 0);
			check_said("{\"ok\":");
		}
		for (size_t i = n / 2; i < n; i += 37) /* and with every 37th byte turned over */
			data[i] ^= 0x55;
		write_bytes(in_dir("cut"), data, n);
		CHECK_INT(probe("cut"), 0);
		check_said("{\"ok\":");
		free(data);
	}
	tmp_remove(dir);
}

/* Its index came first and is whole, so it opens and plays: for a while. */
static void a_file_that_is_cut_short_is_refused(void)
{
	struct recipe r = {"mp4", "libx264", 240, 0, 1};
	uint8_t *data;
	size_t n;

	dir = tmp_make();
	make_video(in_dir("whole.mp4"), &r);
	n = read_bytes(in_dir("whole.mp4"), &data);
	write_bytes(in_dir("half.mp4"), data, n / 2);
	write_bytes(in_dir("most.mp4"), data, n - n / 8);
	write_bytes(in_dir("nearly.mp4"), data, n - 100); /* the end of the last frame */
	check_refused("half.mp4", "cut short");
	check_refused("most.mp4", "cut short");
	CHECK_INT(probe("nearly.mp4"), 0);
	check_said("{\"ok\":true");
	CHECK_INT(probe("whole.mp4"), 0);
	check_said("{\"ok\":true");
	free(data);
	tmp_remove(dir);
}

/* Trimmed without writing it anew: the index names more than the edit list lets be shown. */
static void a_trimmed_file_is_not_cut_short(void)
{
	struct recipe r = {"mp4", "libx264", 240, 0, 1};
	uint8_t *data, *edit;
	size_t n;

	dir = tmp_make();
	make_video(in_dir("whole.mp4"), &r);
	n = read_bytes(in_dir("whole.mp4"), &data);
	edit = memmem(data, n, "elst", 4);
	CHECK(edit != NULL);
	if (edit) /* after version and count: how long, of ten seconds, in milliseconds */
		memcpy(edit + 12, "\0\0\x07\xd0", 4);
	write_bytes(in_dir("in.mp4"), data, n);
	CHECK_INT(probe("in.mp4"), 0);
	check_said("{\"ok\":true");
	check_said("\"duration_ms\":20");
	free(data);
	tmp_remove(dir);
}

static void a_wrong_call_says_so(void)
{
	dir = tmp_make();
	CHECK_INT(WEXITSTATUS(probe("is-not-there.mp4")), 1);
	CHECK_STR(said, "");
	tmp_remove(dir);
}

TESTS("media", T(a_good_video_gets_poster_and_sprite), T(tiles_are_spread_over_the_whole_video),
	T(the_poster_is_not_black), T(an_index_at_the_end_is_moved_to_the_front),
	T(webm_becomes_mp4_where_it_can), T(a_single_frame_is_a_video),
	T(other_codecs_and_no_video_are_refused), T(what_is_no_video_is_refused),
	T(cut_and_damaged_files_get_an_answer), T(a_file_that_is_cut_short_is_refused),
	T(a_trimmed_file_is_not_cut_short), T(a_wrong_call_says_so))
