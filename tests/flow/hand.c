#include "hand.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/buf.h"
#include "tests/lib/wsclient.h"

struct hand {
	struct house *house;
	char id[32];
	pthread_t thread;
	atomic_bool stop;
	atomic_int made, cancelled;
	bool vanished;
	struct wsc *ws;
	struct buf in;
	char job[64], lease[40]; /* what it holds; "" nothing */
	bool hanging;
	char *video;
	size_t video_n;
};

static void load_video(struct hand *w)
{
	FILE *f = fopen(ARENA_FLOW_VIDEO, "rb");
	struct buf b = {0};
	char chunk[4096];
	size_t n;

	if (!f) {
		perror(ARENA_FLOW_VIDEO);
		abort();
	}
	while ((n = fread(chunk, 1, sizeof chunk, f)))
		buf_add(&b, chunk, n);
	fclose(f);
	w->video = b.p;
	w->video_n = b.n;
}

static const char *str(const cJSON *o, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItem(o, name));

	return s ? s : "";
}

static void ready(struct hand *w)
{
	w->job[0] = '\0';
	w->hanging = false;
	wsc_text(w->ws, "{\"type\":\"ready\",\"free\":1}");
}

static void progress(struct hand *w, int percent)
{
	wsc_text(w->ws,
		"{\"type\":\"progress\",\"job\":\"%s\",\"lease\":\"%s\",\"percent\":%d,\"stage\":"
		"\"making\"}",
		w->job, w->lease, percent);
}

static void begin_upload(struct hand *w)
{
	wsc_text(w->ws,
		"{\"type\":\"upload\",\"upload\":\"u1\",\"job\":\"%s\",\"lease\":\"%s\",\"size\":%"
		"zu,"
		"\"mime\":\"video/mp4\"}",
		w->job, w->lease, w->video_n);
}

static void send_video(struct hand *w, unsigned channel, size_t offset)
{
	while (offset < w->video_n) {
		size_t n = w->video_n - offset < 60000 ? w->video_n - offset : 60000;
		struct buf b = {0};

		for (int i = 3; i >= 0; i--)
			buf_add(&b, &(char){(char)(channel >> 8 * i)}, 1);
		for (int i = 7; i >= 0; i--)
			buf_add(&b, &(char){(char)((uint64_t)offset >> 8 * i)}, 1);
		buf_add(&b, w->video + offset, n);
		wsc_send(w->ws, WSC_BINARY, b.p, b.n);
		buf_free(&b);
		offset += n;
	}
	wsc_text(w->ws, "{\"type\":\"upload_end\",\"upload\":\"u1\",\"size\":%zu}", w->video_n);
}

static void on_job(struct hand *w, const cJSON *m)
{
	const char *prompt = str(m, "prompt");
	int attempt = (int)cJSON_GetNumberValue(cJSON_GetObjectItem(m, "attempt")), tries = 0;
	bool final = strcmp(prompt, "fail") == 0;

	snprintf(w->job, sizeof w->job, "%s", str(m, "job"));
	snprintf(w->lease, sizeof w->lease, "%s", str(m, "lease"));
	wsc_text(
		w->ws, "{\"type\":\"accepted\",\"job\":\"%s\",\"lease\":\"%s\"}", w->job, w->lease);
	progress(w, 10);
	if (strcmp(prompt, "vanish") == 0 && !w->vanished) {
		w->vanished = true;
		wsc_drop(w->ws);
		w->ws = NULL;
	} else if (strcmp(prompt, "hang") == 0) {
		w->hanging = true;
	} else if (final || (sscanf(prompt, "retry %d", &tries) == 1 && attempt <= tries)) {
		wsc_text(w->ws,
			"{\"type\":\"failed\",\"job\":\"%s\",\"lease\":\"%s\",\"code\":\"no_luck\","
			"\"message\":\"It would not be made.\",\"retryable\":%s}",
			w->job, w->lease, final ? "false" : "true");
	} else {
		progress(w, 60);
		begin_upload(w);
	}
}

