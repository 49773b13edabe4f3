#include "services/gateway/tunnel.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "proto/metric.h"
#include "services/gateway/answer.h"
#include "services/gateway/backend.h"
#include "services/gateway/relay.h"

#define HANDSHAKE_US 10000000 /* for the bridge to connect and answer */
#define LINGER_US    30000000 /* for the second direction to end after the first */
#define STOP_US      5000000  /* for the HTTP server to hand over the last upgrades */
#define TICK_MS      500      /* how often deadlines are looked at, if there are any */
#define HEAD_MAX     8192     /* of the bridge's answer */

enum { CLIENT, BRIDGE }; /* the sides of a relay */

enum state {
	HANDSHAKE, /* with the bridge; x is ours */
	UPGRADING, /* the HTTP server has x, and will call on_upgraded() */
	RELAYING,
	DEAD /* to be freed when the present events are through */
};

struct tunnel;

struct half { /* what epoll gives back */
	struct tunnel *tunnel;
	int side;
};

/* The relay thread owns it, except while it is UPGRADING or in the inbox. */
struct tunnel {
	struct tunnels *all;
	enum state state;
	struct exchange *x;
	struct upgraded *u;
	struct relay relay; /* fd[BRIDGE] is ours to close, fd[CLIENT] is u's */
	struct half halves[2];
	uint32_t waits[2]; /* what epoll was told; 0: it does not know the socket */
	struct buf head;   /* of the bridge's answer */
	int64_t deadline_us;
	int tried;                  /* bridges that could not be reached */
	struct tunnel *prev, *next; /* of list, dead or inbox; of none while UPGRADING */
};

struct tunnels {
	struct backends *backends;
	int64_t max;
	int epoll, wake; /* wake: an eventfd, written after the inbox was filled */
	pthread_t thread;

	/* the relay thread's */
	struct tunnel *list, *dead;
	int64_t looked_us;  /* at the deadlines */
	int64_t stop_by_us; /* 0: not stopping */

	pthread_mutex_t lock; /* of all below */
	struct tunnel *inbox;
	int64_t count; /* of all there are */
	bool stop;
};

static struct metric opened = {.name = "tunnels_total",
	.help = "WebSocket connections handed to the bridge",
	.type = METRIC_COUNTER};
static struct metric failed = {.name = "tunnels_failed_total",
	.help = "WebSocket connections that the bridge did not take",
	.type = METRIC_COUNTER};
static struct metric open_now = {.name = "tunnels",
	.help = "WebSocket connections open to the bridge",
	.type = METRIC_GAUGE};
static struct metric bytes = {.name = "tunnel_bytes_total",
	.help = "bytes relayed, both directions",
	.type = METRIC_COUNTER};

/* What of the request goes to the bridge, and what of its answer to the client: nothing else. */
static const char *const request_headers[] = {"Host", "Origin", "User-Agent", "Sec-WebSocket-Key",
	"Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"};
static const char *const answer_headers[] = {
	"Upgrade", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"};

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- from HTTP threads ---- */

static void post(struct tunnel *t)
{
	struct tunnels *all = t->all;
	uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&all->lock);
	first = !all->inbox;
	DL_APPEND(all->inbox, t);
	pthread_mutex_unlock(&all->lock);
	if (first && write(all->wake, &one, sizeof one) < 0)
		log_error("wake_failed", LS("why", strerror(errno)));
}

static void on_upgraded(void *arg, int fd, const void *extra, size_t n, struct upgraded *u)
{
	struct tunnel *t = arg;
	int one = 1;

	t->relay.fd[CLIENT] = fd;
	t->u = u;
	relay_put(&t->relay, BRIDGE, extra, n);
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	post(t);
}

