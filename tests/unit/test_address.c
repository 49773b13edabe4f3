#include <arpa/inet.h>

#include "proto/address.h"
#include "tests/unit/check.h"

static bool public_(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return address_is_public((struct sockaddr *)&in);
	if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1) {
		fprintf(stderr, "not an address: %s\n", text);
		abort();
	}
	return address_is_public((struct sockaddr *)&in6);
}

static void check_all(const char *const *list, bool want)
{
	for (; *list; list++) {
		if (public_(*list) != want)
			fprintf(stderr, "%s is taken to be %s\n", *list,
				want ? "not public" : "public");
		CHECK(public_(*list) == want);
	}
}

static void addresses_out_in_the_world_are_public(void)
{
	static const char *const list[] = {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "169.253.255.255",
		"172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001::1",
		"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", NULL};

	check_all(list, true);
}

static void addresses_of_somebodys_own_network_are_not(void)
{
	static const char *const list[] = {"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255",
		"100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1",
		"198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"239.1.1.1", "240.0.0.1", "255.255.255.255", NULL};

	check_all(list, false);
}

static void the_same_in_ipv6_and_inside_it(void)
{
	static const char *const list[] = {"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
		"::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1",
		"64:ff9b:1::1.1.1.1", "2002:a00:1::1", "2002:7f00:1::", "2001::1", "2001:2::1",
		"2001:db8::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "100::1",
		"3fff::1", "5f00::1", NULL};

	check_all(list, false);
}

static void what_is_no_ip_address_is_not_public(void)
{
	struct sockaddr sa = {.sa_family = AF_UNIX};

	CHECK(!address_is_public(&sa));
}

TESTS("address", T(addresses_out_in_the_world_are_public),
	T(addresses_of_somebodys_own_network_are_not), T(the_same_in_ipv6_and_inside_it),
	T(what_is_no_ip_address_is_not_public))
