/* The images of a request, however they are sent or named: fields.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dataurl.h"
#include "fields.h"
#include "proto/buf.h"
#include "proto/id.h"
#include "proto/weburl.h"
#include "utf8.h"

/* The next image: is there room for it? */
static enum err frame_take(struct fields *f, size_t frame, const char *param)
{
	struct wanted_image *image = &f->want.images[frame];

	if (image->param)
		return fields_wrong(f, ERR_BAD_PARAM, param, "Send one image only as %s.",
			frame ? "the last frame" : "the first frame");
	image->param = param;
	return ERR_OK;
}

enum err fields_file(struct fields *f, const struct field *field, size_t *ret)
{
	enum err e = frame_take(f, field_frame(field), field_name(field));

	if (e != ERR_OK)
		return e;
	f->want.images[field_frame(field)].sent = true;
	*ret = field_frame(field);
	return ERR_OK;
}

void fields_file_name(struct fields *f, const char *name)
{
	free(f->file_name);
	f->file_name = NULL;
	if (!name || strlen(name) > 255 || utf8_count(name, strlen(name)) < 0)
		return;
	f->file_name = xstrdup(name);
	for (char *p = f->file_name; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '_';
}

enum err fields_image(struct fields *f, const struct field *field, const char *value, bool is_id)
{
	return fields_frame(f, field_frame(field), field_name(field), value, is_id);
}

static enum err check_link(struct fields *f, const char *param, const char *value)
{
	const char *must = weburl_check(value, f->allow_private, NULL);

	if (strncasecmp(value, "http", 4) != 0)
		return fields_wrong(f, ERR_BAD_PARAM, param,
			"Send the image as a file of a form, a data: URL with base64, an http or "
			"https URL, or the id of a file.");
	return must ? fields_wrong(f, ERR_BAD_PARAM, param, "The link %s.", must) : ERR_OK;
}

enum err fields_frame(
	struct fields *f, size_t frame, const char *param, const char *value, bool is_id)
{
	struct wanted_image *image = &f->want.images[frame];
	enum err e = frame_take(f, frame, param);

	if (e != ERR_OK)
		return e;
	is_id = is_id || strncmp(value, "file_", 5) == 0;
	if (is_id && !id_ok("file_", value))
		return fields_wrong(f, ERR_BAD_PARAM, param,
			"file_id must be the id of a file that was sent to POST /v1/files.");
	if (!is_id && !dataurl_is(value)) {
		e = check_link(f, param, value);
		if (e != ERR_OK)
			return e;
	}
	f->images[frame] = xstrdup(value);
	if (is_id)
		image->file_id = f->images[frame];
	else if (dataurl_is(value))
		image->sent = true;
	else
		image->url = f->images[frame];
	return ERR_OK;
}

bool fields_hold_data(const struct fields *f)
{
	for (size_t i = 0; i < IMAGES_MAX; i++)
		if (f->want.images[i].sent && f->images[i])
			return true;
	return false;
}
