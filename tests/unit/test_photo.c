/* Each format is written here by its own library, so nothing but libraries is needed. */
#include "check.h"
#include "workers/sandbox/photo.h"
#include "workers/sandbox/plate.h"

#include <gif_lib.h>
#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>
#include <webp/mux.h>

enum { W = 64, H = 48 };
enum { RED = 0xff0000, GREEN = 0x00c000, BLUE = 0x0000ff, WHITE = 0xffffff };

static const char *why;

/* Red, green above blue, white: tells every way of turning from every other. */
static uint32_t quarter(int x, int y)
{
	return 0xff000000u | (y < H / 2 ? (x < W / 2 ? RED : GREEN) : (x < W / 2 ? BLUE : WHITE));
}

static void fill(uint32_t *px)
{
	for (int i = 0; i < W * H; i++)
		px[i] = quarter(i % W, i / W);
}

static int close_to(uint32_t a, uint32_t b, int by)
{
	for (int i = 0; i < 24; i += 8)
		if (abs((int)(a >> i & 255) - (int)(b >> i & 255)) > by)
			return 0;
	return 1;
}

/* The colours at the four corners, in reading order. */
static void check_corners(const struct photo *p, const uint32_t want[4], const char *what)
{
	for (int i = 0; i < 4; i++) {
		int x = i % 2 ? p->w * 7 / 8 : p->w / 8, y = i / 2 ? p->h * 7 / 8 : p->h / 8;
		uint32_t got = p->px[(size_t)y * (size_t)p->w + (size_t)x];

		if (!close_to(got, want[i], 40))
			fprintf(stderr, "%s: corner %d is %06x, not %06x\n", what, i, got, want[i]);
		CHECK(close_to(got, want[i], 40));
	}
}

static const uint32_t upright[4] = {RED, GREEN, BLUE, WHITE};

static void check_good(const uint8_t *data, size_t n, const char *what)
{
	struct photo p = {0};

	why = "";
	CHECK_INT(photo_load(data, n, 1000, &why, &p), CLIP_OK);
	if (!p.px) {
		fprintf(stderr, "%s: %s\n", what, why);
		return;
	}
	CHECK_INT(p.w, W);
	CHECK_INT(p.h, H);
	check_corners(&p, upright, what);
	photo_clear(&p);
}

struct jpeg_kind {
	J_COLOR_SPACE space;
	int progressive;
	int orientation; /* 0: no EXIF */
	int motorola;    /* byte order of the EXIF */
};

static void put_exif(struct jpeg_compress_struct *c, const struct jpeg_kind *k)
{
	uint8_t m[6 + 26] = "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
	uint8_t be[6 + 26] = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01";

	if (k->motorola) {
		memcpy(m, be, sizeof m);
		m[6 + 19] = (uint8_t)k->orientation;
	} else {
		m[6 + 18] = (uint8_t)k->orientation;
	}
	jpeg_write_marker(c, JPEG_APP0 + 1, m, sizeof m);
}

static void cmyk_row(const uint32_t *px, uint8_t *out)
{
	for (int x = 0; x < W; x++) { /* inverted, as Adobe's marker says */
		out[4 * x] = px[x] >> 16 & 255;
		out[4 * x + 1] = px[x] >> 8 & 255;
		out[4 * x + 2] = px[x] & 255;
		out[4 * x + 3] = 255;
	}
}

