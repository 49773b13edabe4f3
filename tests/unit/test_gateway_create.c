/* What becomes of the body of a request: jobs, stored images, refusals. */
#include <sodium.h>

#include "tests/unit/gateway_rig.h"

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

static void n_makes_so_many_jobs_under_one_key(void)
{
	struct reply *r;

	rig_start();
	r = req("POST", "/v1/videos/generations", ME,
		"Content-Type: application/json\r\nIdempotency-Key: k\r\n",
		"{\"prompt\":\"a fox\",\"n\":3,\"async\":true}", 37);
	CHECK_INT(r->status, 202);
	CHECK_INT(rig.n_jobs, 3);
	CHECK_STR(field(r, "id"), rig.jobs[0].id);
	CHECK_STR(rig.jobs[0].idem, "k");
	CHECK_STR(rig.jobs[1].idem, "k\n1");
	CHECK_STR(rig.jobs[2].idem, "k\n2");
	CHECK_STR(rig.jobs[2].fingerprint, rig.jobs[0].fingerprint);
	r = post_json("/v1/videos", ME, "{\"prompt\":\"a fox\",\"n\":2}");
	CHECK_INT(r->status, 400);
	CHECK_STR(field(r, "param"), "n");
	CHECK_INT(rig.n_jobs, 3);
	rig_stop();
}

/* How many there are, if nothing else is. */
static int deleted_jobs(void)
{
	int n = 0;

	pthread_mutex_lock(&rig.lock);
	while (n < rig.n_jobs && strcmp(rig.jobs[n].j.status, "deleted") == 0)
		n++;
	if (n < rig.n_jobs)
		n = 0;
	pthread_mutex_unlock(&rig.lock);
	return n;
}

static void when_not_all_can_be_made_none_is(void)
{
	rig_start();
	rig.room = 2;
	CHECK_INT(post_json("/v1/videos/generations", ME,
			  "{\"prompt\":\"a fox\",\"n\":4,\"async\":true}")
			  ->status,
		429);
	CHECK(BECOMES(deleted_jobs() == 2));
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
	buf_adds(&b, link);
	sign_add(&b, rig.secret.link, link, "input", now_ms() / 1000 + 60);
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

static void idempotency_keys_carry_the_same_fingerprint_for_the_same_request(void)
{
	static const char lines[] = "Content-Type: application/json\r\nIdempotency-Key: abc\r\n";
	static const char a[] = "{\"prompt\":\"x\",\"seconds\":4}";
	static const char a2[] = "{\"seconds\":\"4\", \"prompt\":\"x\"}";
	static const char b[] = "{\"prompt\":\"y\",\"seconds\":4}";

	rig_start();
	CHECK_INT(req("POST", "/v1/videos", ME, lines, a, sizeof a - 1)->status, 200);
	CHECK_INT(req("POST", "/v1/videos", ME, lines, a2, sizeof a2 - 1)->status, 200);
	CHECK_INT(req("POST", "/v1/videos", ME, lines, b, sizeof b - 1)->status, 422);
	CHECK_INT(rig.n_jobs, 1);
	CHECK_STR(rig.jobs[0].idem, "abc");
	CHECK_INT(strlen(rig.jobs[0].fingerprint), 64);
	CHECK_INT(req("POST", "/v1/videos", ME,
			  "Content-Type: application/json\r\nIdempotency-Key: \xff\r\n", a,
			  sizeof a - 1)
			  ->status,
		400);
	rig_stop();
}

TESTS("gateway_create", T(a_job_is_made_of_json), T(n_makes_so_many_jobs_under_one_key),
	T(when_not_all_can_be_made_none_is), T(an_image_of_a_form_is_stored_for_the_job),
	T(a_swept_image_is_committed_again),
	T(a_large_image_in_json_is_stored_and_one_too_large_is_not),
	T(too_much_text_at_once_is_refused_and_the_next_is_served),
	T(bad_requests_make_no_job_and_leave_no_file),
	T(a_body_that_says_it_is_too_large_is_not_read),
	T(an_image_that_is_too_large_is_refused_midway), T(a_bad_key_is_told_before_its_upload),
	T(a_client_that_leaves_mid_upload_leaves_nothing),
	T(idempotency_keys_carry_the_same_fingerprint_for_the_same_request))
