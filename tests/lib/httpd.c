#include "tests/lib/httpd.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/buf.h"

struct httpd {
	int fd, port;
	pthread_t thread;
	httpd_fn *fn;
	void *arg;
	atomic_int hits;
	atomic_bool stop;
};

static void serve(struct httpd *h, int fd)
{
	char head[8192] = "", path[4096] = "";
	size_t n = 0;

	while (n + 1 < sizeof head && !strstr(head, "\r\n\r\n")) {
		ssize_t k = recv(fd, head + n, sizeof head - 1 - n, 0);

		if (k <= 0)
			return;
		n += (size_t)k;
		head[n] = 0;
	}
	if (sscanf(head, "%*15s %4095s", path) == 1)
		h->fn(h->arg, path, fd);
}

static void *run(void *arg)
{
	struct httpd *h = arg;

	for (;;) {
		int fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC);

		if (h->stop || fd < 0) {
			if (fd >= 0)
				close(fd);
			return NULL;
		}
		h->hits++;
		serve(h, fd);
		close(fd);
	}
}

struct httpd *httpd_open(httpd_fn *fn, void *arg)
{
	struct httpd *h = xcalloc(1, sizeof *h);
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof a;

	h->fn = fn;
	h->arg = arg;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	h->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(h->fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(h->fd, 64) != 0 ||
		getsockname(h->fd, (struct sockaddr *)&a, &len) != 0 ||
		pthread_create(&h->thread, NULL, run, h) != 0) {
		perror("httpd");
		abort();
	}
	h->port = ntohs(a.sin_port);
	return h;
}

int httpd_port(const struct httpd *h)
{
	return h->port;
}

int httpd_hits(const struct httpd *h)
{
	return h->hits;
}

void httpd_close(struct httpd *h)
{
	h->stop = true;
	shutdown(h->fd, SHUT_RDWR);
	pthread_join(h->thread, NULL);
	close(h->fd);
	free(h);
}

static void put(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t k = send(fd, at, n, MSG_NOSIGNAL);

		if (k <= 0)
			return;
		at += k;
		n -= (size_t)k;
	}
}

void httpd_say(int fd, const char *status, const char *headers, const void *body, size_t n)
{
	char head[4096];

	snprintf(head, sizeof head,
		"HTTP/1.1 %s\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n", status,
		headers, n);
	put(fd, head, strlen(head));
	put(fd, body, n);
}
