/*
 * A gateway with an auth and a jobs service of the test's own around it, over inproc, and an HTTP
 * client that says exactly what it is told. For test_gateway*.c.
 */
#ifndef ARENA_TESTS_GATEWAY_RIG_H
#define ARENA_TESTS_GATEWAY_RIG_H

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "proto/blob.h"
#include "proto/clock.h"
#include "proto/hint.h"
#include "proto/rpc.h"
#include "proto/secret.h"
#include "proto/sign.h"
#include "services/gateway/gateway.h"
#include "tests/unit/check.h"

#define RIG_JOBS    64
#define RIG_WAIT_MS 10000

/* A job as the fake keeps it: strings of its own. */
struct rig_job {
	struct job j;
	char id[ID_MAX], owner[40], model[40], prompt[200], idem[80], fingerprint[80];
	char image[BLOB_NAME];
	struct output out;
};

struct rig {
	char *dir;
	struct gateway_conf conf;
	struct gateway *g;
	struct blobs *blobs;
	struct secret secret;
	struct teller *teller;
	/* the fake jobs; under lock */
	pthread_mutex_t lock;
	struct rig_job jobs[RIG_JOBS];
	_Atomic int n_jobs;
	_Atomic int creates;        /* JOB_CREATE that came */
	int blob_gone;              /* refuse so many with BLOB_GONE */
	_Atomic enum err jobs_fail; /* refuse all with it */
	bool jobs_silent;           /* answer nothing */
	int64_t list_limit;         /* of the last JOB_LIST */
	bool list_ascending;
};

static struct rig rig = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- the fakes ---- */

static void rig_auth(void *arg, struct call *c)
{
	const struct auth_check *check = call_rec(c);

	(void)arg;
	if (strncmp(check->key, "good-", 5) == 0)
		call_answer(c, &(struct auth_grant){.owner = check->key + 5,
				       .limit = 60,
				       .remaining = 59,
				       .reset_ms = 61000,
				       .max_running = 4,
				       .max_waiting = 100});
	else if (strcmp(check->key, "limited") == 0)
		call_refuse(c, ERR_LIMITED,
			&(struct problem){.retry_after_ms = 1500,
				.limit = 60,
				.remaining = 0,
				.reset_ms = 20});
	else
		call_refuse(c, ERR_UNAUTHORIZED, NULL);
}

static struct rig_job *rig_find(const char *owner, const char *id)
{
	for (int i = 0; i < rig.n_jobs; i++)
		if (strcmp(rig.jobs[i].id, id) == 0 && strcmp(rig.jobs[i].owner, owner) == 0 &&
			strcmp(rig.jobs[i].j.status, "deleted") != 0)
			return &rig.jobs[i];
	return NULL;
}

#define RIG_COPY(to, from) snprintf(to, sizeof to, "%s", from ? from : "")

static void rig_create(struct call *c, const struct job_new *n)
{
	struct rig_job *r = &rig.jobs[rig.n_jobs % RIG_JOBS];

	rig.creates++;
	if (rig.blob_gone-- > 0) {
		blob_remove(rig.blobs, n->inputs[0].sha256);
		call_refuse(c, ERR_BLOB_GONE, NULL);
		return;
	}
	rig.n_jobs++;
	CHECK(rig.n_jobs <= RIG_JOBS);
	RIG_COPY(r->id, n->id);
	RIG_COPY(r->owner, n->owner);
	RIG_COPY(r->model, n->model);
	RIG_COPY(r->prompt, n->prompt);
	RIG_COPY(r->idem, n->idempotency_key);
	RIG_COPY(r->fingerprint, n->fingerprint);
	if (n->n_inputs)
		RIG_COPY(r->image, n->inputs[0].sha256);
	r->j = (struct job){.id = r->id,
		.owner = r->owner,
		.status = "queued",
		.revision = 1,
		.model = r->model,
		.prompt = r->prompt,
		.seconds = n->seconds,
		.width = n->width,
		.height = n->height,
		.seed = n->seed,
		.created_at = now_ms()};
	call_answer(c, &r->j);
}

