#include "proto/image.h"

#include <sys/mman.h>

#include "proto/buf.h"
#include "tests/unit/check.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* The beginnings of files that ffmpeg made of a picture of 300 by 170. */
#define PNG_HEAD  "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x2c\0\0\0\xaa\x08\x06\0\0\0"
#define GIF_HEAD  "GIF89a\x2c\x01\xaa\0\xf7\x1f\x31\0\0\0"
#define VP8_HEAD  "RIFF\x92\x0b\0\0WEBPVP8 \x86\x0b\0\0pC\0\x9d\x01\x2a\x2c\x01\xaa\0\x3e\x91"
#define VP8L_HEAD "RIFF\x20\x04\0\0WEBPVP8L\x14\x04\0\0/+A*\0\x0c\xc5m\xdb"
#define VP8X_HEAD "RIFF\x98\x0e\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x2b\x01\0\xa9\0\0ANIM"

#define JFIF "\xff\xe0\x00\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0"
#define SOF0 "\xff\xc0\x00\x11\x08\x00\xaa\x01\x2c\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"
#define SOF2 "\xff\xc2\x00\x11\x08\x00\xaa\x01\x2c\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"

static void is_300_by_170(const uint8_t *p, size_t n, const char *mime)
{
	struct image_info info = {0};
	int fd = memfd_create("image", MFD_CLOEXEC);

	CHECK_INT(image_sniff(p, n, &info), ERR_OK);
	CHECK_STR(info.mime, mime);
	CHECK_INT(info.width, 300);
	CHECK_INT(info.height, 170);

	info = (struct image_info){0};
	CHECK_INT(write(fd, p, n), n);
	CHECK_INT(image_sniff_fd(fd, &info), ERR_OK);
	CHECK_STR(info.mime, mime);
	CHECK_INT(info.width, 300);
	CHECK_INT(info.height, 170);
	CHECK_INT(lseek(fd, 0, SEEK_CUR), n);
	close(fd);
}

static void is_no_image(const uint8_t *p, size_t n)
{
	struct image_info info = {.width = 7};

	CHECK_INT(image_sniff(p, n, &info), ERR_BAD_IMAGE);
	CHECK_INT(info.width, 7);
}

static void the_four_formats_tell_their_size(void)
{
	is_300_by_170(BYTES(PNG_HEAD), "image/png");
	is_300_by_170(BYTES(GIF_HEAD), "image/gif");
	is_300_by_170(BYTES(VP8_HEAD), "image/webp");
	is_300_by_170(BYTES(VP8L_HEAD), "image/webp");
	is_300_by_170(BYTES(VP8X_HEAD), "image/webp");
	is_300_by_170(BYTES("\xff\xd8" JFIF SOF0), "image/jpeg");
}

static void progressive_jpeg_tells_its_size(void)
{
	is_300_by_170(BYTES("\xff\xd8" JFIF SOF2), "image/jpeg");
}

static void stray_and_fill_bytes_in_a_jpeg_are_passed_over(void)
{
	is_300_by_170(BYTES("\xff\xd8" JFIF "\xff\xff\xff" SOF0), "image/jpeg");
	is_300_by_170(BYTES("\xff\xd8" JFIF "\0\0\x12\xff\0\x13" SOF0), "image/jpeg");
}

static void size_behind_megabytes_of_preview_is_found(void)
{
	static char segment[65535];
	struct buf b = {0};

	memset(segment, 0xff, sizeof segment); /* looks like markers all over */
	buf_add(&b, "\xff\xd8" JFIF, 2 + sizeof JFIF - 1);
	for (int i = 0; i < 150; i++) {
		buf_add(&b, "\xff\xe1\xff\xff", 4);
		buf_add(&b, segment, 65533);
	}
	buf_add(&b, SOF0, sizeof SOF0 - 1);
	CHECK(b.n > 9 << 20);
	is_300_by_170((const uint8_t *)b.p, b.n, "image/jpeg");
	buf_free(&b);
}

