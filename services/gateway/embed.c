#include "embed.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/json.h"
#include "request.h"

#define PIECE (48 << 10) /* a multiple of 3, so that pieces of base64 need no filling in */

/* As long as r lives. False: there is too much in memory already. */
static bool take_memory(struct request *r, int64_t n)
{
	struct body_rules *rules = &r->g->rules;

	if (atomic_fetch_add(&rules->memory, n) + n > rules->memory_max) {
		atomic_fetch_sub(&rules->memory, n);
		return false;
	}
	r->embedded += n;
	return true;
}

/* False: it could not be read to its end. */
static bool encode(int fd, struct buf *out)
{
	size_t room = sodium_base64_ENCODED_LEN(PIECE, sodium_base64_VARIANT_ORIGINAL);
	unsigned char *piece = xmalloc(PIECE);
	char *text = xmalloc(room);
	ssize_t n = 1, got = 0;

	while (n > 0) {
		for (got = 0; got < PIECE; got += n) {
			n = read(fd, piece + got, (size_t)(PIECE - got));
			if (n <= 0)
				break;
		}
		sodium_bin2base64(text, room, piece, (size_t)got, sodium_base64_VARIANT_ORIGINAL);
		buf_adds(out, text);
	}
	free(piece);
	free(text);
	return n == 0;
}

/* NULL: it is written; else why not. */
static const char *write_file(struct request *r, struct buf *out, const struct output *o)
{
	size_t before = out->n;
	int64_t size;
	int fd;
	bool ok;

	if (blob_open(r->g->blobs, o->sha256, &fd, &size) != ERR_OK)
		return "The video could not be read. Try its url.";
	if (size > EMBED_MAX || !take_memory(r, size / 3 * 4 + 4)) {
		close(fd);
		return size > EMBED_MAX ? "The video is larger than 16 MB: get it from its url."
					: "The server is busy: get the video from its url.";
	}
	json_key(out, "b64_json");
	buf_adds(out, "\"");
	ok = encode(fd, out);
	buf_adds(out, "\"");
	close(fd);
	if (ok)
		return NULL;
	out->n = before;
	out->p[before] = 0;
	return "The video could not be read. Try its url.";
}

void embed_video(void *arg, struct buf *out, const struct output *o)
{
	const char *why = write_file(arg, out, o);

	if (!why)
		return;
	json_kv_str(out, "b64_json", NULL);
	json_kv_str(out, "note", why);
}