static void rig_list(struct call *c, const struct job_list *l)
{
	struct job jobs[RIG_JOBS];
	struct job_page page = {.jobs = jobs};

	rig.list_limit = l->limit;
	rig.list_ascending = l->ascending;
	for (int i = rig.n_jobs - 1; i >= 0 && (int64_t)page.n_jobs < l->limit; i--)
		if (rig_find(l->owner, rig.jobs[i].id))
			jobs[page.n_jobs++] = rig.jobs[i].j;
	call_answer(c, &page);
}

static void rig_about(struct call *c, const struct job_ref *ref)
{
	struct rig_job *r = rig_find(ref->owner, ref->id);

	if (!r) {
		call_refuse(c, ERR_NOT_FOUND, NULL);
		return;
	}
	if (call_type(c) == MSG_JOB_DELETE) {
		r->j.status = "deleted";
		call_answer(c, NULL);
		return;
	}
	if (call_type(c) == MSG_JOB_CANCEL)
		r->j.status = "cancelled";
	call_answer(c, &r->j);
}

static void rig_models(struct call *c)
{
	static const char *const inputs[] = {"text", "image"};
	static const char *const available[] = {"m1"};
	static const struct model m = {.id = "m1",
		.inputs = inputs,
		.n_inputs = 2,
		.outputs = 1,
		.max_width = 1920,
		.max_height = 1080,
		.min_seconds = 1,
		.max_seconds = 20,
		.max_prompt = 32000,
		.selectable = true};

	call_answer(
		c, &(struct model_list){
			   .models = &m, .n_models = 1, .available = available, .n_available = 1});
}

static void rig_jobs_call(void *arg, struct call *c)
{
	(void)arg;
	pthread_mutex_lock(&rig.lock);
	if (rig.jobs_silent)
		; /* the asker's budget runs out */
	else if (rig.jobs_fail)
		call_refuse(c, rig.jobs_fail, NULL);
	else if (call_type(c) == MSG_JOB_CREATE)
		rig_create(c, call_rec(c));
	else if (call_type(c) == MSG_JOB_LIST)
		rig_list(c, call_rec(c));
	else if (call_type(c) == MSG_MODEL_LIST)
		rig_models(c);
	else
		rig_about(c, call_rec(c));
	pthread_mutex_unlock(&rig.lock);
}

/* What became of the newest job; the gateway is told as jobs would. fn changes it. */
static void rig_change(void (*fn)(struct rig_job *r))
{
	struct job_hint hint;
	struct rig_job *r;

	pthread_mutex_lock(&rig.lock);
	r = &rig.jobs[rig.n_jobs - 1];
	fn(r);
	r->j.revision++;
	hint = (struct job_hint){r->id, r->owner, r->j.status, r->j.revision};
	tell(rig.teller, MSG_JOB_CHANGED, &(struct job_hints){&hint, 1});
	pthread_mutex_unlock(&rig.lock);
}

/* ---- start and stop ---- */

/* The fakes live as long as the process, so all gateways have the same secret. */
static void rig_fakes(const struct secret *secret)
{
	static bool serving;

	if (serving)
		return;
	serving = true;
	CHECK(server_open("auth", "inproc://rig-auth", secret->wire, 32, rig_auth, NULL) != NULL);
	CHECK(server_open("jobs", "inproc://rig-jobs", secret->wire, 32, rig_jobs_call, NULL) !=
		NULL);
	rig.teller = teller_open("inproc://rig-hints", secret->wire);
}

