#include "services/gateway/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/log.h"
#include "services/gateway/answer.h"
#include "services/gateway/coding.h"
#include "services/gateway/pages_data.h"

#define PAGE     "/video-chat"
#define FOLDER   PAGE "/" /* what web-dir stands for */
#define INDEX    "index.html"
#define LONGEST  64
#define FILE_MAX (4 << 20)

/* Of the hash in a name, as esbuild writes it. */
#define HASH_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define HASH_LENGTH 8

static const struct {
	const char *suffix, *type;
} types[] = {
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".json", "application/json"},
	{".webmanifest", "application/manifest+json"},
	{".png", "image/png"},
	{".woff2", "font/woff2"},
};

static const struct {
	const char *name, *value;
} headers[] = {
	{"Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: "
		"data:; "
		"media-src 'self' blob:; connect-src 'self'; font-src 'self'; "
		"manifest-src 'self'; worker-src 'self'; form-action 'none'; "
		"frame-ancestors 'none'; base-uri 'none'"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* One file, in one of its forms. */
struct form {
	const struct page_file *file; /* NULL: it is not kept so */
	char etag[PAGE_ETAG];
};

struct pages {
	int dir;                       /* of web-dir; -1: all is compiled in */
	struct form (*forms)[CODINGS]; /* of page_files, in order */
};

void page_etag(const void *p, size_t n, char out[PAGE_ETAG])
{
	unsigned char hash[16];
	char hex[33];

	crypto_generichash(hash, sizeof hash, p, n, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	snprintf(out, PAGE_ETAG, "\"%s\"", hex);
}

/* path and the suffix, or NULL. */
static const struct page_file *file_at(const char *path, const char *suffix)
{
	size_t n = strlen(path);

	for (const struct page_file *f = page_files; f->path; f++)
		if (strncmp(f->path, path, n) == 0 && strcmp(f->path + n, suffix) == 0)
			return f;
	return NULL;
}

static void forms_make(struct pages *p)
{
	size_t n = 0;

	while (page_files[n].path)
		n++;
	p->forms = xcalloc(n + 1, sizeof *p->forms);
	for (size_t i = 0; i < n; i++)
		for (int c = 0; c < CODINGS; c++) {
			struct form *form = &p->forms[i][c];

			form->file = file_at(page_files[i].path, coding_suffix((enum coding)c));
			if (form->file)
				page_etag(form->file->p, form->file->n, form->etag);
		}
}

enum err pages_open(const char *web_dir, struct pages **ret)
{
	struct pages *p = xcalloc(1, sizeof *p);

	p->dir = -1;
	if (web_dir && *web_dir) {
		p->dir = open(web_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (p->dir < 0) {
			log_error(
				"web_dir_failed", LS("path", web_dir), LS("why", strerror(errno)));
			free(p);
			return ERR_STORE;
		}
	}
	forms_make(p);
	*ret = p;
	return ERR_OK;
}

void pages_close(struct pages *p)
{
	if (!p)
		return;
	if (p->dir >= 0)
		close(p->dir);
	free(p->forms);
	free(p);
}

/* The folder's index for a page that is asked for without a file. */
static const char *whole_path(const char *path, char out[LONGEST])
{
	size_t n = strlen(path);

	if (strrchr(path, '.') || n + sizeof "/" INDEX > LONGEST)
		return path;
	snprintf(out, LONGEST, "%s%s" INDEX, path, n && path[n - 1] == '/' ? "" : "/");
	return out;
}

/* The file's name below FOLDER, where path lies, or NULL. Only plain names: no folders, nothing
 * hidden. */
static const char *name_in(const char *path)
{
	path += sizeof FOLDER - 1;
	return *path == '.' || strlen(path) > LONGEST || strchr(path, '/') ? NULL : path;
}

static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < COUNT(types); i++)
		if (strcmp(dot, types[i].suffix) == 0)
			return types[i].type;
	return NULL;
}

/* If-None-Match: a list of tags, perhaps weak, or "*" (RFC 9110, 13.1.2). */
static bool has_it(const struct exchange *x, const char *etag)
{
	const char *have = exchange_header(x, "If-None-Match");

	return have && (strcmp(have, "*") == 0 || strstr(have, etag));
}

bool page_had(struct exchange *x, const char *etag)
{
	exchange_set(x, "ETag", etag);
	if (!has_it(x, etag))
		return false;
	answer_const(x, 304, NULL, "", 0);
	return true;
}

/* "app-AB23CD45.js": the name says what is in it (web/build.mjs), so what is in it never changes.
 */
static bool is_hashed(const char *path)
{
	const char *dash = strrchr(path, '-');

	return dash && strspn(dash + 1, HASH_DIGITS) == HASH_LENGTH && dash[1 + HASH_LENGTH] == '.';
}

/* Everything but the body; true: there is none, the client has it already. */
static bool begin_answer(struct exchange *x, const char *path, const char *etag)
{
	for (size_t i = 0; i < COUNT(headers); i++)
		exchange_set(x, headers[i].name, headers[i].value);
	if (is_hashed(path))
		exchange_set(x, "Cache-Control", "public, max-age=31536000, immutable");
	else /* ask each time; the ETag makes that cheap */
		exchange_set(x, "Cache-Control", "no-cache");
	if (strcmp(path, FOLDER "sw.js") == 0) /* it lies in a folder, and the page does not */
		exchange_set(x, "Service-Worker-Allowed", PAGE);
	return page_had(x, etag);
}

static void answer_form(struct exchange *x, const char *path, const struct form forms[CODINGS])
{
	bool have[CODINGS] = {false}, several = false;
	const struct form *form;
	enum coding c;

	for (int i = CODING_NONE + 1; i < CODINGS; i++)
		several |= have[i] = forms[i].file != NULL;
	c = coding_choose(exchange_header(x, "Accept-Encoding"), have);
	form = &forms[c];
	if (several)
		exchange_set(x, "Vary", "Accept-Encoding");
	if (begin_answer(x, path, form->etag))
		return;
	if (c != CODING_NONE)
		exchange_set(x, "Content-Encoding", coding_name(c));
	answer_const(x, 200, type_of(path), form->file->p, form->file->n);
}

static bool answer_compiled_in(const struct pages *p, struct exchange *x, const char *path)
{
	const struct page_file *f = file_at(path, "");

	if (f)
		answer_form(x, path, p->forms[f - page_files]);
	return f != NULL;
}

static bool answer_from_folder(const struct pages *p, struct exchange *x, const char *path)
{
	const char *name = name_in(path);
	int fd = name ? openat(p->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
	char chunk[8192], etag[PAGE_ETAG];
	struct buf b = {0};
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX) {
		close(fd);
		return false;
	}
	while ((n = read(fd, chunk, sizeof chunk)) > 0 && b.n <= FILE_MAX)
		buf_add(&b, chunk, (size_t)n);
	close(fd);
	page_etag(b.p, b.n, etag);
	if (!begin_answer(x, path, etag))
		answer_copy(x, 200, type_of(name), b.p, b.n);
	buf_free(&b);
	return true;
}

/* To people: somebody's browser asks for it. */
static void answer_not_built(struct exchange *x)
{
	static const char text[] =
		"This server was built without its page, which needs packages from npm.\n"
		"Build it again where npm can be reached: ./arena build\n"
		"Everything else works: the API is at /v1, and told at /docs.\n";

	exchange_set(x, "Cache-Control", "no-store");
	answer_const(x, 501, "text/plain; charset=utf-8", text, sizeof text - 1);
}

void pages_answer(const struct pages *p, struct exchange *x)
{
	char index[LONGEST];
	const char *path = whole_path(exchange_path(x), index);
	bool ours = strncmp(path, FOLDER, sizeof FOLDER - 1) == 0, found = false;

	if (type_of(path))
		found = p->dir >= 0 && ours ? answer_from_folder(p, x, path)
					    : answer_compiled_in(p, x, path);
	if (found)
		return;
	if (strcmp(path, FOLDER INDEX) == 0)
		answer_not_built(x);
	else
		answer_error(x, ERR_NO_ROUTE, NULL);
}
