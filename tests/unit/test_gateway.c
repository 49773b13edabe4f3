/* The gateway whole, over real HTTP, with fakes of auth and jobs. */
#include <sodium.h>

#include "tests/unit/gateway_rig.h"

#define ME    "good-me"
#define BOUND "Content-Type: multipart/form-data; boundary=XX\r\n"

static const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I',
	'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13,
	'I', 'D', 'A', 'T', 'x', 0xda, 'c', 'd', 0xf8, 0xcf, 'P', 0x0f, 0, 3, 0x86, 1, 0x80, 'Z',
	'4', '}', 'k', 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 'B', 0x60, 0x82};

/* A form with a prompt and an image; the body and its length. */
static const char *form(const void *image, size_t n_image, size_t *n)
{
	static char b[4096];
	int len = snprintf(b, sizeof b,
		"--XX\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na fox\r\n"
		"--XX\r\nContent-Disposition: form-data; name=\"image\"; "
		"filename=\"a.png\"\r\n\r\n");

	memcpy(b + len, image, n_image);
	len += (int)n_image;
	len += snprintf(b + len, sizeof b - (size_t)len, "\r\n--XX--\r\n");
	*n = (size_t)len;
	return b;
}

static char video[BLOB_NAME], poster[BLOB_NAME];

static void complete(struct rig_job *r)
{
	r->out = (struct output){.sha256 = video,
		.mime = "video/mp4",
		.size = 1000,
		.width = 720,
		.height = 1280,
		.duration_ms = 4000,
		.poster = poster};
	r->j.status = "completed";
	r->j.ended_at = now_ms();
	r->j.expires_at = now_ms() + 86400000;
	r->j.outputs = &r->out;
	r->j.n_outputs = 1;
}

static void fail_policy(struct rig_job *r)
{
	r->j.status = "failed";
	r->j.error_code = "content_policy";
	r->j.error_message = "Not that.";
}

static void fail_worker(struct rig_job *r)
{
	r->j.status = "failed";
	r->j.error_code = "worker_lost";
	r->j.error_message = "The worker was lost.";
}

static void cancel(struct rig_job *r)
{
	r->j.status = "cancelled";
}

static void progress(struct rig_job *r)
{
	r->j.status = "in_progress";
	r->j.progress += 10;
}

/* The 1,000 bytes of the result's file. */
static void make_files(void)
{
	char bytes[1000];

	for (int i = 0; i < 1000; i++)
		bytes[i] = (char)('a' + i % 26);
	rig_blob(bytes, sizeof bytes, video);
	rig_blob("RIFFxxxxWEBP", 12, poster);
}

/* The path of a new video of ME, in a state. */
static const char *new_video(void (*state)(struct rig_job *r))
{
	static char path[80];

	CHECK_INT(post_json("/v1/videos", ME, "{\"prompt\":\"a fox\"}")->status, 200);
	if (state)
		rig_change(state);
	snprintf(path, sizeof path, "/v1/videos/%s", rig.jobs[rig.n_jobs - 1].id);
	return path;
}

static const char *join(const char *a, const char *b)
{
	static char both[2][400];
	static int i;

	i = !i;
	snprintf(both[i], sizeof both[i], "%s%s", a, b);
	return both[i];
}

static void every_route_wants_a_key(void)
{
	static const char *const routes[][2] = {{"POST", "/v1/videos"},
		{"POST", "/v1/videos/generations"}, {"GET", "/v1/videos"}, {"GET", "/v1/videos/x"},
		{"DELETE", "/v1/videos/x"}, {"POST", "/v1/videos/x/cancel"},
		{"GET", "/v1/videos/x/content"}, {"GET", "/v1/videos/x/content.mp4"},
		{"GET", "/v1/videos/x/events"}, {"GET", "/v1/models"}};

	rig_start();
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		struct reply *r = req(routes[i][0], routes[i][1], NULL, "", NULL, 0);

		CHECK_INT(r->status, 401);
		CHECK_STR(header(r, "WWW-Authenticate"), "Bearer");
		CHECK_STR(field(r, "code"), "invalid_api_key");
		CHECK_INT(req(routes[i][0], routes[i][1], "bad", "", NULL, 0)->status, 401);
	}
	CHECK_INT(rig.creates, 0);
	rig_stop();
}

