/* What a bridge does with deliveries of webhooks. */
#include <sys/socket.h>

#include "tests/lib/httpd.h"
#include "tests/unit/bridge_rig.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/* ---- those who are told ---- */

static void answer(void *arg, const char *path, int fd)
{
	static char big[40000];
	int status;

	(void)arg;
	memset(big, 'x', sizeof big);
	if (sscanf(path, "/%d", &status) == 1) {
		char line[32];

		snprintf(line, sizeof line, "%d As you wish", status);
		httpd_say(fd, line, "Location: /200\r\n", "thanks", 6);
	} else if (strcmp(path, "/long") == 0) {
		httpd_say(fd, "200 OK", "", big, sizeof big);
	} else if (strcmp(path, "/hang") == 0) {
		char c;

		(void)!recv(fd, &c, 1, 0); /* until the other side gives up */
	}
}

/* ---- a jobs that has one delivery ---- */

struct desk {
	struct rig r;
	struct httpd *httpd;
	char url[100];
	/* under the rig's mutex */
	bool waiting;          /* it is to be taken */
	char lease[33];        /* of who has it */
	int takes, tells;      /* asks */
	int deaf, stubborn;    /* so many HOOK_TAKE, HOOK_TRIED have no effect on who asks */
	int64_t status, limit; /* what was told; -1: nothing yet */
	bool final;
	char error[200];
};

static void give(struct desk *d, struct call *c)
{
	static const char *const secrets[] = {SECRET};
	const struct hook_take *want = call_rec(c);
	struct delivery one = {.id = "evt_1",
		.owner = "a",
		.endpoint = "we_1",
		.url = d->url,
		.body = "{}",
		.secrets = secrets,
		.n_secrets = 1,
		.lease = want->lease};
	struct delivery_list list = {&one, 1};

	d->takes++;
	d->limit = want->limit;
	if (d->waiting) {
		d->waiting = false;
		snprintf(d->lease, sizeof d->lease, "%s", want->lease);
	} else if (strcmp(d->lease, want->lease) != 0) {
		list.n_deliveries = 0;
	}
	if (list.n_deliveries && d->deaf && d->deaf--)
		call_refuse(c, ERR_UNAVAILABLE, NULL); /* taken, but they do not hear of it */
	else
		call_answer(c, &list);
}

static void hear(struct desk *d, struct call *c)
{
	const struct hook_tried *say = call_rec(c);

	d->tells++;
	CHECK_STR(say->lease, d->lease);
	CHECK_STR(say->id, "evt_1");
	CHECK_STR(say->owner, "a");
	CHECK_STR(say->endpoint, "we_1");
	if (d->stubborn && d->stubborn--) {
		call_refuse(c, ERR_STORE, NULL);
		return;
	}
	d->status = say->status;
	d->final = say->final;
	snprintf(d->error, sizeof d->error, "%s", say->error ? say->error : "");
	call_answer(c, NULL);
}

static void on_hooks(void *arg, struct call *c)
{
	if (call_type(c) == MSG_HOOK_TAKE)
		give(arg, c);
	else
		hear(arg, c);
}

static void desk_open(struct desk *d, char *const *more)
{
	memset(d, 0, sizeof *d);
	d->status = -1;
	d->httpd = httpd_open(answer, NULL);
	rig_open(&d->r, more);
	BEND(&d->r, hooks_arg, d);
	BEND(&d->r, hooks, on_hooks);
}

static void desk_close(struct desk *d)
{
	rig_close(&d->r);
	httpd_close(d->httpd);
}

/* Let it be delivered there (a path, or a whole url), and wait until that was told of. */
static void deliver(struct desk *d, const char *to)
{
	pthread_mutex_lock(&d->r.jobs->mutex);
	if (to[0] == '/')
		snprintf(d->url, sizeof d->url, "http://127.0.0.1:%d%s", httpd_port(d->httpd), to);
	else
		snprintf(d->url, sizeof d->url, "%s", to);
	d->waiting = true;
	d->status = -1;
	pthread_mutex_unlock(&d->r.jobs->mutex);
	tell(d->r.teller, MSG_HOOK_READY, &(struct empty){});
	EVENTUALLY(SEEN(&d->r, d->status) != -1);
}

