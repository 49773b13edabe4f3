#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int listen_at(const char *host, int want_port, int *family, int *port, const char **why)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *ai;
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;
	char service[16], text[16];
	int fd, one = 1, rc;

	snprintf(service, sizeof service, "%d", want_port);
	rc = getaddrinfo(host, service, &hints, &ai);
	if (rc != 0) {
		*why = gai_strerror(rc);
		return -1;
	}
	*family = ai->ai_family;
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (fd < 0 || bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, 4096) != 0 ||
		getsockname(fd, (struct sockaddr *)&ss, &len) != 0) {
		*why = strerror(errno);
		if (fd >= 0)
			close(fd);
		freeaddrinfo(ai);
		return -1;
	}
	freeaddrinfo(ai);
	getnameinfo((struct sockaddr *)&ss, len, NULL, 0, text, sizeof text, NI_NUMERICSERV);
	*port = atoi(text);
	return fd;
}
