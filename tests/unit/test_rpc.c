#include "proto/rpc.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "proto/clock.h"
#include "proto/log.h"
#include "tests/unit/check.h"

static const uint8_t key[32] = {1}, other_key[32] = {2};
static char large[3 << 20];
static atomic_int calls;
static struct call *_Atomic held;

static void on_call(void *arg, struct call *c)
{
	struct job j = {.v = 1, .seed = -1};
	struct problem p = {
		.param = "id", .message = "no such", .limit = -1, .remaining = -1, .reset_ms = -1};
	const struct job_ref *ref = call_rec(c);

	(void)arg;
	calls++;
	if (strcmp(ref->id, "missing") == 0) {
		call_refuse(c, ERR_NOT_FOUND, &p);
	} else if (strcmp(ref->id, "held") == 0) {
		held = c;
	} else {
		if (strcmp(ref->id, "late") == 0)
			usleep(600000);
		if (strcmp(ref->id, "large") == 0)
			j.prompt = large;
		j.id = ref->id;
		j.seconds = 4, j.width = 720, j.height = 1280;
		call_answer(c, &j);
	}
}

static enum err get(struct peer *p, const char *id, int budget, struct msg **ret)
{
	struct rid rid = rid_new();
	struct job_ref ref = {.owner = "o", .id = id};

	return ask_wait(p, &rid, MSG_JOB_GET, &ref, budget, ret);
}

static void an_ask_is_answered(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 4);
	struct msg *m = NULL;

	CHECK(server_open("jobs", "inproc://rpc-1", key, 4, on_call, NULL) != NULL);
	CHECK_INT(get(p, "video_1", 5000, &m), ERR_OK);
	CHECK_STR(((const struct job *)msg_rec(m))->id, "video_1");
	msg_free(m);
}

static atomic_int over;
static char problem_param[32];

static void refused(void *arg, enum err e, const struct answer *a)
{
	*(enum err *)arg = e;
	snprintf(problem_param, sizeof problem_param, "%s", a->problem->param);
	over = 1;
}

static void ended(void *arg, enum err e, const struct answer *a)
{
	(void)a;
	*(enum err *)arg = e;
	over = 1;
}

static atomic_int done_ok, done_overloaded, done_other;

static void count(void *arg, enum err e, const struct answer *a)
{
	(void)arg;
	(void)a;
	if (e == ERR_OK)
		done_ok++;
	else if (e == ERR_OVERLOADED)
		done_overloaded++;
	else
		done_other++;
}

static void a_refusal_says_more(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 4);
	struct job_ref ref = {.owner = "o", .id = "missing"};
	struct rid rid = rid_new();
	enum err e = ERR_OK;
	int64_t give_up = mono_us() + 10000000;

	ask(p, &rid, MSG_JOB_GET, &ref, 5000, refused, &e);
	while (!over && mono_us() < give_up)
		usleep(1000);
	CHECK_INT(e, ERR_NOT_FOUND);
	CHECK_STR(problem_param, "id");
}

static void metrics_and_ping_are_answered_by_the_server_itself(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 4);
	struct rid rid = rid_new();
	struct empty nothing;
	struct msg *m = NULL;

	CHECK_INT(ask_wait(p, &rid, MSG_PING, &nothing, 5000, NULL), ERR_OK);
	CHECK_INT(ask_wait(p, &rid, MSG_METRICS, &nothing, 5000, &m), ERR_OK);
	CHECK(strstr(((const struct text *)msg_rec(m))->text, "arena_jobs_calls_total") != NULL);
	msg_free(m);
}

static void nobody_there_is_unavailable_when_the_budget_is_used_up(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-nobody", key, 4);
	int64_t begun = mono_us();

	CHECK_INT(get(p, "x", 100, NULL), ERR_UNAVAILABLE);
	CHECK(mono_us() - begun >= 90000);
}

static void a_silent_server_is_a_timeout(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 4);

	CHECK_INT(get(p, "held", 100, NULL), ERR_TIMEOUT);
	CHECK(held != NULL);
	call_refuse(held, ERR_TIMEOUT, NULL);
}

