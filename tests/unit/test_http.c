#include "services/gateway/http.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "proto/clock.h"
#include "tests/unit/check.h"

struct world {
	struct http *http;
	int port;
	atomic_int came, too_early;
	atomic_bool stop;
};

static void begin(void *arg, struct exchange *x)
{
	struct world *w = arg;

	if (!w->http)
		atomic_fetch_add(&w->too_early, 1);
	atomic_fetch_add(&w->came, 1);
	answer_const(x, 200, "text/plain", "ok", 2);
}

static void nothing(void *arg, struct exchange *x)
{
	(void)arg;
	(void)x;
}

static void nothing_of_body(void *arg, struct exchange *x, const char *p, size_t n)
{
	(void)arg;
	(void)x;
	(void)p;
	(void)n;
}

static const struct http_app app = {
	.begin = begin, .body = nothing_of_body, .end = nothing, .done = nothing};

static int free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK_INT(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	getsockname(fd, (struct sockaddr *)&a, &len);
	close(fd);
	return ntohs(a.sin_port);
}

/* Somebody who cannot wait until the server is up. */
static void *knock(void *arg)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct world *w = arg;
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)w->port)};
	struct timeval patience = {.tv_sec = 5};
	char answer[500];

	while (!atomic_load(&w->stop)) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
			send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0)
			while (recv(fd, answer, sizeof answer, 0) > 0)
				;
		close(fd);
		if (atomic_load(&w->came))
			break;
	}
	return NULL;
}

static void first_request_finds_the_server_that_it_came_to(void)
{
	for (int round = 0; round < 100; round++) {
		struct world w = {.port = free_port()};
		struct http_conf conf = {.host = "127.0.0.1",
			.port = w.port,
			.connections = 100,
			.idle_ms = 20000,
			.threads = 2};
		pthread_t thread;

		pthread_create(&thread, NULL, knock, &w);
		CHECK_INT(http_start(&conf, &app, &w, &w.http), ERR_OK);
		pthread_join(thread, NULL);
		CHECK(atomic_load(&w.came) > 0);
		CHECK_INT(atomic_load(&w.too_early), 0);
		http_stop(w.http, 5000);
	}
}

static void address_that_is_taken_is_an_error(void)
{
	struct world w = {0};
	struct http_conf conf = {
		.host = "127.0.0.1", .connections = 10, .idle_ms = 20000, .threads = 1};
	struct http *second = NULL;

	CHECK_INT(http_start(&conf, &app, &w, &w.http), ERR_OK);
	conf.port = http_port(w.http);
	CHECK_INT(http_start(&conf, &app, &w, &second), ERR_UNAVAILABLE);
	CHECK(second == NULL);
	http_stop(w.http, 5000);
}

/* ---- clients that are slow: an app that keeps what it reads in a temporary file ---- */

struct shop {
	struct http *http;
	char *dir;
	atomic_int began, done;
	atomic_llong got;
};

struct sale {
	char path[600];
	FILE *f;
};

static void sale_begin(void *arg, struct exchange *x)
{
	struct shop *s = arg;
	struct sale *sale = exchange_data(x);

	snprintf(sale->path, sizeof sale->path, "%s/%d", s->dir, atomic_load(&s->began));
	sale->f = fopen(sale->path, "w");
	atomic_fetch_add(&s->began, 1);
}

static void sale_body(void *arg, struct exchange *x, const char *p, size_t n)
{
	struct shop *s = arg;
	struct sale *sale = exchange_data(x);

	fwrite(p, 1, n, sale->f);
	atomic_fetch_add(&s->got, (long long)n);
}

static void sale_end(void *arg, struct exchange *x)
{
	(void)arg;
	answer_const(x, 200, "text/plain", "sold", 4);
}

static void sale_done(void *arg, struct exchange *x)
{
	struct shop *s = arg;
	struct sale *sale = exchange_data(x);

	fclose(sale->f);
	unlink(sale->path);
	atomic_fetch_add(&s->done, 1);
}

static const struct http_app shop_app = {.data_size = sizeof(struct sale),
	.begin = sale_begin,
	.body = sale_body,
	.end = sale_end,
	.done = sale_done};

static void shop_open(struct shop *s, int64_t head_ms, int64_t body_ms)
{
	struct http_conf conf = {.host = "127.0.0.1",
		.connections = 100,
		.idle_ms = 60000,
		.head_ms = head_ms,
		.body_ms = body_ms,
		.threads = 2};

	*s = (struct shop){.dir = tmp_make()};
	CHECK_INT(http_start(&conf, &shop_app, s, &s->http), ERR_OK);
}

/* Its folder must be empty: what was cut left nothing behind. */
static void shop_close(struct shop *s)
{
	CHECK(http_stop(s->http, 5000));
	CHECK_INT(rmdir(s->dir), 0);
	free(s->dir);
}

