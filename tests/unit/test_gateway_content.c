/* Files of results: ranges, tags, links. */
#include "tests/unit/gateway_rig.h"

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
	CHECK_STR(field(r, "code"), "range_not_satisfiable");
	CHECK(header(r, "Cache-Control") == NULL);
	CHECK_INT(req("GET", path, ME, "Range: bytes=0-1,4-5\r\n", NULL, 0)->status, 200);
	snprintf(line, sizeof line, "If-None-Match: W/\"x\", %s\r\n", tag);
	CHECK_INT(req("GET", path, ME, line, NULL, 0)->status, 304);
	snprintf(line, sizeof line, "Range: bytes=0-0\r\nIf-Range: %s\r\n", tag);
	CHECK_INT(req("GET", path, ME, line, NULL, 0)->status, 206);
	CHECK_INT(req("GET", path, ME, "Range: bytes=0-0\r\nIf-Range: \"x\"\r\n", NULL, 0)->status,
		200);
	CHECK_INT(
		req("GET", path, ME,
			"Range: bytes=0-0\r\nIf-Range: Sun, 22 Nov 2026 00:00:00 GMT\r\n", NULL, 0)
			->status,
		200);
	snprintf(line, sizeof line, "Range: bytes=0-0\r\nIf-Range: W/%s\r\n", tag);
	CHECK_INT(req("GET", path, ME, line, NULL, 0)->status, 200); /* a weak one will not do */
	snprintf(line, sizeof line, "If-None-Match: W/%s\r\n", tag);
	CHECK_INT(req("GET", path, ME, line, NULL, 0)->status, 304);
	CHECK_INT(req("GET", path, ME, "If-None-Match: *\r\n", NULL, 0)->status, 304);
	snprintf(line, sizeof line, "If-None-Match: \"x%s\r\n", tag + 1);
	CHECK_INT(req("GET", path, ME, line, NULL, 0)->status, 200);
	r = req("HEAD", path, ME, "Range: bytes=0-0\r\n", NULL, 0);
	CHECK_INT(r->status, 200); /* ranges are for GET */
	CHECK_STR(header(r, "Content-Length"), "1000");
	r = req("HEAD", path, ME, "", NULL, 0);
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Length"), "1000");
	r = get(join(path, ".mp4?download=1"), ME);
	CHECK(strncmp(header(r, "Content-Disposition"), "attachment;", 11) == 0);
	CHECK(!strstr(header(r, "Content-Disposition"), "filename*"));
	r = get(join(path, ".mp4?download=Un%20r%C3%ADo%22;x.exe"), ME);
	CHECK(strstr(header(r, "Content-Disposition"),
		"; filename*=UTF-8''Un%20r%C3%ADo%22%3Bx.exe.mp4"));
	CHECK(strncmp(header(get(join(path, ".mp4?download=0"), ME), "Content-Disposition"),
		      "inline;", 7) == 0);
	r = get(join(path, "?variant=thumbnail"), ME);
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Type"), "image/webp");
	CHECK_INT(get(join(path, "?variant=spritesheet"), ME)->status, 404);
	CHECK_INT(get(join(path, "?variant=x"), ME)->status, 400);
	CHECK_INT(get(path, "good-other")->status, 404);
	rig_stop();
}

static void two_outputs(struct rig_job *r)
{
	static struct output both[2];

	complete(r);
	both[0] = both[1] = r->out;
	both[1].sha256 = r->out.poster; /* any other file */
	r->j.outputs = both;
	r->j.n_outputs = 2;
}

static void each_output_of_a_run_is_served(void)
{
	char path[100], link[400];
	struct reply *r;
	const char *at;

	rig_start();
	make_files();
	snprintf(path, sizeof path, "%s", new_video(two_outputs));
	r = get(join(path, "/content?index=1"), ME);
	CHECK_INT(r->status, 200);
	CHECK_INT(r->n, 12);
	CHECK(strstr(header(r, "Content-Disposition"), "-1.mp4\"") != NULL);
	r = get(join(path, "/content?index=2"), ME);
	CHECK_INT(r->status, 404);
	CHECK_STR(field(r, "param"), "index");
	CHECK_INT(get(join(path, "/content?index=x"), ME)->status, 400);
	CHECK_INT(get(join(path, "/content?index=-1"), ME)->status, 400);
	/* Its link, and not the other's. */
	r = get(path, ME);
	at = strstr(r->body, "&index=1\"");
	CHECK(at != NULL);
	while (at && *at != '"')
		at--;
	snprintf(link, sizeof link, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
	CHECK_INT(get(link + strlen("http://gw.test"), NULL)->n, 12);
	link[strlen(link) - 1] = '0';
	CHECK_INT(get(link + strlen("http://gw.test"), NULL)->status, 403);
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

/* What answers a signed link to these bytes as an input. */
static struct reply *input(const char *p, size_t n)
{
	char name[BLOB_NAME], path[300];
	struct buf b = {0};
	struct reply *r;

	rig_blob(p, n, name);
	snprintf(path, sizeof path, "/v1/inputs/%s", name);
	buf_adds(&b, path);
	sign_add(&b, rig.secret.link, path, "input", now_ms() / 1000 + 60);
	r = get(b.p, NULL);
	buf_free(&b);
	return r;
}

static void inputs_of_workers_are_images_and_videos(void)
{
	static const char mp4[] = "\0\0\0\x18"
				  "ftypisom";
	static const char webm[] = "\x1a\x45\xdf\xa3....";
	struct reply *r;

	rig_start();
	r = input(mp4, sizeof mp4);
	CHECK_INT(r->status, 200);
	CHECK_STR(header(r, "Content-Type"), "video/mp4");
	CHECK(r->n == sizeof mp4 && memcmp(r->body, mp4, sizeof mp4) == 0);
	r = input(webm, sizeof webm);
	CHECK_STR(header(r, "Content-Type"), "video/webm");
	CHECK_INT(input("a poem, rather", 14)->status, 404);
	CHECK_INT(input("short", 5)->status, 404);
	rig_stop();
}

TESTS("gateway_content", T(content_is_served_whole_and_in_part), T(each_output_of_a_run_is_served),
	T(content_that_is_not_there_yet_is_409), T(a_signed_link_needs_no_key_until_it_is_touched),
	T(the_public_url_is_what_links_begin_with), T(inputs_of_workers_are_images_and_videos))
