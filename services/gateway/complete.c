/* All was read: is the request complete, and does it make sense? fields.h. */
#include <string.h>

#include "fields.h"
#include "utf8.h"

static enum err check_prompt(struct fields *f, int64_t max)
{
	int64_t n = f->prompt ? utf8_count(f->prompt, strlen(f->prompt)) : 0;

	if (!f->prompt)
		return fields_wrong(f, ERR_MISSING_PARAM, f->want.prompt_param,
			"%s. Say what the video should show.",
			f->takes == TAKES_CHAT ? "The last message of the user has no text"
					       : "prompt is missing");
	if (strspn(f->prompt, " \t\r\n") == strlen(f->prompt))
		return fields_wrong(f, ERR_BAD_PARAM, f->want.prompt_param,
			"The prompt is empty. Say what the video should show.");
	if (n > max)
		return fields_wrong(f, ERR_PROMPT_TOO_LONG, f->want.prompt_param,
			"The prompt has %lld characters; it may have %lld.", (long long)n,
			(long long)max);
	return ERR_OK;
}

static enum err check_images(struct fields *f)
{
	const struct wanted_image *images = f->want.images;

	f->want.n_images = (images[0].param != NULL) + (images[1].param != NULL);
	if (images[1].param && !images[0].param)
		return fields_wrong(f, ERR_MISSING_PARAM, f->want.image_param,
			"A last frame needs a first frame too: send it as %s.",
			f->want.image_param);
	return ERR_OK;
}

/* Does a size that was said have the shape and the side that were said too? */
static enum err check_size(struct fields *f)
{
	const struct video_request *w = &f->want;
	int64_t across = w->width * w->aspect_height, up = w->height * w->aspect_width;

	if (!w->width)
		return ERR_OK;
	if (w->aspect_width && (across > up ? across - up : up - across) * 50 > across)
		return fields_wrong(f, ERR_BAD_PARAM, "aspect_ratio",
			"size and aspect_ratio do not fit each other. Send one of them.");
	if (w->resolution && w->resolution != w->width && w->resolution != w->height)
		return fields_wrong(f, ERR_BAD_PARAM, "resolution",
			"size and resolution do not fit each other. Send one of them.");
	return ERR_OK;
}

static enum err check_file(struct fields *f)
{
	if (!f->want.images[0].param)
		return fields_wrong(f, ERR_MISSING_PARAM, "file",
			"file is missing. Send an image as a file of the form.");
	if (!f->want.images[0].sent)
		return fields_wrong(
			f, ERR_BAD_PARAM, "file", "Send the image as a file of the form.");
	f->want.n_images = 1;
	f->want.file_name = f->file_name && f->file_name[0] ? f->file_name : "image";
	f->want.purpose = f->purpose && f->purpose[0] ? f->purpose : "vision";
	return ERR_OK;
}

enum err fields_check(struct fields *f, int64_t prompt_max)
{
	enum err e;

	if (f->takes == TAKES_FILE)
		return check_file(f);
	e = check_prompt(f, prompt_max);
	if (e == ERR_OK)
		e = check_images(f);
	if (e == ERR_OK)
		e = check_size(f);
	if (e == ERR_OK && f->takes == TAKES_EDIT && !(f->source && f->source[0]))
		e = fields_wrong(f, ERR_MISSING_PARAM, "video",
			"video is missing. Send the id of one of your videos as video.id.");
	if (e != ERR_OK)
		return e;
	f->want.prompt = f->prompt;
	f->want.model = f->model ? f->model : "";
	f->want.negative_prompt =
		f->negative_prompt && f->negative_prompt[0] ? f->negative_prompt : NULL;
	f->want.source = f->source;
	f->want.webhook_url = f->webhook_url;
	f->want.metadata = f->metadata;
	f->want.n_metadata = f->n_metadata;
	return ERR_OK;
}
