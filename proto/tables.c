/*
 * Writes the tables of PROTOCOL.md from messages.def and errors.def.
 *
 *   protocol-tables FILE      exits 1 when the tables in FILE are not these
 *   protocol-tables -w FILE   puts them there
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "messages.h"

#define BEGIN "<!-- tables: made by protocol-tables -w -->\n"
#define END   "<!-- end of tables -->\n"

static const char *const type_name[] = {[FIELD_STR] = "string",
	[FIELD_INT] = "integer",
	[FIELD_NUM] = "number",
	[FIELD_BOOL] = "boolean",
	[FIELD_STRS] = "list of strings",
	[FIELD_LIST] = "list of "};

static void add_messages(struct buf *b)
{
	size_t n;
	const struct msg_info *m = msg_all(&n);

	buf_adds(b, "\n### Messages\n\n| number | name | kind | carries | answered by | what |\n"
		    "| --- | --- | --- | --- | --- | --- |\n");
	for (; n--; m++)
		buf_addf(b, "| %d | %s | %s | %s | %s | %s |\n", (int)m->type, m->name,
			m->is_hint ? "hint" : "ask", m->rec->name,
			m->is_hint ? "" : m->answer->name, m->doc);
}

static void add_records(struct buf *b)
{
	size_t n_recs, n;
	const struct rec_info *const *recs = rec_all(&n_recs);

	buf_adds(b, "\n### Records\n");
	for (size_t i = 0; i < n_recs; i++) {
		const struct field_info *f = recs[i]->fields(&n);

		buf_addf(b, "\n**%s**: %s\n", recs[i]->name, recs[i]->doc);
		if (n)
			buf_adds(b,
				"\n| field | type | default | what |\n| --- | --- | --- | --- |\n");
		for (; n--; f++) {
			buf_addf(b, "| %s | %s%s | ", f->name, type_name[f->type],
				f->rec ? f->rec->name : "");
			if (f->type == FIELD_INT || f->type == FIELD_NUM)
				buf_addf(b, "%g", f->dflt);
			else if (f->type == FIELD_BOOL)
				buf_adds(b, f->dflt != 0 ? "true" : "false");
			buf_addf(b, " | %s |\n", f->doc);
		}
	}
}

static void add_errors(struct buf *b)
{
	static const struct err_info table[] = {
#define E(number, name, http, type, code, text) {number, #name, http, type, code, text},
#include "errors.def"
#undef E
	};

	buf_adds(b, "\n### Errors\n\n| number | name | HTTP | type | code | text |\n"
		    "| --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 1; i < sizeof table / sizeof *table; i++)
		buf_addf(b, "| %d | %s | %d | %s | %s | %s |\n", table[i].number, table[i].name,
			table[i].http, table[i].type, table[i].code, table[i].text);
	buf_adds(b, "\n");
}

static void read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "r");
	char chunk[4096];
	size_t n;

	if (!f) {
		perror(path);
		exit(2);
	}
	while ((n = fread(chunk, 1, sizeof chunk, f)))
		buf_add(b, chunk, n);
	fclose(f);
}

int main(int argc, char **argv)
{
	bool write = argc == 3 && strcmp(argv[1], "-w") == 0;
	const char *path = argv[argc - 1], *begin, *end;
	struct buf old = {0}, new = {0};
	bool same;
	FILE *f;

	if (argc < 2 || argc > 3 || (argc == 3 && !write)) {
		fprintf(stderr, "usage: protocol-tables [-w] PROTOCOL.md\n");
		return 2;
	}
	read_file(path, &old);
	begin = old.p ? strstr(old.p, BEGIN) : NULL;
	end = old.p ? strstr(old.p, END) : NULL;
	if (!begin || !end || end < begin) {
		fprintf(stderr, "%s: the marks of the tables are missing\n", path);
		return 2;
	}
	buf_add(&new, old.p, (size_t)(begin - old.p) + strlen(BEGIN));
	add_messages(&new);
	add_records(&new);
	add_errors(&new);
	buf_adds(&new, end);
	same = strcmp(old.p, new.p) == 0;
	if (write && !same) {
		f = fopen(path, "w");
		if (!f || fwrite(new.p, 1, new.n, f) != new.n || fclose(f) != 0) {
			perror(path);
			return 2;
		}
	} else if (!same) {
		fprintf(stderr, "%s: the tables are stale; run protocol-tables -w %s\n", path,
			path);
	}
	buf_free(&old);
	buf_free(&new);
	return same || write ? 0 : 1;
}
