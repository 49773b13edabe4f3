#include "tests/unit/bridge_rig.h"

#include "proto/buf.h"

/* ---- fakes ---- */

static struct fake_job *find(struct fake_jobs *f, const char *id, const char *lease)
{
	for (int i = 0; i < f->n; i++)
		if (id && strcmp(f->jobs[i].id, id) == 0 &&
			(!lease || strcmp(f->jobs[i].lease, lease) == 0))
			return &f->jobs[i];
	return NULL;
}

static bool holds(const struct fake_job *j)
{
	return j && strcmp(j->status, "in_progress") == 0;
}

static void answer_job(struct call *c, const struct fake_job *j)
{
	struct input in = {.role = j->role ? j->role : "first_frame",
		.sha256 = j->input,
		.mime = j->input_mime ? j->input_mime : "image/png",
		.size = j->input_size,
		.width = 8,
		.height = 6};
	struct job job = {.id = j->id,
		.owner = "key_owner",
		.status = j->status,
		.model = j->model,
		.prompt = "a red \"fox\"\n\xf0\x9f\xa6\x8a",
		.seconds = 4,
		.width = 720,
		.height = 1280,
		.seed = -1,
		.fps = j->fps,
		.negative_prompt = j->negative_prompt,
		.operation = j->operation,
		.source = j->source,
		.inputs = &in,
		.n_inputs = *j->input ? 1 : 0,
		.attempts = j->attempts,
		.started_at = j->started_at,
		.upstream_ref = *j->upstream_ref ? j->upstream_ref : NULL,
		.lease = j->lease};

	call_answer(c, &job);
}

static void on_take(struct fake_jobs *f, struct call *c)
{
	const struct lease_new *want = call_rec(c);

	f->takes++;
	for (int i = 0; i < f->n; i++)
		if (strcmp(f->jobs[i].lease, want->lease) == 0 && holds(&f->jobs[i])) {
			answer_job(c, &f->jobs[i]);
			return;
		}
	for (int i = 0; i < f->n; i++) {
		struct fake_job *j = &f->jobs[i];

		for (size_t k = 0; strcmp(j->status, "queued") == 0 && k < want->n_models; k++) {
			if (strcmp(j->model, want->models[k]) != 0)
				continue;
			snprintf(j->status, sizeof j->status, "%s", "in_progress");
			snprintf(j->lease, sizeof j->lease, "%s", want->lease);
			j->attempts++;
			j->started_at = now_ms();
			answer_job(c, j);
			return;
		}
	}
	call_refuse(c, ERR_EMPTY, NULL);
}

static void on_renew(struct fake_jobs *f, struct call *c)
{
	const struct lease_renew *want = call_rec(c);
	struct lease_ref lost[64];
	struct lease_lost told = {.lost = lost};

	f->renews++;
	for (size_t i = 0; i < want->n_leases && told.n_lost < 64; i++)
		if (!holds(find(f, want->leases[i].id, want->leases[i].lease)))
			lost[told.n_lost++] = want->leases[i];
	call_answer(c, &told);
}

static void on_progress(struct fake_jobs *f, struct call *c)
{
	const struct lease_progress *say = call_rec(c);
	struct fake_job *j = find(f, say->id, say->lease);

	if (!holds(j)) {
		call_refuse(c, ERR_LEASE_LOST, NULL);
		return;
	}
	j->progress = say->progress;
	j->progress_asks++;
	snprintf(j->stage, sizeof j->stage, "%s", say->stage ? say->stage : "");
	if (say->upstream_ref)
		snprintf(j->upstream_ref, sizeof j->upstream_ref, "%s", say->upstream_ref);
	call_answer(c, NULL);
}

static void on_done(struct fake_jobs *f, struct call *c)
{
	const struct lease_done *say = call_rec(c);
	struct fake_job *j = find(f, say->id, say->lease);
	const struct output *o = say->outputs;

	if (f->down > 0 || f->blob_gone > 0) {
		call_refuse(c, f->down > 0 ? ERR_STORE : ERR_BLOB_GONE, NULL);
		if (f->down > 0)
			f->down--;
		else
			f->blob_gone--;
		return;
	}
	if (!holds(j)) {
		call_refuse(c, ERR_LEASE_LOST, NULL);
		return;
	}
	snprintf(j->status, sizeof j->status, "%s", "completed");
	j->outputs = (int)say->n_outputs;
	j->width = o->width;
	snprintf(j->video, sizeof j->video, "%s", o->sha256);
	snprintf(j->poster, sizeof j->poster, "%s", o->poster ? o->poster : "");
	snprintf(j->sprite, sizeof j->sprite, "%s", o->sprite ? o->sprite : "");
	snprintf(j->mime, sizeof j->mime, "%s", o->mime);
	if (say->n_outputs > 1) {
		snprintf(j->second, sizeof j->second, "%s", o[1].sha256);
		snprintf(j->second_poster, sizeof j->second_poster, "%s",
			o[1].poster ? o[1].poster : "");
	}
	call_answer(c, NULL);
}

