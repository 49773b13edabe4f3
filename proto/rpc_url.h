/* Listening and dialling, the same for all sockets. Private to proto/. Returns nng's error. */
#ifndef ARENA_RPC_URL_H
#define ARENA_RPC_URL_H

#include <nng/nng.h>

int rpc_listen(nng_socket s, const char *url);

/* Dial each of a list of addresses with commas between, now and again whenever it is gone. *n, if
 * not NULL: how many. */
int rpc_dial(nng_socket s, const char *urls, int *n);

#endif