static uint8_t *make_jpeg(const struct jpeg_kind *k, unsigned long *n)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr err;
	uint32_t px[W * H];
	uint8_t *out = NULL, row[W * 4];
	JSAMPROW rows[1];

	fill(px);
	c.err = jpeg_std_error(&err);
	jpeg_create_compress(&c);
	*n = 0;
	jpeg_mem_dest(&c, &out, n);
	c.image_width = W;
	c.image_height = H;
	c.input_components = 4;
	c.in_color_space = k->space == JCS_CMYK ? JCS_CMYK : JCS_EXT_BGRX;
	jpeg_set_defaults(&c);
	jpeg_set_colorspace(&c, k->space);
	jpeg_set_quality(&c, 95, TRUE);
	if (k->progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	if (k->orientation)
		put_exif(&c, k);
	for (int y = 0; y < H; y++) {
		if (k->space == JCS_CMYK)
			cmyk_row(px + y * W, row);
		else
			memcpy(row, px + y * W, sizeof row);
		rows[0] = row;
		jpeg_write_scanlines(&c, rows, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return out;
}

static void jpeg_kinds_decode(void)
{
	static const struct jpeg_kind kinds[] = {{JCS_YCbCr, 0, 0, 0}, {JCS_YCbCr, 1, 0, 0},
		{JCS_CMYK, 0, 0, 0}, {JCS_CMYK, 1, 0, 0}};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		unsigned long n;
		uint8_t *data = make_jpeg(&kinds[i], &n);

		check_good(data, n, "jpeg");
		free(data);
	}
}

static void gray_jpeg_decodes(void)
{
	struct jpeg_kind kind = {JCS_GRAYSCALE, 0, 0, 0};
	struct photo p = {0};
	unsigned long n;
	uint8_t *data = make_jpeg(&kind, &n);
	static const uint32_t grays[4] = {0x4c4c4c, 0x717171, 0x1d1d1d, 0xffffff};

	CHECK_INT(photo_load(data, n, 1000, &why, &p), CLIP_OK);
	check_corners(&p, grays, "gray");
	photo_clear(&p);
	free(data);
}

/* What a viewer shows of this picture for each EXIF orientation. */
static void exif_turns_all_eight_ways(void)
{
	static const uint32_t want[9][4] = {{0}, {RED, GREEN, BLUE, WHITE},
		{GREEN, RED, WHITE, BLUE}, {WHITE, BLUE, GREEN, RED}, {BLUE, WHITE, RED, GREEN},
		{RED, BLUE, GREEN, WHITE}, {BLUE, RED, WHITE, GREEN}, {WHITE, GREEN, BLUE, RED},
		{GREEN, WHITE, RED, BLUE}};

	for (int o = 1; o <= 8; o++) {
		struct jpeg_kind kind = {JCS_YCbCr, o % 2, o, o % 3 == 0};
		struct photo p = {0};
		unsigned long n;
		uint8_t *data = make_jpeg(&kind, &n);

		CHECK_INT(photo_load(data, n, 1000, &why, &p), CLIP_OK);
		CHECK_INT(p.w, o >= 5 ? H : W);
		check_corners(&p, want[o], "exif");
		photo_clear(&p);
		free(data);
	}
}

static void png_kinds_decode(void)
{
	uint32_t px[W * H];
	uint16_t deep[W * H * 4];
	uint8_t index[W * H], map[4 * 4];
	uint8_t *out = malloc(1 << 20);

	fill(px);
	for (int kind = 0; kind < 3; kind++) {
		png_image image = {.version = PNG_IMAGE_VERSION, .width = W, .height = H};
		png_alloc_size_t n = 1 << 20;
		const void *from = px;

		image.format = PNG_FORMAT_BGRA;
		if (kind == 1) { /* 16 bit, linear light */
			image.format = PNG_FORMAT_LINEAR_RGB_ALPHA;
			for (int i = 0; i < W * H * 4; i++)
				deep[i] = px[i / 4] >> (i % 4 == 3 ? 24 : 16 - i % 4 * 8) & 255
						  ? 65535
						  : 0;
			for (int i = 0; i < W * H; i++)
				if ((px[i] & 0xffffff) == GREEN)
					deep[i * 4 + 1] = 34000; /* 0xc0 in sRGB */
			from = deep;
		} else if (kind == 2) {
			static const uint32_t inks[4] = {RED, GREEN, BLUE, WHITE};

			image.format = PNG_FORMAT_BGRA_COLORMAP;
			image.colormap_entries = 4;
			for (int i = 0; i < 4; i++) {
				uint32_t ink = inks[i] | 0xff000000u;

				memcpy(map + 4 * i, &ink, 4);
			}
			for (int i = 0; i < W * H; i++)
				index[i] = (uint8_t)((i / W < H / 2 ? 0 : 2) +
						     (i % W < W / 2 ? 0 : 1));
			from = index;
		}
		CHECK(png_image_write_to_memory(&image, out, &n, 0, from, 0, map));
		check_good(out, n, kind == 0 ? "png" : kind == 1 ? "png 16 bit" : "png palette");
	}
	free(out);
}

static void png_alpha_is_kept_and_gets_a_ground(void)
{
	uint32_t px[W * H];
	png_image image = {
		.version = PNG_IMAGE_VERSION, .width = W, .height = H, .format = PNG_FORMAT_BGRA};
	png_alloc_size_t n = 1 << 16;
	uint8_t *out = malloc(n);
	struct photo p = {0};
	struct plate *plate;

	fill(px);
	for (int i = 0; i < W * H / 2; i++)
		px[i] &= 0xffffff;
	CHECK(png_image_write_to_memory(&image, out, &n, 0, px, 0, NULL));
	CHECK_INT(photo_load(out, n, 1000, &why, &p), CLIP_OK);
	CHECK(photo_has_alpha(&p));
	plate = plate_new(&p, 128, 96);
	CHECK(plate && plate_is_framed(plate));
	plate_free(plate);
	photo_clear(&p);
	free(out);
}

static void webp_kinds_decode(void)
{
	uint32_t px[W * H];

	fill(px);
	for (int lossless = 0; lossless < 2; lossless++) {
		uint8_t *out = NULL;
		size_t n = lossless ? WebPEncodeLosslessBGRA((uint8_t *)px, W, H, W * 4, &out)
				    : WebPEncodeBGRA((uint8_t *)px, W, H, W * 4, 95, &out);

		CHECK(n > 0);
		check_good(out, n, lossless ? "webp lossless" : "webp");
		WebPFree(out);
	}
}

static void an_animated_webp_gives_its_first_frame(void)
{
	WebPAnimEncoderOptions options;
	WebPAnimEncoder *enc;
	WebPData data;
	uint32_t px[W * H];

	WebPAnimEncoderOptionsInit(&options);
	enc = WebPAnimEncoderNew(W, H, &options);
	fill(px);
	for (int i = 0; i < 4; i++) {
		WebPConfig config;
		WebPPicture pic;

		WebPConfigInit(&config);
		WebPPictureInit(&pic);
		config.lossless = 1;
		pic.use_argb = 1;
		pic.width = W;
		pic.height = H;
		WebPPictureImportBGRA(&pic, (uint8_t *)px, W * 4);
		CHECK(WebPAnimEncoderAdd(enc, &pic, i * 100, &config));
		WebPPictureFree(&pic);
		for (int k = 0; k < W * H; k++)
			px[k] = 0xff101010u * (uint32_t)(i + 1) | 0xff000000u;
	}
	WebPAnimEncoderAdd(enc, NULL, 400, NULL);
	WebPDataInit(&data);
	CHECK(WebPAnimEncoderAssemble(enc, &data));
	check_good(data.bytes, data.size, "webp animated");
	WebPDataClear(&data);
	WebPAnimEncoderDelete(enc);
}

struct sink {
	uint8_t data[1 << 16];
	size_t n;
};

static int gif_put(GifFileType *gif, const GifByteType *data, int n)
{
	struct sink *s = gif->UserData;

	memcpy(s->data + s->n, data, (size_t)n);
	s->n += (size_t)n;
	return n;
}

/* A second frame of one colour follows; with clear, red is the transparent index. */
static void make_gif(struct sink *s, int clear, int interlace)
{
	static const GifColorType inks[4] = {
		{255, 0, 0}, {0, 0xc0, 0}, {0, 0, 255}, {255, 255, 255}};
	static const struct {
		int first, step;
	} passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
	ColorMapObject *map = GifMakeMapObject(4, inks);
	GraphicsControlBlock gcb = {0, false, 10, clear ? 0 : NO_TRANSPARENT_COLOR};
	GifByteType ext[4], row[W];
	GifFileType *gif = EGifOpen(s, gif_put, NULL);

	EGifSetGifVersion(gif, true);
	EGifPutScreenDesc(gif, W, H, 4, 0, map);
	for (int frame = 0; frame < 2; frame++) {
		EGifGCBToExtension(&gcb, ext);
		EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, ext);
		EGifPutImageDesc(gif, 0, 0, W, H, interlace, NULL);
		for (int pass = 0; pass < (interlace ? 4 : 1); pass++)
			for (int y = interlace ? passes[pass].first : 0; y < H;
				y += interlace ? passes[pass].step : 1) {
				for (int x = 0; x < W; x++)
					row[x] = (GifByteType)(frame ? 3
								     : (y < H / 2 ? 0 : 2) +
									       (x < W / 2 ? 0 : 1));
				EGifPutLine(gif, row, W);
			}
	}
	EGifCloseFile(gif, NULL);
	GifFreeMapObject(map);
}