static void what_is_not_there_is_said_so(void)
{
	struct reply *r;

	rig_start();
	r = get("/v1/nothing", ME);
	CHECK_INT(r->status, 404);
	CHECK_STR(field(r, "code"), "unknown_url");
	r = req("PUT", "/v1/videos", ME, "", NULL, 0);
	CHECK_INT(r->status, 405);
	CHECK_STR(header(r, "Allow"), "POST, GET, HEAD");
	r = get("/v1/videos/video_00000000000000000000000000000000", ME);
	CHECK_INT(r->status, 404);
	CHECK_STR(field(r, "code"), "not_found");
	CHECK_INT(get("/v1/videos/%2e%2e%2f", ME)->status, 404);
	CHECK_INT(get("/healthz%00x", ME)->status, 400);
	rig_stop();
}

static void every_answer_says_its_request_id_and_type(void)
{
	char first[80];
	struct reply *r;

	rig_start();
	r = get("/healthz", NULL);
	CHECK_STR(header(r, "X-Content-Type-Options"), "nosniff");
	snprintf(first, sizeof first, "%s", header(r, "x-request-id"));
	CHECK_INT(strlen(first), 32);
	r = get("/nothing", NULL);
	CHECK(strcmp(header(r, "x-request-id"), first) != 0);
	CHECK_STR(header(r, "Content-Type"), "application/json");
	rig_stop();
}

static void rates_are_told_and_limits_say_when_to_return(void)
{
	struct reply *r;

	rig_start();
	r = get("/v1/models", ME);
	CHECK_STR(header(r, "x-ratelimit-limit-requests"), "60");
	CHECK_STR(header(r, "x-ratelimit-remaining-requests"), "59");
	CHECK_STR(header(r, "x-ratelimit-reset-requests"), "1m1s");
	r = get("/v1/models", "limited");
	CHECK_INT(r->status, 429);
	CHECK_STR(header(r, "Retry-After"), "2");
	CHECK_STR(header(r, "retry-after-ms"), "1500");
	CHECK_STR(header(r, "x-ratelimit-remaining-requests"), "0");
	CHECK_STR(header(r, "x-ratelimit-reset-requests"), "20ms");
	rig_stop();
}

static void a_job_is_made_of_json(void)
{
	struct rig_job *j = &rig.jobs[0];
	struct reply *r;

	rig_start();
	r = post_json("/v1/videos", ME,
		"{\"prompt\":\"a fox\",\"seconds\":\"8\",\"size\":\"1280x720\",\"seed\":5}");
	CHECK_INT(r->status, 200);
	CHECK_STR(field(r, "status"), "queued");
	CHECK_STR(field(r, "id"), j->id);
	CHECK(id_ok("video_", j->id));
	CHECK_STR(j->owner, "me");
	CHECK_STR(j->model, "m1"); /* the one that is available */
	CHECK_STR(j->prompt, "a fox");
	CHECK_INT(j->j.seconds, 8);
	CHECK_INT(j->j.width, 1280);
	CHECK_INT(j->j.seed, 5);
	rig_stop();
}

static void an_image_of_a_form_is_stored_for_the_job(void)
{
	size_t n;
	const char *body = form(png, sizeof png, &n);
	char link[300] = "";
	struct buf b = {0};
	struct reply *r;

	rig_start();
	r = req("POST", "/v1/videos", ME, BOUND, body, n);
	CHECK_INT(r->status, 200);
	CHECK(blob_exists(rig.blobs, rig.jobs[0].image));
	CHECK(BECOMES(rig_temporary_files() == 0)); /* the pin is let go */
	/* A worker gets it by a signed link. */
	snprintf(link, sizeof link, "/v1/inputs/%s", rig.jobs[0].image);
	CHECK_INT(get(link, ME)->status, 403);
	sign_link(rig.secret.link, link, "input", now_ms() / 1000 + 60, &b);
	r = get(b.p, NULL);
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Type"), "image/png");
	CHECK(r->n == sizeof png && memcmp(r->body, png, sizeof png) == 0);
	buf_free(&b);
	rig_stop();
}

