/* Bodies that are forms. */
#include "tests/unit/body_rig.h"

/* A form with one part, made from its head and value. */
static enum err try_part(const char *head, const void *p, size_t n)
{
	struct buf b = {0};
	enum err e;

	buf_adds(&b,
		"--XX\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nhi\r\n--XX\r\n");
	buf_addf(&b, "%s\r\n\r\n", head);
	buf_add(&b, p, n);
	buf_adds(&b, "\r\n--XX--\r\n");
	e = try_bytes(FORM, b.p, b.n, 11);
	buf_free(&b);
	return e;
}

static void a_form_is_read_however_it_is_cut(void)
{
	const struct video_request *r;
	struct buf form = {0};
	struct body *b;

	setup();
	buf_adds(&form,
		"--XX\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na\r\nfox\r\n"
		"--XX\r\nContent-Disposition: form-data; name=seconds\r\n\r\n8\r\n"
		"--XX\r\ncontent-disposition: form-data; name=\"image\"; "
		"filename=\"a;\\\"b.png\"\r\n"
		"Content-Type: application/octet-stream\r\n\r\n");
	buf_add(&form, png, sizeof png);
	buf_adds(&form,
		"\r\n--XX\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n--X\r\n--XX--\r\n");
	for (size_t step = 1; step < form.n + 1; step++) {
		CHECK_INT(body_new(&rules, TAKES_VIDEO, FORM, &b), ERR_OK);
		CHECK_INT(run(b, form.p, form.n, step), ERR_OK);
		r = body_request(b);
		CHECK_STR(r->prompt, "a\nfox");
		CHECK_INT(r->seconds, 8);
		CHECK(r->n_images);
		CHECK_INT(r->images[0].stored.size, sizeof png);
		body_free(b);
	}
	buf_free(&form);
	teardown();
}

static void a_form_cut_short_is_refused_and_leaves_nothing(void)
{
	struct buf form = {0};

	setup();
	buf_adds(&form,
		"--XX\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na fox\r\n"
		"--XX\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n");
	buf_add(&form, png, sizeof png);
	buf_adds(&form, "\r\n--XX--");
	for (size_t n = 0; n < form.n; n++)
		CHECK_INT(try_bytes(FORM, form.p, n, 13), ERR_BAD_MULTIPART);
	CHECK_INT(try_bytes(FORM, form.p, form.n, 13), ERR_OK);
	CHECK_INT(temporary_files(), 0);
	buf_free(&form);
	teardown();
}

static void a_client_that_leaves_mid_upload_leaves_nothing(void)
{
	struct body *b;

	setup();
	CHECK_INT(body_new(&rules, TAKES_VIDEO, FORM, &b), ERR_OK);
	CHECK_INT(body_feed(b,
			  "--XX\r\nContent-Disposition: form-data; name=image; "
			  "filename=a\r\n\r\nxxxx",
			  68),
		ERR_OK);
	CHECK_INT(temporary_files(), 1);
	body_free(b);
	CHECK_INT(temporary_files(), 0);
	teardown();
}

static void malformed_forms_are_refused(void)
{
	static const char *const heads[] = {"Content-Disposition: form-data", "X: y",
		"Content-Disposition: attachment; name=x",
		"Content-Disposition: form-data; name=\"x",
		"Content-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: base64"};
	static const char *const forms[] = {"", "--XX", "--XX\r\n\r\n\r\n--XX--", "--XX \n",
		"--XXX\r\n--XX\r\n", "\r\n--XX\r\n--XX--"};

	setup();
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		CHECK_INT(try_part(heads[i], "v", 1), ERR_BAD_MULTIPART);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		CHECK_INT(try_bytes(FORM, forms[i], strlen(forms[i]), 100), ERR_BAD_MULTIPART);
	}
	/* A form without any field is well-formed, and lacks a prompt. */
	CHECK_INT(try_bytes(FORM, "--XX--", 6, 100), ERR_MISSING_PARAM);
	CHECK_INT(try_bytes(FORM, "preamble\r\n--XX--", 16, 100), ERR_MISSING_PARAM);
	CHECK_INT(try_bytes("multipart/form-data", "", 0, 1), ERR_BAD_MULTIPART);
	CHECK_INT(try_bytes("multipart/form-data; boundary=", "", 0, 1), ERR_BAD_MULTIPART);
	CHECK_INT(try_bytes("multipart/form-data; boundary=\"", "", 0, 1), ERR_BAD_MULTIPART);
	teardown();
}

