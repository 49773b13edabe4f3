#include "services/gateway/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "proto/buf.h"

#define PIECE 65536 /* of one recv */
#define TURN  16    /* pieces in one go */

/* Write as much as the socket takes. -1: broken. */
static ssize_t give(int fd, const char *p, size_t n)
{
	ssize_t w;

	do
		w = send(fd, p, n, MSG_NOSIGNAL);
	while (w < 0 && errno == EINTR);
	if (w < 0 && errno == EAGAIN)
		return 0;
	return w;
}

void relay_put(struct relay *r, int to, const void *p, size_t n)
{
	char *all;

	if (n == 0)
		return;
	all = xmalloc(r->wait[to].n + n);
	memcpy(all, p, n);
	if (r->wait[to].n)
		memcpy(all + n, r->wait[to].p + r->wait[to].off, r->wait[to].n);
	free(r->wait[to].p);
	r->wait[to].p = all;
	r->wait[to].off = 0;
	r->wait[to].n += n;
}

uint32_t relay_wants(const struct relay *r, int side)
{
	uint32_t events = 0;

	if (!r->eof[side] && r->wait[!side].n == 0)
		events |= EPOLLIN;
	if (r->wait[side].n)
		events |= EPOLLOUT;
	return events;
}

bool relay_flush(struct relay *r, int to, int64_t *moved)
{
	ssize_t w;

	if (r->wait[to].n == 0)
		return true;
	w = give(r->fd[to], r->wait[to].p + r->wait[to].off, r->wait[to].n);
	if (w < 0)
		return false;
	*moved += w;
	r->wait[to].off += (size_t)w;
	r->wait[to].n -= (size_t)w;
	if (r->wait[to].n == 0) {
		free(r->wait[to].p);
		r->wait[to].p = NULL;
	}
	return true;
}

bool relay_move(struct relay *r, int from, int64_t *moved)
{
	static _Thread_local char piece[PIECE];
	int to = !from;

	if (!relay_flush(r, to, moved))
		return false;
	for (int i = 0; i < TURN && r->wait[to].n == 0 && !r->eof[from]; i++) {
		ssize_t n = recv(r->fd[from], piece, sizeof piece, 0), w;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (n == 0) {
			r->eof[from] = true;
			break;
		}
		w = give(r->fd[to], piece, (size_t)n);
		if (w < 0)
			return false;
		*moved += w;
		relay_put(r, to, piece + w, (size_t)(n - w));
	}
	if (r->eof[from] && r->wait[to].n == 0 && !r->shut[to]) {
		r->shut[to] = true;
		shutdown(r->fd[to], SHUT_WR);
	}
	return true;
}

bool relay_over(const struct relay *r)
{
	return r->shut[0] && r->shut[1];
}

void relay_free(struct relay *r)
{
	for (int i = 0; i < 2; i++) {
		free(r->wait[i].p);
		r->wait[i].p = NULL;
		r->wait[i].n = 0;
	}
}
