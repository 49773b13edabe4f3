#include "multipart.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/buf.h"

#define BOUNDARY_MAX 70 /* RFC 2046, section 5.1.1 */
#define HEAD_MAX     4096
#define PARTS_MAX    64

enum state {
	PREAMBLE, /* before the first delimiter */
	DATA,     /* in a part */
	LINE,     /* behind a delimiter: "--", or the end of its line */
	HEAD,     /* the part's header lines */
	EPILOGUE  /* all was read; what follows is ignored */
};

struct multipart {
	const struct multipart_sink *sink;
	void *arg;
	enum state state;
	enum err err; /* sticky */
	int parts;
	char delim[BOUNDARY_MAX + 5]; /* CR LF "--" boundary */
	size_t n_delim;
	size_t matched;  /* so many bytes of the delimiter have come */
	struct buf head; /* LINE, HEAD: what has come of it */
};

/* ---- header values: token; name=token; name="quoted" ---- */

/*
 * The value of a parameter in a header, unquoted, to be freed; NULL when it is not there or not
 * well formed. Browsers write a quote as %22, curl as \" (that is why both ways of reading meet
 * here).
 */
static char *param_get(const char *header, const char *name)
{
	const char *p = strchr(header, ';');
	size_t n = strlen(name);

	while (p) {
		char *out, *o;
		bool mine;

		p += 1 + strspn(p + 1, " \t");
		mine = strncasecmp(p, name, n) == 0 && p[n] == '=';
		p += strcspn(p, "=;");
		if (*p != '=') {
			p = *p ? p : NULL;
			continue;
		}
		p++;
		out = o = xmalloc(strlen(p) + 1);
		if (*p == '"') {
			for (p++; *p && *p != '"'; p++) {
				if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
					p++;
				*o++ = *p;
			}
			if (!*p) {
				free(out);
				return NULL;
			}
			p++;
		} else {
			while (*p && *p != ';' && !isspace((unsigned char)*p))
				*o++ = *p++;
		}
		*o = 0;
		if (mine)
			return out;
		free(out);
		p = strchr(p, ';');
	}
	return NULL;
}

/* The value of a header line in a part's head, or NULL. Lines end with CR LF, the last too. */
static char *line_get(const char *head, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = head; *p; p = strstr(p, "\r\n") + 2) {
		const char *end = strstr(p, "\r\n");
		char *out;

		if (strncasecmp(p, name, n) != 0 || p[n] != ':')
			continue;
		p += n + 1;
		p += strspn(p, " \t");
		out = xmalloc((size_t)(end - p) + 1);
		memcpy(out, p, (size_t)(end - p));
		out[end - p] = 0;
		return out;
	}
	return NULL;
}

/* ---- the states ---- */

static enum err head_done(struct multipart *m)
{
	char *disposition = line_get(m->head.p, "Content-Disposition");
	char *type = line_get(m->head.p, "Content-Type");
	char *encoding = line_get(m->head.p, "Content-Transfer-Encoding");
	char *name = NULL, *filename = NULL;
	enum err e = ERR_BAD_MULTIPART;

	if (!disposition || strncasecmp(disposition, "form-data", 9) != 0)
		goto out;
	/* RFC 7578, section 4.7: nobody encodes any more. */
	if (encoding && (strcasecmp(encoding, "base64") == 0 ||
				strcasecmp(encoding, "quoted-printable") == 0))
		goto out;
	name = param_get(disposition, "name");
	filename = param_get(disposition, "filename");
	if (!name || ++m->parts > PARTS_MAX)
		goto out;
	e = m->sink->head(m->arg, &(struct part){name, filename, type});
	m->state = DATA;
	buf_clear(&m->head);
out:
	free(filename);
	free(name);
	free(encoding);
	free(type);
	free(disposition);
	return e;
}

/* One byte of the line behind a delimiter. */
static enum err eat_line(struct multipart *m, char c)
{
	const char *s;
	size_t n;

