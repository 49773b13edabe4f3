#include "rpc_url.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "wire.h"

#define RECONNECT_MIN_MS 20
#define RECONNECT_MAX_MS 200

static int common(nng_socket s)
{
	return nng_socket_set_size(s, NNG_OPT_RECVMAXSZ, WIRE_MAX);
}

int rpc_listen(nng_socket s, const char *url)
{
	int rv = common(s);

	return rv ? rv : nng_listen(s, url, NULL, 0);
}

int rpc_dial(nng_socket s, const char *urls, int *n)
{
	char *list = xstrdup(urls), *rest = list, *url;
	int rv = common(s), count = 0;

	if (!rv)
		rv = nng_socket_set_ms(s, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
	if (!rv)
		rv = nng_socket_set_ms(s, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
	while (!rv && (url = strsep(&rest, ", "))) {
		if (!*url)
			continue;
		rv = nng_dial(s, url, NULL, NNG_FLAG_NONBLOCK);
		count++;
	}
	free(list);
	if (!rv && !count)
		rv = NNG_EADDRINVAL;
	if (n)
		*n = count;
	return rv;
}
