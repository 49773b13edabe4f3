/*
 * The shapes of JSON in which a video can be asked for: OpenAI's videos (with what others have
 * added to them), OpenAI's chat completions, OpenRouter's videos. All become the same fields. Pure.
 */
#ifndef ARENA_GATEWAY_DIALECTS_H
#define ARENA_GATEWAY_DIALECTS_H

#include "fields.h"

/* A JSON object of n bytes, in the dialect of f->takes. BAD_JSON, BAD_PARAM, MISSING_PARAM. */
enum err dialect_read(struct fields *f, const char *p, size_t n);

/* TAKES_JSON: can it be read at all? */
bool dialect_object_ok(const char *p, size_t n);

#endif