static void a_swept_image_is_committed_again(void)
{
	size_t n;
	const char *body = form(png, sizeof png, &n);

	rig_start();
	rig.blob_gone = 1;
	CHECK_INT(req("POST", "/v1/videos", ME, BOUND, body, n)->status, 200);
	CHECK_INT(rig.creates, 2);
	CHECK(blob_exists(rig.blobs, rig.jobs[0].image));
	rig_stop();
}

/* JSON with an image of n bytes, a PNG and what is behind it; to be freed. */
static char *json_with_image(size_t n)
{
	char *json = malloc(n / 3 * 4 + 200);
	unsigned char *image = calloc(1, n);
	size_t len;

	memcpy(image, png, sizeof png);
	len = (size_t)sprintf(json, "{\"prompt\":\"x\",\"image\":\"data:image/png;base64,");
	sodium_bin2base64(json + len, n / 3 * 4 + 100, image, n, sodium_base64_VARIANT_ORIGINAL);
	strcat(json, "\"}");
	free(image);
	return json;
}

static void a_large_image_in_json_is_stored_and_one_too_large_is_not(void)
{
	char *json = json_with_image(5 << 20), *large = json_with_image(11 << 20);
	struct reply *r;

	rig_start();
	CHECK_INT(post_json("/v1/videos", ME, json)->status, 200);
	CHECK(blob_exists(rig.blobs, rig.jobs[0].image));
	r = post_json("/v1/videos", ME, large);
	CHECK_INT(r->status, 413);
	CHECK_STR(field(r, "param"), "image");
	CHECK(BECOMES(rig_temporary_files() == 0));
	free(json);
	free(large);
	rig_stop();
}

static void too_much_text_at_once_is_refused_and_the_next_is_served(void)
{
	char *json = json_with_image(1 << 20);
	struct reply *r;

	rig_prepare();
	rig.conf.body_memory = 1 << 20;
	rig_go();
	r = post_json("/v1/videos", ME, json);
	CHECK_INT(r->status, 503);
	CHECK_STR(header(r, "Retry-After"), "1");
	CHECK_INT(post_json("/v1/videos", ME, "{\"prompt\":\"x\"}")->status, 200);
	free(json);
	rig_stop();
}

static void bad_requests_make_no_job_and_leave_no_file(void)
{
	static const char *const json[][2] = {{"{", "invalid_json"},
		{"{}", "missing_required_parameter"}, {"{\"prompt\":\" \"}", "invalid_value"},
		{"{\"prompt\":\"x\",\"model\":\"zz\"}", "model_not_found"},
		{"{\"prompt\":\"x\",\"seconds\":\"21\"}", "invalid_value"},
		{"{\"prompt\":\"x\",\"size\":\"721x1280\"}", "invalid_value"},
		{"{\"prompt\":\"x\",\"image\":\"data:;base64,AAAA\"}", "invalid_image"}};
	const char *body;
	struct reply *r;
	size_t n;

	rig_start();
	for (size_t i = 0; i < sizeof json / sizeof *json; i++) {
		r = post_json("/v1/videos", ME, json[i][0]);
		CHECK_INT(r->status, 400);
		CHECK_STR(field(r, "code"), json[i][1]);
	}
	r = req("POST", "/v1/videos", ME, "Content-Type: text/plain\r\n", "x", 1);
	CHECK_INT(r->status, 415);
	r = req("POST", "/v1/videos", ME, "", NULL, 0);
	CHECK_INT(r->status, 415);
	body = form("no image", 8, &n);
	r = req("POST", "/v1/videos", ME, BOUND, body, n);
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "code"), "invalid_image");
	r = req("POST", "/v1/videos", ME, BOUND, body, n - 4);
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "code"), "invalid_multipart");
	CHECK_INT(rig.creates, 0);
	CHECK(BECOMES(rig_temporary_files() == 0));
	rig_stop();
}

static void a_body_that_says_it_is_too_large_is_not_read(void)
{
	struct reply *r;
	int fd;

	rig_start();
	fd = dial();
	say(fd,
		"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n" BOUND
		"Content-Length: 100000000\r\n\r\n",
		strlen("POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
		       "good-me\r\n" BOUND "Content-Length: 100000000\r\n\r\n"));
	r = hear(fd, true);
	CHECK_INT(r->status, 413);
	CHECK_STR(field(r, "code"), "request_too_large");
	close(fd);
	rig_stop();
}

