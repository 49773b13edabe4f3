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
#include "services/gateway/pages_data.h"

#define FOLDER   "/video-chat/" /* what web-dir stands for */
#define INDEX    "index.html"
#define LONGEST  64
#define FILE_MAX (4 << 20)

static const struct {
	const char *suffix, *type;
} types[] = {
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".json", "application/json"},
};

static const struct {
	const char *name, *value;
} headers[] = {
	{"Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: "
		"data:; "
		"media-src 'self' blob:; connect-src 'self'; form-action 'none'; "
		"frame-ancestors 'none'; base-uri 'none'"},
	{"Referrer-Policy", "no-referrer"}, {"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cache-Control", "no-cache"}, /* ask each time; the ETag makes that cheap */
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct pages {
	int dir;                  /* of web-dir; -1: all is compiled in */
	char (*etags)[PAGE_ETAG]; /* of page_files, in order */
};

void page_etag(const void *p, size_t n, char out[PAGE_ETAG])
{
	unsigned char hash[16];
	char hex[33];

	crypto_generichash(hash, sizeof hash, p, n, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	snprintf(out, PAGE_ETAG, "\"%s\"", hex);
}

static void etags_make(struct pages *p)
{
	size_t n = 0;

	while (page_files[n].path)
		n++;
	p->etags = xcalloc(n + 1, sizeof *p->etags);
	for (size_t i = 0; i < n; i++)
		page_etag(page_files[i].p, page_files[i].n, p->etags[i]);
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
	etags_make(p);
	*ret = p;
	return ERR_OK;
}

void pages_close(struct pages *p)
{
	if (!p)
		return;
	if (p->dir >= 0)
		close(p->dir);
	free(p->etags);
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

/* The file's name below FOLDER, or NULL. Only plain names: no folders, nothing hidden. */
static const char *name_in(const char *path)
{
	if (strncmp(path, FOLDER, sizeof FOLDER - 1) != 0)
		return NULL;
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

/* Everything but the body; true: there is none, the client has it already. */
static bool begin_answer(struct exchange *x, const char *etag)
{
	for (size_t i = 0; i < COUNT(headers); i++)
		exchange_set(x, headers[i].name, headers[i].value);
	return page_had(x, etag);
}

static bool answer_compiled_in(const struct pages *p, struct exchange *x, const char *path)
{
	for (size_t i = 0; page_files[i].path; i++) {
		if (strcmp(page_files[i].path, path) != 0)
			continue;
		if (!begin_answer(x, p->etags[i]))
			answer_const(x, 200, type_of(path), page_files[i].p, page_files[i].n);
		return true;
	}
	return false;
}

static bool answer_from_folder(const struct pages *p, struct exchange *x, const char *name)
{
	int fd = openat(p->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
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
	if (!begin_answer(x, etag))
		answer_copy(x, 200, type_of(name), b.p, b.n);
	buf_free(&b);
	return true;
}

void pages_answer(const struct pages *p, struct exchange *x)
{
	char index[LONGEST];
	const char *path = whole_path(exchange_path(x), index);
	const char *name = p->dir >= 0 ? name_in(path) : NULL;
	bool found = false;

	if (type_of(path))
		found = name ? answer_from_folder(p, x, name) : answer_compiled_in(p, x, path);
	if (!found)
		answer_error(x, ERR_NO_ROUTE, NULL);
}
