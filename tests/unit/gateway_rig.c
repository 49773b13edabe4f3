#include "tests/unit/gateway_rig.h"

#include <dirent.h>

struct rig rig = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- the fakes ---- */

static void rig_auth(void *arg, struct call *c)
{
	const struct auth_check *check = call_rec(c);

	(void)arg;
	if (strncmp(check->key, "good-", 5) == 0)
		call_answer(c, &(struct auth_grant){.owner = check->key + 5,
				       .limit = 60,
				       .remaining = 59,
				       .reset_ms = 61000,
				       .max_running = 4,
				       .max_waiting = 100});
	else if (strcmp(check->key, "limited") == 0)
		call_refuse(c, ERR_LIMITED,
			&(struct problem){.retry_after_ms = 1500,
				.limit = 60,
				.remaining = 0,
				.reset_ms = 20});
	else
		call_refuse(c, ERR_UNAUTHORIZED, NULL);
}

static struct rig_job *rig_find(const char *owner, const char *id)
{
	for (int i = 0; i < rig.n_jobs; i++)
		if (strcmp(rig.jobs[i].id, id) == 0 && strcmp(rig.jobs[i].owner, owner) == 0 &&
			strcmp(rig.jobs[i].j.status, "deleted") != 0)
			return &rig.jobs[i];
	return NULL;
}

#define RIG_COPY(to, from) snprintf(to, sizeof to, "%s", from ? from : "")

static void rig_note(char *out, size_t size, const char *what, const char *file)
{
	size_t n = strlen(out);

	snprintf(out + n, size - n, "%s:%.4s ", what, file);
}

static enum err rig_make(struct rig_job *r, const struct job_new *n)
{
	if (rig.blob_gone-- > 0) {
		blob_remove(rig.blobs, n->inputs[0].sha256);
		return ERR_BLOB_GONE;
	}
	if (rig.room && rig.n_jobs == rig.room)
		return ERR_QUOTA;
	RIG_COPY(r->id, n->id);
	RIG_COPY(r->owner, n->owner);
	RIG_COPY(r->model, n->model);
	RIG_COPY(r->prompt, n->prompt);
	RIG_COPY(r->idem, n->idempotency_key);
	RIG_COPY(r->fingerprint, n->fingerprint);
	if (n->n_inputs)
		RIG_COPY(r->image, n->inputs[0].sha256);
	RIG_COPY(r->operation, n->operation);
	RIG_COPY(r->source, n->source);
	RIG_COPY(r->negative_prompt, n->negative_prompt);
	r->inputs[0] = r->ignored[0] = 0;
	for (size_t i = 0; i < n->n_inputs; i++)
		rig_note(r->inputs, sizeof r->inputs, n->inputs[i].role, n->inputs[i].sha256);
	for (size_t i = 0; i < n->n_ignored; i++)
		rig_note(r->ignored, sizeof r->ignored, n->ignored[i], "");
	r->j = (struct job){.id = r->id,
		.owner = r->owner,
		.status = "queued",
		.revision = 1,
		.model = r->model,
		.prompt = r->prompt,
		.seconds = n->seconds,
		.width = n->width,
		.height = n->height,
		.seed = n->seed,
		.change = ++rig.change,
		.created_at = now_ms()};
	rig.n_jobs++;
	return ERR_OK;
}

/* Counted when the job is there whole: tests wait for the count, without the lock. */
static void rig_create(struct call *c, const struct job_new *n)
{
	struct rig_job *r = &rig.jobs[rig.n_jobs % RIG_JOBS];
	enum err e;

	CHECK(rig.n_jobs < RIG_JOBS);
	e = rig_make(r, n);
	rig.creates++;
	if (e)
		call_refuse(c, e, NULL);
	else
		call_answer(c, &r->j);
}

static bool rig_listed(const struct rig_job *r, const struct job_list *l)
{
	return rig_find(l->owner, r->id) && (!l->q || strstr(r->prompt, l->q)) &&
	       (!l->status || strcmp(r->j.status, l->status) == 0) &&
	       (!l->model || strcmp(r->model, l->model) == 0);
}

