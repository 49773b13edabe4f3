/* For http.c: MHD_queue_response() is called through this, as the library's own calls are answered
 * by http_refuse.c. */
#ifndef ARENA_GATEWAY_HTTP_QUEUE_H
#define ARENA_GATEWAY_HTTP_QUEUE_H

#include <microhttpd.h>

typedef enum MHD_Result http_queue_fn(
	struct MHD_Connection *con, unsigned int status, struct MHD_Response *answer);

http_queue_fn *http_queue(void);

#endif
