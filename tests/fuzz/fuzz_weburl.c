/*
 * Links that clients give. One that is taken is a link for curl too, which is who follows it, and
 * to the same host; and when private addresses are not allowed, curl finds none in it.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/address.h"
#include "proto/weburl.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* An address in the canonical form that curl gives it. */
static bool is_address(const char *host, bool *public)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
		*public = address_is_public((const struct sockaddr *)&v4);
	else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1)
		*public = address_is_public((const struct sockaddr *)&v6);
	else
		return false;
	return true;
}

static void compare(const char *url, const char *host, bool allow_private)
{
	CURLU *u = curl_url();
	char *theirs = NULL, *user = NULL;
	bool public = true;
	size_t len;

	assert(curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK);
	assert(curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER);
	assert(curl_url_get(u, CURLUPART_HOST, &theirs, 0) == CURLUE_OK);
	len = strlen(theirs);
	if (theirs[0] == '[') {
		theirs[len - 1] = 0;
		memmove(theirs, theirs + 1, len - 1);
	}
	if (is_address(theirs, &public))
		assert(public || allow_private);
	else
		assert(strcasecmp(theirs, host) == 0);
	curl_free(theirs);
	curl_url_cleanup(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *url = malloc(n + 1), host[WEBURL_HOST_MAX], again[WEBURL_HOST_MAX];

	memcpy(url, p, n);
	url[n] = 0;
	if (!weburl_check(url, true, host)) {
		assert(host[0] && strlen(url) <= WEBURL_MAX);
		compare(url, host, true);
	}
	if (!weburl_check(url, false, again)) {
		assert(!weburl_check(url, true, host) && strcmp(host, again) == 0);
		compare(url, again, false);
	}
	free(url);
	return 0;
}