static void rig_list(struct call *c, const struct job_list *l)
{
	struct job jobs[RIG_JOBS];
	struct job_page page = {.jobs = jobs};
	int i = rig.n_jobs - 1;

	rig.list_limit = l->limit;
	rig.list_ascending = l->ascending;
	rig.lists++;
	while (l->after && i >= 0 && strcmp(rig.jobs[i].id, l->after) != 0)
		i--;
	i -= l->after != NULL;
	if (rig.list_barren) {
		call_answer(c, &(struct job_page){.next = rig.jobs[0].id, .has_more = true});
		return;
	}
	for (int looks = 0; i >= 0 && (int64_t)page.n_jobs < l->limit; i--) {
		if (rig_listed(&rig.jobs[i], l))
			jobs[page.n_jobs++] = rig.jobs[i].j;
		if (i > 0 && ++looks == rig.list_looks) {
			page.next = rig.jobs[i].id;
			break;
		}
	}
	page.has_more = i >= 0;
	call_answer(c, &page);
}

static int by_change(const void *a, const void *b)
{
	int64_t x = ((const struct job *)a)->change, y = ((const struct job *)b)->change;

	return (x > y) - (x < y);
}

static void rig_changes(struct call *c, const struct change_list *l)
{
	struct job jobs[RIG_JOBS];
	struct change_page page = {.jobs = jobs, .last = rig.change};

	rig.asked_changes++;
	for (int i = 0; l->after >= 0 && i < rig.n_jobs; i++)
		if (strcmp(rig.jobs[i].owner, l->owner) == 0 && rig.jobs[i].j.change > l->after)
			jobs[page.n_jobs++] = rig.jobs[i].j;
	qsort(jobs, page.n_jobs, sizeof *jobs, by_change);
	if (l->after >= 0 && (int64_t)page.n_jobs > l->limit) {
		page.n_jobs = (size_t)l->limit;
		page.last = jobs[page.n_jobs - 1].change;
		page.has_more = true;
	}
	call_answer(c, &page);
}

static void rig_about(struct call *c, const struct job_ref *ref)
{
	struct rig_job *r = rig_find(ref->owner, ref->id);

	rig.gets += call_type(c) == MSG_JOB_GET;
	if (!r) {
		call_refuse(c, ERR_NOT_FOUND, NULL);
		return;
	}
	if (call_type(c) == MSG_JOB_DELETE) {
		r->j.status = "deleted";
		r->j.change = ++rig.change;
		call_answer(c, NULL);
		return;
	}
	if (call_type(c) == MSG_JOB_CANCEL)
		r->j.status = "cancelled", r->j.change = ++rig.change;
	call_answer(c, &r->j);
}

static void rig_models(struct call *c)
{
	static const char *const inputs[] = {"text", "image", "first_last_frame"};
	static const char *const available[] = {"m1"};
	const struct model m = {.id = "m1",
		.inputs = inputs,
		.n_inputs = 3,
		.operations = &rig.operation,
		.n_operations = rig.operation != NULL,
		.outputs = 1,
		.max_width = 1920,
		.max_height = 1080,
		.min_seconds = 1,
		.max_seconds = 20,
		.max_prompt = 32000,
		.selectable = true};

	call_answer(
		c, &(struct model_list){
			   .models = &m, .n_models = 1, .available = available, .n_available = 1});
}

/* One file of one owner is all there is. */
static void rig_file(struct call *c)
{
	const struct file_ref *ref = call_rec(c);

	if (strcmp(ref->owner, "me") != 0 || strcmp(ref->id, RIG_FILE) != 0)
		call_refuse(c, ERR_NOT_FOUND, NULL);
	else
		call_answer(c, &(struct image_file){.id = RIG_FILE,
				       .name = "a.png",
				       .purpose = "vision",
				       .sha256 = rig.file,
				       .mime = "image/png",
				       .size = 5,
				       .created_at = 1000});
}

