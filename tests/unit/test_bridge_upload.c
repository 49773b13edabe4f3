/* Files over the connection: videos in, inputs out. */
#include "tests/unit/bridge_hand.h"

static void an_upload_goes_on_after_a_reconnect(void)
{
	const size_t n = 3 << 20;
	char *p = malloc(n), frame[12 + 100000] = {0}, held[200];
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;
	int64_t there;

	rig_open(&r, NULL);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 7 + i / 251);
	memcpy(p, "VIDEO", 5);
	c = with_job(&r, &j, &job);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u1\",%s,\"size\":%zu}", ref(job), n);
	f = expect(c, "upload_go");
	CHECK_INT(num(f, "offset"), 0);
	frame[3] = (char)num(f, "channel");
	memcpy(frame + 12, p, 100000);
	wsc_send(c, WSC_BINARY, frame, sizeof frame);
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"progress\",%s,\"percent\":3}", ref(job));
	EVENTUALLY(SEEN(&r, j->progress == 3)); /* so the bytes before it have been written */
	wsc_drop(c);
	EVENTUALLY(rig_workers_are(&r, "w1:gone;"));
	rig_restart(&r);

	snprintf(held, sizeof held, "{%s}", ref(job));
	c = worker_in(&r, "w1", 1, held, NULL);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u1\",%s,\"size\":%zu}", ref(job), n);
	f = expect(c, "upload_go");
	there = (int64_t)num(f, "offset");
	CHECK_INT(there, 100000);
	cJSON_Delete(f);
	upload(c, job, "u1", p, n); /* opened once more: from there on */
	wsc_drop(c);
	rig_restart(&r);

	/* uploaded whole; the connection broke before the result was said */
	c = worker_in(&r, "w1", 1, held, NULL);
	say_result(c, job, "{\"upload\":\"u1\"}");
	check_done(c, job, "completed");
	{
		int fd = -1;
		int64_t size = 0;
		char *got = malloc(n);

		CHECK_INT(blob_open(r.blobs, SEEN(&r, j->video), &fd, &size), ERR_OK);
		CHECK_INT(size, n);
		CHECK(read(fd, got, n) == (ssize_t)n && memcmp(got, p, n) == 0);
		close(fd);
		free(got);
	}
	cJSON_Delete(job);
	wsc_drop(c);
	free(p);
	rig_close(&r);
}

static void uploads_are_acknowledged_and_checked(void)
{
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;
	char *frame = calloc(1, 12 + 262132);
	int n = 0;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u1\",%s,\"size\":%d}", ref(job), 5 * 262132);
	f = expect(c, "upload_go");
	frame[3] = (char)num(f, "channel");
	cJSON_Delete(f);
	for (; n < 5; n++) {
		uint32_t at = (uint32_t)n * 262132;

		for (int i = 0; i < 4; i++)
			frame[8 + i] = (char)(at >> (24 - 8 * i));
		wsc_send(c, WSC_BINARY, frame, 12 + 262132);
	}
	f = expect(c, "ack");
	CHECK_INT(num(f, "offset"), 5 * 262132); /* 4 of them are just below a MiB */
	cJSON_Delete(f);
	wsc_send(c, WSC_BINARY, frame, 100); /* at an offset that has passed */
	f = expect(c, "refused");
	CHECK_STR(str(f, "upload"), "u1");
	CHECK_STR(str(f, "code"), "bad_offset");
	CHECK_STR(str(f, "job"), str(job, "job"));
	cJSON_Delete(f);
	wsc_send(c, WSC_BINARY, frame, 100); /* ignored now */
	wsc_text(c, "{\"type\":\"upload_end\",\"upload\":\"u1\",\"size\":5}");
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "unknown_upload");
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u2\",%s,\"size\":5}", ref(job));
	f = expect(c, "upload_go");
	frame[3] = (char)num(f, "channel");
	memset(frame + 4, 0, 8);
	cJSON_Delete(f);
	wsc_send(c, WSC_BINARY, frame, 12 + 6);
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "too_large");
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u3\",%s,\"size\":999999999999}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "too_large");
	cJSON_Delete(f);
	cJSON_Delete(job);
	wsc_drop(c);
	free(frame);
	rig_close(&r);
}