static void on_end(struct fake_jobs *f, struct call *c, const char *id, const char *lease,
	const char *code, const char *message, bool again)
{
	struct fake_job *j = find(f, id, lease);

	if (!holds(j)) {
		call_refuse(c, ERR_LEASE_LOST, NULL);
		return;
	}
	snprintf(j->status, sizeof j->status, "%s", again ? "queued" : "failed");
	snprintf(j->code, sizeof j->code, "%s", code ? code : "");
	snprintf(j->message, sizeof j->message, "%s", message ? message : "");
	j->retryable = again;
	*j->lease = 0;
	call_answer(c, NULL);
}

static void on_back(struct fake_jobs *f, struct call *c)
{
	const struct lease_back *say = call_rec(c);
	struct fake_job *j = find(f, say->id, say->lease);

	if (holds(j) && say->upstream_ref)
		snprintf(j->upstream_ref, sizeof j->upstream_ref, "%s", say->upstream_ref);
	on_end(f, c, say->id, say->lease, say->reason, NULL, true);
}

static void on_seen(struct fake_jobs *f, struct call *c)
{
	const struct worker_list *list = call_rec(c);
	struct buf b = {0};

	f->seen++;
	buf_adds(&b, "");
	for (size_t i = 0; i < list->n_workers; i++) {
		const struct worker *w = &list->workers[i];

		if (w->gone) {
			buf_addf(&b, "%s:gone;", w->id);
			continue;
		}
		buf_addf(&b, "%s:%d/%d[", w->id, (int)w->busy, (int)w->slots);
		for (size_t k = 0; k < w->n_models; k++)
			buf_addf(&b, "%s,", w->models[k].id);
		buf_adds(&b, "];");
	}
	snprintf(f->workers, sizeof f->workers, "%s", b.p);
	buf_free(&b);
	call_answer(c, NULL);
}

static void on_get(struct fake_jobs *f, struct call *c)
{
	const struct job_ref *want = call_rec(c);
	const struct fake_job *j = find(f, want->id, NULL);

	if (j && want->owner && strcmp(want->owner, "key_owner") == 0)
		answer_job(c, j);
	else
		call_refuse(c, ERR_NOT_FOUND, NULL);
}

static void jobs_call(void *arg, struct call *c)
{
	struct fake_jobs *f = arg;
	const struct lease_failed *failed = call_rec(c);
	int delay;

	pthread_mutex_lock(&f->mutex);
	delay = call_type(c) == MSG_LEASE_TAKE ? f->take_delay_ms : 0;
	pthread_mutex_unlock(&f->mutex);
	if (delay)
		usleep((useconds_t)delay * 1000);
	pthread_mutex_lock(&f->mutex);
	if (call_type(c) == MSG_LEASE_TAKE)
		on_take(f, c);
	else if (call_type(c) == MSG_LEASE_RENEW)
		on_renew(f, c);
	else if (call_type(c) == MSG_LEASE_PROGRESS)
		on_progress(f, c);
	else if (call_type(c) == MSG_LEASE_DONE)
		on_done(f, c);
	else if (call_type(c) == MSG_LEASE_FAILED)
		on_end(f, c, failed->id, failed->lease, failed->code, failed->message,
			failed->retryable);
	else if (call_type(c) == MSG_LEASE_BACK)
		on_back(f, c);
	else if (call_type(c) == MSG_WORKER_SEEN)
		on_seen(f, c);
	else if (call_type(c) == MSG_JOB_GET)
		on_get(f, c);
	else if (f->hooks)
		f->hooks(f->hooks_arg, c);
	else if (call_type(c) == MSG_HOOK_TAKE)
		call_answer(c, &(struct delivery_list){0});
	else
		call_refuse(c, ERR_UNKNOWN_MESSAGE, NULL);
	pthread_mutex_unlock(&f->mutex);
}

static void auth_call(void *arg, struct call *c)
{
	const struct auth_check *check = call_rec(c);
	struct auth_grant grant = {.owner = "key_worker", .name = "worker"};

	(void)arg;
	if (check->key && strcmp(check->key, GOOD_TOKEN) == 0 && strcmp(check->what, "worker") == 0)
		call_answer(c, &grant);
	else
		call_refuse(c, ERR_UNAUTHORIZED, NULL);
}

/* ---- the rig ---- */

/* Stands in for arena-media: what begins with VIDEO is a video, with LATER one that takes half a
 * second, with SLOW one that takes for ever.
 */
static const char media_program[] =
	"#!/bin/sh\n"
	"kind=$(head -c 5 \"$1\")\n"
	"[ \"$kind\" = LATER ] && sleep 0.5 && kind=VIDEO\n"
	"case \"$kind\" in\n"
	"VIDEO) printf RIFFposter >\"$2/poster.webp\"; printf RIFFsprite >\"$2/sprite.webp\"\n"
	"echo '{\"ok\":true,\"width\":720,\"height\":1280,\"duration_ms\":4000,\"fps\":24,"
	"\"remuxed\":false,\"sprite_columns\":5,\"sprite_rows\":5}' ;;\n"
	"SLOW*) exec sleep 60 ;;\n"
	"BREAK) exit 3 ;;\n"
	"*) echo '{\"ok\":false,\"error\":\"there is no video in it\"}' ;;\n"
	"esac\n";

