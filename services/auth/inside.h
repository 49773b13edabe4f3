/* What the auth service is made of: for its own modules. */
#ifndef ARENA_AUTH_INSIDE_H
#define ARENA_AUTH_INSIDE_H

#include <pthread.h>
#include <uthash.h>

#include "proto/rpc.h"
#include "services/auth/auth.h"
#include "services/auth/clerk.h"
#include "services/auth/keys.h"
#include "services/auth/tries.h"

struct meter;

struct auth {
	struct auth_conf conf; /* read-only */
	uint8_t code_key[32];  /* the same */
	struct clerk *clerk;   /* does its own locking */
	pthread_mutex_t lock;  /* of all below; nobody waits for the disk with it */
	struct keys *keys;     /* NULL: stopped */
	struct tries *tries;
	struct meter *meters; /* one for each key that was ever used here */
};

/* desk.c: pairing, and worker keys. The first two answer from memory. */
void on_keys_gone(struct auth *a, struct call *c);
void on_worker_keys(struct auth *a, struct call *c);
void on_pair_new(struct auth *a, struct call *c);
void on_pair_take(struct auth *a, struct call *c);
void on_worker_key_revoke(struct auth *a, struct call *c);
void desk_register(void); /* its figures */

#endif
