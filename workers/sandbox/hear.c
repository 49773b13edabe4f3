/* One handler for each message of the bridge, and a table of them. What is unknown is ignored. */
#include <string.h>

#include "proto/log.h"
#include "workers/sandbox/inside.h"

static const char *text_of(const cJSON *msg, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(msg, name));

	return s ? s : "";
}

static int64_t number_of(const cJSON *msg, const char *name, int64_t dflt)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(msg, name);

	return cJSON_IsNumber(v) && v->valuedouble >= 0 ? (int64_t)v->valuedouble : dflt;
}

static struct task *task_in(struct worker *w, const cJSON *msg)
{
	return task_find(w, text_of(msg, "job"), text_of(msg, "lease"));
}

/* Our uploads are named after their jobs. */
static struct task *upload_in(struct worker *w, const cJSON *msg)
{
	struct task *t = task_find(w, text_of(msg, "upload"), NULL);

	return t && t->state == TASK_UPLOADING ? t : NULL;
}

static void on_welcome(struct worker *w, cJSON *msg)
{
	const cJSON *job, *jobs = cJSON_GetObjectItemCaseSensitive(msg, "jobs");
	const cJSON *limits = cJSON_GetObjectItemCaseSensitive(msg, "limits");

	w->window = number_of(limits, "window", 1 << 20);
	w->silence_s = (double)number_of(msg, "heartbeat_ms", 20000) * 2.5 / 1000;
	w->pause_ms = w->conf.backoff_min_ms;
	atomic_store(&w->live, true);
	log_info("welcome", LS("bridge", text_of(msg, "bridge")), LI("jobs", w->task_count));
	cJSON_ArrayForEach (job, jobs) {
		struct task *t = task_in(w, job);

		if (t && strcmp(text_of(job, "state"), "yours") == 0) {
			task_resume(t);
		} else if (t) {
			log_warn("job_lost", LS("job", t->job.id));
			task_stop(t);
		}
	}
	say_ready(w);
}

static void on_job(struct worker *w, cJSON *msg)
{
	struct task *t = task_new(w, cJSON_Duplicate(msg, true));

	if (!t)
		return;
	if (w->stopping || w->task_count > w->conf.slots) {
		cJSON *release = say_about("release", t);

		cJSON_AddStringToObject(release, "reason", w->stopping ? "stopping" : "busy");
		task_end(t, release);
		return;
	}
	say(w, say_about("accepted", t));
	task_go(t);
}

static void on_cancel(struct worker *w, cJSON *msg)
{
	struct task *t = task_in(w, msg);
	cJSON *stopped = say_new("stopped");

	cJSON_AddStringToObject(stopped, "job", text_of(msg, "job"));
	cJSON_AddStringToObject(stopped, "lease", text_of(msg, "lease"));
	if (t) {
		log_info("job_cancelled", LS("job", t->job.id),
			LS("reason", text_of(msg, "reason")));
		task_stop(t);
	}
	say(w, stopped);
	say_ready(w);
}

static void on_done(struct worker *w, cJSON *msg)
{
	struct task *t = task_in(w, msg);

	if (!t)
		return;
	log_info("job_done", LS("job", t->job.id), LS("status", text_of(msg, "status")));
	task_stop(t);
	say_ready(w);
}

/* With an upload: try that once more. Without: the job is over, or its image cannot be had. */
static void on_refused(struct worker *w, cJSON *msg)
{
	bool upload = *text_of(msg, "upload");
	struct task *t = upload ? upload_in(w, msg) : task_in(w, msg);

	log_warn("refused", LS("code", text_of(msg, "code")),
		LS("message", text_of(msg, "message")));
	if (!t)
		return;
	if (upload) {
		upload_again(t, "the video was not taken");
	} else if (t->state == TASK_FETCHING) {
		worker_failed(w, &t->job, "internal", "the input image is not there", true);
	} else {
		task_stop(t);
		say_ready(w);
	}
}

static void on_upload_go(struct worker *w, cJSON *msg)
{
	struct task *t = upload_in(w, msg);

	if (t)
		upload_go(t, msg);
}

static void on_ack(struct worker *w, cJSON *msg)
{
	struct task *t = upload_in(w, msg);

	if (t)
		t->acked = number_of(msg, "offset", t->acked);
	wsc_kick(w->sock);
}

static void on_uploaded(struct worker *w, cJSON *msg)
{
	struct task *t = upload_in(w, msg);

	if (!t)
		return;
	t->state = TASK_DELIVERED;
	say_result(t);
}

static void on_input(struct worker *w, cJSON *msg)
{
	struct task *t = task_in(w, msg);

	if (t && t->state == TASK_FETCHING)
		input_begin(t, msg);
}

static void on_ping(struct worker *w, cJSON *msg)
{
	cJSON *pong = say_new("pong");

	cJSON_AddNumberToObject(pong, "t", (double)number_of(msg, "t", 0));
	say(w, pong);
}

/* The bridge stops, and closes: come back when another may be there. */
static void on_drain(struct worker *w, cJSON *msg)
{
	w->pause_ms = number_of(msg, "reconnect_ms", w->conf.backoff_min_ms);
}

static const struct {
	const char *type;
	void (*hear)(struct worker *w, cJSON *msg);
} handlers[] = {
	{"welcome", on_welcome},
	{"job", on_job},
	{"cancel", on_cancel},
	{"done", on_done},
	{"refused", on_refused},
	{"upload_go", on_upload_go},
	{"ack", on_ack},
	{"uploaded", on_uploaded},
	{"input", on_input},
	{"ping", on_ping},
	{"drain", on_drain},
};

void hear_text(struct worker *w, const char *p, size_t n)
{
	cJSON *msg = cJSON_ParseWithLength(p, n);
	const char *type = text_of(msg, "type");

	for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
		if (strcmp(handlers[i].type, type) == 0)
			handlers[i].hear(w, msg);
	cJSON_Delete(msg);
}
