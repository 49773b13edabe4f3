#include "report.h"

#include <stdio.h>

int report_print(const struct report *r, char *buf, size_t size)
{
	if (r->error) /* our own words: nothing in them needs escaping */
		return snprintf(buf, size, "{\"ok\":false,\"error\":\"%s\"}\n", r->error);
	return snprintf(buf, size,
		"{\"ok\":true,\"width\":%d,\"height\":%d,\"duration_ms\":%lld,\"fps\":%.3f,"
		"\"codec\":\"%s\",\"pix_fmt\":\"%s\",\"frames\":%lld,\"audio\":%s,\"remuxed\":%s,"
		"\"sprite_columns\":%d,\"sprite_rows\":%d}\n",
		r->width, r->height, (long long)r->duration_ms, r->fps, r->codec, r->pix_fmt,
		(long long)r->frames, r->audio ? "true" : "false", r->remuxed ? "true" : "false",
		r->sprite_columns, r->sprite_rows);
}