static void on_welcome(struct hand *w, const cJSON *m)
{
	const cJSON *mine = cJSON_GetArrayItem(cJSON_GetObjectItem(m, "jobs"), 0);

	if (mine && strcmp(str(mine, "state"), "yours") == 0)
		begin_upload(w); /* came back in time */
	else
		ready(w);
}

static void on_text(struct hand *w, const cJSON *m)
{
	const char *type = str(m, "type");

	if (strcmp(type, "welcome") == 0) {
		on_welcome(w, m);
	} else if (strcmp(type, "ping") == 0) {
		wsc_text(w->ws, "{\"type\":\"pong\"}");
	} else if (strcmp(type, "job") == 0) {
		on_job(w, m);
	} else if (strcmp(type, "upload_go") == 0) {
		send_video(w, (unsigned)cJSON_GetNumberValue(cJSON_GetObjectItem(m, "channel")),
			(size_t)cJSON_GetNumberValue(cJSON_GetObjectItem(m, "offset")));
	} else if (strcmp(type, "uploaded") == 0) {
		wsc_text(w->ws,
			"{\"type\":\"result\",\"job\":\"%s\",\"lease\":\"%s\",\"outputs\":[{"
			"\"upload\":"
			"\"u1\"}]}",
			w->job, w->lease);
	} else if (strcmp(type, "done") == 0) {
		w->made += strcmp(str(m, "status"), "completed") == 0;
		ready(w);
	} else if (strcmp(type, "cancel") == 0) {
		w->cancelled++;
		wsc_text(w->ws, "{\"type\":\"stopped\",\"job\":\"%s\",\"lease\":\"%s\"}",
			str(m, "job"), str(m, "lease"));
		ready(w);
	}
}

static void connect_again(struct hand *w)
{
	char jobs[200] = "";

	w->ws = wsc_open(w->house->port, NULL, NULL);
	if (!w->ws) {
		usleep(20000);
		return;
	}
	if (*w->job)
		snprintf(jobs, sizeof jobs, "{\"job\":\"%s\",\"lease\":\"%s\"}", w->job, w->lease);
	wsc_text(w->ws,
		"{\"type\":\"hello\",\"token\":\"%s\",\"worker\":{\"id\":\"%s\",\"name\":\"%s\","
		"\"kind\":\"test\",\"version\":\"1\"},\"slots\":1,\"models\":[{\"id\":\"sandbox\","
		"\"name\":\"Test\",\"owner\":\"tests\",\"inputs\":[\"text\",\"image\"]}],\"jobs\":["
		"%s]}",
		w->house->worker_key, w->id, w->id, jobs);
}

static void *work(void *arg)
{
	struct hand *w = arg;

	while (!w->stop) {
		enum wsc_kind kind;
		cJSON *m;

		if (!w->ws) {
			connect_again(w);
			continue;
		}
		kind = wsc_recv(w->ws, 50, &w->in);
		if (kind == WSC_EOF || kind == WSC_CLOSE) {
			wsc_drop(w->ws);
			w->ws = NULL;
		} else if (kind == WSC_TEXT) {
			m = cJSON_ParseWithLength(w->in.p, w->in.n);
			on_text(w, m);
			cJSON_Delete(m);
		}
	}
	return NULL;
}

struct hand *hand_open(struct house *h, const char *id)
{
	struct hand *w = xcalloc(1, sizeof *w);

	w->house = h;
	snprintf(w->id, sizeof w->id, "%s", id);
	load_video(w);
	if (pthread_create(&w->thread, NULL, work, w) != 0)
		abort();
	return w;
}

void hand_close(struct hand *w)
{
	w->stop = true;
	pthread_join(w->thread, NULL);
	wsc_drop(w->ws);
	buf_free(&w->in);
	free(w->video);
	free(w);
}

int hand_made(struct hand *w)
{
	return w->made;
}

int hand_cancelled(struct hand *w)
{
	return w->cancelled;
}
