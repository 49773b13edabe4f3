/* Which addresses are out in the world, and which are somebody's own network. Pure. */
#ifndef ARENA_ADDRESS_H
#define ARENA_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * False for all that the IANA special-purpose registries (RFC 6890 and what came after) do not call
 * globally reachable: loopback, private, link-local, shared (CGNAT), multicast, documentation,
 * reserved, ...; IPv4 inside IPv6 (mapped, NAT64, 6to4, Teredo) counts as what it carries, or not
 * at all.
 */
bool address_is_public(const struct sockaddr *sa);

#endif