static void a_head_without_end_is_refused(void)
{
	struct body *b;
	enum err e = ERR_OK;

	setup();
	CHECK_INT(body_new(&rules, TAKES_VIDEO, FORM, &b), ERR_OK);
	CHECK_INT(body_feed(b, "--XX\r\n", 6), ERR_OK);
	for (int i = 0; i < 100 && e == ERR_OK; i++)
		e = body_feed(
			b, "X: 0123456789012345678901234567890123456789012345678901234567\r\n", 64);
	CHECK_INT(e, ERR_BAD_MULTIPART);
	CHECK_INT(body_feed(b, "x", 1), ERR_BAD_MULTIPART); /* for good */
	body_free(b);
	teardown();
}

static void files_of_a_form_are_bounded_and_looked_at(void)
{
	static const char head[] = "Content-Disposition: form-data; name=\"image\"; filename=\"a\"";
	char *big = calloc(1, 10001);

	setup();
	memcpy(big, png, sizeof png);
	CHECK_INT(try_part(head, png, sizeof png), ERR_OK);
	CHECK_INT(try_part(head, big, 10001), ERR_TOO_LARGE);
	CHECK_STR(last_param, "image");
	CHECK_INT(try_part(head, "no image", 8), ERR_BAD_IMAGE);
	CHECK_INT(try_part(head, png, 20), ERR_BAD_IMAGE);
	/* A named file without a byte is no image; without a name it is a field left alone. */
	CHECK_INT(try_part(head, "", 0), ERR_BAD_IMAGE);
	CHECK_INT(try_part("Content-Disposition: form-data; name=\"image\"; filename=\"\"", "", 0),
		ERR_OK);
	rules.image_side = 0;
	CHECK_INT(try_part(head, png, sizeof png), ERR_BAD_IMAGE);
	CHECK_INT(temporary_files(), 0);
	free(big);
	teardown();
}

static void a_form_may_say_an_image_as_text(void)
{
	static const char gif64[] = "R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==";
	char url[300];

	setup();
	snprintf(url, sizeof url, "data:image/gif;base64,%s", gif64);
	CHECK_INT(try_part("Content-Disposition: form-data; name=\"input_reference[image_url]\"",
			  url, strlen(url)),
		ERR_OK);
	CHECK_INT(try_part("Content-Disposition: form-data; name=\"image\"", "hello", 5),
		ERR_BAD_PARAM);
	teardown();
}

/* A part of a form: its name, a file's name or NULL, its bytes. */
static void add_part(struct buf *b, const char *name, const char *file, const void *p, size_t n)
{
	buf_addf(b, "--XX\r\nContent-Disposition: form-data; name=\"%s\"", name);
	if (file)
		buf_addf(b, "; filename=\"%s\"", file);
	buf_adds(b, "\r\n\r\n");
	buf_add(b, p, n);
	buf_adds(b, "\r\n");
}

static void add_text(struct buf *b, const char *name, const char *value)
{
	add_part(b, name, NULL, value, strlen(value));
}

/* Reads and empties a form; *ret, when it was read, is to be let go. */
static enum err read_form(struct buf *form, enum route_takes takes, struct body **ret)
{
	struct body *b;
	enum err e;

	buf_adds(form, "--XX--\r\n");
	CHECK_INT(body_new(&rules, takes, FORM, &b), ERR_OK);
	e = run(b, form->p, form->n, 17);
	last_param[0] = 0;
	if (e != ERR_OK && body_problem(b)->param)
		snprintf(last_param, sizeof last_param, "%s", body_problem(b)->param);
	buf_free(form);
	if (e == ERR_OK)
		*ret = b;
	else
		body_free(b);
	return e;
}

static void both_frames_may_be_files(void)
{
	const struct video_request *r;
	struct buf form = {0};
	struct body *b;

	setup();
	add_part(&form, "last_frame", "b.png", png, sizeof png);
	add_text(&form, "prompt", "x");
	add_part(&form, "input_reference", "a.png", png, sizeof png);
	CHECK_INT(read_form(&form, TAKES_VIDEO, &b), ERR_OK);
	r = body_request(b);
	CHECK_INT(r->n_images, 2);
	CHECK_STR(r->images[0].param, "input_reference");
	CHECK_STR(r->images[0].stored.role, "first_frame");
	CHECK_STR(r->images[1].stored.role, "last_frame");
	CHECK_STR(r->images[1].stored.sha256, r->images[0].stored.sha256); /* the same bytes */
	CHECK_INT(temporary_files(), 2);
	CHECK_INT(body_store_again(b), ERR_OK);
	body_free(b);
	CHECK_INT(temporary_files(), 0);
	teardown();
}

