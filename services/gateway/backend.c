#include "services/gateway/backend.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/log.h"
#include "services/gateway/bridges.h"

#define AGAIN_S 5 /* between look-ups of a name */

struct backend {
	char *host, *port;
	bool numeric; /* then there is no thread */
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	bool stop;
	struct sockaddr_storage addr;
	socklen_t addr_len; /* 0: not known (yet) */
};

struct backends {
	struct backend *list[BRIDGES_MAX];
	int n, turn;
};

/* "host:port" and "[v6]:port" into two strings. */
static bool split(struct backend *b, const char *addr)
{
	const char *colon = strrchr(addr, ':');
	size_t n = colon ? (size_t)(colon - addr) : 0;

	if (n == 0 || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return false;
	if (n > 2 && addr[0] == '[' && addr[n - 1] == ']') {
		addr++;
		n -= 2;
	}
	b->host = strndup(addr, n);
	b->port = xstrdup(colon + 1);
	return b->host != NULL;
}

static bool look_up(struct backend *b, int flags)
{
	struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
	struct addrinfo *found;
	int e = getaddrinfo(b->host, b->port, &want, &found);

	if (e) {
		if (!(flags & AI_NUMERICHOST))
			log_warn("look_up_failed", LS("host", b->host), LS("why", gai_strerror(e)));
		return false;
	}
	pthread_mutex_lock(&b->lock);
	memcpy(&b->addr, found->ai_addr, found->ai_addrlen);
	b->addr_len = found->ai_addrlen;
	pthread_mutex_unlock(&b->lock);
	freeaddrinfo(found);
	return true;
}

static void *look_up_again_and_again(void *arg)
{
	struct backend *b = arg;
	struct timespec until;

	pthread_mutex_lock(&b->lock);
	while (!b->stop) {
		pthread_mutex_unlock(&b->lock);
		look_up(b, 0);
		pthread_mutex_lock(&b->lock);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += AGAIN_S;
		while (!b->stop && pthread_cond_timedwait(&b->wake, &b->lock, &until) == 0)
			;
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

static void backend_free(struct backend *b)
{
	pthread_cond_destroy(&b->wake);
	pthread_mutex_destroy(&b->lock);
	free(b->host);
	free(b->port);
	free(b);
}

static enum err backend_open(const char *addr, struct backend **ret)
{
	struct backend *b = xcalloc(1, sizeof *b);
	enum err e = ERR_OK;

	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->wake, NULL);
	if (!split(b, addr)) {
		log_error("address_wrong", LS("address", addr), LS("want", "HOST:PORT"));
		e = ERR_BAD_PARAM;
	} else if (look_up(b, AI_NUMERICHOST)) {
		b->numeric = true;
	} else if (pthread_create(&b->thread, NULL, look_up_again_and_again, b) != 0) {
		log_error("thread_failed", LS("address", addr));
		e = ERR_NO_MEMORY;
	}
	if (e)
		backend_free(b);
	else
		*ret = b;
	return e;
}

static void backend_close(struct backend *b)
{
	if (!b->numeric) {
		pthread_mutex_lock(&b->lock);
		b->stop = true;
		pthread_cond_signal(&b->wake);
		pthread_mutex_unlock(&b->lock);
		pthread_join(b->thread, NULL);
	}
	backend_free(b);
}

static int backend_connect(struct backend *b)
{
	struct sockaddr_storage addr;
	socklen_t len;
	int fd, one = 1;

	pthread_mutex_lock(&b->lock);
	addr = b->addr;
	len = b->addr_len;
	pthread_mutex_unlock(&b->lock);
	if (len == 0) {
		errno = EHOSTUNREACH;
		return -1;
	}
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&addr, len) != 0 && errno != EINPROGRESS) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

/* ---- several ---- */

enum err backends_open(const char *addrs, struct backends **ret)
{
	struct backends *all = xcalloc(1, sizeof *all);
	char *list = xstrdup(addrs), *rest = list, *addr;
	enum err e = ERR_OK;

	while (e == ERR_OK && (addr = strsep(&rest, ","))) {
		addr += strspn(addr, " ");
		if (all->n == BRIDGES_MAX) {
			log_error("too_many_bridges", LI("most", BRIDGES_MAX));
			e = ERR_BAD_PARAM;
		} else {
			e = backend_open(addr, &all->list[all->n]);
		}
		all->n += e == ERR_OK;
	}
	free(list);
	if (e)
		backends_close(all);
	else
		*ret = all;
	return e;
}

void backends_close(struct backends *all)
{
	if (!all)
		return;
	for (int i = 0; i < all->n; i++)
		backend_close(all->list[i]);
	free(all);
}

int backends_count(const struct backends *all)
{
	return all->n;
}

int backends_connect(struct backends *all)
{
	int fd = -1;

	for (int i = 0; i < all->n && fd < 0; i++) {
		fd = backend_connect(all->list[all->turn]);
		all->turn = (all->turn + 1) % all->n;
	}
	return fd;
}
