/* The one reader of WebP here; of an animation it takes the first frame, where it lies on its
 * canvas. */
#include "photo.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

static int orientation(const WebPDemuxer *demux)
{
	WebPChunkIterator chunk;
	int ret = 1;

	if (WebPDemuxGetChunk(demux, "EXIF", 1, &chunk))
		ret = photo_exif(chunk.chunk.bytes, chunk.chunk.size);
	WebPDemuxReleaseChunkIterator(&chunk);
	return ret;
}

static const char *first_frame(const WebPDemuxer *demux, struct photo *ret)
{
	WebPIterator frame;
	const char *wrong = "the WebP image is damaged";

	memset(ret->px, 0, (size_t)ret->w * (size_t)ret->h * sizeof(*ret->px));
	if (WebPDemuxGetFrame(demux, 1, &frame) && frame.complete && frame.x_offset >= 0 &&
		frame.y_offset >= 0 && frame.x_offset + frame.width <= ret->w &&
		frame.y_offset + frame.height <= ret->h) {
		uint32_t *at = ret->px + (size_t)frame.y_offset * (size_t)ret->w + frame.x_offset;
		size_t rest = (size_t)(ret->px + (size_t)ret->w * (size_t)ret->h - at);

		if (WebPDecodeBGRAInto(frame.fragment.bytes, frame.fragment.size, (uint8_t *)at,
			    rest * sizeof(*at), ret->w * (int)sizeof(*at)))
			wrong = NULL;
	}
	WebPDemuxReleaseIterator(&frame);
	return wrong;
}

const char *photo_webp(const uint8_t *data, size_t n, struct photo *ret)
{
	WebPData all = {data, n};
	WebPDemuxer *demux = WebPDemux(&all);
	const char *wrong = "the WebP image is damaged";

	if (!demux)
		return wrong;
	wrong = photo_alloc(WebPDemuxGetI(demux, WEBP_FF_CANVAS_WIDTH),
		WebPDemuxGetI(demux, WEBP_FF_CANVAS_HEIGHT), ret);
	if (!wrong)
		wrong = first_frame(demux, ret);
	if (!wrong)
		ret->orientation = orientation(demux);
	WebPDemuxDelete(demux);
	return wrong;
}
