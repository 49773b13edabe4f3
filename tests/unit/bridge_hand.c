#include "tests/unit/bridge_hand.h"

#include <arpa/inet.h>
#include <dirent.h>

const char *str(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(o, name));
}

double num(const cJSON *o, const char *name)
{
	const cJSON *v = cJSON_GetObjectItem(o, name);

	return cJSON_IsNumber(v) ? v->valuedouble : -1;
}

cJSON *expect(struct wsc *c, const char *type)
{
	struct buf b = {0};
	cJSON *o = NULL;
	enum wsc_kind kind;

	do {
		cJSON_Delete(o);
		kind = wsc_recv(c, 10000, &b);
		o = kind == WSC_TEXT ? cJSON_ParseWithLength(b.p, b.n) : NULL;
	} while (o && str(o, "type") && strcmp(str(o, "type"), "ping") == 0);
	if (!o || !str(o, "type") || strcmp(str(o, "type"), type) != 0) {
		fprintf(stderr, "instead of %s: kind %d, %.200s (close %d %s)\n", type, kind,
			b.p ? b.p : "", wsc_code(c), wsc_reason(c));
		CU_FAIL("another frame was expected");
		cJSON_Delete(o);
		o = NULL;
	}
	buf_free(&b);
	return o;
}

void expect_close(struct wsc *c, int code)
{
	struct buf b = {0};
	enum wsc_kind kind;

	do
		kind = wsc_recv(c, 10000, &b);
	while (kind == WSC_TEXT || kind == WSC_BINARY);
	CHECK_INT(kind, WSC_CLOSE);
	CHECK_INT(wsc_code(c), code);
	CHECK(*wsc_reason(c));
	buf_free(&b);
}

struct wsc *worker_in(struct rig *r, const char *id, int slots, const char *jobs, cJSON **welcome)
{
	struct wsc *c = wsc_open(r->port, NULL, NULL);
	cJSON *w;

	CHECK(c != NULL);
	if (!c)
		abort();
	wsc_text(c,
		"{\"type\":\"hello\",\"token\":\"" GOOD_TOKEN "\",\"worker\":{\"id\":\"%s\","
		"\"name\":\"box %s\",\"kind\":\"test\"},\"slots\":%d,\"models\":[{\"id\":\"m\","
		"\"inputs\":[\"text\",\"image\"]}],\"jobs\":[%s]}",
		id, id, slots, jobs ? jobs : "");
	w = expect(c, "welcome");
	if (welcome)
		*welcome = w;
	else
		cJSON_Delete(w);
	return c;
}

const char *ref(const cJSON *job)
{
	static char text[200];

	snprintf(text, sizeof text, "\"job\":\"%s\",\"lease\":\"%s\"", str(job, "job"),
		str(job, "lease"));
	return text;
}

void upload(struct wsc *c, const cJSON *job, const char *name, const char *p, size_t n)
{
	size_t at, part;
	uint32_t channel;
	cJSON *go, *up;

	wsc_text(c, "{\"type\":\"upload\",\"upload\":\"%s\",%s,\"size\":%zu}", name, ref(job), n);
	go = expect(c, "upload_go");
	if (!go)
		return;
	at = (size_t)num(go, "offset");
	channel = (uint32_t)num(go, "channel");
	cJSON_Delete(go);
	for (; at < n; at += part) {
		char frame[12 + 65536];
		uint32_t be = htonl(channel), low = htonl((uint32_t)at);

		part = n - at < 65536 ? n - at : 65536;
		memset(frame, 0, 12);
		memcpy(frame, &be, 4);
		memcpy(frame + 8, &low, 4);
		memcpy(frame + 12, p + at, part);
		wsc_send(c, WSC_BINARY, frame, 12 + part);
	}
	wsc_text(c, "{\"type\":\"upload_end\",\"upload\":\"%s\",\"size\":%zu}", name, n);
	do { /* acks on the way are not looked at here */
		struct buf b = {0};

		up = wsc_recv(c, 10000, &b) == WSC_TEXT ? cJSON_ParseWithLength(b.p, b.n) : NULL;
		buf_free(&b);
		if (up && strcmp(str(up, "type"), "ack") == 0) {
			cJSON_Delete(up);
			continue;
		}
		break;
	} while (1);
	CHECK_STR(up ? str(up, "type") : NULL, "uploaded");
	CHECK_INT(num(up, "size"), n);
	cJSON_Delete(up);
}

struct wsc *with_job(struct rig *r, struct fake_job **job, cJSON **frame)
{
	struct wsc *c = worker_in(r, "w1", 2, NULL, NULL);

	*job = rig_job(r, "m");
	wsc_text(c, "{\"type\":\"ready\",\"free\":1}");
	*frame = expect(c, "job");
	wsc_text(c, "{\"type\":\"accepted\",%s}", ref(*frame));
	return c;
}

void say_result(struct wsc *c, const cJSON *job, const char *outputs)
{
	wsc_text(c, "{\"type\":\"result\",%s,\"outputs\":[%s]}", ref(job), outputs);
}

void check_done(struct wsc *c, const cJSON *job, const char *status)
{
	cJSON *done = expect(c, "done");

	CHECK_STR(str(done, "job"), str(job, "job"));
	CHECK_STR(str(done, "lease"), str(job, "lease"));
	CHECK_STR(str(done, "status"), status);
	cJSON_Delete(done);
}

int half_files(const struct rig *r)
{
	char path[600];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/blobs/tmp", r->dir);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

bool probing(const struct rig *r)
{
	char path[600];
	struct dirent *e;
	bool yes = false;
	DIR *d;

	snprintf(path, sizeof path, "%s/bridge", r->dir);
	d = opendir(path);
	while (d && (e = readdir(d)))
		yes = yes || strncmp(e->d_name, "media-", 6) == 0;
	if (d)
		closedir(d);
	return yes;
}

int all_files(const struct rig *r)
{
	char cmd[700];
	int n = -1;
	FILE *f;

	snprintf(cmd, sizeof cmd, "find '%s/blobs' -type f | wc -l", r->dir);
	f = popen(cmd, "r");
	CHECK_INT(fscanf(f, "%d", &n), 1);
	pclose(f);
	return n;
}

void expect_refused(struct wsc *c, const char *code)
{
	cJSON *f = expect(c, "refused");

	CHECK_STR(str(f, "code"), code);
	cJSON_Delete(f);
}