	buf_add(&m->head, &c, 1);
	s = m->head.p;
	n = m->head.n;
	if (n == 2 && s[0] == '-' && s[1] == '-') {
		m->state = EPILOGUE;
		return ERR_OK;
	}
	if (c == '\n') {
		if (n < 2 || s[n - 2] != '\r' || strspn(s, " \t") != n - 2)
			return ERR_BAD_MULTIPART;
		buf_clear(&m->head);
		m->state = HEAD;
		return ERR_OK;
	}
	return n > 64 ? ERR_BAD_MULTIPART : ERR_OK;
}

/* One byte of a part's head, which ends with an empty line. */
static enum err eat_head(struct multipart *m, char c)
{
	size_t n;

	if (!c)
		return ERR_BAD_MULTIPART;
	buf_add(&m->head, &c, 1);
	n = m->head.n;
	if (n > HEAD_MAX || (n == 2 && memcmp(m->head.p, "\r\n", 2) == 0))
		return ERR_BAD_MULTIPART;
	if (n < 4 || memcmp(m->head.p + n - 4, "\r\n\r\n", 4) != 0)
		return ERR_OK;
	m->head.p[n - 2] = 0; /* the line ends stay, the empty line goes */
	return head_done(m);
}

static enum err give(struct multipart *m, const char *p, size_t n)
{
	return n && m->state == DATA ? m->sink->data(m->arg, p, n) : ERR_OK;
}

/*
 * As much as there is of data up to and with the next delimiter. A CR can only be the delimiter's
 * first byte, so after a mismatch no other start needs to be tried within what matched.
 */
static enum err eat_data(struct multipart *m, const char **pp, const char *end)
{
	const char *p = *pp;
	enum err e = ERR_OK;

	while (p < end && e == ERR_OK) {
		if (!m->matched) {
			const char *cr = memchr(p, '\r', (size_t)(end - p));
			const char *stop = cr ? cr : end;

			e = give(m, p, (size_t)(stop - p));
			p = cr ? cr + 1 : end;
			m->matched = cr ? 1 : 0;
			continue;
		}
		if (*p != m->delim[m->matched]) {
			e = give(m, m->delim, m->matched);
			m->matched = 0;
			continue;
		}
		p++;
		if (++m->matched < m->n_delim)
			continue;
		m->matched = 0;
		if (m->state == DATA)
			e = m->sink->end(m->arg);
		m->state = LINE;
		break;
	}
	*pp = p;
	return e;
}

enum err multipart_feed(struct multipart *m, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end && m->err == ERR_OK) {
		switch (m->state) {
		case PREAMBLE:
		case DATA:
			m->err = eat_data(m, &p, end);
			break;
		case LINE:
			m->err = eat_line(m, *p++);
			break;
		case HEAD:
			m->err = eat_head(m, *p++);
			break;
		case EPILOGUE:
			p = end;
			break;
		}
	}
	return m->err;
}

enum err multipart_end(struct multipart *m)
{
	if (m->err == ERR_OK && m->state != EPILOGUE)
		m->err = ERR_BAD_MULTIPART;
	return m->err;
}

enum err multipart_new(const char *content_type, const struct multipart_sink *sink, void *arg,
	struct multipart **ret)
{
	char *boundary = param_get(content_type, "boundary");
	size_t n = boundary ? strlen(boundary) : 0;
	struct multipart *m;

	if (!n || n > BOUNDARY_MAX || strpbrk(boundary, "\r\n")) {
		free(boundary);
		return ERR_BAD_MULTIPART;
	}
	m = xcalloc(1, sizeof *m);
	m->sink = sink;
	m->arg = arg;
	memcpy(m->delim, "\r\n--", 4);
	memcpy(m->delim + 4, boundary, n);
	m->n_delim = n + 4;
	m->matched = 2; /* the first delimiter may stand at the very start, without CR LF */
	free(boundary);
	*ret = m;
	return ERR_OK;
}

void multipart_free(struct multipart *m)
{
	if (!m)
		return;
	buf_free(&m->head);
	free(m);
}
