/* A message between services: head and MAC, and, past the MAC, the body as every record there is.
 */
#include <stdint.h>
#include <stdlib.h>

#include "proto/messages.h"
#include "proto/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint8_t key[32];
	const struct rec_info *const *recs;
	struct wire_head head;
	const char *body;
	const uint8_t *item;
	size_t body_n, n_recs, item_n, at = 0;

	(void)wire_read(key, p, n, &head, &body, &body_n);
	while (wire_next(p, n, &at, &item, &item_n))
		(void)wire_read(key, item, item_n, &head, &body, &body_n);
	recs = rec_all(&n_recs);
	for (size_t i = 0; i < n_recs; i++) {
		struct msg *m;

		if (msg_read(recs[i], (const char *)p, n, &m) == ERR_OK) {
			size_t len;

			free(rec_write(recs[i], msg_rec(m), &len));
			msg_free(m);
		}
	}
	return 0;
}
