/* What a model makes of a request: what it can honour, what was not said, what it leaves aside.
 * Pure. */
#ifndef ARENA_GATEWAY_FIT_H
#define ARENA_GATEWAY_FIT_H

#include "body.h"

#define FIT_MESSAGE 240 /* room for a sentence, with the NUL */

/*
 * Fills in size and seconds where none were said: those of `like`, a job that this one is made
 * from, or else 720x1280 and 4 seconds, or what the model can make that is nearest to them; so
 * nothing is refused that was not asked for. Hints that the model does not take go into
 * want->ignored, and stay as they are. n_images: those of like that the job starts from.
 * BAD_PARAM, PROMPT_TOO_LONG, MISSING_PARAM: *p says what is wrong, in words kept in message.
 */
enum err model_fit(const struct model *m, const struct job *like, size_t n_images,
	struct video_request *want, struct problem *p, char message[FIT_MESSAGE]);

#endif
