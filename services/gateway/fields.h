/*
 * The fields of a request by name, whatever they came in: text of a form, or values of JSON. Which
 * names count depends on what the route takes; unknown ones are ignored. Pure.
 */
#ifndef ARENA_GATEWAY_FIELDS_H
#define ARENA_GATEWAY_FIELDS_H

#include "body.h"

#define FIELD_TEXT_MAX (256 << 10) /* bytes of a text that is no image */

enum field_kind {
	FIELD_TEXT,
	FIELD_NUMBER, /* in JSON it may come in quotes */
	FIELD_FLAG,
	FIELD_IMAGE,
	FIELD_PAIRS /* metadata */
};

struct fields {
	enum route_takes takes;
	bool allow_private;        /* links may lead to private networks */
	struct video_request want; /* its strings point into those below, once checked */
	char *model, *prompt, *negative_prompt, *source, *webhook_url, *purpose, *file_name;
	char *images[IMAGES_MAX]; /* a data: URL, a link or the id of a file */
	struct tag *metadata;     /* NULL, or room for METADATA_PAIRS */
	size_t n_metadata;
	char *pair_key; /* of the pair that comes now, of a form */
	struct problem problem;
	char message[240];
};

struct field; /* one that counts for what the route takes */

/* By its name without brackets; NULL: to be ignored. */
const struct field *field_find(enum route_takes takes, const char *name);

const char *field_name(const struct field *field); /* a constant: for `param` */
enum field_kind field_kind(const struct field *field);
size_t field_frame(const struct field *field); /* of an image: which it is of want.images */

/* A value as text, of anything but images and pairs. BAD_PARAM, PROMPT_TOO_LONG. */
enum err field_set(struct fields *f, const struct field *field, const char *value);

/* The prompt, when it is not in a field of its own. */
enum err fields_prompt(struct fields *f, const char *value);

/*
 * An image, as a request names it: a data: URL, a link (http, https) or the id of a file, which
 * `is_id` says it must be. BAD_PARAM.
 */
enum err fields_image(struct fields *f, const struct field *field, const char *value, bool is_id);

/* The same in words of a name of its own: which frame it is, 0 or 1, and how it is called. */
enum err fields_frame(
	struct fields *f, size_t frame, const char *param, const char *value, bool is_id);

/* An image that comes as a file of a form: which frame is it? BAD_PARAM: one was there already. */
enum err fields_file(struct fields *f, const struct field *field, size_t *ret);

/*
 * A pair of the metadata; the last one counts that has the same key. BAD_PARAM. In a form its key
 * is in the name of the field, "[key]" behind it, and comes first.
 */
enum err fields_pair(struct fields *f, const char *key, const char *value);
enum err fields_pair_key(struct fields *f, const char *brackets);
void fields_pairs_free(struct fields *f);

/* What the client calls its file, of TAKES_FILE; anything is tidied up. */
void fields_file_name(struct fields *f, const char *name);

/*
 * A field of a form, by its name with brackets: "input_reference[image_url]". *ret: the field, or
 * NULL, when nobody wants it; *is_id: its value is the id of a file. BAD_PARAM: an image in
 * brackets that say nothing; a video without it would be another one.
 */
enum err fields_bracketed(
	struct fields *f, const char *name, bool *is_id, const struct field **ret);

/* All was read: is it complete, and within bounds? MISSING_PARAM, BAD_PARAM, PROMPT_TOO_LONG. */
enum err fields_check(struct fields *f, int64_t prompt_max);

/* Is an image among them that came as a data: URL, and is not decoded yet? */
bool fields_hold_data(const struct fields *f);

/* Note what is wrong; returns e. param must be a constant. */
enum err fields_wrong(struct fields *f, enum err e, const char *param, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

void fields_init(struct fields *f, enum route_takes takes);
void fields_free(struct fields *f); /* what is inside */

#endif