static void refused_uploads_count_and_go_with_their_lease(void)
{
	char frame[12 + 50] = {0};
	struct rig r;
	struct fake_job *j;
	struct wsc *c;
	cJSON *job, *f;

	rig_open(&r, NULL);
	c = with_job(&r, &j, &job);
	for (int i = 0; i < 8; i++) {
		wsc_text(
			c, "{\"type\":\"upload\",\"upload\":\"u%d\",%s,\"size\":100}", i, ref(job));
		f = expect(c, "upload_go");
		frame[3] = (char)num(f, "channel");
		cJSON_Delete(f);
		frame[11] = 0;
		wsc_send(c, WSC_BINARY, frame, sizeof frame);
		frame[11] = 5;
		wsc_send(c, WSC_BINARY, frame, sizeof frame);
		f = expect(c, "refused");
		CHECK_STR(str(f, "code"), "bad_offset");
		cJSON_Delete(f);
	}
	CHECK_INT(half_files(&r), 8);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u8\",%s,\"size\":100}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "too_many_uploads");
	cJSON_Delete(f);
	frame[3] = 0; /* the channel of none */
	wsc_send(c, WSC_BINARY, frame, sizeof frame);
	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"u3\",%s,\"size\":100}", ref(job));
	f = expect(c, "upload_go");
	CHECK_INT(num(f, "offset"), 50);
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"failed\",%s,\"code\":\"x\",\"retryable\":false}", ref(job));
	cJSON_Delete(expect(c, "done"));
	CHECK_INT(half_files(&r), 0);
	cJSON_Delete(job);
	wsc_drop(c);
	rig_close(&r);
}

static void an_image_comes_over_the_connection(void)
{
	struct rig r;
	struct fake_job *j;
	struct blob_writer *w;
	struct wsc *c;
	cJSON *job, *f, *in;
	struct buf b = {0};
	const size_t n = 150000;
	char *image = calloc(1, n);
	size_t got = 50000;

	rig_open(&r, NULL);
	for (size_t i = 0; i < n; i++)
		image[i] = (char)(i % 253);
	j = rig_job(&r, "m");
	CHECK_INT(blob_create(r.blobs, 1 << 20, &w), ERR_OK);
	CHECK_INT(blob_write(w, image, n), ERR_OK);
	CHECK_INT(blob_commit(w, j->input), ERR_OK);
	j->input_size = (int64_t)n;
	c = worker_in(&r, "w1", 1, NULL, NULL);
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	job = expect(c, "job");
	in = cJSON_GetArrayItem(cJSON_GetObjectItem(job, "inputs"), 0);
	CHECK_STR(str(in, "sha256"), j->input);
	CHECK_STR(str(in, "role"), "first_frame");
	CHECK(strncmp(str(in, "url"), "/v1/inputs/", 11) == 0 && strstr(str(in, "url"), "&sig="));
	wsc_text(c, "{\"type\":\"input_get\",%s,\"input\":0,\"offset\":50000}", ref(job));
	f = expect(c, "input");
	CHECK_INT(num(f, "offset"), 50000);
	CHECK_INT(num(f, "size"), n);
	CHECK_STR(str(f, "mime"), "image/png");
	while (got < n && wsc_recv(c, 5000, &b) == WSC_BINARY) {
		CHECK_INT((uint8_t)b.p[3], num(f, "channel"));
		CHECK_INT((uint8_t)b.p[9] << 16 | (uint8_t)b.p[10] << 8 | (uint8_t)b.p[11], got);
		CHECK(got + b.n - 12 <= n && memcmp(b.p + 12, image + got, b.n - 12) == 0);
		got += b.n - 12;
	}
	CHECK_INT(got, n);
	cJSON_Delete(f);
	wsc_text(c, "{\"type\":\"input_get\",%s,\"input\":1}", ref(job));
	f = expect(c, "refused");
	CHECK_STR(str(f, "code"), "no_input");
	cJSON_Delete(f);
	blob_release(w);
	buf_free(&b);
	cJSON_Delete(job);
	wsc_drop(c);
	free(image);
	rig_close(&r);
}

TESTS("bridge_upload", T(an_upload_goes_on_after_a_reconnect),
	T(uploads_are_acknowledged_and_checked), T(refused_uploads_count_and_go_with_their_lease),
	T(an_image_comes_over_the_connection))
