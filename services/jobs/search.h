/*
 * The words that somebody looks for in prompts. Case does not matter, in any script that the C
 * library knows. A search belongs to one thread.
 */
#ifndef ARENA_JOBS_SEARCH_H
#define ARENA_JOBS_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

struct search;

struct search *search_new(const char *words); /* with white space between; valid UTF-8 */
void search_free(struct search *s);           /* NULL is fine */

/* Does the text have all of the words? No words are in every text. */
bool search_hit(struct search *s, const char *text, size_t n);

#endif
