#include "pace.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "ticker.h"

#define TICK_MS    1000
#define PER_SECOND (16 << 10) /* bytes of a body */
#define GONE_TICKS 2          /* one may be between the last bytes of a body and the news of them */

enum step { STEP_HEAD, STEP_BODY, STEP_BUSY, STEP_IDLE };

struct pacer {
	struct pace *pace;
	struct pacer *prev, *next;
	int fd;
	enum step step;
	int64_t since_us; /* of a head or a body */
	int64_t bytes;    /* of the body; when idle: of the connection, -1: not looked at yet */
	int gone;         /* ticks that found the client gone */
	bool cut;
};

struct pace {
	pthread_mutex_t lock; /* over all pacers; while it is held none of their fds is closed */
	struct pacer *first;
	int64_t head_us, body_us;
	pace_late_fn *late;
	void *arg;
	struct ticker *ticker;
};

/* What the kernel has taken in; 0 where it does not say. */
static int64_t bytes_received(int fd)
{
	struct tcp_info info = {0};
	socklen_t n = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) < 0)
		return 0;
	return (int64_t)info.tcpi_bytes_received;
}

static bool client_gone(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void step_to(struct pacer *c, enum step step, int64_t now_us)
{
	c->step = step;
	c->since_us = now_us;
	c->bytes = step == STEP_IDLE ? -1 : 0;
	c->gone = 0;
}

/* The server hears of a request when its first line is complete; the kernel knows earlier. */
static void look_at_idle(struct pacer *c, int64_t now_us)
{
	int64_t n = bytes_received(c->fd);

	if (c->bytes < 0)
		c->bytes = n;
	else if (n > c->bytes)
		step_to(c, STEP_HEAD, now_us);
}

static bool head_late(const struct pacer *c, int64_t now_us)
{
	return c->pace->head_us && now_us - c->since_us > c->pace->head_us;
}

static bool body_late(struct pacer *c, int64_t now_us)
{
	int64_t limit = c->pace->body_us + c->bytes * 1000000 / PER_SECOND;

	c->gone = client_gone(c->fd) ? c->gone + 1 : 0;
	return c->gone >= GONE_TICKS || (c->pace->body_us && now_us - c->since_us > limit);
}

static void cut(struct pacer *c)
{
	if (!c->cut)
		log_debug("client_cut", LS("in", c->step == STEP_HEAD ? "head" : "body"),
			LI("bytes", c->bytes), LI("gone", c->gone));
	/* Not to one that opened a connection for later and never used it. */
	if (!c->cut && !c->gone && c->pace->late && bytes_received(c->fd) > 0)
		c->pace->late(c->pace->arg, c->fd);
	c->cut = true;
	/* At each tick again: it wakes whoever polls, also one that missed the last time. */
	shutdown(c->fd, SHUT_RDWR);
}

static void on_tick(void *arg, int64_t now_us)
{
	struct pace *p = arg;

	pthread_mutex_lock(&p->lock);
	for (struct pacer *c = p->first; c; c = c->next) {
		if (c->step == STEP_IDLE)
			look_at_idle(c, now_us);
		else if ((c->step == STEP_HEAD && head_late(c, now_us)) ||
			 (c->step == STEP_BODY && body_late(c, now_us)))
			cut(c);
	}
	pthread_mutex_unlock(&p->lock);
}

struct pace *pace_start(int64_t head_ms, int64_t body_ms, pace_late_fn *late, void *arg)
{
	struct pace *p = xcalloc(1, sizeof *p);

	pthread_mutex_init(&p->lock, NULL);
	p->head_us = head_ms * 1000;
	p->body_us = body_ms * 1000;
	p->late = late;
	p->arg = arg;
	p->ticker = ticker_start(TICK_MS, on_tick, p);
	return p;
}

void pace_stop(struct pace *p)
{
	if (!p)
		return;
	ticker_stop(p->ticker);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct pacer *pace_open(struct pace *p, int fd)
{
	struct pacer *c = xcalloc(1, sizeof *c);

	c->pace = p;
	c->fd = fd;
	step_to(c, STEP_HEAD, mono_us());
	pthread_mutex_lock(&p->lock);
	c->next = p->first;
	if (c->next)
		c->next->prev = c;
	p->first = c;
	pthread_mutex_unlock(&p->lock);
	return c;
}

void pace_head(struct pacer *c)
{
	pthread_mutex_lock(&c->pace->lock);
	if (c->step == STEP_IDLE)
		step_to(c, STEP_HEAD, mono_us());
	pthread_mutex_unlock(&c->pace->lock);
}

void pace_body(struct pacer *c, size_t n)
{
	pthread_mutex_lock(&c->pace->lock);
	if (c->step != STEP_BODY)
		step_to(c, STEP_BODY, mono_us());
	c->bytes += (int64_t)n;
	pthread_mutex_unlock(&c->pace->lock);
}

void pace_busy(struct pacer *c)
{
	pthread_mutex_lock(&c->pace->lock);
	step_to(c, STEP_BUSY, 0);
	pthread_mutex_unlock(&c->pace->lock);
}

void pace_idle(struct pacer *c)
{
	pthread_mutex_lock(&c->pace->lock);
	step_to(c, STEP_IDLE, 0);
	pthread_mutex_unlock(&c->pace->lock);
}

void pace_close(struct pacer *c)
{
	struct pace *p = c->pace;

	pthread_mutex_lock(&p->lock);
	if (c->prev)
		c->prev->next = c->next;
	else
		p->first = c->next;
	if (c->next)
		c->next->prev = c->prev;
	pthread_mutex_unlock(&p->lock);
	free(c);
}