static void an_image_may_come_once_only(void)
{
	struct buf form = {0};
	struct body *b;

	setup();
	add_text(&form, "prompt", "x");
	add_part(&form, "image", "a.png", png, sizeof png);
	add_part(&form, "input_reference", "b.png", png, sizeof png);
	CHECK_INT(read_form(&form, TAKES_VIDEO, &b), ERR_BAD_PARAM);
	CHECK_STR(last_param, "input_reference");
	add_text(&form, "prompt", "x");
	add_part(&form, "image[]", "a.png", png, sizeof png);
	add_text(&form, "image[file_id]", "file_00000000000000000000000000000000");
	CHECK_INT(read_form(&form, TAKES_VIDEO, &b), ERR_BAD_PARAM);
	CHECK_STR(last_param, "image");
	CHECK_INT(temporary_files(), 0);
	teardown();
}

static void fields_that_nobody_knows_cost_nothing(void)
{
	char *much = calloc(1, 300000);
	struct buf form = {0};
	struct body *b;

	setup();
	add_part(&form, "unknown", NULL, much, 300000);
	add_part(&form, "other", "a.bin", much, 300000);
	add_text(&form, "prompt", "x");
	CHECK_INT(read_form(&form, TAKES_VIDEO, &b), ERR_OK);
	CHECK_INT(temporary_files(), 0);
	body_free(b);
	/* a known one has its bound */
	add_text(&form, "prompt", "x");
	add_part(&form, "size", NULL, much, 300000);
	rules.memory_max = 1000000;
	CHECK_INT(read_form(&form, TAKES_VIDEO, &b), ERR_BAD_PARAM);
	CHECK_STR(last_param, "size");
	free(much);
	teardown();
}

static void an_edit_names_its_video_and_cannot_send_it(void)
{
	struct buf form = {0};
	struct body *b;

	setup();
	add_text(&form, "prompt", "x");
	add_text(&form, "video[id]", "video_1");
	CHECK_INT(read_form(&form, TAKES_EDIT, &b), ERR_OK);
	CHECK_STR(body_request(b)->source, "video_1");
	body_free(b);
	add_text(&form, "prompt", "x");
	add_part(&form, "video", "a.mp4", "bytes", 5);
	CHECK_INT(read_form(&form, TAKES_EDIT, &b), ERR_BAD_PARAM);
	CHECK_STR(last_param, "video");
	teardown();
}

static void a_file_has_a_name_and_a_purpose(void)
{
	const struct video_request *r;
	struct buf form = {0};
	struct body *b;

	setup();
	add_part(&form, "file", "a\tfox.png", png, sizeof png);
	add_text(&form, "purpose", "assistants");
	CHECK_INT(read_form(&form, TAKES_FILE, &b), ERR_OK);
	r = body_request(b);
	CHECK_STR(r->file_name, "a_fox.png");
	CHECK_STR(r->purpose, "assistants");
	CHECK_INT(r->images[0].stored.width, 1);
	body_free(b);
	add_part(&form, "file", "\xff", png, sizeof png);
	CHECK_INT(read_form(&form, TAKES_FILE, &b), ERR_OK);
	CHECK_STR(body_request(b)->file_name, "image");
	CHECK_STR(body_request(b)->purpose, "vision");
	body_free(b);
	add_text(&form, "purpose", "vision");
	CHECK_INT(read_form(&form, TAKES_FILE, &b), ERR_MISSING_PARAM);
	CHECK_STR(last_param, "file");
	add_text(&form, "file", "https://example.com/a.png");
	CHECK_INT(read_form(&form, TAKES_FILE, &b), ERR_BAD_PARAM);
	CHECK_STR(last_param, "file");
	teardown();
}

TESTS("form", T(a_form_is_read_however_it_is_cut),
	T(a_form_cut_short_is_refused_and_leaves_nothing),
	T(a_client_that_leaves_mid_upload_leaves_nothing), T(malformed_forms_are_refused),
	T(a_head_without_end_is_refused), T(files_of_a_form_are_bounded_and_looked_at),
	T(a_form_may_say_an_image_as_text), T(both_frames_may_be_files),
	T(an_image_may_come_once_only), T(fields_that_nobody_knows_cost_nothing),
	T(an_edit_names_its_video_and_cannot_send_it), T(a_file_has_a_name_and_a_purpose))
