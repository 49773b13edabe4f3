/* Range headers: input is the size of the whole as 8 bytes, then the header. A part lies inside the
 * whole. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	int64_t size;
	struct range r;
	char *header;

	if (n < sizeof size)
		return 0;
	memcpy(&size, p, sizeof size);
	size &= INT64_MAX;
	header = malloc(n - sizeof size + 1);
	memcpy(header, p + sizeof size, n - sizeof size);
	header[n - sizeof size] = '\0';
	if (range_parse(header, size, &r) == RANGE_PART)
		assert(r.first >= 0 && r.length > 0 && r.first <= size - r.length);
	free(header);
	return 0;
}