static enum err held_e;

/* Asks what the server does not answer by itself, and waits until it has it. */
static void hold(struct peer *p)
{
	struct job_ref ref = {.owner = "o", .id = "held"};
	struct rid rid = rid_new();
	int64_t give_up = mono_us() + 10000000;

	held = NULL;
	over = 0;
	held_e = ERR_OK;
	ask(p, &rid, MSG_JOB_GET, &ref, 20000, ended, &held_e);
	while (!held && mono_us() < give_up)
		usleep(1000);
	CHECK(held != NULL);
}

/* It was not over yet; now it is answered. */
static void let_go(struct call *c)
{
	int64_t give_up = mono_us() + 10000000;

	CHECK(!over);
	call_refuse(c, ERR_NOT_FOUND, NULL);
	while (!over && mono_us() < give_up)
		usleep(1000);
	CHECK_INT(held_e, ERR_NOT_FOUND);
}

static void a_slow_answer_holds_nobody_up_at_a_slow_peer(void)
{
	struct peer *p = peer_open_slow("jobs", "inproc://rpc-1", key, 2);

	hold(p);
	for (int i = 0; i < 5; i++)
		CHECK_INT(get(p, "video_1", 5000, NULL), ERR_OK);
	let_go(held);
}

static void a_bundle_that_hangs_holds_nobody_up_for_long(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 64);

	hold(p);
	CHECK_INT(get(p, "video_1", 10000, NULL), ERR_OK); /* nothing else comes to push it on */
	CHECK_INT(get(p, "video_2", 10000, NULL), ERR_OK);
	let_go(held);
}

/* The lane that waits for the first one has slept before it asks. */
static void an_ask_that_waited_has_a_timeout_too(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 64);
	struct call *first;

	hold(p);
	first = held;
	for (int i = 0; i < 3; i++) {
		CHECK_INT(get(p, "held", 300, NULL), ERR_TIMEOUT);
		CHECK(held != first);
		call_refuse(held, ERR_TIMEOUT, NULL);
	}
	let_go(first);
}

static void asks_gather_while_a_bundle_is_in_flight(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 64);
	struct job_ref ref = {.owner = "o", .id = "video_1"};
	int64_t give_up = mono_us() + 10000000, begun;
	struct rid rid;
	int before;

	done_ok = 0;
	hold(p);
	begun = mono_us();
	before = calls;
	for (int i = 0; i < 16; i++) { /* these are a full bundle */
		/* Looked at late, they may have gone already. */
		CHECK(calls == before || mono_us() - begun > 50000);
		rid = rid_new();
		ask(p, &rid, MSG_JOB_GET, &ref, 20000, count, NULL);
	}
	while (done_ok < 16 && mono_us() < give_up)
		usleep(1000);
	CHECK_INT(done_ok, 16);
	let_go(held);
}

static void another_secret_gets_no_answer(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", other_key, 4);
	int before = calls;

	CHECK_INT(get(p, "video_1", 200, NULL), ERR_TIMEOUT);
	CHECK_INT(calls, before);
}

static void more_asks_than_fit_wait_and_the_rest_is_refused(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-late", key, 2);
	struct job_ref ref = {.owner = "o", .id = "video_1"};
	struct rid rid = rid_new();
	int64_t give_up = mono_us() + 10000000;

	done_ok = 0;
	for (int i = 0; i < 40; i++)
		ask(p, &rid, MSG_JOB_GET, &ref, 8000, count, NULL);
	CHECK_INT(done_overloaded, 40 - 2 - 32);
	CHECK(server_open("jobs", "inproc://rpc-late", key, 4, on_call, NULL) != NULL);
	while (done_ok < 34 && mono_us() < give_up)
		usleep(1000);
	CHECK_INT(done_ok, 34);
	CHECK_INT(done_other, 0);
}

struct ticket {
	char id[32];
	enum err want;
};

static atomic_int right, wrong;

static void check_ticket(void *arg, enum err e, const struct answer *a)
{
	struct ticket *t = arg;
	bool ok = e == t->want &&
		  (e != ERR_OK || strcmp(((const struct job *)a->rec)->id, t->id) == 0);

	if (ok)
		right++;
	else
		wrong++;
}

