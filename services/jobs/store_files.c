/* Files in the store: uploaded images, by their owners. */
#include "store_inside.h"

void store_file_put(struct store *s, const char *owner, const char *id, const char *json, size_t n)
{
	struct key k = key_owned(owner, id);

	table_put(s, FILES, &k, json, n);
}

void store_file_drop(struct store *s, const char *owner, const char *id)
{
	struct key k = key_owned(owner, id);

	table_del(s, FILES, &k);
}

bool store_file_text(struct store *s, const char *owner, const char *id, struct raw *ret)
{
	struct key k = key_owned(owner, id);
	struct span v;

	if (!table_get(s, FILES, &k, &v))
		return false;
	*ret = (struct raw){v.p, v.n};
	return true;
}

int64_t store_files(struct store *s)
{
	return kv_count(s->kv, FILES);
}

struct file_walk {
	store_file_fn *fn;
	void *arg;
};

static bool file_one(void *arg, const char *id, struct span val)
{
	struct file_walk *w = arg;

	(void)id;
	return w->fn(w->arg, (struct raw){val.p, val.n});
}

void store_file_walk(struct store *s, const char *owner, const char *after, bool ascending,
	store_file_fn *fn, void *arg)
{
	struct file_walk w = {fn, arg};

	table_walk_owned(s, FILES, owner, after, ascending, file_one, &w);
}
