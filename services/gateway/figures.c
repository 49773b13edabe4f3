#include "figures.h"

#include <stdbool.h>
#include <string.h>

#define HEAD "# HELP "

/* Where the family of figures that begins at p ends. */
static const char *family_end(const char *p)
{
	const char *next = strstr(p, "\n" HEAD);

	return next ? next + 1 : p + strlen(p);
}

/* The family in text that has the name of this one; NULL: there is none. */
static const char *same_family(const char *text, const char *family)
{
	size_t n = sizeof HEAD + strcspn(family + sizeof HEAD - 1, " ");

	while (*text && strncmp(text, family, n) != 0)
		text = family_end(text);
	return *text ? text : NULL;
}

/* The lines of a family: its head, or its figures with the labels. */
static void add_lines(struct buf *out, const char *family, bool head, const char *labels)
{
	const char *end = family_end(family);

	for (const char *next, *line = family; line < end; line = next) {
		size_t name = strcspn(line, "{ ");

		next = line + strcspn(line, "\n") + 1;
		if ((*line == '#') != head)
			continue;
		if (!head && labels) {
			buf_add(out, line, name);
			buf_addf(out, "{%s%s", labels, line[name] == '{' ? "," : "} ");
			line += name + 1;
		}
		buf_add(out, line, (size_t)(next - line));
	}
}

void figures_merge(struct buf *out, const struct figures *each, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (const char *family = each[i].text; *family; family = family_end(family)) {
			size_t k = 0;

			while (k < i && !same_family(each[k].text, family))
				k++;
			if (k < i)
				continue; /* it came with that one's */
			add_lines(out, family, true, NULL);
			add_lines(out, family, false, each[i].labels);
			for (k = i + 1; k < n; k++) {
				const char *same = same_family(each[k].text, family);

				if (same)
					add_lines(out, same, false, each[k].labels);
			}
		}
	}
}