static void asks_that_travel_together_get_each_their_own_answer(void)
{
	static struct ticket tickets[3000];
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 256);
	int64_t give_up = mono_us() + 20000000;

	for (int i = 0; i < 3000; i++) {
		struct ticket *t = &tickets[i];
		struct job_ref ref = {.owner = "o", .id = t->id};
		struct rid rid = rid_new();

		t->want = i % 7 ? ERR_OK : ERR_NOT_FOUND;
		snprintf(t->id, sizeof t->id, i % 7 ? "video_%d" : "missing", i);
		ask(p, &rid, MSG_JOB_GET, &ref, 20000, check_ticket, t);
	}
	while (right + wrong < 3000 && mono_us() < give_up)
		usleep(1000);
	CHECK_INT(right, 3000);
	CHECK_INT(wrong, 0);
}

static void one_that_is_slow_does_not_spoil_the_budget_of_the_others(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 4);
	struct job_ref slow = {.owner = "o", .id = "held"};
	int64_t give_up = mono_us() + 10000000;
	struct rid rid = rid_new();

	held = NULL;
	over = 0;
	held_e = ERR_OK;
	ask(p, &rid, MSG_JOB_GET, &slow, 200, ended, &held_e);
	for (int i = 0; i < 20; i++)
		CHECK_INT(get(p, "video_1", 5000, NULL), ERR_OK);
	while (!(over && held) && mono_us() < give_up)
		usleep(1000);
	CHECK_INT(held_e, ERR_TIMEOUT);
	call_refuse(held, ERR_TIMEOUT, NULL);
}

static void an_ask_that_waits_for_a_lane_keeps_its_budget(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 1);
	int64_t begun;

	hold(p); /* for 20 s */
	begun = mono_us();
	CHECK_INT(get(p, "video_1", 300, NULL), ERR_TIMEOUT);
	CHECK(mono_us() - begun < 10000000);
	let_go(held);
}

static void forget(void *arg, enum err e, const struct answer *a)
{
	(void)arg, (void)e, (void)a;
}

static atomic_int late_tries;

static void tries(void *arg, enum err e, const struct answer *a)
{
	(void)arg;
	if (e == ERR_OK)
		late_tries = a->tries;
	else
		late_tries = -1;
}

static void one_whose_time_is_up_does_not_throw_away_the_answers_of_others(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 64);
	struct job_ref late = {.owner = "o", .id = "late"}, other = {.owner = "o", .id = "video_1"};
	int64_t give_up = mono_us() + 10000000;
	struct rid rid = rid_new();

	late_tries = 0;
	hold(p); /* so that the next two gather */
	ask(p, &rid, MSG_JOB_GET, &late, 9000, tries, NULL);
	rid = rid_new();
	ask(p, &rid, MSG_JOB_GET, &other, 200, forget, NULL);
	while (!late_tries && mono_us() < give_up)
		usleep(1000);
	CHECK_INT(late_tries, 1);
	let_go(held);
}

static int free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	int s = socket(AF_INET, SOCK_STREAM, 0);

	CHECK_INT(bind(s, (struct sockaddr *)&a, n), 0);
	CHECK_INT(getsockname(s, (struct sockaddr *)&a, &n), 0);
	close(s);
	return ntohs(a.sin_port);
}

