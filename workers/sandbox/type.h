/*
 * The prompt, set in type: laid out once, then laid over each frame. Any script, right-to-left
 * too; long texts shrink, then end with an ellipsis.
 */
#ifndef ARENA_SANDBOX_TYPE_H
#define ARENA_SANDBOX_TYPE_H

#include "paint.h"

struct type;

/*
 * Lays text out for frames of w x h. Reads fonts from disk: call it before the jail. NULL when
 * there is no memory. Result must be passed to type_free().
 */
struct type *type_new(const char *text, int w, int h);
void type_free(struct type *type); /* NULL is fine */

/* Draws it as it looks t seconds after the start. Thread-safe: type is only read. */
void type_draw(const struct type *type, float t, struct canvas *c);

/* For tests: how many lines, whether the text was cut, how many letters no font has, and the size
 * of the letters in pixels. */
int type_lines(const struct type *type);
int type_is_cut(const struct type *type);
int type_unknown(const struct type *type);
double type_size(const struct type *type);

#endif
