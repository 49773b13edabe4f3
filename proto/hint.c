#include "hint.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "log.h"
#include "metric.h"
#include "rpc_url.h"
#include "wire.h"

#define BUFFERED   4096 /* hints per connection; nng's defaults drop at the first burst */
#define PUBLISHERS 16   /* followed at once; the oldest is forgotten */
#define TYPES      128  /* hint numbers are below this */

static struct metric told = {
	.name = "hints_told_total", .type = METRIC_COUNTER, .help = "hints published"};
static struct metric heard = {
	.name = "hints_heard_total", .type = METRIC_COUNTER, .help = "hints received"};
static struct metric gaps = {
	.name = "hint_gaps_total", .type = METRIC_COUNTER, .help = "times that hints were lost"};
static struct metric forged = {.name = "hints_refused_total",
	.type = METRIC_COUNTER,
	.help = "hints with a wrong MAC or form"};

struct teller {
	nng_socket socket;
	uint8_t key[32];
	struct rid id;
	uint32_t next[TYPES]; /* numbers count per type: a listener hears only the types it wants */
};

struct publisher {
	struct rid id;
	uint32_t next[TYPES];
	bool known[TYPES];
};

struct listener {
	nng_socket socket;
	nng_aio *aio;
	uint8_t key[32];
	hint_fn *fn;
	void *arg;
	struct publisher from[PUBLISHERS];
	int n_from, oldest;
};

struct teller *teller_open(const char *url, const uint8_t key[32])
{
	struct teller *t = xlasting(1, sizeof *t);
	int rv;

	metric_register(&told);
	memcpy(t->key, key, sizeof t->key);
	t->id = rid_new();
	rv = nng_pub0_open(&t->socket);
	if (!rv)
		rv = nng_socket_set_int(t->socket, NNG_OPT_SENDBUF, BUFFERED);
	if (!rv)
		rv = rpc_listen(t->socket, url);
	if (rv) {
		log_error("hints_listen_failed", LS("url", url), LS("why", nng_strerror(rv)));
		return NULL;
	}
	return t;
}

void tell(struct teller *t, enum msg_type type, const void *rec)
{
	struct wire_head head = {.kind = WIRE_HINT, .type = (int)type, .rid = t->id};
	char *body;
	size_t n;
	nng_msg *m;

	head.budget = t->next[type]++;
	body = rec_write(msg_info((int)type)->rec, rec, &n);
	if (nng_msg_alloc(&m, WIRE_HEAD + n) == 0) {
		wire_write(t->key, &head, body, n, nng_msg_body(m));
		if (nng_sendmsg(t->socket, m, NNG_FLAG_NONBLOCK) != 0)
			nng_msg_free(m);
	}
	free(body);
	metric_add(&told, 1);
}

static struct publisher *publisher(struct listener *l, const struct rid *id, bool *is_new)
{
	struct publisher *p;

	*is_new = false;
	for (int i = 0; i < l->n_from; i++)
		if (memcmp(&l->from[i].id, id, sizeof *id) == 0)
			return &l->from[i];
	*is_new = true;
	if (l->n_from < PUBLISHERS) {
		p = &l->from[l->n_from++];
	} else {
		p = &l->from[l->oldest];
		l->oldest = (l->oldest + 1) % PUBLISHERS;
	}
	*p = (struct publisher){.id = *id};
	return p;
}

static void hear(struct listener *l, const uint8_t *p, size_t n)
{
	struct wire_head head;
	const struct msg_info *info;
	struct publisher *from;
	struct msg *msg;
	const char *body;
	size_t body_n;
	bool is_new, lost;

	if (wire_read(l->key, p, n, &head, &body, &body_n) != ERR_OK || head.kind != WIRE_HINT ||
		!(info = msg_info(head.type)) || !info->is_hint || head.type >= TYPES ||
		msg_read(info->rec, body, body_n, &msg) != ERR_OK) {
		metric_add(&forged, 1);
		return;
	}
	metric_add(&heard, 1);
	from = publisher(l, &head.rid, &is_new);
	lost = is_new || (from->known[head.type] && from->next[head.type] != head.budget);
	from->known[head.type] = true;
	from->next[head.type] = head.budget + 1;
	if (lost) {
		if (!is_new)
			metric_add(&gaps, 1);
		l->fn(l->arg, 0, NULL);
	}
	l->fn(l->arg, head.type, msg_rec(msg));
	msg_free(msg);
}

static void received(void *arg)
{
	struct listener *l = arg;
	nng_msg *m;

	if (nng_aio_result(l->aio) == NNG_ECLOSED)
		return;
	if (nng_aio_result(l->aio) == 0) {
		m = nng_aio_get_msg(l->aio);
		hear(l, nng_msg_body(m), nng_msg_len(m));
		nng_msg_free(m);
	}
	nng_recv_aio(l->socket, l->aio);
}

struct listener *listener_open(
	const char *urls, const uint8_t key[32], const int *types, hint_fn *fn, void *arg)
{
	struct listener *l = xlasting(1, sizeof *l);
	uint8_t prefix[WIRE_PREFIX];
	int rv;

	metric_register(&heard);
	metric_register(&gaps);
	metric_register(&forged);
	memcpy(l->key, key, sizeof l->key);
	l->fn = fn;
	l->arg = arg;
	rv = nng_sub0_open(&l->socket);
	if (!rv)
		rv = nng_socket_set_int(l->socket, NNG_OPT_RECVBUF, BUFFERED);
	for (; !rv && *types; types++) {
		wire_prefix(*types, prefix);
		rv = nng_socket_set(l->socket, NNG_OPT_SUB_SUBSCRIBE, prefix, sizeof prefix);
	}
	if (!rv)
		rv = nng_aio_alloc(&l->aio, received, l);
	if (!rv)
		rv = rpc_dial(l->socket, urls, NULL);
	if (rv) {
		log_error("hints_dial_failed", LS("url", urls), LS("why", nng_strerror(rv)));
		return NULL;
	}
	nng_recv_aio(l->socket, l->aio);
	return l;
}