static void an_image_that_is_too_large_is_refused_midway(void)
{
	static const char head[] =
		"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n" BOUND
		"Content-Length: 20000000\r\n\r\n"
		"--XX\r\nContent-Disposition: form-data; name=image; filename=a\r\n\r\n";
	char *zeros = calloc(1, 11 << 20);
	struct reply *r;
	int fd;

	rig_start();
	fd = dial();
	say(fd, head, sizeof head - 1);
	say(fd, zeros, 11 << 20); /* and no more: the answer must come without the rest */
	r = hear(fd, true);
	CHECK_INT(r->status, 413);
	CHECK_STR(field(r, "param"), "image");
	CHECK_STR(header(r, "Connection"), "close");
	close(fd);
	CHECK(BECOMES(rig_temporary_files() == 0));
	free(zeros);
	rig_stop();
}

static void a_bad_key_is_told_before_its_upload(void)
{
	static const char head[] =
		"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer bad\r\n" BOUND
		"Content-Length: 20000000\r\n\r\n--XX\r\n";
	int fd;

	rig_start();
	fd = dial();
	say(fd, head, sizeof head - 1);
	CHECK_INT(hear(fd, true)->status, 401);
	close(fd);
	rig_stop();
}

static void a_client_that_leaves_mid_upload_leaves_nothing(void)
{
	static const char head[] =
		"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n" BOUND
		"Content-Length: 1000\r\n\r\n"
		"--XX\r\nContent-Disposition: form-data; name=image; filename=a\r\n\r\nxxxxxxxxx";
	int fd;

	rig_start();
	fd = dial();
	say(fd, head, sizeof head - 1);
	CHECK(BECOMES(rig_temporary_files() == 1));
	close(fd);
	CHECK(BECOMES(rig_temporary_files() == 0));
	CHECK_INT(rig.creates, 0);
	rig_stop();
}

static void ambiguous_or_strange_heads_are_refused(void)
{
	rig_start();
	CHECK_INT(req("POST", "/v1/videos", ME,
			  "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
			  "0\r\n\r\n", 5)
			  ->status,
		400);
	CHECK_INT(req("GET", "/healthz", NULL, "Host: evil\"host\r\n", NULL, 0)->status, 400);
	{
		static const char bad[] = "GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n";
		int fd = dial();

		say(fd, bad, sizeof bad - 1);
		CHECK_INT(hear(fd, true)->status, 400);
		close(fd);
	}
	rig_stop();
}

static void what_a_proxy_may_read_in_another_way_ends_the_connection(void)
{
	static const char *const lines[] = {"Content-Length: 13\r\nContent-Length: 5\r\n",
		"Content-Length: 0\r\nContent-Length: 13\r\n", "Content-Length : 13\r\n",
		"Content-Length:\r\n 13\r\n", "X-A: b\rContent-Length: 13\r\n",
		"Transfer-Encoding : chunked\r\n", "Transfer-Encoding: identity\r\n",
		"Transfer-Encoding: gzip, chunked\r\n",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "Host: b\r\n"};

	rig_start();
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char text[600];
		int n = snprintf(text, sizeof text,
			"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n"
			"Content-Type: application/json\r\n%s\r\n{\"prompt\":\"\"}"
			"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
			lines[i]);
		struct reply *r;
		int fd = dial();

		say(fd, text, (size_t)n);
		r = hear(fd, true);
		CHECK_INT(r->status, 400);
		CHECK(strstr(r->body, "bad_request") != NULL);
		CHECK_STR(header(r, "Connection"), "close");
		CHECK(hear_some(fd, text, 1) == 0); /* what followed was not served */
		close(fd);
	}
	CHECK_INT(rig.creates, 0);
	rig_stop();
}