/* The request for the bridge. False: something in it that should not be. */
static bool request_write(struct exchange *x, struct buf *out)
{
	char rid[RID_HEX];

	buf_adds(out, "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
	for (size_t i = 0; i < COUNT(request_headers); i++) {
		const char *value = exchange_header(x, request_headers[i]);

		if (value && strpbrk(value, "\r\n"))
			return false;
		if (value)
			buf_addf(out, "%s: %s\r\n", request_headers[i], value);
	}
	buf_addf(out, "X-Forwarded-For: %s\r\nX-Request-Id: %s\r\n\r\n", exchange_peer(x),
		rid_hex(exchange_rid(x), rid));
	return true;
}

static enum err count_one_more(struct tunnels *all)
{
	enum err e = ERR_OK;

	pthread_mutex_lock(&all->lock);
	if (all->stop)
		e = ERR_UNAVAILABLE;
	else if (all->count >= all->max)
		e = ERR_OVERLOADED;
	else
		metric_set(&open_now, ++all->count);
	pthread_mutex_unlock(&all->lock);
	return e;
}

void tunnel_begin(struct tunnels *all, struct exchange *x)
{
	static const char not_ws[] = "This address is for workers. Connect to it with a WebSocket "
				     "and the subprotocol arena-worker.v1.";
	const char *upgrade = exchange_header(x, "Upgrade");
	struct buf request = {0};
	struct tunnel *t;
	enum err e;

	if (!upgrade || strcasecmp(upgrade, "websocket") != 0 || exchange_has_body(x) ||
		!exchange_header(x, "Sec-WebSocket-Key") || !request_write(x, &request)) {
		answer_error(x, ERR_BAD_REQUEST, &PROBLEM(.message = not_ws));
		goto out;
	}
	e = count_one_more(all);
	if (e) {
		answer_error(x, e, NULL);
		goto out;
	}
	t = xcalloc(1, sizeof *t);
	t->all = all;
	t->x = x;
	t->relay.fd[CLIENT] = t->relay.fd[BRIDGE] = -1;
	relay_put(&t->relay, BRIDGE, request.p, request.n);
	exchange_suspend(x);
	post(t);
out:
	buf_free(&request);
}

/* ---- the relay thread ---- */

static void wait_for(struct tunnel *t, int side, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = &t->halves[side]};
	int op = !t->waits[side] ? EPOLL_CTL_ADD : events ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

	/* A socket of which nothing is wanted must go: its hang-up would come again and again. */
	if (events == t->waits[side])
		return;
	if (epoll_ctl(t->all->epoll, op, t->relay.fd[side], &e) != 0)
		log_error("epoll_failed", LS("why", strerror(errno)));
	t->waits[side] = events;
}

/* Freed by bury(). Not for one that is UPGRADING. */
static void end(struct tunnel *t)
{
	if (t->state == DEAD)
		return;
	t->state = DEAD;
	/* The analyzer does not know that the links of a list agree with each other. */
	DL_DELETE(t->all->list, t); /* NOLINT(clang-analyzer-core.NullDereference) */
	DL_APPEND(t->all->dead, t);
	for (int side = 0; side < 2; side++)
		if (t->relay.fd[side] >= 0)
			wait_for(t, side, 0);
	if (t->relay.fd[BRIDGE] >= 0)
		close(t->relay.fd[BRIDGE]);
	if (t->u)
		upgrade_close(t->u);
}

static void refuse(struct tunnel *t, enum err e)
{
	metric_add(&failed, 1);
	answer_error(t->x, e, NULL);
	exchange_resume(t->x);
	end(t);
}

static void bury(struct tunnels *all)
{
	struct tunnel *t, *next;
	int64_t gone = 0;

	for (t = all->dead; t; t = next) {
		next = t->next;
		relay_free(&t->relay);
		buf_free(&t->head);
		free(t);
		gone++;
	}
	all->dead = NULL;
	if (gone == 0)
		return;
	pthread_mutex_lock(&all->lock);
	all->count -= gone;
	metric_set(&open_now, all->count);
	pthread_mutex_unlock(&all->lock);
}

static void rearm(struct tunnel *t)
{
	if (t->state == HANDSHAKE) {
		/* It has nobody to pass an answer on to: read only for ourselves. */
		wait_for(t, BRIDGE, EPOLLIN | (relay_wants(&t->relay, BRIDGE) & EPOLLOUT));
	} else if (t->state == RELAYING) {
		for (int side = 0; side < 2; side++)
			wait_for(t, side, relay_wants(&t->relay, side));
	}
}

/* One header line of the bridge's answer, cut out of it: "Name", "value". */
static void pass_header(struct tunnel *t, char *line)
{
	char *value = strchr(line, ':');

	if (!value)
		return;
	*value++ = '\0';
	value += strspn(value, " \t");
	for (size_t i = 0; i < COUNT(answer_headers); i++)
		if (strcasecmp(line, answer_headers[i]) == 0)
			exchange_set(t->x, answer_headers[i], value);
}

