/*
 * JSON bodies of each dialect, up to what is decoded of an image. The first byte says which, when
 * it is a digit; what begins otherwise is OpenAI's.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/dataurl.h"
#include "services/gateway/dialects.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static enum err count(void *arg, const void *p, size_t n)
{
	const uint8_t *bytes = p;

	*(size_t *)arg += n;
	return n && bytes[0] == 0xff && bytes[n - 1] == 0xff ? ERR_STORE : ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum route_takes dialects[] = {
		TAKES_VIDEO, TAKES_REMIX, TAKES_EDIT, TAKES_CHAT, TAKES_ROUTER};
	size_t which = n && p[0] >= '0' && p[0] < '5' ? (size_t)(p[0] - '0') : 0;
	size_t skip = n && p[0] >= '0' && p[0] <= '9';
	char *copy;
	struct fields f;
	enum err e;

	p += skip;
	n -= skip;
	copy = malloc(n + 1); /* exactly as large as it says, so that reading beyond is seen */
	memcpy(copy, p, n);
	fields_init(&f, dialects[which]);
	e = dialect_read(&f, copy, n);
	if (e == ERR_OK)
		e = fields_check(&f, 100);
	if (e == ERR_OK && (!f.want.prompt[0] || f.want.width < 0 || f.want.width > 8192))
		abort();
	for (size_t i = 0; i < IMAGES_MAX; i++) {
		size_t decoded = 0;

		if (f.images[i] && dataurl_decode(f.images[i], count, &decoded) == ERR_OK &&
			!decoded)
			abort();
	}
	fields_free(&f);
	free(copy);
	return 0;
}