static void one_connection_serves_many_requests(void)
{
	static const char post[] =
		"POST /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n"
		"Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"prompt\":\"x\"}";
	static const char list[] =
		"GET /v1/videos HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n\r\n";
	static const char none[] = "POST /v1/videos/x/cancel HTTP/1.1\r\nHost: a\r\n\r\n";
	int fd;

	rig_start();
	fd = dial();
	for (int i = 0; i < 20; i++) {
		say(fd, post, sizeof post - 1);
		CHECK_INT(hear(fd, true)->status, 200);
		say(fd, list, sizeof list - 1);
		CHECK_INT(hear(fd, true)->status, 200);
		say(fd, none, sizeof none - 1);
		CHECK_INT(hear(fd, true)->status, 401);
	}
	/* pipelined */
	say(fd, list, sizeof list - 1);
	say(fd, list, sizeof list - 1);
	CHECK_INT(hear(fd, true)->status, 200);
	CHECK_INT(hear(fd, true)->status, 200);
	close(fd);
	rig_stop();
}

static void idempotency_keys_carry_the_same_fingerprint_for_the_same_request(void)
{
	static const char lines[] = "Content-Type: application/json\r\nIdempotency-Key: abc\r\n";
	static const char a[] = "{\"prompt\":\"x\",\"seconds\":4}";
	static const char a2[] = "{\"seconds\":\"4\", \"prompt\":\"x\"}";
	static const char b[] = "{\"prompt\":\"y\",\"seconds\":4}";

	rig_start();
	CHECK_INT(req("POST", "/v1/videos", ME, lines, a, sizeof a - 1)->status, 200);
	CHECK_INT(req("POST", "/v1/videos", ME, lines, a2, sizeof a2 - 1)->status, 200);
	CHECK_INT(req("POST", "/v1/videos", ME, lines, b, sizeof b - 1)->status, 200);
	CHECK_STR(rig.jobs[0].idem, "abc");
	CHECK_INT(strlen(rig.jobs[0].fingerprint), 64);
	CHECK_STR(rig.jobs[0].fingerprint, rig.jobs[1].fingerprint);
	CHECK(strcmp(rig.jobs[0].fingerprint, rig.jobs[2].fingerprint) != 0);
	CHECK_INT(req("POST", "/v1/videos", ME,
			  "Content-Type: application/json\r\nIdempotency-Key: \xff\r\n", a,
			  sizeof a - 1)
			  ->status,
		400);
	rig_stop();
}

static void jobs_are_listed_read_cancelled_and_deleted(void)
{
	struct reply *r;
	char path[80];

	rig_start();
	snprintf(path, sizeof path, "%s", new_video(NULL));
	CHECK_STR(field(get(path, ME), "status"), "queued");
	CHECK_INT(get(path, "good-other")->status, 404);
	r = get("/v1/videos?limit=1&order=asc", ME);
	CHECK_INT(r->status, 200);
	CHECK_STR(field(r, "object"), "list");
	CHECK_INT(rig.list_limit, 1);
	CHECK(rig.list_ascending);
	CHECK_INT(get("/v1/videos?limit=101", ME)->status, 400);
	CHECK_INT(get("/v1/videos?limit=x", ME)->status, 400);
	CHECK_INT(get("/v1/videos?order=up", ME)->status, 400);
	CHECK_INT(get("/v1/videos?after=x", ME)->status, 404);
	CHECK_STR(field(req("POST", join(path, "/cancel"), ME, "", "", 0), "status"), "cancelled");
	r = req("DELETE", path, ME, "", NULL, 0);
	CHECK_STR(field(r, "object"), "video.deleted");
	CHECK_INT(get(path, ME)->status, 404);
	rig_stop();
}

/* A request that waits, in a thread. */
struct waiting {
	pthread_t thread;
	const char *json;
	int status;
	char body[4096];
	char retry[16];
};

static pthread_mutex_t one_client = PTHREAD_MUTEX_INITIALIZER;

static void *wait_main(void *arg)
{
	struct waiting *w = arg;
	struct reply *r;

	pthread_mutex_lock(&one_client); /* the client's answers are static */
	r = post_json("/v1/videos/generations", ME, w->json);
	w->status = r->status;
	snprintf(w->body, sizeof w->body, "%.4000s", r->body);
	snprintf(w->retry, sizeof w->retry, "%s",
		header(r, "x-should-retry") ? header(r, "x-should-retry") : "");
	pthread_mutex_unlock(&one_client);
	return NULL;
}

