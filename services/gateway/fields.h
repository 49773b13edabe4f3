/*
 * The fields of a video request by name, whatever they came in: text of a form, or values of JSON.
 * Unknown fields are ignored. Pure.
 */
#ifndef ARENA_GATEWAY_FIELDS_H
#define ARENA_GATEWAY_FIELDS_H

#include "body.h"

#define FIELD_TEXT_MAX (256 << 10) /* bytes of a text that is no image */

struct fields {
	struct video_request want; /* its strings point into the two below */
	char *model, *prompt;
	char *image_url; /* a data URL that has not been decoded yet */
	const char *image_param;
	struct problem problem;
	char message[240];
};

/* Is this the name of an image's field? */
bool fields_is_image(const char *name);

/* A value as text. BAD_PARAM. */
enum err fields_text(struct fields *f, const char *name, const char *value);

/* A JSON object of n bytes. BAD_JSON, BAD_PARAM. */
enum err fields_json(struct fields *f, const char *p, size_t n);

/* Is it one JSON object of UTF-8 that does no harm to who reads it with cJSON? */
bool fields_object_ok(const char *p, size_t n);

/* All was read: is it complete, and within bounds? MISSING_PARAM, PROMPT_TOO_LONG. */
enum err fields_check(struct fields *f, int64_t prompt_max);

/* Note what is wrong; returns e. param must be a constant. */
enum err fields_wrong(struct fields *f, enum err e, const char *param, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

void fields_init(struct fields *f);
void fields_free(struct fields *f); /* what is inside */

#endif
