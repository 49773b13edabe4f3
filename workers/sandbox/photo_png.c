/* The one user of libpng: its simplified interface does palette, 16 bit, gray, interlace and gamma.
 */
#include "photo.h"

#include <png.h>

const char *photo_png(const uint8_t *data, size_t n, struct photo *ret)
{
	png_image image = {.version = PNG_IMAGE_VERSION};
	const char *wrong = "the PNG image is damaged";

	if (!png_image_begin_read_from_memory(&image, data, n))
		return wrong;
	image.format = PNG_FORMAT_BGRA;
	wrong = photo_alloc(image.width, image.height, ret);
	if (!wrong && !png_image_finish_read(&image, NULL, ret->px, 0, NULL))
		wrong = "the PNG image is damaged";
	png_image_free(&image);
	return wrong;
}
