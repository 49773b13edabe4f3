/* JSON bodies, up to what is decoded of an image. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/dataurl.h"
#include "services/gateway/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static enum err count(void *arg, const void *p, size_t n)
{
	const uint8_t *bytes = p;

	*(size_t *)arg += n;
	return n && bytes[0] == 0xff && bytes[n - 1] == 0xff ? ERR_STORE : ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *copy =
		malloc(n + 1); /* exactly as large as it says, so that reading beyond is seen */
	struct fields f;
	size_t decoded = 0;
	enum err e;

	memcpy(copy, p, n);
	fields_init(&f);
	e = fields_json(&f, copy, n);
	if (e == ERR_OK)
		e = fields_check(&f, 100);
	if (e == ERR_OK && (!f.want.prompt[0] || f.want.width < 0 || f.want.width > 8192))
		abort();
	if (f.image_url && dataurl_decode(f.image_url, count, &decoded) == ERR_OK && !decoded)
		abort();
	fields_free(&f);
	free(copy);
	return 0;
}
