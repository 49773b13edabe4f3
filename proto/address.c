#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const struct {
	uint32_t net;
	int bits;
} closed4[] = {
	{0x00000000, 8},  /* 0.0.0.0/8 this network */
	{0x0a000000, 8},  /* 10.0.0.0/8 private */
	{0x64400000, 10}, /* 100.64.0.0/10 shared (CGNAT) */
	{0x7f000000, 8},  /* 127.0.0.0/8 loopback */
	{0xa9fe0000, 16}, /* 169.254.0.0/16 link-local, metadata servers */
	{0xac100000, 12}, /* 172.16.0.0/12 private */
	{0xc0000000, 24}, /* 192.0.0.0/24 protocol assignments */
	{0xc0000200, 24}, /* 192.0.2.0/24 documentation */
	{0xc0586300, 24}, /* 192.88.99.0/24 6to4 relays, retired */
	{0xc0a80000, 16}, /* 192.168.0.0/16 private */
	{0xc6120000, 15}, /* 198.18.0.0/15 benchmarks */
	{0xc6336400, 24}, /* 198.51.100.0/24 documentation */
	{0xcb007100, 24}, /* 203.0.113.0/24 documentation */
	{0xe0000000, 3},  /* 224.0.0.0/4 multicast, 240.0.0.0/4 reserved, broadcast */
};

static bool public4(uint32_t a)
{
	for (size_t i = 0; i < sizeof closed4 / sizeof *closed4; i++)
		if ((a ^ closed4[i].net) >> (32 - closed4[i].bits) == 0)
			return false;
	return true;
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool public6(const uint8_t a[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};

	if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
		return public4(be32(a + 12));
	if ((a[0] & 0xe0) != 0x20)
		return false; /* only 2000::/3 is global unicast: not fc00::/7, fe80::/10, ff00::/8,
				 ::1 */
	if (a[0] == 0x20 && a[1] == 0x02)
		return public4(be32(a + 2)); /* 2002::/16 6to4 */
	if (a[0] == 0x20 && a[1] == 0x01 && a[2] < 0x02)
		return false; /* 2001::/23: Teredo, ORCHID, benchmarks, ... */
	if (be32(a) == 0x20010db8)
		return false; /* 2001:db8::/32 documentation */
	if (a[0] == 0x3f && (a[1] & 0xf0) == 0xf0)
		return false; /* 3fff::/20 documentation, and the rest of 3ff0::/12 is not given out
			       */
	return true;
}

bool address_is_public(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		return public4(ntohl(in.sin_addr.s_addr));
	}
	if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof in6);
		return public6(in6.sin6_addr.s6_addr);
	}
	return false;
}
