#include "services/auth/tries.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "proto/buf.h"

#define ADDRESSES 1024 /* remembered; beyond, those that have rested are forgotten */

struct peer_tries {
	char name[INET6_ADDRSTRLEN];
	struct bucket bucket;
	UT_hash_handle hh;
};

struct tries {
	struct bucket all;
	struct peer_tries *peers;
};

struct tries *tries_new(void)
{
	return xcalloc(1, sizeof(struct tries));
}

static void forget(struct tries *t, struct peer_tries *p)
{
	HASH_DEL(t->peers, p); /* NOLINT(clang-analyzer-unix.Malloc): it moves the head */
	free(p);
}

void tries_free(struct tries *t)
{
	struct peer_tries *p, *tmp;

	if (!t)
		return;
	HASH_ITER (hh, t->peers, p, tmp) {
		forget(t, p);
	}
	free(t);
}

static void name_of(const char *peer, char out[INET6_ADDRSTRLEN])
{
	struct in6_addr a;

	snprintf(out, INET6_ADDRSTRLEN, "%s", peer ? peer : "");
	if (inet_pton(AF_INET6, out, &a) != 1 || IN6_IS_ADDR_V4MAPPED(&a))
		return;
	memset(a.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &a, out, INET6_ADDRSTRLEN);
}

static struct peer_tries *peer_of(struct tries *t, const char *peer, int64_t now_us)
{
	char name[INET6_ADDRSTRLEN];
	struct peer_tries *p, *tmp;

	name_of(peer, name);
	HASH_FIND_STR(t->peers, name, p);
	if (p)
		return p;
	if (HASH_COUNT(t->peers) >= ADDRESSES) {
		HASH_ITER (hh, t->peers, p, tmp) {
			if (p->bucket.full_at_us <= now_us)
				forget(t, p);
		}
	}
	p = xcalloc(1, sizeof *p);
	memcpy(p->name, name, sizeof name);
	/* forget() moves the head: NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	HASH_ADD_STR(t->peers, name, p);
	return p;
}

struct bucket_answer tries_take(struct tries *t, const char *peer, int64_t now_us)
{
	struct bucket all = t->all;
	struct bucket_answer b = bucket_take(&all, now_us, TRIES_ALL, TRIES_ALL);

	/* In this order, so that each address that is remembered has cost one try of all. */
	if (b.ok)
		b = bucket_take(&peer_of(t, peer, now_us)->bucket, now_us, TRIES_EACH, TRIES_EACH);
	if (b.ok)
		t->all = all;
	return b;
}