/* By the key alone: the rig's keys are used once, or for the same request. */
static void rig_again(struct call *c)
{
	const struct job_again *again = call_rec(c);

	for (int i = 0; i < rig.n_jobs; i++) {
		if (strcmp(rig.jobs[i].idem, again->idempotency_key) != 0 ||
			strcmp(rig.jobs[i].owner, again->owner) != 0)
			continue;
		if (strcmp(rig.jobs[i].fingerprint, again->fingerprint) != 0)
			call_refuse(c, ERR_IDEMPOTENCY_MISMATCH, NULL);
		else
			call_answer(c, &rig.jobs[i].j);
		return;
	}
	call_refuse(c, ERR_NOT_FOUND, NULL);
}

static void rig_jobs_call(void *arg, struct call *c)
{
	(void)arg;
	pthread_mutex_lock(&rig.lock);
	if (rig.jobs_silent)
		; /* the asker's budget runs out */
	else if (rig.jobs_fail)
		call_refuse(c, rig.jobs_fail, NULL);
	else if (call_type(c) == MSG_JOB_CREATE)
		rig_create(c, call_rec(c));
	else if (call_type(c) == MSG_JOB_LIST)
		rig_list(c, call_rec(c));
	else if (call_type(c) == MSG_JOB_CHANGES)
		rig_changes(c, call_rec(c));
	else if (call_type(c) == MSG_JOB_AGAIN)
		rig_again(c);
	else if (call_type(c) == MSG_FILE_GET)
		rig_file(c);
	else if (call_type(c) == MSG_MODEL_LIST)
		rig_models(c);
	else
		rig_about(c, call_rec(c));
	pthread_mutex_unlock(&rig.lock);
}

static void rig_bridge(void *arg, struct call *c)
{
	const struct image_link *link = call_rec(c);

	(void)arg;
	if (call_type(c) == MSG_BRIDGE_WHO) {
		call_answer(c, &(struct bridge_mark){.mark = "0123456789abcdef"});
		return;
	}
	if (call_type(c) != MSG_IMAGE_FETCH) {
		call_refuse(c, ERR_UNKNOWN_MESSAGE, NULL);
		return;
	}
	rig.fetches++;
	if (strstr(link->url, ".png"))
		call_answer(c, &(struct input){.sha256 = rig.file, .mime = "image/png", .size = 5});
	else
		call_refuse(c, ERR_BAD_LINK, &(struct problem){.message = "It is not there."});
}

void rig_change(void (*fn)(struct rig_job *r))
{
	rig_change_nth(rig.n_jobs - 1, fn);
}

void rig_change_nth(int i, void (*fn)(struct rig_job *r))
{
	struct job_hint hint;
	struct rig_job *r;

	pthread_mutex_lock(&rig.lock);
	r = &rig.jobs[i];
	fn(r);
	r->j.revision++;
	r->j.change = ++rig.change;
	hint = (struct job_hint){r->id, r->owner, r->j.status, r->j.revision};
	tell(rig.teller, MSG_JOB_CHANGED, &(struct job_hints){&hint, 1});
	pthread_mutex_unlock(&rig.lock);
}

/* ---- start and stop ---- */

/* The fakes live as long as the process, so all gateways have the same secret. */
static void rig_fakes(const struct secret *secret)
{
	static bool serving;

	if (serving)
		return;
	serving = true;
	CHECK(server_open("auth", "inproc://rig-auth", secret->wire, 32, rig_auth, NULL) != NULL);
	CHECK(server_open("jobs", "inproc://rig-jobs", secret->wire, 32, rig_jobs_call, NULL) !=
		NULL);
	CHECK(server_open("bridge", "inproc://rig-bridge", secret->wire, 8, rig_bridge, NULL) !=
		NULL);
	rig.teller = teller_open("inproc://rig-hints", secret->wire);
}

