/* Image headers: whatever the bytes, an answer comes, and a size is one that can be. */
#include <assert.h>

#include "proto/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct image_info info;

	if (image_sniff(p, n, &info) == ERR_OK)
		assert(info.mime && info.width > 0 && info.height > 0);
	return 0;
}
