/*
 * What libmicrohttpd cannot read, it answers by itself, as HTML, and in 0.9.75 for a bad
 * Content-Length with two heads. It queues these answers by its public function, which a program
 * may define anew (ELF: the program's own comes first): so that one is here, hands the answer to
 * the app, whose words end what is sent; the library's follow into a socket that sends no more.
 * They must be queued all the same: when the arguments of a target do not fit into its memory,
 * 0.9.75 forgets that it has given up, and would read on with the memory of a connection that it
 * has closed. A library that is bound to its own function answers as it did. With http.c the only
 * file that knows libmicrohttpd.
 */
#include <assert.h>
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "exchange.h"
#include "http_queue.h"
#include "linger.h"
#include "proto/clock.h"

static http_queue_fn *library_queue;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find(void)
{
	void *fn = dlsym(RTLD_NEXT, "MHD_queue_response");

	assert(fn);
	memcpy(&library_queue, &fn, sizeof fn); /* C knows no cast between the two */
}

http_queue_fn *http_queue(void)
{
	pthread_once(&once, find);
	return library_queue;
}

bool http_refuse(struct http *h, int fd, int status)
{
	/* As in the middle of a body: the answer is written by hand. */
	struct exchange x = {.h = h,
		.fd = fd,
		.rid = rid_new(),
		.began_us = mono_us(),
		.method = "",
		.path = "",
		.target = (char[]){""},
		.version = "",
		.phase = PHASE_BODY};

	if (!h->app->refuse)
		return false;
	h->app->refuse(h->arg, &x, status);
	buf_free(&x.set);
	return true;
}

/* Called by the library alone: http.c uses http_queue(). */
enum MHD_Result MHD_queue_response(
	struct MHD_Connection *con, unsigned int status, struct MHD_Response *answer)
{
	struct caller *c =
		MHD_get_connection_info(con, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	int fd = MHD_get_connection_info(con, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

	if (http_refuse(c->h, fd, (int)status)) {
		linger_add(c->h->linger, fd); /* the client may still send */
		shutdown(fd, SHUT_WR);
	}
	return http_queue()(con, status, answer);
}
