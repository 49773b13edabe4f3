/* The files of the pages, as they were when this was built; made by pages.cmake. */
#ifndef ARENA_GATEWAY_PAGES_DATA_H
#define ARENA_GATEWAY_PAGES_DATA_H

#include <stddef.h>

struct page_file {
	const char *path; /* "/video-chat/icon.svg"; NULL ends the table */
	const unsigned char *p;
	size_t n;
	const char *made; /* when the file was: YYYYMMDDhhmm, UTC */
};

extern const struct page_file page_files[];

#endif
