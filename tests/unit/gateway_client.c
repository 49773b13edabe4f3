#include "tests/unit/gateway_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "tests/unit/gateway_rig.h"

int dial(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)gateway_port(rig.g)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void say(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t w = send(fd, at, n, MSG_NOSIGNAL);

		if (w <= 0)
			return; /* refused already; the answer says why */
		at += w;
		n -= (size_t)w;
	}
}

size_t hear_some(int fd, char *p, size_t max)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t n;

	if (poll(&pfd, 1, RIG_WAIT_MS) != 1)
		return 0;
	n = recv(fd, p, max, 0);
	return n > 0 ? (size_t)n : 0;
}

const char *header(const struct reply *r, const char *name)
{
	static char value[1024];
	const char *p = r->head;
	size_t n = strlen(name);

	while ((p = strstr(p, "\r\n"))) {
		p += 2;
		if (strncasecmp(p, name, n) == 0 && p[n] == ':') {
			snprintf(value, sizeof value, "%.*s", (int)strcspn(p + n + 2, "\r"),
				p + n + 2);
			return value;
		}
	}
	return NULL;
}

struct reply *hear(int fd, bool with_body)
{
	static struct reply r;
	size_t n = 0, want;
	const char *length;

	memset(&r, 0, sizeof r);
	while (n < sizeof r.head - 1 && hear_some(fd, r.head + n, 1) == 1) {
		n++;
		if (n >= 4 && memcmp(r.head + n - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	if (sscanf(r.head, "HTTP/1.1 %d", &r.status) != 1)
		return &r;
	length = header(&r, "Content-Length");
	want = length ? (size_t)atoll(length) : sizeof r.body - 1;
	if (r.status == 204 || r.status == 304 || !with_body)
		want = 0;
	if (want > sizeof r.body - 1)
		want = sizeof r.body - 1;
	while (r.n < want) {
		size_t got = hear_some(fd, r.body + r.n, want - r.n);

		if (!got)
			break;
		r.n += got;
	}
	return &r;
}

struct reply *req(const char *method, const char *target, const char *key, const char *lines,
	const void *body, size_t n)
{
	char head[4096];
	struct reply *r;
	char c;
	int fd = dial();
	int len = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: gw.test\r\n%s%s%s%s", method,
		target, key ? "Authorization: Bearer " : "", key ? key : "", key ? "\r\n" : "",
		lines);

	if (body)
		len += snprintf(
			head + len, sizeof head - (size_t)len, "Content-Length: %zu\r\n", n);
	len += snprintf(head + len, sizeof head - (size_t)len, "\r\n");
	say(fd, head, (size_t)len);
	if (body)
		say(fd, body, n);
	r = hear(fd, strcmp(method, "HEAD") != 0);
	if (header(r, "Connection") && strcasecmp(header(r, "Connection"), "close") == 0)
		r->closed = hear_some(fd, &c, 1) == 0;
	close(fd);
	return r;
}

struct reply *get(const char *target, const char *key)
{
	return req("GET", target, key, "", NULL, 0);
}

struct reply *post_json(const char *target, const char *key, const char *json)
{
	return req("POST", target, key, "Content-Type: application/json\r\n", json, strlen(json));
}

const char *field(const struct reply *r, const char *name)
{
	static char value[2048];
	char quoted[80];
	const char *p;

	snprintf(quoted, sizeof quoted, "\"%s\":", name);
	p = strstr(r->body, quoted);
	if (!p)
		return "";
	p += strlen(quoted);
	snprintf(value, sizeof value, "%.*s", (int)strcspn(p + (*p == '"'), "\",}"),
		p + (*p == '"'));
	return value;
}

const char *join(const char *a, const char *b)
{
	static char both[2][400];
	static int i;

	i = !i;
	snprintf(both[i], sizeof both[i], "%s%s", a, b);
	return both[i];
}

double figure(const char *name)
{
	struct reply *r = get("/metrics", NULL);
	const char *p = r->body;
	size_t n = strlen(name);

	while (p && strncmp(p, name, n) != 0) {
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
	}
	return p ? atof(p + n) : -1;
}