static void gif_kinds_give_their_first_frame(void)
{
	static struct sink s;

	for (int interlace = 0; interlace < 2; interlace++) {
		s.n = 0;
		make_gif(&s, 0, interlace);
		check_good(s.data, s.n, interlace ? "gif interlaced" : "gif");
	}
	struct photo p = {0};

	s.n = 0;
	make_gif(&s, 1, 0);
	CHECK_INT(photo_load(s.data, s.n, 1000, &why, &p), CLIP_OK);
	CHECK_INT(p.px[0] >> 24, 0);
	CHECK_INT(p.px[W - 1] >> 24, 255);
	photo_clear(&p);
}

/* Cut anywhere, no format may crash; where the picture is not whole, most say so. */
static void cut_files_do_no_harm(void)
{
	struct jpeg_kind kind = {JCS_YCbCr, 1, 6, 0};
	static struct sink s;
	unsigned long jn;
	uint8_t *jpeg = make_jpeg(&kind, &jn);
	struct photo p = {0};

	make_gif(&s, 0, 0);
	for (size_t n = 0; n < jn; n += 7)
		if (photo_load(jpeg, n, 1000, &why, &p) == CLIP_OK)
			photo_clear(&p);
	for (size_t n = 0; n < s.n; n++)
		if (photo_load(s.data, n, 1000, &why, &p) == CLIP_OK)
			photo_clear(&p);
	CHECK_INT(photo_load(jpeg, jn / 2, 1000, &why, &p), CLIP_INVALID_IMAGE);
	CHECK_INT(photo_load(s.data, 60, 1000, &why, &p), CLIP_INVALID_IMAGE);
	free(jpeg);
}

