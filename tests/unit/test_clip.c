/* The renderer from job to file: in this process without the jail, and as the program with it. */
#include "check.h"
#include "proto/avfd.h"
#include "workers/sandbox/clip.h"

#include <fcntl.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <sys/wait.h>
#include <webp/encode.h>

static int last_percent, calls;

static void on_progress(void *arg, int percent, const char *stage)
{
	(void)arg;
	CHECK(percent >= last_percent && percent <= 100);
	CHECK(strcmp(stage, "loading") == 0 || strcmp(stage, "rendering") == 0 ||
		strcmp(stage, "finishing") == 0);
	last_percent = percent;
	calls++;
}

static char *slurp(int fd, size_t *n)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *data = malloc((size_t)size + 1);

	*n = (size_t)pread(fd, data, (size_t)size, 0);
	return data;
}

/* Where the box `name` stands among the outermost ones; -1: it does not. */
static long box_at(const char *data, size_t n, const char *name)
{
	for (size_t at = 0; at + 8 <= n;) {
		const unsigned char *p = (const unsigned char *)data + at;
		size_t size = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];

		if (!memcmp(p + 4, name, 4))
			return (long)at;
		if (size < 8)
			return -1;
		at += size;
	}
	return -1;
}

struct seen {
	int frames, width, height, profile, colour;
	double seconds;
	int first_luma, last_luma; /* mean of the first and the last frame */
};

static int mean_luma(const AVFrame *f)
{
	long sum = 0;

	for (int y = 0; y < f->height; y++)
		for (int x = 0; x < f->width; x++)
			sum += f->data[0][y * f->linesize[0] + x];
	return (int)(sum / (f->width * f->height));
}

static void see_frames(AVCodecContext *codec, AVFrame *f, struct seen *s)
{
	while (avcodec_receive_frame(codec, f) >= 0) {
		s->last_luma = mean_luma(f);
		if (!s->frames++)
			s->first_luma = s->last_luma;
		s->profile = codec->profile;
		s->colour = f->colorspace;
	}
}

static struct seen play(int fd)
{
	AVFormatContext *format = avformat_alloc_context();
	AVIOContext *io = avfd_new(fd, 0);
	AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
	AVPacket *p = av_packet_alloc();
	AVFrame *f = av_frame_alloc();
	struct seen s = {0};

	avfd_attach(format, io);
	CHECK(avformat_open_input(&format, NULL, NULL, NULL) >= 0);
	CHECK_INT(format->nb_streams, 1);
	avcodec_parameters_to_context(codec, format->streams[0]->codecpar);
	CHECK(avcodec_open2(codec, NULL, NULL) >= 0);
	s.width = codec->width;
	s.height = codec->height;
	s.seconds = (double)format->streams[0]->duration * av_q2d(format->streams[0]->time_base);
	while (av_read_frame(format, p) >= 0) {
		CHECK(avcodec_send_packet(codec, p) >= 0);
		av_packet_unref(p);
		see_frames(codec, f, &s);
	}
	avcodec_send_packet(codec, NULL);
	see_frames(codec, f, &s);
	av_frame_free(&f);
	av_packet_free(&p);
	avcodec_free_context(&codec);
	avformat_close_input(&format);
	avfd_free(io);
	return s;
}

static int make(const char *json, int fd)
{
	static const struct clip_hooks hooks = {NULL, on_progress, NULL};
	struct spec spec = {0};
	const char *why = "";
	enum clip_err e = spec_parse(json, strlen(json), &why, &spec);

	last_percent = calls = 0;
	if (!e)
		e = clip_make(&spec, fd, &hooks, &why);
	if (e)
		fprintf(stderr, "%s: %s\n", clip_err_name(e), why);
	spec_clear(&spec);
	return e;
}

