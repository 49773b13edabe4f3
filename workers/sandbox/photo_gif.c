/*
 * The one user of giflib. It reads record by record up to the first picture, instead of
 * DGifSlurp(), which would hold all frames of a long animation.
 */
#include "photo.h"

#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

struct source {
	const uint8_t *data;
	size_t n;
};

static int take(GifFileType *gif, GifByteType *to, int want)
{
	struct source *s = gif->UserData;
	size_t n = (size_t)want < s->n ? (size_t)want : s->n;

	memcpy(to, s->data, n);
	s->data += n;
	s->n -= n;
	return (int)n;
}

static int read_row(
	GifFileType *gif, uint8_t *indexes, const ColorMapObject *map, int clear, uint32_t *out)
{
	if (DGifGetLine(gif, indexes, gif->Image.Width) != GIF_OK)
		return 0;
	for (int x = 0; x < gif->Image.Width; x++) {
		const GifColorType *k;

		if (indexes[x] == clear || indexes[x] >= map->ColorCount)
			continue;
		k = &map->Colors[indexes[x]];
		out[x] = 255u << 24 | (unsigned)k->Red << 16 | (unsigned)k->Green << 8 | k->Blue;
	}
	return 1;
}

static const char *read_image(GifFileType *gif, int clear, struct photo *ret)
{
	static const struct {
		int first, step;
	} passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
	const GifImageDesc *d = &gif->Image;
	const ColorMapObject *map = d->ColorMap ? d->ColorMap : gif->SColorMap;
	uint8_t *indexes;
	int ok = 1;

	if (!map || d->Width < 1 || d->Height < 1 || d->Left < 0 || d->Top < 0 ||
		d->Left + d->Width > ret->w || d->Top + d->Height > ret->h)
		return "the GIF image is damaged";
	indexes = malloc((size_t)d->Width);
	if (!indexes)
		return "the image does not fit into memory";
	for (int pass = 0; ok && pass < (d->Interlace ? 4 : 1); pass++) {
		int step = d->Interlace ? passes[pass].step : 1;

		for (int y = d->Interlace ? passes[pass].first : 0; ok && y < d->Height; y += step)
			ok = read_row(gif, indexes, map, clear,
				ret->px + (size_t)(d->Top + y) * (size_t)ret->w + d->Left);
	}
	free(indexes);
	return ok ? NULL : "the GIF image ends too early";
}

/* The transparent colour, if this extension names one; else what was known before. */
static int read_extension(GifFileType *gif, int clear)
{
	GraphicsControlBlock control;
	GifByteType *block;
	int code;

	if (DGifGetExtension(gif, &code, &block) != GIF_OK)
		return clear;
	while (block) {
		if (code == GRAPHICS_EXT_FUNC_CODE &&
			DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
			clear = control.TransparentColor;
		if (DGifGetExtensionNext(gif, &block) != GIF_OK)
			break;
	}
	return clear;
}

static const char *read_records(GifFileType *gif, struct photo *ret)
{
	int clear = NO_TRANSPARENT_COLOR;
	GifRecordType type;

	while (DGifGetRecordType(gif, &type) == GIF_OK && type != TERMINATE_RECORD_TYPE) {
		if (type == EXTENSION_RECORD_TYPE) {
			clear = read_extension(gif, clear);
		} else if (type == IMAGE_DESC_RECORD_TYPE) {
			if (DGifGetImageDesc(gif) != GIF_OK)
				break;
			return read_image(gif, clear, ret);
		}
	}
	return "the GIF image is damaged";
}

const char *photo_gif(const uint8_t *data, size_t n, struct photo *ret)
{
	struct source source = {data, n};
	GifFileType *gif = DGifOpen(&source, take, NULL);
	const char *wrong;

	if (!gif)
		return "the GIF image is damaged";
	wrong = photo_alloc(gif->SWidth, gif->SHeight, ret);
	if (!wrong) {
		memset(ret->px, 0, (size_t)ret->w * (size_t)ret->h * sizeof(*ret->px));
		wrong = read_records(gif, ret);
	}
	DGifCloseFile(gif, NULL);
	return wrong;
}
