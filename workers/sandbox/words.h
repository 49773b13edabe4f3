/* Which words a prompt has, without case, accents and punctuation. Pure. */
#ifndef ARENA_SANDBOX_WORDS_H
#define ARENA_SANDBOX_WORDS_H

/*
 * " a red fox " of "A réd, FOX!": one space before, between and after the words, so that a search
 * for " fox " finds whole words. Result must be passed to free().
 */
char *words_fold(const char *utf8);

/*
 * How many patterns of the space-separated list occur in the folded text. A pattern is a word
 * ("mar"), a beginning ("mountain*"), neighbours ("zoom_in"), or, if it is not ASCII, any run of
 * characters (scripts that put no spaces between words).
 */
int words_count(const char *folded, const char *patterns);

#endif
