#include "image.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/*
 * Bytes of a file or of memory by offset, through a window. The number of windows read is
 * bounded, so a hostile file costs a few milliseconds at most; honest ones need one window per
 * segment of a JPEG, of which a profile and a preview make some 300.
 */
#define WINDOW      4096
#define WINDOWS_MAX 4096

struct source {
	const uint8_t *p; /* memory, when fd is -1 */
	size_t n;
	int fd;
	uint8_t window[WINDOW];
	int64_t at; /* offset of the window */
	int64_t have;
	int loads;
	bool failed; /* something beyond the end was asked for; sticky */
};

static void load(struct source *s, int64_t offset)
{
	ssize_t n;

	s->at = offset;
	s->have = 0;
	if (++s->loads > WINDOWS_MAX)
		return;
	if (s->fd < 0) {
		n = (uint64_t)offset < s->n ? (ssize_t)(s->n - (size_t)offset) : 0;
		if (n > WINDOW)
			n = WINDOW;
		if (n > 0)
			memcpy(s->window, s->p + offset, (size_t)n);
	} else {
		n = pread(s->fd, s->window, WINDOW, (off_t)offset);
	}
	s->have = n > 0 ? n : 0;
}

static unsigned byte(struct source *s, int64_t offset)
{
	if (offset < s->at || offset >= s->at + s->have)
		load(s, offset);
	if (s->have == 0) {
		s->failed = true;
		return 0;
	}
	return s->window[offset - s->at];
}

static unsigned be16(struct source *s, int64_t o)
{
	return byte(s, o) << 8 | byte(s, o + 1);
}

static unsigned be32(struct source *s, int64_t o)
{
	return be16(s, o) << 16 | be16(s, o + 2);
}

static unsigned le16(struct source *s, int64_t o)
{
	return byte(s, o) | byte(s, o + 1) << 8;
}

static unsigned le24(struct source *s, int64_t o)
{
	return le16(s, o) | byte(s, o + 2) << 16;
}

static unsigned le32(struct source *s, int64_t o)
{
	return le16(s, o) | le16(s, o + 2) << 16;
}

static bool text_at(struct source *s, int64_t o, const char *text)
{
	for (; *text; text++, o++)
		if (byte(s, o) != (unsigned char)*text)
			return false;
	return true;
}

/* A size found in the file; what no format can hold, 0 and 2^31 and more, is damage. */
static bool sized(const struct source *s, unsigned width, unsigned height, struct image_info *ret)
{
	if (s->failed || width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
		return false;
	ret->width = (int)width;
	ret->height = (int)height;
	return true;
}

/* W3C PNG, 5.2 and 11.2.2: the first chunk is IHDR. */
static bool png(struct source *s, struct image_info *ret)
{
	return be32(s, 8) == 13 && text_at(s, 12, "IHDR") &&
	       sized(s, be32(s, 16), be32(s, 20), ret);
}

/* GIF89a, 18: the logical screen descriptor. */
static bool gif(struct source *s, struct image_info *ret)
{
	return sized(s, le16(s, 6), le16(s, 8), ret);
}

/* RFC 9649, 2: simple lossy (RFC 6386, 9.1), simple lossless, extended. */
static bool webp(struct source *s, struct image_info *ret)
{
	unsigned bits;

	if (!text_at(s, 8, "WEBP"))
		return false;
	if (text_at(s, 12, "VP8 "))
		return (byte(s, 20) & 1) == 0 && byte(s, 23) == 0x9d && byte(s, 24) == 0x01 &&
		       byte(s, 25) == 0x2a &&
		       sized(s, le16(s, 26) & 0x3fff, le16(s, 28) & 0x3fff, ret);
	if (text_at(s, 12, "VP8L")) {
		bits = le32(s, 21);
		return byte(s, 20) == 0x2f &&
		       sized(s, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, ret);
	}
	return text_at(s, 12, "VP8X") && sized(s, le24(s, 24) + 1, le24(s, 27) + 1, ret);
}

/*
 * ITU-T T.81, B: marker segments up to the frame header, which may lie behind megabytes of
 * previews and profiles. Stray bytes between segments are skipped, as decoders do.
 */
static bool jpeg(struct source *s, struct image_info *ret)
{
	int64_t o = 2;

	while (!s->failed) {
		unsigned marker, length;

		if (byte(s, o++) != 0xff)
			continue;
		marker = byte(s, o);
		if (marker == 0xff) /* fill byte */
			continue;
		o++;
		if (marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8))
			continue; /* stand alone, without a length */
		if (marker == 0xd9 || marker == 0xda)
			return false; /* the picture begins or ends, and no size was told */
		length = be16(s, o);
		if (length < 2)
			return false;
		if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
			marker != 0xcc)
			return length >= 8 && sized(s, be16(s, o + 5), be16(s, o + 3), ret);
		o += length;
	}
	return false;
}

static const struct format {
	const char *magic, *mime;
	bool (*size)(struct source *s, struct image_info *ret);
} formats[] = {
	{"\x89PNG\r\n\x1a\n", "image/png", png},
	{"\xff\xd8\xff", "image/jpeg", jpeg},
	{"RIFF", "image/webp", webp},
	{"GIF87a", "image/gif", gif},
	{"GIF89a", "image/gif", gif},
};

static enum err sniff(struct source *s, struct image_info *ret)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct image_info info = {.mime = formats[i].mime};

		if (!text_at(s, 0, formats[i].magic))
			continue;
		if (!formats[i].size(s, &info))
			return ERR_BAD_IMAGE;
		*ret = info;
		return ERR_OK;
	}
	return ERR_BAD_IMAGE;
}

enum err image_sniff(const uint8_t *p, size_t n, struct image_info *ret)
{
	struct source s = {.p = p, .n = n, .fd = -1};

	return sniff(&s, ret);
}

enum err image_sniff_fd(int fd, struct image_info *ret)
{
	struct source s = {.fd = fd};

	return sniff(&s, ret);
}
