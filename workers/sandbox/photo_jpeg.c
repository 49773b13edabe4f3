/* The one user of libjpeg (the turbo one: it writes BGRA itself). */
#include "photo.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

enum {
	SCANS_MAX = 200,        /* a file of many empty scans costs minutes */
	MEMORY_MAX = 600 << 20, /* a progressive picture is held whole, as coefficients */
};

struct reader {
	struct jpeg_error_mgr err;
	struct jpeg_progress_mgr progress;
	jmp_buf fail;
	int cut_short;
};

static void on_error(j_common_ptr cinfo)
{
	longjmp(((struct reader *)(void *)cinfo->err)->fail, 1);
}

static void on_message(j_common_ptr cinfo, int level)
{
	struct reader *r = (struct reader *)(void *)cinfo->err;

	if (level < 0 && cinfo->err->msg_code == JWRN_JPEG_EOF)
		r->cut_short = 1;
}

static void on_progress(j_common_ptr cinfo)
{
	if (cinfo->is_decompressor && ((j_decompress_ptr)cinfo)->input_scan_number > SCANS_MAX)
		on_error(cinfo);
}

static int orientation(const struct jpeg_decompress_struct *d)
{
	for (jpeg_saved_marker_ptr m = d->marker_list; m; m = m->next)
		if (m->data_length > 6 && !memcmp(m->data, "Exif\0\0", 6))
			return photo_exif(m->data + 6, m->data_length - 6);
	return 1;
}

/* Adobe writes CMYK inverted, and says so with its marker; 255 is then no ink. */
static void from_cmyk(uint32_t *row, int w, int inverted)
{
	for (int x = 0; x < w; x++) {
		uint8_t v[4];

		memcpy(v, &row[x], 4);
		for (int i = 0; i < 4; i++)
			v[i] = inverted ? v[i] : (uint8_t)(255 - v[i]);
		row[x] = 255u << 24 | (unsigned)(v[0] * v[3] / 255) << 16 |
			 (unsigned)(v[1] * v[3] / 255) << 8 | (unsigned)(v[2] * v[3] / 255);
	}
}

/* The DCT can give 1/2, 1/4 and 1/8 for less than the whole costs. */
static void choose_scale(struct jpeg_decompress_struct *d, int enough)
{
	unsigned least = d->image_width < d->image_height ? d->image_width : d->image_height;

	d->scale_num = 1;
	d->scale_denom = 1;
	while (d->scale_denom < 8 && least / (d->scale_denom * 2) >= (unsigned)enough)
		d->scale_denom *= 2;
}

/* May jump to r->fail at any call; what it allocates hangs on d and ret. */
static const char *decode(
	struct reader *r, struct jpeg_decompress_struct *d, int enough, struct photo *ret)
{
	const char *wrong;

	jpeg_save_markers(d, JPEG_APP0 + 1, 0xffff);
	jpeg_read_header(d, TRUE);
	if (d->image_width > PHOTO_SIDE_MAX || d->image_height > PHOTO_SIDE_MAX)
		return photo_alloc(d->image_width, d->image_height, ret);
	choose_scale(d, enough);
	d->out_color_space = d->num_components == 4 ? JCS_CMYK : JCS_EXT_BGRA;
	jpeg_start_decompress(d);
	wrong = photo_alloc(d->output_width, d->output_height, ret);
	if (wrong)
		return wrong;
	while (d->output_scanline < d->output_height) {
		uint32_t *row = ret->px + (size_t)d->output_scanline * (size_t)ret->w;
		JSAMPROW rows[] = {(JSAMPROW)(void *)row};

		jpeg_read_scanlines(d, rows, 1);
		if (d->num_components == 4)
			from_cmyk(row, ret->w, d->saw_Adobe_marker);
	}
	ret->orientation = orientation(d);
	return r->cut_short ? "the JPEG image ends too early" : NULL;
}

const char *photo_jpeg(const uint8_t *data, size_t n, int enough, struct photo *ret)
{
	struct jpeg_decompress_struct d = {0};
	struct reader r = {0};
	const char *volatile wrong = "the JPEG image is damaged";

	d.err = jpeg_std_error(&r.err);
	r.err.error_exit = on_error;
	r.err.emit_message = on_message;
	r.progress.progress_monitor = on_progress;
	if (!setjmp(r.fail)) {
		jpeg_create_decompress(&d);
		d.progress = &r.progress;
		d.mem->max_memory_to_use = MEMORY_MAX;
		jpeg_mem_src(&d, data, n);
		wrong = decode(&r, &d, enough, ret);
	}
	jpeg_destroy_decompress(&d);
	return wrong;
}