static int visit_port(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port)};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	CHECK_INT(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

static int visit(const struct shop *s)
{
	return visit_port(http_port(s->http));
}

static void say(int fd, const char *text)
{
	CHECK_INT(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Sends a byte every 50 ms. How long until the server ended it, at most 8 s; ms. */
static int64_t drip(int fd, const char *head, char byte)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t from = mono_us();

	if (head)
		say(fd, head);
	while (mono_us() - from < 8000000 && poll(&p, 1, 50) == 0)
		if (send(fd, &byte, 1, MSG_NOSIGNAL) < 0)
			break;
	return (mono_us() - from) / 1000;
}

static void expect_sold(int fd)
{
	char answer[1000] = "";
	size_t n = 0;

	while (!strstr(answer, "\r\n\r\nsold") && n < sizeof answer - 1) {
		ssize_t k = recv(fd, answer + n, sizeof answer - 1 - n, 0);

		if (k <= 0)
			break;
		n += (size_t)k;
		answer[n] = 0;
	}
	CHECK(strstr(answer, "\r\n\r\nsold") != NULL);
}

static bool reaches(atomic_int *what, int want, int64_t limit_ms)
{
	int64_t until = mono_us() + limit_ms * 1000;

	while (atomic_load(what) < want && mono_us() < until)
		usleep(2000);
	return atomic_load(what) >= want;
}

static void slow_head_is_cut(void)
{
	struct shop s;
	int64_t ms;
	int fd;

	shop_open(&s, 1000, 60000);
	fd = visit(&s);
	ms = drip(fd, "GET / HTTP/1.1\r\nA: ", 'a');
	CHECK(ms >= 900 && ms < 5000);
	close(fd);
	/* The first line of a second request, after a complete first one. */
	fd = visit(&s);
	say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	expect_sold(fd);
	ms = drip(fd, NULL, 'G');
	CHECK(ms >= 900 && ms < 7000);
	CHECK_INT(atomic_load(&s.began), 1);
	close(fd);
	shop_close(&s);
}

#define POST(n) "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " #n "\r\n\r\n"

static void slow_body_is_cut_and_leaves_no_file(void)
{
	struct shop s;
	int64_t ms;
	int fd;

	shop_open(&s, 60000, 1000);
	fd = visit(&s);
	ms = drip(fd, POST(100000), 'b');
	CHECK(ms >= 900 && ms < 5000);
	CHECK(atomic_load(&s.got) > 0);
	CHECK(reaches(&s.done, 1, 5000));
	close(fd);
	shop_close(&s);
}

/* 4 s long, with limits of 1 s: 64 KiB of each 60 ms are worth 4 s. */
static void large_upload_may_take_its_time(void)
{
	static char part[65536];
	struct shop s;
	int fd;

	shop_open(&s, 1000, 1000);
	fd = visit(&s);
	say(fd, POST(4194304));
	for (int i = 0; i < 64; i++) {
		CHECK_INT(send(fd, part, sizeof part, MSG_NOSIGNAL), sizeof part);
		usleep(60000);
	}
	expect_sold(fd);
	CHECK_INT(atomic_load(&s.got), 4194304);
	close(fd);
	shop_close(&s);
}

static void connection_that_idles_between_requests_is_kept(void)
{
	struct shop s;
	struct pollfd p = {.events = POLLIN};

	shop_open(&s, 1000, 1000);
	p.fd = visit(&s);
	for (int i = 0; i < 2; i++) {
		say(p.fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
		expect_sold(p.fd);
		say(p.fd, POST(3) "abc");
		expect_sold(p.fd);
		CHECK_INT(poll(&p, 1, i ? 0 : 3500), 0);
	}
	close(p.fd);
	shop_close(&s);
}

static void client_that_leaves_its_upload_is_noticed(void)
{
	struct shop s;
	int fd;

	shop_open(&s, 60000, 60000);
	fd = visit(&s);
	say(fd, POST(100000) "abc");
	CHECK(reaches(&s.began, 1, 5000));
	close(fd);
	CHECK(reaches(&s.done, 1, 5000));
	/* One that only says that it will send no more has its answer. */
	fd = visit(&s);
	say(fd, POST(3) "abc");
	shutdown(fd, SHUT_WR);
	expect_sold(fd);
	close(fd);
	shop_close(&s);
}

/* ---- a stream ---- */

struct stage {
	struct http *http;
	_Atomic(struct exchange *) x;
};

static void stage_begin(void *arg, struct exchange *x)
{
	struct stage *s = arg;

	answer_stream(x, 200, "text/plain");
	atomic_store(&s->x, x);
}

static const struct http_app stage_app = {
	.begin = stage_begin, .body = nothing_of_body, .end = nothing, .done = nothing};

#define PIECE  1000
#define PIECES 8000 /* 8 MB, far more than may wait */

/* Keeps something waiting all the time; each piece is one letter, the next one the next. */
static void *perform(void *arg)
{
	struct stage *s = arg;
	char piece[PIECE];
	struct exchange *x;

	while (!(x = atomic_load(&s->x)))
		usleep(1000);
	for (int i = 0; i < PIECES; i++) {
		memset(piece, 'a' + i % 26, sizeof piece);
		while (stream_waiting(x) > (200 << 10))
			usleep(200);
		CHECK(stream_push(x, piece, sizeof piece));
	}
	stream_end(x);
	return NULL;
}

/* Takes the pieces out of a chunked body; false: something is not as it was pushed. */
static bool in_order(const char *p, size_t n)
{
	size_t at = 0, size, seen = 0;
	char *end;

	while (at < n && (size = strtoul(p + at, &end, 16)) > 0) {
		at = (size_t)(end - p) + 2;
		for (size_t i = 0; i < size; i++, seen++)
			if (p[at + i] != (char)('a' + seen / PIECE % 26))
				return false;
		at += size + 2;
	}
	return seen == (size_t)PIECE * PIECES;
}

static void a_stream_that_is_read_slowly_comes_whole(void)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	size_t size = (size_t)PIECE * PIECES * 2, n = 0;
	struct http_conf conf = {
		.host = "127.0.0.1", .connections = 10, .idle_ms = 20000, .threads = 1};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char *all = malloc(size), *body;
	struct stage s = {0};
	int fd = socket(AF_INET, SOCK_STREAM, 0), little = 16384;
	pthread_t thread;
	ssize_t got;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	CHECK_INT(http_start(&conf, &stage_app, &s, &s.http), ERR_OK);
	a.sin_port = htons((uint16_t)http_port(s.http));
	CHECK_INT(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	say(fd, request);
	pthread_create(&thread, NULL, perform, &s);
	while (n < size - 1 && (got = recv(fd, all + n, size - 1 - n, 0)) > 0)
		n += (size_t)got;
	all[n] = 0;
	body = strstr(all, "\r\n\r\n");
	CHECK(body && in_order(body + 4, n - (size_t)(body + 4 - all)));
	pthread_join(thread, NULL);
	close(fd);
	free(all);
	CHECK(http_stop(s.http, 5000));
}

/* ---- a client whose network goes ---- */

struct hall {
	struct http *http;
	pthread_mutex_t lock;
	struct exchange *x; /* until it is done */
	bool came;
};

static void hall_begin(void *arg, struct exchange *x)
{
	struct hall *h = arg;

	pthread_mutex_lock(&h->lock);
	answer_stream(x, 200, "text/plain");
	h->x = x;
	h->came = true;
	pthread_mutex_unlock(&h->lock);
}

static void hall_done(void *arg, struct exchange *x)
{
	struct hall *h = arg;

	(void)x;
	pthread_mutex_lock(&h->lock);
	h->x = NULL;
	pthread_mutex_unlock(&h->lock);
}

static const struct http_app hall_app = {
	.begin = hall_begin, .body = nothing_of_body, .end = nothing, .done = hall_done};

/* A word to whom there is; false: nobody is there any more. */
static bool hall_say(struct hall *h)
{
	bool there;

	pthread_mutex_lock(&h->lock);
	there = h->x || !h->came;
	if (h->x)
		stream_push(h->x, "still here\n", 11);
	pthread_mutex_unlock(&h->lock);
	return there;
}

/* The kernel drops all that comes for this socket, and so acknowledges nothing. */
static void vanish(int fd)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &none};

	CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
}

static void listener_whose_network_goes_is_noticed(void)
{
	struct http_conf conf = {
		.host = "127.0.0.1", .connections = 10, .idle_ms = 1000, .threads = 1};
	struct hall h = {.lock = PTHREAD_MUTEX_INITIALIZER};
	char answer[1000];
	int64_t until;
	int fd;

	CHECK_INT(http_start(&conf, &hall_app, &h, &h.http), ERR_OK);
	fd = visit_port(http_port(h.http));
	say(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	for (int i = 0; i < 20; i++) { /* longer than it may be silent */
		CHECK(hall_say(&h));
		usleep(100000);
	}
	CHECK(recv(fd, answer, sizeof answer, 0) > 0);
	vanish(fd);
	until = mono_us() + 8000000;
	while (hall_say(&h) && mono_us() < until)
		usleep(100000);
	CHECK(!hall_say(&h));
	CHECK(http_stop(h.http, 5000));
	close(fd);
}

TESTS("http", T(first_request_finds_the_server_that_it_came_to),
	T(address_that_is_taken_is_an_error), T(slow_head_is_cut),
	T(slow_body_is_cut_and_leaves_no_file), T(large_upload_may_take_its_time),
	T(connection_that_idles_between_requests_is_kept),
	T(client_that_leaves_its_upload_is_noticed), T(a_stream_that_is_read_slowly_comes_whole),
	T(listener_whose_network_goes_is_noticed))
