#include "err.h"

#include <stddef.h>

static const struct err_info table[] = {
#define E(number, name, http, type, code, text) {number, #name, http, type, code, text},
#include "errors.def"
#undef E
};

const struct err_info *err_info(enum err e)
{
	const struct err_info *internal = NULL;

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (table[i].number == (int)e)
			return &table[i];
		if (table[i].number == ERR_INTERNAL)
			internal = &table[i];
	}
	return internal;
}

const char *err_name(enum err e)
{
	return err_info(e)->name;
}