static void write_program(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(media_program, f) < 0 || fclose(f) != 0 || chmod(path, 0700) != 0) {
		perror(path);
		abort();
	}
}

static void start(struct rig *r)
{
	static int n;

	/* each time new urls: nng's sockets stay */
	snprintf(r->url, sizeof r->url, "inproc://rig-bridge-%d", ++n);
	r->conf.bridge_url = r->url;
	if (bridge_start(&r->conf, &r->bridge) != ERR_OK)
		abort();
	r->port = bridge_port(r->bridge);
}

void rig_open(struct rig *r, char *const *more)
{
	static int n;
	char auth[64], jobs[64], hints[64], program[600];
	static char name[] = "test", addr[] = "--bridge-addr=127.0.0.1:0",
		    wait[] = "--accept-wait=2s";
	char *argv[24] = {name, addr, wait}, *wrong;
	int argc = 3;

	memset(r, 0, sizeof *r);
	for (; more && *more; more++)
		argv[argc++] = *more;
	wrong = conf_parse(bridge_conf_table, &r->conf, NULL, argc, argv);
	if (wrong) {
		fprintf(stderr, "settings: %s\n", wrong);
		abort();
	}
	n++;
	r->dir = tmp_make();
	snprintf(auth, sizeof auth, "inproc://rig-auth-%d", n);
	snprintf(jobs, sizeof jobs, "inproc://rig-jobs-%d", n);
	snprintf(hints, sizeof hints, "inproc://rig-hints-%d", n);
	snprintf(program, sizeof program, "%s/media", r->dir);
	write_program(program);
	r->conf.common.data = r->dir;
	r->conf.auth_url = xstrdup(auth);
	r->conf.jobs_url = xstrdup(jobs);
	r->conf.hints_url = xstrdup(hints);
	if (!*r->conf.media_program)
		r->conf.media_program = xstrdup(program);
	else
		r->conf.media_program = xstrdup(r->conf.media_program);
	if (blobs_open(r->dir, &r->blobs) != ERR_OK || secret_load(r->dir, &r->secret) != ERR_OK)
		abort();
	r->jobs = calloc(1, sizeof *r->jobs);
	pthread_mutex_init(&r->jobs->mutex, NULL);
	server_open("auth", auth, r->secret.wire, 4, auth_call, NULL);
	server_open("jobs", jobs, r->secret.wire, 16, jobs_call, r->jobs);
	r->teller = teller_open(hints, r->secret.wire);
	start(r);
}

/* The fake of jobs stays: its server does. */
void rig_close(struct rig *r)
{
	bridge_stop(r->bridge);
	blobs_close(r->blobs);
	tmp_remove(r->dir);
	free((char *)r->conf.auth_url);
	free((char *)r->conf.jobs_url);
	free((char *)r->conf.hints_url);
	free((char *)r->conf.media_program);
}

void rig_restart(struct rig *r)
{
	bridge_stop(r->bridge);
	start(r);
}

struct fake_job *rig_job(struct rig *r, const char *model)
{
	struct fake_jobs *f = r->jobs;
	struct fake_job *j;

	pthread_mutex_lock(&f->mutex);
	j = &f->jobs[f->n];
	if (f->n >= JOBS_MAX)
		abort();
	id_new("video_", j->id);
	snprintf(j->model, sizeof j->model, "%s", model);
	snprintf(j->status, sizeof j->status, "%s", "queued");
	f->n++;
	pthread_mutex_unlock(&f->mutex);
	return j;
}

void rig_hint_work(struct rig *r, const char *model)
{
	struct work_hint h = {.model = model};

	tell(r->teller, MSG_WORK_READY, &h);
}

void rig_hint_over(struct rig *r, const struct fake_job *job)
{
	struct lease_ref h = {.id = job->id};

	tell(r->teller, MSG_LEASE_OVER, &h);
}

const char *rig_status(struct rig *r, const struct fake_job *job)
{
	static char copy[16];

	pthread_mutex_lock(&r->jobs->mutex);
	memcpy(copy, job->status, sizeof copy);
	pthread_mutex_unlock(&r->jobs->mutex);
	return copy;
}

bool rig_is(struct rig *r, const struct fake_job *job, const char *status)
{
	return strcmp(rig_status(r, job), status) == 0;
}

void rig_set_status(struct rig *r, struct fake_job *job, const char *status)
{
	pthread_mutex_lock(&r->jobs->mutex);
	snprintf(job->status, sizeof job->status, "%s", status);
	pthread_mutex_unlock(&r->jobs->mutex);
}

bool rig_workers_are(struct rig *r, const char *want)
{
	bool same;

	pthread_mutex_lock(&r->jobs->mutex);
	same = strcmp(r->jobs->workers, want) == 0;
	pthread_mutex_unlock(&r->jobs->mutex);
	return same;
}
