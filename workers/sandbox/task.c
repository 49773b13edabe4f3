#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "proto/buf.h"
#include "proto/log.h"
#include "workers/sandbox/inside.h"

enum { PATH_MAX_HERE = 1024 };

/* Ids become parts of file names. */
static bool is_name(const char *s)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return s && *s && strlen(s) <= 64 && s[strspn(s, ok)] == '\0';
}

static const char *text_of(const cJSON *msg, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(msg, name));
}

static int number_of(const cJSON *msg, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(msg, name);

	return cJSON_IsNumber(v) ? v->valueint : 0;
}

struct task *task_find(struct worker *w, const char *id, const char *lease)
{
	struct task *t;

	if (!id)
		return NULL;
	DL_FOREACH (w->tasks, t) {
		if (strcmp(t->job.id, id) == 0 && (!lease || strcmp(t->job.lease, lease) == 0))
			return t;
	}
	return NULL;
}

/* The image with this number is to be fetched, and *path is where it will be. */
static void take_input(struct task *t, int number, const char **path)
{
	struct task_input *in = &t->inputs[t->n_inputs];

	if (*path)
		return; /* two for one role: the first counts */
	in->path = xmalloc(PATH_MAX_HERE);
	snprintf(in->path, PATH_MAX_HERE, "%s/%s.%s.in%d", t->w->conf.folder, t->job.id,
		t->job.lease, number);
	in->number = number;
	in->fd = -1;
	*path = in->path;
	t->n_inputs++;
}

static void read_job(struct task *t)
{
	const cJSON *msg = t->source, *input;
	const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(msg, "inputs");
	int number = 0;
	const cJSON *seed = cJSON_GetObjectItemCaseSensitive(msg, "seed");
	const char *prompt = text_of(msg, "prompt"), *model = text_of(msg, "model");

	t->job.prompt = prompt ? prompt : "";
	t->job.model = model ? model : "";
	t->job.seconds = number_of(msg, "seconds");
	t->job.width = number_of(msg, "width");
	t->job.height = number_of(msg, "height");
	t->job.has_seed = cJSON_IsNumber(seed);
	t->job.seed = t->job.has_seed ? (int64_t)seed->valuedouble : 0;
	t->job.fps = number_of(msg, "fps");
	cJSON_ArrayForEach (input, inputs) {
		const char *role = text_of(input, "role");

		if (!role || strcmp(role, "first_frame") == 0)
			take_input(t, number, &t->job.image);
		else if (strcmp(role, "last_frame") == 0)
			take_input(t, number, &t->job.last_image);
		number++;
	}
}

struct task *task_new(struct worker *w, cJSON *msg)
{
	const char *id = text_of(msg, "job"), *lease = text_of(msg, "lease");
	struct task *t;

	if (!is_name(id) || !is_name(lease) || task_find(w, id, lease)) {
		cJSON_Delete(msg);
		return NULL;
	}
	t = xcalloc(1, sizeof *t);
	t->w = w;
	t->source = msg;
	t->job.id = id;
	t->job.lease = lease;
	t->stage = "starting";
	t->output_fd = -1;
	read_job(t);
	DL_APPEND(w->tasks, t);
	w->task_count++;
	return t;
}

/* "JOB.LEASE.mp4". A try that was under way counts: a job that kills its worker must end one day.
 */
static void take_leftover(struct worker *w, const char *name)
{
	char job[65], lease[65], path[PATH_MAX_HERE];
	cJSON *msg;
	struct task *t;

	if (sscanf(name, "%64[A-Za-z0-9_-].%64[A-Za-z0-9_-].", job, lease) != 2)
		return;
	snprintf(path, sizeof path, "%s/%s", w->conf.folder, name);
	unlink(path);
	msg = cJSON_CreateObject();
	cJSON_AddStringToObject(msg, "job", job);
	cJSON_AddStringToObject(msg, "lease", lease);
	t = task_new(w, msg);
	if (!t)
		return;
	log_warn("job_left_behind", LS("job", job));
	t->state = TASK_OVER;
	t->last = say_about("failed", t);
	cJSON_AddStringToObject(t->last, "code", "internal");
	cJSON_AddStringToObject(t->last, "message", "the worker was restarted");
	cJSON_AddBoolToObject(t->last, "retryable", true);
}

