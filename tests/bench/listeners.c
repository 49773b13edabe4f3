/*
 * Many listeners on GET /v1/events of one key: what each costs the gateway in memory, and how long
 * one change takes to reach them all.
 *
 *   bench-listeners PORT PID LISTENERS CHANGES        (KEY in the environment)
 *
 * A change is a POST /v1/videos. The clock of each listener runs from the moment before that is
 * sent to the moment that its event has come. One line: RESULT, milliseconds of p50, p99 and the
 * slowest, and kilobytes of the gateway (process PID) for each listener.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/clock.h"

#define WAIT_US 20000000

static const char body[] = "{\"prompt\":\"a bench\",\"model\":\"sandbox\",\"seconds\":1}";

struct listener {
	int fd;
	int matched; /* of what is looked for */
	int blocks;  /* begins of the stream, and events, that have come */
};

static const char mark[] = "id: "; /* each block that counts has one, at the start of a line */

static void die(const char *what)
{
	fprintf(stderr, "bench-listeners: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long rss_kb(const char *pid)
{
	char path[64], line[200];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%s/status", pid);
	f = fopen(path, "re");
	if (!f)
		die(path);
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	fclose(f);
	return kb;
}

static int dial(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static void say(int fd, const struct buf *text)
{
	if (send(fd, text->p, text->n, MSG_NOSIGNAL) != (ssize_t)text->n)
		die("send");
}

/* Reads what is there; true: one more block has begun. */
static int hear(struct listener *l)
{
	char p[16384];
	ssize_t n = recv(l->fd, p, sizeof p, MSG_DONTWAIT);
	int before = l->blocks;

	if (n <= 0 && !(n < 0 && errno == EAGAIN))
		die("a listener was cut off");
	for (ssize_t i = 0; i < n; i++) {
		if (p[i] == '\n')
			l->matched = 1;
		else if (l->matched && p[i] == mark[l->matched - 1])
			l->blocks += ++l->matched == (int)sizeof mark;
		else
			l->matched = 0;
		if (l->matched == (int)sizeof mark)
			l->matched = 0;
	}
	return l->blocks > before;
}

/* Until each of n has `blocks`; when each got there is added to took, from began_us. */
static void hear_all(
	int ep, struct listener *all, int n, int blocks, int64_t began_us, double *took)
{
	int64_t until = mono_us() + WAIT_US;
	int there = 0;

	while (there < n && mono_us() < until) {
		struct epoll_event ev[256];
		int got = epoll_wait(ep, ev, 256, 1000);

		for (int i = 0; i < got; i++) {
			struct listener *l = &all[ev[i].data.u32];

			if (hear(l) && l->blocks == blocks) {
				if (took)
					took[there] = (double)(mono_us() - began_us) / 1000;
				there++;
			}
		}
	}
	if (there < n) {
		errno = ETIMEDOUT;
		die("not all heard of it");
	}
}

static void listen_all(int ep, struct listener *all, int n, int port, const char *key)
{
	struct buf head = {0};

	buf_addf(&head,
		"GET /v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n", key);
	for (int i = 0; i < n; i++) {
		struct epoll_event ev = {.events = EPOLLIN, .data.u32 = (unsigned)i};

		all[i] = (struct listener){.fd = dial(port)};
		say(all[i].fd, &head);
		if (epoll_ctl(ep, EPOLL_CTL_ADD, all[i].fd, &ev) != 0)
			die("epoll");
	}
	buf_free(&head);
	hear_all(ep, all, n, 1, 0, NULL);
}

static void change(int fd, const char *key)
{
	struct buf text = {0};

	buf_addf(&text,
		"POST /v1/videos HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		key, sizeof body - 1, body);
	say(fd, &text);
	buf_free(&text);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	const char *key = getenv("KEY");
	struct rlimit files;
	struct listener *all;
	double *took;
	long before;
	int n, changes, port, poster, ep = epoll_create1(EPOLL_CLOEXEC);

	if (argc != 5 || !key || ep < 0)
		die("wants PORT PID LISTENERS CHANGES, and KEY");
	port = atoi(argv[1]), n = atoi(argv[3]), changes = atoi(argv[4]);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	all = xcalloc((size_t)n, sizeof *all);
	took = xcalloc((size_t)n * (size_t)changes, sizeof *took);
	before = rss_kb(argv[2]);
	listen_all(ep, all, n, port, key);
	poster = dial(port);
	for (int i = 0; i < changes; i++) {
		char answer[4096];
		int64_t began_us = mono_us();

		change(poster, key);
		hear_all(ep, all, n, i + 2, began_us, took + (size_t)i * (size_t)n);
		if (recv(poster, answer, sizeof answer, 0) < 12 ||
			memcmp(answer + 9, "200", 3) != 0)
			die("a video was not accepted");
	}
	qsort(took, (size_t)n * (size_t)changes, sizeof *took, by_size);
	printf("RESULT %.2f %.2f %.2f %.1f\n", took[n * changes / 2], took[n * changes / 100 * 99],
		took[n * changes - 1], (double)(rss_kb(argv[2]) - before) / n);
	return 0;
}