static char *quick[] = {(char *)"--fetch-private=yes", (char *)"--webhook-time=300ms", NULL};

/* ---- tests ---- */

static void the_answer_decides(void)
{
	static const struct {
		const char *to;
		int status;
		const char *error;
		bool final;
	} cases[] = {{"/200", 200, "", false}, {"/204", 204, "", false}, {"/299", 299, "", false},
		{"/301", 301, "The server answered 301; redirects are not followed.", false},
		{"/404", 404, "The server answered 404.", false},
		{"/410", 410, "The server answered 410: it is gone.", true},
		{"/503", 503, "The server answered 503.", false},
		{"/long", 200, "", false}, /* nobody reads it to its end */
		{"ftp://127.0.0.1/", 0, "The url cannot be followed.", true},
		{"http://u:p@127.0.0.1/", 0, "The url cannot be followed.", true}};
	struct desk d;

	desk_open(&d, quick);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int hits = httpd_hits(d.httpd);

		deliver(&d, cases[i].to);
		CHECK_INT(d.status, cases[i].status);
		CHECK_STR(d.error, cases[i].error);
		CHECK_INT(d.final, cases[i].final);
		CHECK_INT(httpd_hits(d.httpd) - hits, cases[i].status ? 1 : 0);
	}
	CHECK_INT(SEEN(&d.r, d.tells), 10);
	desk_close(&d);
}

static void who_does_not_answer_is_given_up(void)
{
	struct desk d;

	desk_open(&d, quick);
	deliver(&d, "/hang");
	CHECK_INT(d.status, 0);
	CHECK(d.error[0] && !d.final);
	deliver(&d, "/nothing"); /* closes at once */
	CHECK_INT(d.status, 0);
	CHECK(d.error[0] && !d.final);
	deliver(&d, "http://127.0.0.1:1/");
	CHECK_INT(d.status, 0);
	CHECK(d.error[0] && !d.final);
	desk_close(&d);
}

static void private_addresses_are_not_called(void)
{
	struct desk d;

	desk_open(&d, NULL);
	deliver(&d, "/200");
	CHECK_INT(d.status, 0);
	CHECK_STR(d.error, "The url leads to a private address.");
	CHECK(d.final);
	CHECK_INT(httpd_hits(d.httpd), 0);
	desk_close(&d);
}

static void lost_answers_of_jobs_cost_nothing(void)
{
	struct desk d;

	desk_open(&d, quick);
	pthread_mutex_lock(&d.r.jobs->mutex);
	d.deaf = 2;
	d.stubborn = 2;
	pthread_mutex_unlock(&d.r.jobs->mutex);
	deliver(&d, "/200");
	CHECK_INT(d.status, 200);
	CHECK_INT(httpd_hits(d.httpd), 1); /* it was delivered once */
	CHECK_INT(SEEN(&d.r, d.tells), 3);
	EVENTUALLY(SEEN(&d.r, d.limit) == 16); /* and its place is free again */
	desk_close(&d);
}

static void a_bridge_that_stops_tells_what_it_has(void)
{
	struct desk d;

	desk_open(&d, (char *[]){(char *)"--fetch-private=yes", (char *)"--drain=0ms", NULL});
	pthread_mutex_lock(&d.r.jobs->mutex);
	snprintf(d.url, sizeof d.url, "http://127.0.0.1:%d/hang", httpd_port(d.httpd));
	d.waiting = true;
	pthread_mutex_unlock(&d.r.jobs->mutex);
	tell(d.r.teller, MSG_HOOK_READY, &(struct empty){});
	EVENTUALLY(httpd_hits(d.httpd) == 1);
	rig_restart(&d.r);
	CHECK_INT(SEEN(&d.r, d.status), 0);
	CHECK_STR(d.error, "We were stopped before an answer came.");
	CHECK(!d.final);
	desk_close(&d);
}

TESTS("courier", T(the_answer_decides), T(who_does_not_answer_is_given_up),
	T(private_addresses_are_not_called), T(lost_answers_of_jobs_cost_nothing),
	T(a_bridge_that_stops_tells_what_it_has))