void task_leftovers(struct worker *w)
{
	DIR *d = opendir(w->conf.folder);
	struct dirent *e;

	while (d && (e = readdir(d)))
		take_leftover(w, e->d_name);
	if (d)
		closedir(d);
}

void task_drop(struct task *t)
{
	DL_DELETE(t->w->tasks, t);
	t->w->task_count--;
	for (int i = 0; i < t->n_inputs; i++) {
		if (t->inputs[i].fd >= 0)
			close(t->inputs[i].fd);
		unlink(t->inputs[i].path);
		free(t->inputs[i].path);
	}
	if (t->output_fd >= 0)
		close(t->output_fd);
	if (t->output)
		unlink(t->output);
	free(t->output);
	cJSON_Delete(t->last);
	cJSON_Delete(t->source);
	free(t);
}

void task_stop(struct task *t)
{
	if (t->state == TASK_RUNNING)
		t->w->calls.cancel(t->w->calls.arg, t->w, &t->job);
	task_drop(t);
}

void task_go(struct task *t)
{
	if (t->inputs_here < t->n_inputs) {
		input_ask(t);
		return;
	}
	t->state = TASK_RUNNING;
	log_info("job_started", LS("job", t->job.id), LI("seconds", t->job.seconds),
		LI("width", t->job.width), LI("height", t->job.height), LI("images", t->n_inputs));
	t->w->calls.start(t->w->calls.arg, t->w, &t->job);
}

void task_end(struct task *t, cJSON *last)
{
	t->state = TASK_OVER;
	t->last = cJSON_Duplicate(last, true);
	say(t->w, last);
}

void task_resume(struct task *t)
{
	t->upload_channel = 0;
	switch (t->state) {
	case TASK_FETCHING:
		input_ask(t);
		break;
	case TASK_RUNNING:
		say_progress(t);
		break;
	case TASK_UPLOADING:
		upload_ask(t);
		break;
	case TASK_DELIVERED:
		say_result(t);
		break;
	case TASK_OVER:
		say(t->w, cJSON_Duplicate(t->last, true));
		break;
	}
}

/* ---- what the user reports ---- */

static struct task *task_of(struct worker_job *job)
{
	return (struct task *)job; /* its first member */
}

/* The user's stage lives as long as his call; ours must last: one of these, or "rendering". */
static const char *lasting(const char *stage)
{
	static const char *const stages[] = {
		"starting", "loading", "rendering", "finishing", "uploading"};

	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (strcmp(stages[i], stage) == 0)
			return stages[i];
	return "rendering";
}

void worker_progress(struct worker *w, struct worker_job *job, int percent, const char *stage)
{
	struct task *t = task_of(job);
	const char *kept = lasting(stage);
	ev_tstamp now = ev_now(w->loop);

	t->percent = percent;
	if (kept == t->stage && now - t->told < 0.25)
		return;
	t->stage = kept;
	t->told = now;
	say_progress(t);
}

void worker_done(struct worker *w, struct worker_job *job, const char *path)
{
	struct task *t = task_of(job);

	(void)w;
	t->output = xstrdup(path);
	t->stage = "uploading";
	t->state = TASK_UPLOADING;
	say_progress(t);
	upload_ask(t);
}

void worker_failed(struct worker *w, struct worker_job *job, const char *code, const char *message,
	bool retryable)
{
	struct task *t = task_of(job);
	cJSON *msg = say_about("failed", t);

	(void)w;
	cJSON_AddStringToObject(msg, "code", code);
	cJSON_AddStringToObject(msg, "message", message);
	cJSON_AddBoolToObject(msg, "retryable", retryable);
	log_warn("job_failed", LS("job", t->job.id), LS("code", code), LS("message", message));
	task_end(t, msg);
}