static void what_is_no_image_is_refused(void)
{
	struct photo p = {0};

	CHECK_INT(photo_load((const uint8_t *)"", 0, 100, &why, &p), CLIP_INVALID_IMAGE);
	CHECK_INT(photo_load((const uint8_t *)"#EXTM3U\nfile:///etc/passwd", 26, 100, &why, &p),
		CLIP_INVALID_IMAGE);
	CHECK_INT(photo_load((const uint8_t *)"<svg xmlns=''/>", 15, 100, &why, &p),
		CLIP_INVALID_IMAGE);
	CHECK(strstr(why, "JPEG") != NULL);
	CHECK(p.px == NULL);
}

static void more_than_8192_pixels_are_refused(void)
{
	/* A GIF header alone decides; nothing of that size is ever allocated. */
	static const uint8_t gif[] = "GIF89a\x01\x20\x01\x20\x80\0\0\0\0\0\xff\xff\xff,";
	struct photo p = {0};

	CHECK_INT(photo_load(gif, sizeof gif, 100, &why, &p), CLIP_INVALID_IMAGE);
	CHECK(strstr(why, "8192") != NULL);
}

static void large_pictures_shrink_but_not_too_far(void)
{
	struct jpeg_kind kind = {JCS_YCbCr, 0, 0, 0};
	struct photo p = {0};
	unsigned long n;
	uint8_t *data = make_jpeg(&kind, &n);

	CHECK_INT(photo_load(data, n, 10, &why, &p), CLIP_OK);
	CHECK(p.w < W && p.h >= 10 && p.h <= 20);
	check_corners(&p, upright, "shrunk");
	photo_clear(&p);
	free(data);
}

static void shapes_decide_what_fills_the_frame(void)
{
	static const struct {
		int w, h, framed;
	} cases[] = {{720, 1280, 0}, {800, 1000, 0}, {1280, 720, 1}, {100, 1000, 1}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct photo p = {cases[i].w, cases[i].h, NULL, 1};
		struct plate *plate;

		p.px = malloc((size_t)p.w * (size_t)p.h * 4);
		memset(p.px, 0xff, (size_t)p.w * (size_t)p.h * 4);
		plate = plate_new(&p, 180, 320);
		CHECK_INT(plate_is_framed(plate), cases[i].framed);
		plate_free(plate);
		photo_clear(&p);
	}
}

TESTS("photo", T(jpeg_kinds_decode), T(gray_jpeg_decodes), T(exif_turns_all_eight_ways),
	T(png_kinds_decode), T(png_alpha_is_kept_and_gets_a_ground), T(webp_kinds_decode),
	T(an_animated_webp_gives_its_first_frame), T(gif_kinds_give_their_first_frame),
	T(cut_files_do_no_harm), T(what_is_no_image_is_refused),
	T(more_than_8192_pixels_are_refused), T(large_pictures_shrink_but_not_too_far),
	T(shapes_decide_what_fills_the_frame))