static void every_file_cut_short_is_refused(void)
{
	/* n: bytes needed until the size is told */
	static const struct {
		const char *p;
		size_t n;
	} heads[] = {{PNG_HEAD, 24}, {GIF_HEAD, 10}, {VP8_HEAD, 30}, {VP8L_HEAD, 25},
		{VP8X_HEAD, 30}, {"\xff\xd8" JFIF SOF0, 2 + 18 + 9}};

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		struct image_info info;

		for (size_t n = 0; n < heads[i].n; n++)
			is_no_image((const uint8_t *)heads[i].p, n);
		CHECK_INT(image_sniff((const uint8_t *)heads[i].p, heads[i].n, &info), ERR_OK);
	}
}

static void other_files_are_no_images(void)
{
	is_no_image(BYTES(""));
	is_no_image(BYTES("hello, world, this is a text of some length"));
	is_no_image(BYTES("%PDF-1.7 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	is_no_image(BYTES("<svg xmlns='http://www.w3.org/2000/svg' width='300' height='170'/>"));
	is_no_image(BYTES("RIFF\x92\x0b\0\0WAVEfmt \x86\x0b\0\0pC\0\x9d\x01\x2a\x2c\x01\xaa\0"));
	is_no_image(BYTES("BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x2c\x01\0\0\xaa\0\0\0"));
	is_no_image(BYTES("\0\0\0\x1c"
			  "ftypavif\0\0\0\0avifmif1miaf\0\0\0\0\0\0\0\0"));
}

static void damaged_sizes_are_refused(void)
{
	is_no_image(BYTES("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\xaa\x08\x06\0\0\0"));
	is_no_image(BYTES("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\x80\0\0\x01\0\0\0\xaa\x08\x06\0\0\0"));
	is_no_image(BYTES("\x89PNG\r\n\x1a\n\0\0\0\x0dIDAT\0\0\x01\x2c\0\0\0\xaa\x08\x06\0\0\0"));
	is_no_image(BYTES("GIF89a\0\0\xaa\0\xf7\x1f\x31\0\0\0"));
	is_no_image(
		BYTES("\xff\xd8" JFIF "\xff\xc0\x00\x11\x08\x00\x00\x01\x2c\x03\x01\x22\0\x02"));
	is_no_image(
		BYTES("\xff\xd8" JFIF "\xff\xc0\x00\x04\x08\x00\xaa\x01\x2c\x03\x01\x22\0\x02"));
	is_no_image(BYTES("\xff\xd8" JFIF "\xff\xda\x00\x04\x08\x00" SOF0));
	is_no_image(BYTES("\xff\xd8" JFIF "\xff\xe1\x00\x00" SOF0));
	is_no_image(BYTES("\xff\xd8" JFIF "\xff\xd9" SOF0));
}

static void hostile_jpeg_is_not_read_to_its_end(void)
{
	static uint8_t p[32 << 20];
	size_t size_at = sizeof p - 2 - 64;

	/* Nothing but empty segments, then nothing but stray bytes: the size behind them would be
	 * found by whoever reads on for ever. */
	for (size_t i = 2; i + 4 <= sizeof p; i += 4)
		memcpy(p + i, "\xff\xe1\0\x02", 4);
	memcpy(p, "\xff\xd8", 2);
	memcpy(p + size_at, SOF0, sizeof SOF0 - 1);
	is_no_image(p, sizeof p);
	memset(p + 3, 0, size_at - 3);
	is_no_image(p, sizeof p);
}

TESTS("image", T(the_four_formats_tell_their_size), T(progressive_jpeg_tells_its_size),
	T(stray_and_fill_bytes_in_a_jpeg_are_passed_over),
	T(size_behind_megabytes_of_preview_is_found), T(every_file_cut_short_is_refused),
	T(other_files_are_no_images), T(damaged_sizes_are_refused),
	T(hostile_jpeg_is_not_read_to_its_end))
