/* The messages about files: images that wait for a request that names them. */
#include <stdlib.h>
#include <string.h>

#include "proto/json.h"
#include "proto/log.h"
#include "service.h"

#define PREFIX    "file_"
#define FILES_MAX 1000 /* of one owner */
#define LIST_MAX  100
#define WORD_MAX  1024 /* bytes, of what a client calls it */

static enum err bad(struct reply *r, const char *param)
{
	r->problem.param = param;
	return ERR_BAD_PARAM;
}

static enum err unknown(struct reply *r)
{
	r->problem.message = "No such file. It may have been deleted, or it belongs to another "
			     "key.";
	return ERR_NOT_FOUND;
}

static bool fits(const char *s, size_t max)
{
	return s && *s && strlen(s) < max;
}

static bool ref_ok(const char *owner, const char *id)
{
	return fits(owner, OWNER_MAX) && id && id_ok(PREFIX, id);
}

static enum err create_check(const struct image_file *want, struct reply *r)
{
	if (!want->id || !id_ok(PREFIX, want->id))
		return bad(r, "id");
	if (!fits(want->owner, OWNER_MAX))
		return bad(r, "owner");
	if (!want->sha256 || !blob_name_ok(want->sha256))
		return bad(r, "file");
	if (want->name && strlen(want->name) >= WORD_MAX)
		return bad(r, "filename");
	if (want->purpose && strlen(want->purpose) >= WORD_MAX)
		return bad(r, "purpose");
	if (!idem_key_ok(want->idempotency_key))
		return bad(r, "Idempotency-Key");
	if (!idem_print_ok(want->fingerprint))
		return bad(r, "fingerprint");
	return ERR_OK;
}

static enum err tell_file(struct jobs *j, const char *owner, const char *id, struct reply *r)
{
	struct raw text;

	if (!store_file_text(j->store, owner, id, &text))
		return unknown(r);
	buf_add(&r->json, text.p, text.n);
	return ERR_OK;
}

/* The same request once more? ERR_EMPTY: no, it is new. */
static enum err create_again(struct jobs *j, const struct image_file *want, struct reply *r)
{
	char id[ID_MAX];
	struct raw text;
	enum err e;

	if (store_file_text(j->store, want->owner, want->id, &text) ||
		idem_buried(j, want->owner, want->id))
		return tell_file(j, want->owner, want->id, r);
	e = idem_find(j, want->owner, want->idempotency_key, want->fingerprint, PREFIX, id);
	return e ? e : tell_file(j, want->owner, id, r);
}

static bool count_one(void *arg, struct raw json)
{
	(void)json;
	return ++*(int *)arg < FILES_MAX;
}

static enum err create_room(struct jobs *j, const struct image_file *want, struct reply *r)
{
	int n = 0;

	store_file_walk(j->store, want->owner, NULL, true, count_one, &n);
	if (n >= FILES_MAX) {
		r->problem.message = batch_printf(&j->batch,
			"This key has %d files, as many as it may have. Delete some that are not "
			"needed any more.",
			n);
		return ERR_QUOTA;
	}
	return blob_exists(j->blobs, want->sha256) ? ERR_OK : ERR_BLOB_GONE;
}

/* owner NUL id, as in the table of what expires */
static size_t file_key(char key[STORE_KEY_MAX], const char *owner, const char *id)
{
	size_t n = strlen(owner) + 1;

	memcpy(key, owner, n);
	memcpy(key + n, id, strlen(id) + 1);
	return n + strlen(id);
}

enum err on_file_create(struct jobs *j, const void *rec, struct reply *r)
{
	struct image_file file = *(const struct image_file *)rec;
	char key[STORE_KEY_MAX], *json;
	size_t n;
	enum err e;

	e = create_check(rec, r);
	if (!e)
		e = create_again(j, rec, r);
	if (e != ERR_EMPTY)
		return e;
	e = create_room(j, rec, r);
	if (e)
		return e;
	idem_remember(j, file.owner, file.idempotency_key, file.fingerprint, file.id);
	file.idempotency_key = file.fingerprint = NULL;
	file.created_at = j->batch.now;
	file.expires_at = j->batch.now + j->conf.file_keep_ms;
	json = rec_write(&rec_image_file, &file, &n);
	store_file_put(j->store, file.owner, file.id, json, n);
	buf_add(&r->json, json, n);
	free(json);
	n = file_key(key, file.owner, file.id);
	store_expiry_add(j->store, file.expires_at, EXPIRY_FILE, key, n);
	blob_ref(j, file.sha256, 1);
	j->batch.files++;
	log_debug("file_created", LS("id", file.id), LS("owner", file.owner));
	return ERR_OK;
}

enum err on_file_get(struct jobs *j, const void *rec, struct reply *r)
{
	const struct file_ref *which = rec;

	return ref_ok(which->owner, which->id) ? tell_file(j, which->owner, which->id, r)
					       : unknown(r);
}

struct listing {
	struct buf *out;
	size_t left;
	bool more;
};

static bool list_one(void *arg, struct raw json)
{
	struct listing *l = arg;

	if (l->left == 0) {
		l->more = true;
		return false;
	}
	json_next(l->out);
	buf_add(l->out, json.p, json.n);
	l->left--;
	return true;
}

enum err on_file_list(struct jobs *j, const void *rec, struct reply *r)
{
	const struct file_list *want = rec;
	int64_t limit = want->limit < 0 ? 0 : want->limit > LIST_MAX ? LIST_MAX : want->limit;
	struct listing l = {.out = &r->json, .left = (size_t)limit};
	struct raw text;

	if (!fits(want->owner, OWNER_MAX))
		return bad(r, "owner");
	if (want->after && (!id_ok(PREFIX, want->after) ||
				   (!store_file_text(j->store, want->owner, want->after, &text) &&
					   !idem_buried(j, want->owner, want->after)))) {
		r->problem.param = "after";
		return unknown(r);
	}
	buf_adds(l.out, "{\"files\":[");
	store_file_walk(j->store, want->owner, want->after, want->ascending, list_one, &l);
	buf_adds(l.out, "]");
	json_kv_bool(l.out, "has_more", l.more);
	buf_adds(l.out, "}");
	return ERR_OK;
}

/* The record of a file goes; its blob too, when no job has it. False: there is none. */
static bool forget(struct jobs *j, const char *owner, const char *id)
{
	struct raw text, sha;
	struct buf name = {0};
	char key[STORE_KEY_MAX];
	int64_t expires_at;
	size_t n;

	if (!store_file_text(j->store, owner, id, &text))
		return false;
	expires_at = scan_int(text, "expires_at", 0);
	if (scan_field(text, "sha256", &sha) && scan_string(sha, &name))
		blob_ref(j, batch_printf(&j->batch, "%.*s", (int)name.n, name.p), -1);
	buf_free(&name);
	n = file_key(key, owner, id);
	store_expiry_drop(j->store, expires_at, EXPIRY_FILE, key, n);
	store_file_drop(j->store, owner, id);
	j->batch.files--;
	return true;
}

enum err on_file_delete(struct jobs *j, const void *rec, struct reply *r)
{
	const struct file_ref *which = rec;

	if (!ref_ok(which->owner, which->id))
		return unknown(r);
	if (idem_buried_by(j, which->owner, which->id, r->call))
		return ERR_OK;
	if (!forget(j, which->owner, which->id))
		return unknown(r);
	idem_bury(j, which->owner, which->id, r->call);
	return ERR_OK;
}

void file_expire(struct jobs *j, const struct expiry *e)
{
	size_t n = strlen(e->key) + 1;

	if (n < e->n)
		forget(j, e->key, e->key + n);
}