void rig_prepare(void)
{
	static char name[] = "test";
	char *argv[] = {name, NULL};
	static const char master[32] = "the same for all tests of a run";
	char path[600];
	bool made;

	pthread_mutex_lock(&rig.lock);
	rig.n_jobs = rig.creates = rig.gets = rig.lists = rig.list_looks = rig.blob_gone =
		rig.room = 0;
	rig.asked_changes = 0;
	rig.change = 0;
	rig.jobs_fail = ERR_OK;
	rig.jobs_silent = false;
	memset(rig.jobs, 0, sizeof rig.jobs);
	rig.operation = NULL;
	rig.fetches = 0;
	pthread_mutex_unlock(&rig.lock);
	rig.dir = tmp_make();
	snprintf(path, sizeof path, "%s/cluster-secret", rig.dir);
	CHECK_INT(secret_file(path, master, sizeof master, &made), ERR_OK);
	CHECK_INT(secret_load(rig.dir, &rig.secret), ERR_OK);
	rig_fakes(&rig.secret);
	CHECK(conf_parse(gateway_conf_table, &rig.conf, NULL, 1, argv) == NULL);
	rig.conf.common.data = rig.dir;
	rig.conf.port = 0;
	rig.conf.auth_url = "inproc://rig-auth";
	rig.conf.jobs_url = "inproc://rig-jobs";
	rig.conf.hints_url = "inproc://rig-hints";
	rig.conf.bridge_url = "inproc://rig-bridge";
	CHECK_INT(blobs_open(rig.dir, &rig.blobs), ERR_OK);
}

void rig_go(void)
{
	if (gateway_start(&rig.conf, &rig.g) != ERR_OK) {
		fprintf(stderr, "the gateway does not start\n");
		abort();
	}
}

void rig_start(void)
{
	rig_prepare();
	rig_go();
}

void rig_stop(void)
{
	gateway_stop(rig.g);
	blobs_close(rig.blobs);
	tmp_remove(rig.dir);
}

int rig_temporary_files(void)
{
	char path[600];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/blobs/tmp", rig.dir);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

void rig_blob(const void *p, size_t n, char name[BLOB_NAME])
{
	struct blob_writer *w;

	CHECK_INT(blob_create(rig.blobs, 1 << 20, &w), ERR_OK);
	CHECK_INT(blob_write(w, p, n), ERR_OK);
	CHECK_INT(blob_commit(w, name), ERR_OK);
	blob_release(w);
}

/* ---- jobs ---- */

static char video[BLOB_NAME], poster[BLOB_NAME];

void complete(struct rig_job *r)
{
	r->out = (struct output){.sha256 = video,
		.mime = "video/mp4",
		.size = 1000,
		.width = 720,
		.height = 1280,
		.duration_ms = 4000,
		.poster = poster};
	r->j.status = "completed";
	r->j.ended_at = now_ms();
	r->j.expires_at = now_ms() + 86400000;
	r->j.outputs = &r->out;
	r->j.n_outputs = 1;
}

void fail_policy(struct rig_job *r)
{
	r->j.status = "failed";
	r->j.error_code = "content_policy";
	r->j.error_message = "Not that.";
}

void fail_worker(struct rig_job *r)
{
	r->j.status = "failed";
	r->j.error_code = "worker_lost";
	r->j.error_message = "The worker was lost.";
}

void cancel(struct rig_job *r)
{
	r->j.status = "cancelled";
}

void progress(struct rig_job *r)
{
	r->j.status = "in_progress";
	r->j.progress += 10;
}

/* The 1,000 bytes of the result's file. */
void make_files(void)
{
	char bytes[1000];

	for (int i = 0; i < 1000; i++)
		bytes[i] = (char)('a' + i % 26);
	rig_blob(bytes, sizeof bytes, video);
	rig_blob("RIFFxxxxWEBP", 12, poster);
}

/* The path of a new video of ME, in a state. */
const char *new_video(void (*state)(struct rig_job *r))
{
	static char path[80];

	CHECK_INT(post_json("/v1/videos", ME, "{\"prompt\":\"a fox\"}")->status, 200);
	if (state)
		rig_change(state);
	snprintf(path, sizeof path, "/v1/videos/%s", rig.jobs[rig.n_jobs - 1].id);
	return path;
}
