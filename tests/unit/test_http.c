#include "services/gateway/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

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

TESTS("http", T(first_request_finds_the_server_that_it_came_to),
	T(address_that_is_taken_is_an_error))
