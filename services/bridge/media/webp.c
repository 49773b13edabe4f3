/* The one user of libwebp here. */
#include "webp.h"

#include <unistd.h>
#include <webp/encode.h>

static int on_bytes(const uint8_t *data, size_t n, const WebPPicture *picture)
{
	int fd = *(const int *)picture->custom_ptr;

	while (n) {
		ssize_t put = write(fd, data, n);

		if (put <= 0)
			return 0;
		data += put;
		n -= (size_t)put;
	}
	return 1;
}

int webp_write(int fd, const uint8_t *bgra, int w, int h, float quality)
{
	WebPConfig config;
	WebPPicture picture;
	int ok;

	if (!WebPConfigPreset(&config, WEBP_PRESET_PHOTO, quality) || !WebPPictureInit(&picture))
		return -1;
	config.method = 3;
	picture.width = w;
	picture.height = h;
	picture.writer = on_bytes;
	picture.custom_ptr = &fd;
	ok = WebPPictureImportBGRX(&picture, bgra, w * 4) && WebPEncode(&config, &picture);
	WebPPictureFree(&picture);
	return ok ? 0 : -1;
}
