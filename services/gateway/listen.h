/* A TCP socket to accept connections on. */
#ifndef ARENA_GATEWAY_LISTEN_H
#define ARENA_GATEWAY_LISTEN_H

/*
 * host: a numeric address, IPv4 or IPv6. want_port 0: any free one. *family is AF_INET or AF_INET6,
 * *port what was bound. -1: it cannot; *why says why. The socket is non-blocking.
 */
int listen_at(const char *host, int want_port, int *family, int *port, const char **why);

#endif