/* The bridge's answer is complete: n bytes of head, and the first of what it sends. */
static void answered(struct tunnel *t, size_t n)
{
	char *line, *rest, *head = t->head.p;

	if (strncmp(head, "HTTP/1.1 101 ", 13) != 0) {
		bool forbidden =
			strncmp(head, "HTTP/1.", 7) == 0 && strncmp(head + 8, " 4", 2) == 0;

		refuse(t, forbidden ? ERR_FORBIDDEN : ERR_UNAVAILABLE);
		return;
	}
	relay_put(&t->relay, CLIENT, head + n, t->head.n - n);
	head[n - 2] = '\0';
	strtok_r(head, "\r\n", &rest);
	while ((line = strtok_r(NULL, "\r\n", &rest)))
		pass_header(t, line);
	buf_free(&t->head);
	wait_for(t, BRIDGE, 0);
	metric_add(&opened, 1);
	t->deadline_us = 0;
	t->state = UPGRADING;
	DL_DELETE(t->all->list, t);
	/* From here on it is not ours: on_upgraded() may run before resume returns. */
	answer_upgrade(t->x, on_upgraded, t);
	exchange_resume(t->x);
}

/* It could not be reached: another one, if there is one that was not tried. */
static void connect_elsewhere(struct tunnel *t)
{
	struct tunnels *all = t->all;

	wait_for(t, BRIDGE, 0);
	close(t->relay.fd[BRIDGE]);
	t->relay.fd[BRIDGE] = -1;
	if (++t->tried < backends_count(all->backends))
		t->relay.fd[BRIDGE] = backends_connect(all->backends);
	if (t->relay.fd[BRIDGE] < 0)
		refuse(t, ERR_UNAVAILABLE);
	else
		wait_for(t, BRIDGE, EPOLLIN | EPOLLOUT);
}

/* Nothing of the request has gone out while there is anything to try again. */
static bool is_refused(const struct tunnel *t)
{
	int why = 0;
	socklen_t n = sizeof why;

	return t->relay.wait[BRIDGE].off == 0 && t->relay.wait[BRIDGE].n &&
	       getsockopt(t->relay.fd[BRIDGE], SOL_SOCKET, SO_ERROR, &why, &n) == 0 && why != 0;
}

static void shake_hands(struct tunnel *t, uint32_t events)
{
	char piece[2048];
	int64_t moved = 0;
	char *end_of_head;
	ssize_t n;

	if ((events & (EPOLLERR | EPOLLHUP)) && is_refused(t)) {
		connect_elsewhere(t);
		return;
	}
	if ((events & EPOLLOUT) && !relay_flush(&t->relay, BRIDGE, &moved)) {
		refuse(t, ERR_UNAVAILABLE);
		return;
	}
	if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP))) {
		rearm(t);
		return;
	}
	n = recv(t->relay.fd[BRIDGE], piece, sizeof piece, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || t->head.n + (size_t)n > HEAD_MAX) {
		refuse(t, ERR_UNAVAILABLE);
		return;
	}
	buf_add(&t->head, piece, (size_t)n);
	end_of_head = strstr(t->head.p, "\r\n\r\n");
	if (end_of_head)
		answered(t, (size_t)(end_of_head - t->head.p) + 4);
}

static void relay(struct tunnel *t, int side, uint32_t events)
{
	int64_t moved = 0;
	bool ok = true;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		ok = relay_move(&t->relay, side, &moved);
	if (ok && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)))
		ok = relay_move(&t->relay, !side, &moved);
	metric_add(&bytes, moved);
	if (!ok || (events & EPOLLERR) || relay_over(&t->relay)) {
		end(t);
		return;
	}
	if (!t->deadline_us && (t->relay.eof[CLIENT] || t->relay.eof[BRIDGE]))
		t->deadline_us = mono_us() + LINGER_US;
	rearm(t);
}

/* A tunnel from the inbox: a new one, or one whose client's socket is here. */
static void arrived(struct tunnels *all, struct tunnel *t)
{
	DL_APPEND(all->list, t);
	if (t->state == UPGRADING) {
		t->state = RELAYING;
		if (!t->u || all->stop_by_us)
			end(t);
		else
			rearm(t);
		return;
	}
	for (int side = 0; side < 2; side++)
		t->halves[side] = (struct half){t, side};
	t->deadline_us = mono_us() + HANDSHAKE_US;
	t->relay.fd[BRIDGE] = backends_connect(all->backends);
	if (t->relay.fd[BRIDGE] < 0 || all->stop_by_us) {
		log_debug("bridge_unreachable", LS("why", strerror(errno)));
		refuse(t, ERR_UNAVAILABLE);
	} else {
		wait_for(t, BRIDGE, EPOLLIN | EPOLLOUT);
	}
}

