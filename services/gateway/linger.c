#include "linger.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/clock.h"

#define LINGER_MAX   256
#define LINGER_US    2000000
#define LINGER_BYTES (64 << 20)

struct lingerer {
	int64_t until_us;
	int64_t left; /* bytes */
};

struct lingers {
	pthread_t thread;
	pthread_mutex_t lock; /* over all below */
	pthread_cond_t wake;
	bool stop;
	int n;
	struct pollfd fd[LINGER_MAX];
	struct lingerer who[LINGER_MAX];
};

/* True: go on with it. */
static bool drain_one(int fd, struct lingerer *who)
{
	/* MSG_TRUNC throws TCP data away without copying it: tcp(7). */
	for (int i = 0; i < 64; i++) {
		ssize_t n = recv(fd, NULL, 1 << 20, MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0 || (who->left -= n) <= 0)
			return false;
	}
	return true;
}

static void drain_all(struct lingers *l)
{
	int64_t now = mono_us();

	for (int i = 0; i < l->n;) {
		bool stay = now < l->who[i].until_us && drain_one(l->fd[i].fd, &l->who[i]);

		if (stay) {
			i++;
			continue;
		}
		close(l->fd[i].fd);
		l->n--;
		l->fd[i] = l->fd[l->n];
		l->who[i] = l->who[l->n];
	}
}

static void *linger_main(void *arg)
{
	struct lingers *l = arg;
	struct pollfd fd[LINGER_MAX];
	int n;

	pthread_mutex_lock(&l->lock);
	while (!l->stop) {
		if (!l->n) {
			pthread_cond_wait(&l->wake, &l->lock);
			continue;
		}
		n = l->n;
		for (int i = 0; i < n; i++)
			fd[i] = l->fd[i];
		pthread_mutex_unlock(&l->lock);
		poll(fd, (nfds_t)n, 20);
		pthread_mutex_lock(&l->lock);
		drain_all(l);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

struct lingers *linger_start(void)
{
	struct lingers *l = xcalloc(1, sizeof *l);
	int rc;

	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->wake, NULL);
	rc = pthread_create(&l->thread, NULL, linger_main, l);
	assert(rc == 0);
	return l;
}

void linger_add(struct lingers *l, int fd)
{
	int mine;

	pthread_mutex_lock(&l->lock);
	if (l->n < LINGER_MAX && !l->stop && (mine = fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0) {
		l->fd[l->n] = (struct pollfd){.fd = mine, .events = POLLIN};
		l->who[l->n] = (struct lingerer){mono_us() + LINGER_US, LINGER_BYTES};
		l->n++;
		pthread_cond_signal(&l->wake);
	}
	pthread_mutex_unlock(&l->lock);
}

void linger_stop(struct lingers *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	for (int i = 0; i < l->n; i++)
		close(l->fd[i].fd);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->wake);
	free(l);
}
