/*
 * What an exchange is made of: for http.c, which alone knows libmicrohttpd, and exchange.c, which
 * has the parts that need not.
 */
#ifndef ARENA_GATEWAY_EXCHANGE_H
#define ARENA_GATEWAY_EXCHANGE_H

#include <netinet/in.h>
#include <pthread.h>

#include "http.h"
#include "proto/buf.h"

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;
struct lingers;
struct pace;
struct pacer;

struct http {
	const struct http_app *app;
	void *arg;
	struct MHD_Daemon *daemon;
	struct lingers *linger;
	struct pace *pace;
	int port;
	unsigned arrive_ms; /* in a stream */
	_Atomic bool draining;
	_Atomic int in_flight;
	_Atomic int suspended; /* connections: must be none when the library is stopped */
};

/* One connection: what the library keeps for us with it. */
struct caller {
	struct http *h;
	struct pacer *pacer;
	struct exchange *x; /* the request that is on now; NULL: none */
};

enum phase { PHASE_NEW, PHASE_HEAD, PHASE_BEGIN, PHASE_BODY, PHASE_END };

struct exchange {
	struct http *h;
	struct MHD_Connection *con;
	struct pacer *pacer; /* the connection's */
	char *target;
	const char *method, *path, *version;
	struct rid rid;
	int64_t began_us, length;
	bool handed; /* suspended in this call: whatever comes of it comes with the next */
	enum phase phase;
	bool begun, has_body, head_again, nothing, queued, arrive;
	int fd, status;
	struct MHD_Response *answer;
	struct buf set; /* headers to add: name NUL value NUL ... */
	upgrade_fn *upgrade;
	void *upgrade_arg;
	/* the stream; under lock */
	pthread_mutex_t lock;
	struct buf out;
	size_t out_sent;
	bool asleep, ended, cut;
	char peer[INET6_ADDRSTRLEN];
	max_align_t data[];
};

/*
 * An answer in the middle of a body, which libmicrohttpd does not take: written by hand, as far as
 * the socket takes it at once (nothing was sent on it before). The connection ends.
 */
void exchange_refuse(struct exchange *x, int status, const char *type, const char *p, size_t n);

/* With its lock: the library has taken n bytes of what waits. */
void stream_taken(struct exchange *x, size_t n);

/*
 * Let the app answer what could not be read; the connection is to end then. False: the app does
 * not. fd: the socket, on which nothing of an answer was sent yet. Any thread.
 */
bool http_refuse(struct http *h, int fd, int status);

#endif
