#include "proto/messages.h"
#include "tests/unit/check.h"

static char *json_of_job(const struct job *j)
{
	size_t n;
	char *text = rec_write(&rec_job, j, &n);

	CHECK_INT(strlen(text), n);
	return text;
}

static void a_record_comes_back_as_it_was_written(void)
{
	struct input in[2] = {
		{.role = "first_frame", .sha256 = "ab", .mime = "image/png", .size = 12},
		{.role = "last_frame", .sha256 = "cd", .width = 640}};
	struct job j = {.v = 1,
		.id = "video_1",
		.prompt = "\"ein\" Fuchs\n\xf0\x9f\xa6\x8a",
		.seconds = 8,
		.width = 720,
		.height = 1280,
		.seed = 0,
		.created_at = 1763824000123,
		.inputs = in,
		.n_inputs = 2};
	const struct job *back;
	struct msg *m = NULL;
	char *text = json_of_job(&j);

	CHECK_INT(msg_read(&rec_job, text, strlen(text), &m), ERR_OK);
	back = msg_rec(m);
	CHECK_STR(back->prompt, j.prompt);
	CHECK_STR(back->owner, NULL);
	CHECK_INT(back->seconds, 8);
	CHECK_INT(back->seed, 0);
	CHECK_INT(back->created_at, 1763824000123);
	CHECK_INT(back->n_inputs, 2);
	CHECK_STR(back->inputs[1].role, "last_frame");
	CHECK_INT(back->inputs[1].width, 640);
	CHECK_INT(back->n_outputs, 0);
	msg_free(m);
	free(text);
}

static void defaults_are_left_out_and_filled_in(void)
{
	struct job j = {.v = 1, .seconds = 4, .width = 720, .height = 1280, .seed = -1};
	char *text = json_of_job(&j);
	const struct job *back;
	struct msg *m = NULL;

	CHECK_STR(text, "{}");
	CHECK_INT(msg_read(&rec_job, "{}", 2, &m), ERR_OK);
	back = msg_rec(m);
	CHECK_INT(back->seed, -1);
	CHECK_INT(back->height, 1280);
	msg_free(m);
	free(text);
}

static void unknown_fields_and_nulls_are_ignored(void)
{
	static const char text[] = "{\"later\":{\"a\":[1]},\"id\":null,\"models\":[\"x\",\"y\"]}";
	const struct lease_new *l;
	struct msg *m = NULL;

	CHECK_INT(msg_read(&rec_lease_new, text, sizeof text - 1, &m), ERR_OK);
	l = msg_rec(m);
	CHECK_INT(l->n_models, 2);
	CHECK_STR(l->models[1], "y");
	msg_free(m);
}

static void wrong_shapes_are_refused(void)
{
	static const char *const bad[] = {"", "[]", "1", "{", "{\"seconds\":\"4\"}", "{\"id\":5}",
		"{\"inputs\":{}}", "{\"inputs\":[1]}", "{\"inputs\":[{\"size\":[]}]}",
		"{\"seconds\":1e300}", "{\"outputs\":[{\"fps\":\"x\"}]}"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct msg *m = NULL;

		CHECK_INT(msg_read(&rec_job, bad[i], strlen(bad[i]), &m), ERR_BAD_WIRE);
		CHECK(!m);
	}
}

static void every_cut_of_a_record_is_refused(void)
{
	struct output out = {.sha256 = "aa", .fps = 24, .width = 2};
	struct job j = {.v = 2, .id = "video_1", .outputs = &out, .n_outputs = 1, .revision = 7};
	char *text = json_of_job(&j);

	for (size_t n = 0; n < strlen(text); n++) {
		struct msg *m = NULL;

		CHECK_INT(msg_read(&rec_job, text, n, &m), ERR_BAD_WIRE);
		msg_free(m);
	}
	free(text);
}

static void numbers_and_names_of_messages_are_unique(void)
{
	size_t n;
	const struct msg_info *all = msg_all(&n);

	CHECK(n > 15);
	for (size_t i = 0; i < n; i++) {
		CHECK(msg_info((int)all[i].type) == &all[i]);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(all[i].name, all[k].name) != 0);
	}
	CHECK(!msg_info(9999));
}

static void errors_have_one_number_each_and_a_text(void)
{
	CHECK_STR(err_name(ERR_LIMITED), "LIMITED");
	CHECK_INT(err_info(ERR_LIMITED)->http, 429);
	CHECK_INT(err_info((enum err)9999)->number, ERR_INTERNAL);
	CHECK(strlen(err_info(ERR_UNAUTHORIZED)->text) > 20);
}

/* What is wrong, and then what to do; the last are between services. */
static void errors_say_what_to_do(void)
{
	for (int i = ERR_OK + 1; i < ERR_BAD_WIRE; i++) {
		const struct err_info *info = err_info((enum err)i);
		bool known = info->number == i;

		if (known && !strstr(info->text, ". ") && !strstr(info->text, "; ") &&
			strncmp(info->text, "Send ", 5) != 0) {
			fprintf(stderr, "%s says only: %s\n", info->name, info->text);
			CHECK(false);
		}
	}
}

TESTS("messages", T(a_record_comes_back_as_it_was_written), T(defaults_are_left_out_and_filled_in),
	T(unknown_fields_and_nulls_are_ignored), T(wrong_shapes_are_refused),
	T(every_cut_of_a_record_is_refused), T(numbers_and_names_of_messages_are_unique),
	T(errors_have_one_number_each_and_a_text), T(errors_say_what_to_do))