/* Serves in a process of its own, and stays silent on the first ask when told so. */
static pid_t serve(const char *url, const char *silent)
{
	char self[] = "/proc/self/exe", word[] = "serve";
	char *argv[] = {self, word, (char *)url, (char *)silent, NULL};
	pid_t pid = fork();

	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

/* Together they are larger than a message may be. */
static void answers_that_do_not_fit_come_in_part(void)
{
	struct job_ref ref = {.owner = "o", .id = "large"};
	int64_t give_up = mono_us() + 30000000;
	struct peer *p;
	char url[64];
	int before;

	snprintf(url, sizeof url, "tcp://127.0.0.1:%d", free_port());
	memset(large, 'x', sizeof large - 1);
	CHECK(server_open("jobs", url, key, 16, on_call, NULL) != NULL);
	p = peer_open("jobs", url, key, 64);
	done_ok = done_other = 0;
	hold(p); /* so that these gather */
	before = calls;
	for (int i = 0; i < 8; i++) {
		struct rid rid = rid_new();

		ask(p, &rid, MSG_JOB_GET, &ref, 20000, count, NULL);
	}
	while (done_ok + done_other < 8 && mono_us() < give_up)
		usleep(1000);
	CHECK_INT(done_ok, 8);
	CHECK(calls - before <= 8 + 3); /* five fit: not all of the rest was made again */
	let_go(held);
}

static void an_ask_survives_the_death_of_the_server_that_had_it(void)
{
	struct job_ref ref = {.owner = "o", .id = "video_1"};
	struct rid rid = rid_new();
	struct peer *p;
	char url[64];
	int64_t give_up = mono_us() + 20000000;
	struct empty nothing;
	int status;
	pid_t pid;

	snprintf(url, sizeof url, "tcp://127.0.0.1:%d", free_port());
	pid = serve(url, "silent");
	p = peer_open("jobs", url, key, 4);
	done_ok = done_other = 0;
	/* the second ask shows that the server is up, so that it has the first one */
	ask(p, &rid, MSG_JOB_GET, &ref, 20000, count, NULL);
	rid = rid_new();
	CHECK_INT(ask_wait(p, &rid, MSG_PING, &nothing, 10000, NULL), ERR_OK);
	CHECK_INT(done_ok, 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	pid = serve(url, "talk");
	while (!done_ok && !done_other && mono_us() < give_up)
		usleep(1000);
	CHECK_INT(done_ok, 1);
	CHECK_INT(done_other, 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static char hop[4096];

static void keep(void *arg, const char *line)
{
	(void)arg;
	if (strstr(line, "ev=ask"))
		snprintf(hop, sizeof hop, "%s", line);
}

static void each_hop_is_one_line(void)
{
	struct peer *p = peer_open("jobs", "inproc://rpc-1", key, 4);
	struct job_ref ref = {.owner = "o", .id = "missing"};
	struct rid rid = {{0xfe}};

	log_tap(keep, NULL);
	CHECK_INT(ask_wait(p, &rid, MSG_JOB_GET, &ref, 5000, NULL), ERR_NOT_FOUND);
	log_tap(NULL, NULL);
	CHECK(strstr(hop, "rid=fe00") && strstr(hop, "to=jobs msg=JOB_GET status=NOT_FOUND us="));
}

static void silent_call(void *arg, struct call *c)
{
	if (strcmp(arg, "silent") != 0)
		on_call(arg, c);
}

TESTS_MAIN(
	"rpc",
	if (argc == 4 && strcmp(argv[1], "serve") == 0) {
		if (server_open("jobs", argv[2], key, 4, silent_call, argv[3]))
			pause();
		return 1;
	},
	T(an_ask_is_answered), T(a_refusal_says_more),
	T(metrics_and_ping_are_answered_by_the_server_itself),
	T(nobody_there_is_unavailable_when_the_budget_is_used_up), T(a_silent_server_is_a_timeout),
	T(a_bundle_that_hangs_holds_nobody_up_for_long), T(an_ask_that_waited_has_a_timeout_too),
	T(asks_gather_while_a_bundle_is_in_flight), T(a_slow_answer_holds_nobody_up_at_a_slow_peer),
	T(another_secret_gets_no_answer), T(more_asks_than_fit_wait_and_the_rest_is_refused),
	T(asks_that_travel_together_get_each_their_own_answer),
	T(one_that_is_slow_does_not_spoil_the_budget_of_the_others),
	T(an_ask_that_waits_for_a_lane_keeps_its_budget),
	T(one_whose_time_is_up_does_not_throw_away_the_answers_of_others),
	T(answers_that_do_not_fit_come_in_part),
	T(an_ask_survives_the_death_of_the_server_that_had_it), T(each_hop_is_one_line))
