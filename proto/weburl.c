#include "weburl.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

static bool printable(const char *s)
{
	for (; *s; s++)
		if (*s < 0x21 || *s > 0x7e || *s == '\\')
			return false;
	return true;
}

/* Behind http:// or https://, or NULL. */
static const char *behind_scheme(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0)
		return url + 7;
	return strncasecmp(url, "https://", 8) == 0 ? url + 8 : NULL;
}

/* ":8080", or nothing; up to end. */
static bool port_ok(const char *p, const char *end)
{
	char *stop;
	long port;

	if (p == end)
		return true;
	if (*p != ':' || !isdigit((unsigned char)p[1]))
		return false;
	port = strtol(p + 1, &stop, 10);
	return stop == end && port >= 1 && port <= 65535;
}

static bool v6_of(const char *host, struct sockaddr_in6 *ret)
{
	ret->sin6_family = AF_INET6;
	return inet_pton(AF_INET6, host, &ret->sin6_addr) == 1;
}

/* A name, or an IPv4 address in any of its forms. */
static bool name_ok(const char *host)
{
	return host[0] && host[0] != '.' && strspn(host, LETTERS "0123456789.-_") == strlen(host);
}

static bool is_localhost(const char *host)
{
	size_t n = strlen(host);

	if (n && host[n - 1] == '.')
		n--;
	return n >= 9 && strncmp(host + n - 9, "localhost", 9) == 0 &&
	       (n == 9 || host[n - 10] == '.');
}

static bool is_private(const char *host)
{
	struct sockaddr_in6 v6 = {0};
	struct sockaddr_in v4 = {.sin_family = AF_INET};

	if (v6_of(host, &v6))
		return !address_is_public((const struct sockaddr *)&v6);
	if (inet_aton(host, &v4.sin_addr))
		return !address_is_public((const struct sockaddr *)&v4);
	return is_localhost(host);
}

/* The host from "host:port"; false: there is none. */
static bool host_of(const char *p, const char *end, char host[WEBURL_HOST_MAX])
{
	struct sockaddr_in6 v6;
	bool bracket = p < end && *p == '[';
	size_t n;

	p += bracket;
	n = strcspn(p, bracket ? "]/?#" : ":/?#");
	if (n == 0 || n >= WEBURL_HOST_MAX || (bracket && p[n] != ']'))
		return false;
	for (size_t i = 0; i < n; i++)
		host[i] = (char)tolower((unsigned char)p[i]);
	host[n] = 0;
	return port_ok(p + n + bracket, end) && (bracket ? v6_of(host, &v6) : name_ok(host));
}

const char *weburl_check(const char *url, bool allow_private, char host[WEBURL_HOST_MAX])
{
	char own[WEBURL_HOST_MAX] = "";
	const char *p, *end;

	if (strlen(url) > WEBURL_MAX)
		return "must have at most 2048 bytes";
	if (!printable(url))
		return "must have neither spaces nor characters outside of ASCII; percent-encode "
		       "them";
	p = behind_scheme(url);
	if (!p)
		return "must begin with http:// or https://";
	end = p + strcspn(p, "/?#");
	if (memchr(p, '@', (size_t)(end - p)))
		return "must not have a user name";
	if (!host_of(p, end, host ? host : own))
		return "must have a host, such as https://example.com/hook";
	if (!allow_private && is_private(host ? host : own))
		return "must not lead to a private address";
	return NULL;
}
