#include "metadata.h"

#include "json.h"

bool metadata_ok(const struct tag *t, size_t n)
{
	if (n > METADATA_PAIRS)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!t[i].key || !*t[i].key || !t[i].value)
			return false;
	return true;
}

void json_kv_metadata(struct buf *out, const struct tag *t, size_t n)
{
	json_key(out, "metadata");
	buf_adds(out, "{");
	for (size_t i = 0; i < n; i++) {
		json_next(out);
		json_str(out, t[i].key);
		buf_adds(out, ":");
		json_str(out, t[i].value);
	}
	buf_adds(out, "}");
}