/* The settings of rig.conf may be changed before rig_go(). */
static void rig_prepare(void)
{
	static char name[] = "test";
	char *argv[] = {name, NULL};
	static const char master[32] = "the same for all tests of a run";
	char path[600];
	bool made;

	pthread_mutex_lock(&rig.lock);
	rig.n_jobs = rig.creates = rig.blob_gone = 0;
	rig.jobs_fail = ERR_OK;
	rig.jobs_silent = false;
	memset(rig.jobs, 0, sizeof rig.jobs);
	pthread_mutex_unlock(&rig.lock);
	rig.dir = tmp_make();
	snprintf(path, sizeof path, "%s/cluster-secret", rig.dir);
	CHECK_INT(secret_file(path, master, sizeof master, &made), ERR_OK);
	CHECK_INT(secret_load(rig.dir, &rig.secret), ERR_OK);
	rig_fakes(&rig.secret);
	CHECK(conf_parse(gateway_conf_table, &rig.conf, NULL, 1, argv) == NULL);
	rig.conf.common.data = rig.dir;
	rig.conf.port = 0;
	rig.conf.auth_url = "inproc://rig-auth";
	rig.conf.jobs_url = "inproc://rig-jobs";
	rig.conf.hints_url = "inproc://rig-hints";
	rig.conf.bridge_url = "inproc://rig-bridge";
	CHECK_INT(blobs_open(rig.dir, &rig.blobs), ERR_OK);
}

static void rig_go(void)
{
	if (gateway_start(&rig.conf, &rig.g) != ERR_OK) {
		fprintf(stderr, "the gateway does not start\n");
		abort();
	}
}

static void rig_start(void)
{
	rig_prepare();
	rig_go();
}

static void rig_stop(void)
{
	gateway_stop(rig.g);
	blobs_close(rig.blobs);
	tmp_remove(rig.dir);
}

/* Files on their way into the store, and pins. */
static int rig_temporary_files(void)
{
	char path[600];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/blobs/tmp", rig.dir);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* Put bytes into the store; fills name. */
static void rig_blob(const void *p, size_t n, char name[BLOB_NAME])
{
	struct blob_writer *w;

	CHECK_INT(blob_create(rig.blobs, 1 << 20, &w), ERR_OK);
	CHECK_INT(blob_write(w, p, n), ERR_OK);
	CHECK_INT(blob_commit(w, name), ERR_OK);
	blob_release(w);
}

/* ---- the client ---- */

struct reply {
	int status; /* 0: none came */
	char head[4096];
	char body[65536];
	size_t n;
	bool closed; /* the server has closed */
};

static int dial(void)
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

static void say(int fd, const void *p, size_t n)
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

/* One more byte, or as many as there are up to max; 0: end, or nothing came in time. */
static size_t hear_some(int fd, char *p, size_t max)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t n;

	if (poll(&pfd, 1, RIG_WAIT_MS) != 1)
		return 0;
	n = recv(fd, p, max, 0);
	return n > 0 ? (size_t)n : 0;
}

static const char *header(const struct reply *r, const char *name)
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

/* One answer; with_body false: of a HEAD. */
static struct reply *hear(int fd, bool with_body)
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
	if (r.status == 304 || !with_body)
		want = 0;
	while (r.n < want && r.n < sizeof r.body - 1) {
		size_t got = hear_some(fd, r.body + r.n, want - r.n);

		if (!got)
			break;
		r.n += got;
	}
	return &r;
}

/* A request on a connection of its own. lines: more header lines with CR LF, or "". */
static struct reply *req(const char *method, const char *target, const char *key, const char *lines,
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

static struct reply *get(const char *target, const char *key)
{
	return req("GET", target, key, "", NULL, 0);
}

static struct reply *post_json(const char *target, const char *key, const char *json)
{
	return req("POST", target, key, "Content-Type: application/json\r\n", json, strlen(json));
}

/* The value of "name":"..." or "name":number in the answer; "" when it is not there. */
static const char *field(const struct reply *r, const char *name)
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

/* Does it become true in time? For what other threads do. */
#define BECOMES(cond)                                                                              \
	({                                                                                         \
		int64_t until_ = mono_us() + RIG_WAIT_MS * 1000;                                   \
		while (!(cond) && mono_us() < until_)                                              \
			usleep(2000);                                                              \
		(cond);                                                                            \
	})

#endif