static void generate(struct waiting *w, const char *json, void (*state)(struct rig_job *r))
{
	int had = rig.creates;

	*w = (struct waiting){.json = json};
	pthread_create(&w->thread, NULL, wait_main, w);
	CHECK(BECOMES(rig.creates == had + 1));
	if (state) {
		rig_change(progress);
		rig_change(state);
	}
	pthread_join(w->thread, NULL);
}

static void a_generation_answers_when_its_job_is_over(void)
{
	struct waiting w;

	rig_start();
	make_files();
	generate(&w, "{\"prompt\":\"x\"}", complete);
	CHECK_INT(w.status, 200);
	CHECK(strstr(w.body, "\"data\":[{\"url\":\"http://gw.test/v1/videos/video_") != NULL);
	generate(&w, "{\"prompt\":\"x\"}", fail_policy);
	CHECK_INT(w.status, 400);
	CHECK(strstr(w.body, "\"code\":\"content_policy\"") != NULL);
	CHECK_STR(w.retry, "false");
	generate(&w, "{\"prompt\":\"x\"}", fail_worker);
	CHECK_INT(w.status, 502);
	generate(&w, "{\"prompt\":\"x\"}", cancel);
	CHECK_INT(w.status, 409);
	rig_stop();
}

static void a_generation_does_not_wait_for_ever(void)
{
	struct waiting w;

	rig_start();
	generate(&w, "{\"prompt\":\"x\",\"timeout\":1}", NULL);
	CHECK_INT(w.status, 202);
	CHECK(strstr(w.body, "\"status\":\"queued\"") != NULL);
	generate(&w, "{\"prompt\":\"x\",\"async\":true}", NULL);
	CHECK_INT(w.status, 202);
	rig_stop();
}

/* The value of a figure in /metrics. */
static double figure(const char *name)
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

static void who_leaves_while_waiting_is_forgotten(void)
{
	static const char post[] =
		"POST /v1/videos/generations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
		"good-me\r\n"
		"Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"prompt\":\"x\"}";
	int fd;

	rig_start();
	fd = dial();
	say(fd, post, sizeof post - 1);
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	close(fd);
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	rig_stop();
}

static void events_tell_each_state_to_the_end(void)
{
	char path[80], head[400];
	struct reply *r;
	int fd, n;

	rig_start();
	make_files();
	snprintf(path, sizeof path, "%s", new_video(NULL));
	n = snprintf(head, sizeof head,
		"GET %s/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n"
		"Connection: close\r\n\r\n",
		path);
	fd = dial();
	say(fd, head, (size_t)n);
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	rig_change(progress);
	/* Each state is asked for when its hint comes; give the first the time to be told. */
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	rig_change(complete);
	r = hear(fd, true); /* to the end of the connection */
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Type"), "text/event-stream");
	CHECK(strstr(r->body, "id: 1\nevent: video\ndata: {") != NULL);
	CHECK(strstr(r->body, "\"status\":\"queued\"") != NULL);
	CHECK(strstr(r->body, "id: 3\nevent: video\ndata: {") != NULL);
	CHECK(strstr(r->body, "\"status\":\"completed\"") != NULL);
	close(fd);
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	/* Of a job that is over: one event, and the end. */
	r = req("GET", join(path, "/events"), ME, "Connection: close\r\n", NULL, 0);
	CHECK(strstr(r->body, "\"status\":\"completed\"") != NULL);
	CHECK_INT(get(join(path, "x/events"), ME)->status, 404);
	rig_stop();
}

