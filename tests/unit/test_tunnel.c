#include "services/gateway/tunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "services/gateway/bridges.h"
#include "tests/unit/check.h"

#define UPGRADE                                                                                    \
	"GET /ws HTTP/1.1\r\nHost: gateway.example:3102\r\nConnection: Upgrade\r\n"                \
	"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"                                      \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"                                          \
	"Sec-WebSocket-Protocol: arena-worker.v1\r\nOrigin: https://a.example\r\n"                 \
	"Authorization: Bearer secret\r\nX-Other: no\r\n\r\n"
#define SWITCHING                                                                                  \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"        \
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"                                   \
	"Sec-WebSocket-Protocol: arena-worker.v1\r\nX-Secret: no\r\n\r\n"

/* A gateway with nothing but tunnels, and the listener of a bridge that the test plays itself. */
struct world {
	int listener;
	char addr[64];
	struct tunnels *tunnels;
	struct http *http;
};

static void begin(void *arg, struct exchange *x)
{
	tunnel_begin(((struct world *)arg)->tunnels, x);
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

static int socket_with_patience(void)
{
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	return fd;
}

static void world_make(struct world *w, int64_t max)
{
	struct http_conf conf = {
		.host = "127.0.0.1", .connections = 100, .idle_ms = 20000, .threads = 2};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;

	w->listener = socket_with_patience();
	CHECK_INT(bind(w->listener, (struct sockaddr *)&a, sizeof a), 0);
	CHECK_INT(listen(w->listener, 50), 0);
	getsockname(w->listener, (struct sockaddr *)&a, &len);
	snprintf(w->addr, sizeof w->addr, "127.0.0.1:%d", ntohs(a.sin_port));
	CHECK_INT(tunnels_start(w->addr, max, &w->tunnels), ERR_OK);
	CHECK_INT(http_start(&conf, &app, w, &w->http), ERR_OK);
}

static void world_end(struct world *w)
{
	http_drain(w->http);
	tunnels_stop(w->tunnels);
	http_stop(w->http, 5000);
	if (w->listener >= 0)
		close(w->listener);
}

static int client(const struct world *w, const char *request)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)http_port(w->http))};
	int fd = socket_with_patience();

	CHECK_INT(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	CHECK_INT(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	return fd;
}

static int bridge(const struct world *w)
{
	struct timeval patience = {.tv_sec = 10};
	int fd = accept(w->listener, NULL, NULL);

	CHECK(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

/* A head, byte by byte, so that nothing behind it is taken. */
static const char *head_of(int fd)
{
	static char head[4096];
	size_t n = 0;

	while (n < sizeof head - 1 && recv(fd, head + n, 1, 0) == 1) {
		head[++n] = '\0';
		if (n >= 4 && strcmp(head + n - 4, "\r\n\r\n") == 0)
			return head;
	}
	head[n] = '\0';
	return head;
}

static const char *text_of(int fd, size_t n)
{
	static char text[256];
	ssize_t got = recv(fd, text, n, MSG_WAITALL);

	text[got > 0 ? got : 0] = '\0';
	return text;
}

static void say(int fd, const char *text)
{
	CHECK_INT(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static int is_over(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, 0);

	return n == 0 || (n < 0 && errno == ECONNRESET);
}

static void join(const struct world *w, int *c, int *b)
{
	*c = client(w, UPGRADE);
	*b = bridge(w);
	head_of(*b);
	say(*b, SWITCHING);
	CHECK(strncmp(head_of(*c), "HTTP/1.1 101 ", 13) == 0);
}

static void handshake_reaches_the_bridge_and_its_answer_the_client(void)
{
	struct world w;
	const char *head;
	int c, b;

	world_make(&w, 10);
	c = client(&w, UPGRADE);
	b = bridge(&w);
	head = head_of(b);
	CHECK(strncmp(head, "GET /ws HTTP/1.1\r\n", 18) == 0);
	CHECK(strstr(head, "\r\nHost: gateway.example:3102\r\n") != NULL);
	CHECK(strstr(head, "\r\nOrigin: https://a.example\r\n") != NULL);
	CHECK(strstr(head, "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") != NULL);
	CHECK(strstr(head, "\r\nSec-WebSocket-Protocol: arena-worker.v1\r\n") != NULL);
	CHECK(strstr(head, "\r\nX-Forwarded-For: 127.0.0.1\r\n") != NULL);
	CHECK(strstr(head, "\r\nX-Request-Id: ") != NULL);
	CHECK(strstr(head, "secret") == NULL);
	CHECK(strstr(head, "X-Other") == NULL);
	say(b, SWITCHING);
	head = head_of(c);
	CHECK(strncmp(head, "HTTP/1.1 101 ", 13) == 0);
	CHECK(strcasestr(head, "\r\nConnection: Upgrade\r\n") != NULL);
	CHECK(strcasestr(head, "\r\nUpgrade: WebSocket\r\n") != NULL);
	CHECK(strstr(head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != NULL);
	CHECK(strstr(head, "Sec-WebSocket-Protocol: arena-worker.v1\r\n") != NULL);
	CHECK(strstr(head, "X-Secret") == NULL);
	close(c);
	close(b);
	world_end(&w);
}

static void bytes_go_both_ways(void)
{
	struct world w;
	int c, b;

	world_make(&w, 10);
	join(&w, &c, &b);
	for (int i = 0; i < 100; i++) {
		say(c, "ping");
		CHECK_STR(text_of(b, 4), "ping");
		say(b, "pong!");
		CHECK_STR(text_of(c, 5), "pong!");
	}
	close(c);
	close(b);
	world_end(&w);
}

static void what_follows_a_head_at_once_is_not_lost(void)
{
	struct world w;
	int c, b;

	world_make(&w, 10);
	c = client(&w, UPGRADE "early client");
	b = bridge(&w);
	head_of(b);
	say(b, SWITCHING "early bridge");
	CHECK(strncmp(head_of(c), "HTTP/1.1 101 ", 13) == 0);
	CHECK_STR(text_of(c, 12), "early bridge");
	CHECK_STR(text_of(b, 12), "early client");
	close(c);
	close(b);
	world_end(&w);
}

struct pour {
	int fd;
	size_t n;
};

static void *pour(void *arg)
{
	const struct pour *p = arg;
	static unsigned char all[8 << 20];

	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (unsigned char)(i * 2654435761u >> 24);
	for (size_t i = 0; i < p->n;) {
		ssize_t w = send(p->fd, all + i, p->n - i, MSG_NOSIGNAL);

		if (w <= 0)
			break;
		i += (size_t)w;
	}
	shutdown(p->fd, SHUT_WR);
	return NULL;
}

static void slow_reader_gets_every_byte_and_the_end(void)
{
	static unsigned char piece[30000];
	struct pour p = {.n = 8 << 20};
	size_t got = 0, wrong = 0;
	pthread_t thread;
	struct world w;
	ssize_t n;
	int c, b;

	world_make(&w, 10);
	join(&w, &c, &b);
	p.fd = c;
	pthread_create(&thread, NULL, pour, &p);
	while ((n = recv(b, piece, sizeof piece, 0)) > 0)
		for (ssize_t i = 0; i < n; i++, got++)
			wrong += piece[i] != (unsigned char)(got * 2654435761u >> 24);
	pthread_join(thread, NULL);
	CHECK_INT(n, 0);
	CHECK_INT(got, p.n);
	CHECK_INT(wrong, 0);
	/* The client has said that it sends no more; it still hears. */
	say(b, "well received");
	CHECK_STR(text_of(c, 13), "well received");
	close(b);
	CHECK(is_over(c));
	close(c);
	world_end(&w);
}

static void end_of_either_side_ends_the_other(void)
{
	struct world w;
	int c, b;

	world_make(&w, 10);
	join(&w, &c, &b);
	close(c);
	CHECK(is_over(b));
	close(b);
	join(&w, &c, &b);
	close(b);
	CHECK(is_over(c));
	close(c);
	world_end(&w);
}

static void bridge_that_is_down_is_an_error_with_words(void)
{
	struct world w;
	const char *head;
	int c;

	world_make(&w, 10);
	close(w.listener);
	w.listener = -1;
	c = client(&w, UPGRADE);
	head = head_of(c);
	CHECK(strncmp(head, "HTTP/1.1 503 ", 13) == 0);
	CHECK(strstr(head, "application/json") != NULL);
	CHECK(strncmp(text_of(c, 10), "{\"error\":{", 10) == 0);
	close(c);
	world_end(&w);
}

static void refusal_by_the_bridge_is_passed_on(void)
{
	static const struct {
		const char *says, *becomes;
	} cases[] = {
		{"HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP/1.1 403 "},
		{"HTTP/1.1 500 Oops\r\n\r\n", "HTTP/1.1 503 "},
		{"rubbish\r\n\r\n", "HTTP/1.1 503 "},
		{"", "HTTP/1.1 503 "},
		{"HTTP/1.1 101 cut sho", "HTTP/1.1 503 "},
	};
	struct world w;

	world_make(&w, 10);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int c = client(&w, UPGRADE), b = bridge(&w);

		head_of(b);
		say(b, cases[i].says);
		close(b);
		CHECK(strncmp(head_of(c), cases[i].becomes, strlen(cases[i].becomes)) == 0);
		close(c);
	}
	world_end(&w);
}

static void bridge_that_never_stops_its_head_is_cut_off(void)
{
	static char much[3000];
	struct world w;
	int c, b;

	world_make(&w, 10);
	c = client(&w, UPGRADE);
	b = bridge(&w);
	head_of(b);
	memset(much, 'x', sizeof much);
	say(b, "HTTP/1.1 101 Yes\r\nX: ");
	for (int i = 0; i < 4; i++)
		send(b, much, sizeof much, MSG_NOSIGNAL);
	CHECK(strncmp(head_of(c), "HTTP/1.1 503 ", 13) == 0);
	close(c);
	close(b);
	world_end(&w);
}

static void plain_request_is_told_what_this_is_for(void)
{
	struct world w;
	int c;

	world_make(&w, 10);
	c = client(&w, "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n");
	CHECK(strncmp(head_of(c), "HTTP/1.1 400 ", 13) == 0);
	CHECK(strstr(text_of(c, 120), "WebSocket") != NULL);
	close(c);
	/* Nor has the bridge words for an upgrade without its key. */
	c = client(&w, "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
		       "Upgrade: websocket\r\n\r\n");
	CHECK(strncmp(head_of(c), "HTTP/1.1 400 ", 13) == 0);
	close(c);
	world_end(&w);
}

static void one_too_many_is_refused_until_one_has_gone(void)
{
	int64_t deadline = mono_us() + 10000000;
	int c[3], b[3], again, ok = 0;
	struct world w;

	world_make(&w, 2);
	join(&w, &c[0], &b[0]);
	join(&w, &c[1], &b[1]);
	c[2] = client(&w, UPGRADE);
	CHECK(strncmp(head_of(c[2]), "HTTP/1.1 503 ", 13) == 0);
	close(c[2]);
	close(c[0]);
	CHECK(is_over(b[0]));
	close(b[0]);
	while (!ok && mono_us() < deadline) {
		struct pollfd p = {.events = POLLIN};

		again = client(&w, UPGRADE);
		p.fd = w.listener;
		if (poll(&p, 1, 50) == 1) {
			b[2] = bridge(&w);
			head_of(b[2]);
			say(b[2], SWITCHING);
			ok = strncmp(head_of(again), "HTTP/1.1 101 ", 13) == 0;
			close(b[2]);
		}
		close(again);
	}
	CHECK(ok);
	close(c[1]);
	close(b[1]);
	world_end(&w);
}

static void client_that_leaves_during_the_handshake_leaves_nothing(void)
{
	struct world w;

	world_make(&w, 2);
	/* More than there is room for at once: so each must have been let go. */
	for (int i = 0; i < 10; i++) {
		int c, b;

		c = client(&w, UPGRADE);
		b = bridge(&w);
		head_of(b);
		close(c);
		say(b, SWITCHING);
		CHECK(is_over(b));
		close(b);
	}
	world_end(&w);
}

static void stop_ends_tunnels_in_every_state(void)
{
	struct world w;
	int c[3], b[3];

	world_make(&w, 10);
	join(&w, &c[0], &b[0]);
	c[1] = client(&w, UPGRADE);
	b[1] = bridge(&w);
	head_of(b[1]);
	join(&w, &c[2], &b[2]);
	shutdown(c[2], SHUT_WR);
	world_end(&w);
	CHECK(is_over(b[0]));
	CHECK(is_over(c[0]));
	CHECK(is_over(b[1]));
	for (int i = 0; i < 3; i++) {
		close(c[i]);
		close(b[i]);
	}
}

static void wrong_addresses_are_refused(void)
{
	static const char *const wrong[] = {"", "localhost", ":80", "a:", "a:b", "127.0.0.1:80x",
		"127.0.0.1:80,", "127.0.0.1:80,b"};
	struct buf many = {0};
	struct tunnels *t;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK_INT(tunnels_start(wrong[i], 1, &t), ERR_BAD_PARAM);
	for (int i = 0; i <= BRIDGES_MAX; i++)
		buf_addf(&many, "%s127.0.0.1:80", i ? "," : "");
	CHECK_INT(tunnels_start(many.p, 1, &t), ERR_BAD_PARAM);
	buf_free(&many);
}

static void one_of_two_bridges_that_is_gone_is_passed_over(void)
{
	struct world w;
	char two[128];

	world_make(&w, 10);
	tunnels_stop(w.tunnels);
	snprintf(two, sizeof two, "127.0.0.1:1, %s", w.addr);
	CHECK_INT(tunnels_start(two, 10, &w.tunnels), ERR_OK);
	for (int i = 0; i < 4; i++) {
		int c = client(&w, UPGRADE), b = bridge(&w);

		CHECK(strncmp(head_of(b), "GET /ws ", 8) == 0);
		close(b);
		close(c);
	}
	world_end(&w);
}

static void names_are_looked_up(void)
{
	int64_t deadline = mono_us() + 10000000;
	struct world w;
	char name[64];
	int ok = 0;

	world_make(&w, 10);
	tunnels_stop(w.tunnels);
	snprintf(name, sizeof name, "localhost%s", strchr(w.addr, ':'));
	CHECK_INT(tunnels_start(name, 10, &w.tunnels), ERR_OK);
	while (!ok && mono_us() < deadline) {
		int c = client(&w, UPGRADE);
		struct pollfd p = {.fd = w.listener, .events = POLLIN};

		if (poll(&p, 1, 50) == 1) {
			int b = bridge(&w);

			ok = strncmp(head_of(b), "GET /ws ", 8) == 0;
			close(b);
		}
		close(c);
	}
	CHECK(ok);
	world_end(&w);
}

TESTS("tunnel", T(handshake_reaches_the_bridge_and_its_answer_the_client), T(bytes_go_both_ways),
	T(what_follows_a_head_at_once_is_not_lost), T(slow_reader_gets_every_byte_and_the_end),
	T(end_of_either_side_ends_the_other), T(bridge_that_is_down_is_an_error_with_words),
	T(refusal_by_the_bridge_is_passed_on), T(bridge_that_never_stops_its_head_is_cut_off),
	T(plain_request_is_told_what_this_is_for), T(one_too_many_is_refused_until_one_has_gone),
	T(client_that_leaves_during_the_handshake_leaves_nothing),
	T(stop_ends_tunnels_in_every_state), T(wrong_addresses_are_refused),
	T(one_of_two_bridges_that_is_gone_is_passed_over), T(names_are_looked_up))