static int scratch(const char *dir)
{
	char path[600];
	int fd;

	snprintf(path, sizeof path, "%s/out.mp4", dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	return fd;
}

static void text_becomes_an_exact_clip(void)
{
	char *dir = tmp_make(), *data;
	int fd = scratch(dir);
	struct seen s;
	size_t n;

	CHECK_INT(make("{\"prompt\":\"el mar\",\"seconds\":2,\"width\":98,\"height\":130}", fd), 0);
	CHECK_INT(last_percent, 98);
	data = slurp(fd, &n);
	CHECK(box_at(data, n, "moov") > 0 && box_at(data, n, "moov") < box_at(data, n, "mdat"));
	free(data);
	s = play(fd);
	CHECK_INT(s.frames, 48);
	CHECK(s.seconds > 1.999 && s.seconds < 2.001);
	CHECK_INT(s.width, 98);
	CHECK_INT(s.height, 130);
	CHECK_INT(s.profile, FF_PROFILE_H264_HIGH);
	CHECK_INT(s.colour, AVCOL_SPC_BT709);
	CHECK(s.first_luma > 30);
	close(fd);
	tmp_remove(dir);
}

static void the_same_job_gives_the_same_frames(void)
{
	static const char json[] =
		"{\"prompt\":\"forest\",\"seconds\":1,\"width\":96,\"height\":64,\"seed\":4}";
	char *dir = tmp_make();
	struct seen a, b;
	int fd = scratch(dir);

	make(json, fd);
	a = play(fd);
	close(fd);
	fd = scratch(dir);
	make(json, fd);
	b = play(fd);
	CHECK_INT(a.first_luma, b.first_luma);
	CHECK_INT(a.last_luma, b.last_luma);
	close(fd);
	tmp_remove(dir);
}

/* Left half of one grey, right half of another. */
static void write_halves(const char *path, int left, int right)
{
	enum { W = 200, H = 100 };
	uint8_t *px = calloc(W * H, 4), *out = NULL;
	size_t n;
	FILE *f = fopen(path, "wb");

	for (int i = 0; i < W * H; i++)
		memset(px + 4 * i, i % W < W / 2 ? left : right, 3), px[4 * i + 3] = 255;
	n = WebPEncodeLosslessBGRA(px, W, H, W * 4, &out);
	CHECK_INT(fwrite(out, 1, n, f), n);
	fclose(f);
	WebPFree(out);
	free(px);
}

static void the_image_is_in_the_clip_and_the_camera_moves(void)
{
	char *dir = tmp_make(), json[900], image[560];
	int fd = scratch(dir);
	struct seen s;

	snprintf(image, sizeof image, "%s/halves.webp", dir);
	write_halves(image, 0, 255); /* panning right must grow brighter */
	/* 2:1 in a 4:3 frame: near enough to fill it, with room to pan. */
	snprintf(json, sizeof json,
		"{\"prompt\":\"pan "
		"right\",\"seconds\":1,\"width\":128,\"height\":96,\"image\":\"%s\"}",
		image);
	CHECK_INT(make(json, fd), 0);
	s = play(fd);
	CHECK_INT(s.frames, 24);
	if (s.last_luma < s.first_luma + 40)
		fprintf(stderr, "brightness from %d to %d\n", s.first_luma, s.last_luma);
	CHECK(s.last_luma >= s.first_luma + 40);
	close(fd);
	tmp_remove(dir);
}

static void one_image_becomes_the_other(void)
{
	char *dir = tmp_make(), json[1500], dark[560], bright[560];
	int fd = scratch(dir);
	struct seen s;

	snprintf(dark, sizeof dark, "%s/dark.webp", dir);
	snprintf(bright, sizeof bright, "%s/bright.webp", dir);
	write_halves(dark, 0, 0);
	write_halves(bright, 255, 255);
	snprintf(json, sizeof json,
		"{\"prompt\":\"pan right\",\"seconds\":2,\"width\":128,\"height\":64,\"fps\":10,"
		"\"image\":\"%s\",\"last_image\":\"%s\"}",
		dark, bright);
	CHECK_INT(make(json, fd), 0);
	s = play(fd);
	CHECK_INT(s.frames, 20);
	CHECK(s.seconds > 1.999 && s.seconds < 2.001);
	CHECK(s.first_luma < 20 && s.last_luma > 230); /* 16 is black, 235 white */
	close(fd);
	fd = scratch(dir);
	/* alone, it is what the clip comes to rest on */
	snprintf(json, sizeof json,
		"{\"prompt\":\"\",\"seconds\":1,\"width\":128,\"height\":64,\"fps\":1,"
		"\"last_image\":\"%s\"}",
		bright);
	CHECK_INT(make(json, fd), 0);
	s = play(fd);
	CHECK_INT(s.frames, 1);
	CHECK(s.last_luma > 230);
	close(fd);
	tmp_remove(dir);
}

/* What the program says, and how it ends, for a job given as JSON. */
static int run(const char *dir, const char *json, char *said, size_t size)
{
	char cmd[1400], path[600];
	FILE *f;
	size_t n;
	int status;

	snprintf(path, sizeof path, "%s/job.json", dir);
	f = fopen(path, "w");
	fputs(json, f);
	fclose(f);
	snprintf(cmd, sizeof cmd, "'%s' '%s/out.mp4' < '%s'", CLIP_PROGRAM, dir, path);
	f = popen(cmd, "r");
	n = fread(said, 1, size - 1, f);
	said[n] = 0;
	status = pclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void the_program_works_inside_its_jail(void)
{
	char *dir = tmp_make(), said[4096], path[600];
	struct seen s;
	int fd;

	CHECK_INT(run(dir, "{\"prompt\":\"nieve ❄️\",\"seconds\":1,\"width\":96,\"height\":64}",
			  said, sizeof said),
		0);
	CHECK(strstr(said, "progress 0 loading\n") == said);
	CHECK(strstr(said, "finishing\n") != NULL);
	snprintf(path, sizeof path, "%s/out.mp4", dir);
	fd = open(path, O_RDONLY);
	s = play(fd);
	CHECK_INT(s.frames, 24);
	close(fd);
	tmp_remove(dir);
}

static void the_program_names_what_is_wrong(void)
{
	char *dir = tmp_make(), said[4096], json[900];

	CHECK_INT(run(dir, "{\"prompt\":1}", said, sizeof said), 1);
	CHECK(strstr(said, "error invalid_request ") != NULL);
	snprintf(json, sizeof json,
		"{\"prompt\":\"\",\"seconds\":1,\"width\":64,\"height\":64,\"image\":\"%s/"
		"job.json\"}",
		dir);
	CHECK_INT(run(dir, json, said, sizeof said), 1);
	CHECK(strstr(said, "error invalid_image ") != NULL);
	CHECK_INT(run(dir,
			  "{\"prompt\":\"\",\"seconds\":1,\"width\":64,\"height\":64,\"image\":\"/"
			  "none\"}",
			  said, sizeof said),
		1);
	CHECK(strstr(said, "error internal ") != NULL);
	tmp_remove(dir);
}

/* fontconfig keeps what it has read for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}

TESTS("clip", T(text_becomes_an_exact_clip), T(the_same_job_gives_the_same_frames),
	T(the_image_is_in_the_clip_and_the_camera_moves), T(one_image_becomes_the_other),
	T(the_program_works_inside_its_jail), T(the_program_names_what_is_wrong))