static void the_head_of_events_has_no_body(void)
{
	char text[400];
	struct reply *r;
	int fd, n;

	rig_start();
	n = snprintf(text, sizeof text,
		"HEAD %s/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n\r\n"
		"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		new_video(NULL));
	fd = dial();
	say(fd, text, (size_t)n);
	r = hear(fd, false);
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Type"), "text/event-stream");
	CHECK_INT(hear(fd, true)->status, 200); /* the next answer follows at once */
	CHECK_INT((int)figure("arena_gateway_waits"), 0);
	close(fd);
	rig_stop();
}

static void a_reader_of_events_who_leaves_is_forgotten(void)
{
	char head[400];
	int fd, n;

	rig_start();
	n = snprintf(head, sizeof head,
		"GET %s/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good-me\r\n\r\n",
		new_video(NULL));
	fd = dial();
	say(fd, head, (size_t)n);
	CHECK(BECOMES(figure("arena_gateway_waits") == 1));
	close(fd);
	CHECK(BECOMES(figure("arena_gateway_waits") == 0));
	rig_stop();
}

static void content_is_served_whole_and_in_part(void)
{
	char path[100], tag[80], line[120];
	struct reply *r;

	rig_start();
	make_files();
	snprintf(path, sizeof path, "%s/content", new_video(complete));
	r = get(path, ME);
	CHECK_INT(r->status, 200);
	CHECK_INT(r->n, 1000);
	CHECK_STR(header(r, "Content-Type"), "video/mp4");
	CHECK_STR(header(r, "Accept-Ranges"), "bytes");
	CHECK_STR(header(r, "Cache-Control"), "private, max-age=31536000, immutable");
	CHECK(strncmp(header(r, "Content-Disposition"), "inline; filename=\"video_", 24) == 0);
	snprintf(tag, sizeof tag, "%s", header(r, "ETag"));
	CHECK_INT(strlen(tag), 66);
	r = req("GET", path, ME, "Range: bytes=10-19\r\n", NULL, 0);
	CHECK_INT(r->status, 206);
	CHECK_STR(header(r, "Content-Range"), "bytes 10-19/1000");
	CHECK_STR(r->body, "klmnopqrst");
	r = req("GET", path, ME, "Range: bytes=-3\r\n", NULL, 0);
	CHECK_STR(header(r, "Content-Range"), "bytes 997-999/1000");
	r = req("GET", path, ME, "Range: bytes=1000-\r\n", NULL, 0);
	CHECK_INT(r->status, 416);
	CHECK_STR(header(r, "Content-Range"), "bytes */1000");
	CHECK_INT(req("GET", path, ME, "Range: bytes=0-1,4-5\r\n", NULL, 0)->status, 200);
	snprintf(line, sizeof line, "If-None-Match: W/\"x\", %s\r\n", tag);
	CHECK_INT(req("GET", path, ME, line, NULL, 0)->status, 304);
	snprintf(line, sizeof line, "Range: bytes=0-0\r\nIf-Range: %s\r\n", tag);
	CHECK_INT(req("GET", path, ME, line, NULL, 0)->status, 206);
	CHECK_INT(req("GET", path, ME, "Range: bytes=0-0\r\nIf-Range: \"x\"\r\n", NULL, 0)->status,
		200);
	r = req("HEAD", path, ME, "", NULL, 0);
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Length"), "1000");
	r = get(join(path, ".mp4?download=1"), ME);
	CHECK(strncmp(header(r, "Content-Disposition"), "attachment;", 11) == 0);
	r = get(join(path, "?variant=thumbnail"), ME);
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Type"), "image/webp");
	CHECK_INT(get(join(path, "?variant=spritesheet"), ME)->status, 404);
	CHECK_INT(get(join(path, "?variant=x"), ME)->status, 400);
	CHECK_INT(get(path, "good-other")->status, 404);
	rig_stop();
}

static void content_that_is_not_there_yet_is_409(void)
{
	struct reply *r;

	rig_start();
	r = get(join(new_video(NULL), "/content"), ME);
	CHECK_INT(r->status, 409);
	CHECK_STR(field(r, "code"), "video_not_ready");
	CHECK_STR(header(r, "x-should-retry"), "false");
	r = get(join(new_video(fail_worker), "/content"), ME);
	CHECK_INT(r->status, 409);
	rig_stop();
}

static void a_signed_link_needs_no_key_until_it_is_touched(void)
{
	char link[400], path[80];
	char *p;

	rig_start();
	make_files();
	snprintf(path, sizeof path, "%s", new_video(complete));
	snprintf(link, sizeof link, "%s", field(get(path, ME), "url") + strlen("http://gw.test"));
	CHECK_INT(get(link, NULL)->status, 200);
	CHECK_INT(get(join(link, "&variant=thumbnail"), NULL)->status, 403);
	p = strstr(link, "sig=") + 4;
	*p = *p == '0' ? '1' : '0';
	CHECK_INT(get(link, NULL)->status, 403);
	CHECK_INT(req("DELETE", path, ME, "", NULL, 0)->status, 200);
	snprintf(link, sizeof link, "%s/content?exp=1&sig=00&owner=me", path);
	CHECK_INT(get(link, NULL)->status, 403);
	rig_stop();
}

static void the_public_url_is_what_links_begin_with(void)
{
	rig_prepare();
	rig.conf.public_url = "https://v.example";
	rig_go();
	make_files();
	CHECK(strncmp(field(get(new_video(complete), ME), "url"), "https://v.example/v1/videos/",
		      28) == 0);
	rig_stop();
}

static void without_jobs_it_says_so_and_recovers(void)
{
	struct reply *r;

	rig_start();
	rig.jobs_fail = ERR_UNAVAILABLE;
	r = get("/v1/videos", ME);
	CHECK_INT(r->status, 503);
	CHECK_STR(header(r, "Retry-After"), "1");
	CHECK_STR(field(r, "code"), "service_unavailable");
	rig.jobs_fail = ERR_LEASE_LOST; /* services' own errors are not for clients */
	CHECK_STR(field(get("/v1/videos", ME), "code"), "service_unavailable");
	rig.jobs_fail = ERR_OK;
	CHECK_INT(get("/v1/videos", ME)->status, 200);
	rig_stop();
}

static void readiness_names_who_is_missing(void)
{
	rig_prepare();
	rig.conf.auth_url = "inproc://rig-nobody";
	rig_go();
	CHECK_INT(get("/healthz", NULL)->status, 200);
	CHECK(BECOMES(strcmp(field(get("/readyz", NULL), "jobs"), "ok") == 0));
	CHECK_INT(get("/readyz", NULL)->status, 503);
	CHECK_STR(field(get("/readyz", NULL), "auth"), "unreachable");
	rig_stop();
	rig_start();
	CHECK(BECOMES(get("/readyz", NULL)->status == 200));
	rig_stop();
}

static void models_are_listed(void)
{
	rig_start();
	CHECK_STR(field(get("/v1/models", ME), "id"), "m1");
	rig_stop();
}

static void stopping_answers_those_who_wait(void)
{
	struct waiting w = {.json = "{\"prompt\":\"x\"}"};

	rig_start();
	pthread_create(&w.thread, NULL, wait_main, &w);
	CHECK(BECOMES(rig.creates == 1));
	rig_stop();
	pthread_join(w.thread, NULL);
	CHECK_INT(w.status, 202); /* the job goes on */
}

TESTS("gateway", T(every_route_wants_a_key), T(what_is_not_there_is_said_so),
	T(every_answer_says_its_request_id_and_type),
	T(rates_are_told_and_limits_say_when_to_return), T(a_job_is_made_of_json),
	T(an_image_of_a_form_is_stored_for_the_job), T(a_swept_image_is_committed_again),
	T(a_large_image_in_json_is_stored_and_one_too_large_is_not),
	T(too_much_text_at_once_is_refused_and_the_next_is_served),
	T(bad_requests_make_no_job_and_leave_no_file),
	T(a_body_that_says_it_is_too_large_is_not_read),
	T(an_image_that_is_too_large_is_refused_midway), T(a_bad_key_is_told_before_its_upload),
	T(a_client_that_leaves_mid_upload_leaves_nothing),
	T(ambiguous_or_strange_heads_are_refused),
	T(what_a_proxy_may_read_in_another_way_ends_the_connection),
	T(one_connection_serves_many_requests),
	T(idempotency_keys_carry_the_same_fingerprint_for_the_same_request),
	T(jobs_are_listed_read_cancelled_and_deleted), T(a_generation_answers_when_its_job_is_over),
	T(a_generation_does_not_wait_for_ever), T(who_leaves_while_waiting_is_forgotten),
	T(events_tell_each_state_to_the_end), T(the_head_of_events_has_no_body),
	T(a_reader_of_events_who_leaves_is_forgotten), T(content_is_served_whole_and_in_part),
	T(content_that_is_not_there_yet_is_409), T(a_signed_link_needs_no_key_until_it_is_touched),
	T(the_public_url_is_what_links_begin_with), T(without_jobs_it_says_so_and_recovers),
	T(readiness_names_who_is_missing), T(models_are_listed), T(stopping_answers_those_who_wait))
