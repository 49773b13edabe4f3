#include "clip_err.h"

const char *clip_err_name(enum clip_err e)
{
	static const char *const names[] = {
		[CLIP_OK] = "ok",
		[CLIP_INVALID_IMAGE] = "invalid_image",
		[CLIP_INVALID_REQUEST] = "invalid_request",
		[CLIP_INTERNAL] = "internal",
	};

	return names[e];
}