static void give_up(struct tunnel *t)
{
	if (t->state == HANDSHAKE)
		refuse(t, ERR_UNAVAILABLE);
	else if (t->state == RELAYING)
		end(t);
}

static void read_inbox(struct tunnels *all)
{
	struct tunnel *inbox, *t, *next;
	uint64_t n;
	bool stop;

	if (read(all->wake, &n, sizeof n) < 0 && errno != EAGAIN)
		log_error("wake_failed", LS("why", strerror(errno)));
	pthread_mutex_lock(&all->lock);
	inbox = all->inbox;
	all->inbox = NULL;
	stop = all->stop;
	pthread_mutex_unlock(&all->lock);

	for (t = inbox; t; t = next) {
		next = t->next;
		arrived(all, t);
	}
	if (stop && !all->stop_by_us) {
		all->stop_by_us = mono_us() + STOP_US;
		for (t = all->list; t; t = next) {
			next = t->next;
			give_up(t);
		}
	}
}

/* Ends those whose time is up. */
static void look_at_deadlines(struct tunnels *all)
{
	int64_t now = mono_us();
	struct tunnel *t, *next;

	if (now - all->looked_us < TICK_MS * 1000)
		return;
	all->looked_us = now;
	for (t = all->list; t; t = next) {
		next = t->next;
		if (t->deadline_us && now > t->deadline_us)
			give_up(t);
	}
}

static bool finished(struct tunnels *all)
{
	int64_t count;

	if (!all->stop_by_us)
		return false;
	pthread_mutex_lock(&all->lock);
	count = all->count;
	pthread_mutex_unlock(&all->lock);
	return count == 0 || mono_us() > all->stop_by_us;
}

static void *run(void *arg)
{
	struct tunnels *all = arg;
	struct epoll_event events[64];

	while (!finished(all)) {
		int ms = all->stop_by_us ? 20 : all->list ? TICK_MS : -1;
		int n = epoll_wait(all->epoll, events, COUNT(events), ms);

		for (int i = 0; i < n; i++) {
			struct half *half = events[i].data.ptr;

			if (!half)
				read_inbox(all);
			else if (half->tunnel->state == HANDSHAKE)
				shake_hands(half->tunnel, events[i].events);
			else if (half->tunnel->state == RELAYING)
				relay(half->tunnel, half->side, events[i].events);
		}
		look_at_deadlines(all);
		bury(all);
	}
	return NULL;
}

static void tunnels_free(struct tunnels *all)
{
	backends_close(all->backends);
	if (all->epoll >= 0)
		close(all->epoll);
	if (all->wake >= 0)
		close(all->wake);
	pthread_mutex_destroy(&all->lock);
	free(all);
}

enum err tunnels_start(const char *bridges, int64_t max, struct tunnels **ret)
{
	struct tunnels *all = xcalloc(1, sizeof *all);
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
	enum err err;

	pthread_mutex_init(&all->lock, NULL);
	all->max = max;
	all->epoll = epoll_create1(EPOLL_CLOEXEC);
	all->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = backends_open(bridges, &all->backends);
	if (err == ERR_OK && (all->epoll < 0 || all->wake < 0 ||
				     epoll_ctl(all->epoll, EPOLL_CTL_ADD, all->wake, &e) != 0 ||
				     pthread_create(&all->thread, NULL, run, all) != 0)) {
		log_error("tunnels_failed", LS("why", strerror(errno)));
		err = ERR_NO_MEMORY;
	}
	if (err) {
		tunnels_free(all);
		return err;
	}
	metric_register(&opened);
	metric_register(&failed);
	metric_register(&open_now);
	metric_register(&bytes);
	*ret = all;
	return ERR_OK;
}

void tunnels_stop(struct tunnels *all)
{
	uint64_t one = 1;

	if (!all)
		return;
	pthread_mutex_lock(&all->lock);
	all->stop = true;
	pthread_mutex_unlock(&all->lock);
	if (write(all->wake, &one, sizeof one) < 0)
		log_error("wake_failed", LS("why", strerror(errno)));
	pthread_join(all->thread, NULL);
	if (all->count == 0)
		tunnels_free(all);
	else /* the HTTP server still has upgrades in its hands, which will come back here */
		log_warn("tunnels_left", LI("count", all->count));
}
