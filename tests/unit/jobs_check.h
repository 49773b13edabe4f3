/*
 * Is the store of a stopped jobs service consistent? Every job that an owner sees has a readable
 * record; exactly those that are not over are live; every blob is referred to as often as counted;
 * what is over expires; every job, tombstones too, is once in the list of changes, with its newest.
 */
#ifndef ARENA_TESTS_JOBS_CHECK_H
#define ARENA_TESTS_JOBS_CHECK_H

#include "proto/id.h"
#include "services/jobs/store.h"
#include "tests/unit/check.h"

#define SHAS_MAX 64

struct jobs_check {
	struct store *store;
	const char *owner;
	char sha[SHAS_MAX][65]; /* referred to, and how often */
	int refs[SHAS_MAX], n_shas;
	int jobs, live, seen_live, files, wrong;
};

static inline void check_ref(struct jobs_check *c, const char *sha)
{
	int i = 0;

	if (!sha)
		return;
	while (i < c->n_shas && strcmp(c->sha[i], sha) != 0)
		i++;
	if (i == c->n_shas) {
		if (c->n_shas == SHAS_MAX)
			abort();
		strcpy(c->sha[c->n_shas++], sha);
	}
	c->refs[i]++;
}

static inline bool check_is(void *arg, int64_t change, const char *id)
{
	const char **want = arg;

	(void)change;
	if (strcmp(*want, id) == 0)
		*want = NULL; /* found */
	return false;
}

/* Does the list of changes lead from this change to this job? */
static inline bool check_listed(struct jobs_check *c, const struct job *job)
{
	const char *id = job->id;

	store_change_walk(c->store, job->owner, job->change - 1, check_is, &id);
	return id == NULL;
}

static inline bool check_change(void *arg, int64_t change, const char *id)
{
	struct jobs_check *c = arg;
	struct msg *m = NULL;
	const struct job *job;

	if (store_job_get(c->store, id, &m) != ERR_OK) {
		fprintf(stderr, "change %d leads to nothing: %s\n", (int)change, id);
		c->wrong++;
		return true;
	}
	job = msg_rec(m);
	if (job->change != change || strcmp(job->owner, c->owner) != 0 ||
		change > store_change_last(c->store)) {
		fprintf(stderr, "%s is listed at change %d, and is at %d\n", id, (int)change,
			(int)job->change);
		c->wrong++;
	}
	msg_free(m);
	return true;
}

static inline bool check_file(void *arg, struct raw json)
{
	struct jobs_check *c = arg;
	struct msg *m = NULL;

	c->files++;
	if (msg_read(&rec_image_file, json.p, json.n, &m) != ERR_OK) {
		fprintf(stderr, "a file cannot be read\n");
		c->wrong++;
		return true;
	}
	check_ref(c, ((const struct image_file *)msg_rec(m))->sha256);
	msg_free(m);
	return true;
}

static inline bool check_job(void *arg, const char *id)
{
	struct jobs_check *c = arg;
	const struct job *job;
	struct msg *m;
	bool live;

	c->jobs++;
	if (store_job_get(c->store, id, &m) != ERR_OK) {
		fprintf(stderr, "%s has no record\n", id);
		c->wrong++;
		return true;
	}
	job = msg_rec(m);
	live = strcmp(job->status, "queued") == 0 || strcmp(job->status, "in_progress") == 0;
	c->live += live;
	if (strcmp(job->owner, c->owner) != 0 || strcmp(job->status, "deleted") == 0 ||
		live != (job->ended_at == 0) || live != (job->expires_at == 0) ||
		job->attempts < 0 || job->attempts > 3 ||
		(job->lease != NULL) != (strcmp(job->status, "in_progress") == 0)) {
		fprintf(stderr, "%s is wrong: %s, attempts %d\n", id, job->status,
			(int)job->attempts);
		c->wrong++;
	}
	if (!check_listed(c, job)) {
		fprintf(stderr, "%s is not in the list of changes\n", id);
		c->wrong++;
	}
	for (size_t i = 0; i < job->n_inputs; i++)
		check_ref(c, job->inputs[i].sha256);
	for (size_t i = 0; i < job->n_outputs; i++) {
		check_ref(c, job->outputs[i].sha256);
		check_ref(c, job->outputs[i].poster);
		check_ref(c, job->outputs[i].sprite);
	}
	msg_free(m);
	return true;
}

static inline bool check_live(void *arg, const char *id)
{
	struct jobs_check *c = arg;

	c->seen_live++;
	if (!store_job_has(c->store, id)) {
		fprintf(stderr, "%s is live without a record\n", id);
		c->wrong++;
	}
	return true;
}

/* data_dir: of the service, which must not run. Returns how many things are wrong, all said. */
static inline int jobs_check(const char *data_dir, const char *const *owners, int n_owners)
{
	struct jobs_check c = {0};
	char dir[600];

	snprintf(dir, sizeof dir, "%s/jobs", data_dir);
	if (store_open(dir, 256 << 20, &c.store) != ERR_OK || store_begin(c.store, false) != ERR_OK)
		abort();
	for (int i = 0; i < n_owners; i++) {
		c.owner = owners[i];
		store_owned_walk(c.store, owners[i], NULL, true, check_job, &c);
		store_change_walk(c.store, owners[i], 0, check_change, &c);
		store_file_walk(c.store, owners[i], NULL, true, check_file, &c);
	}
	store_live_walk(c.store, check_live, &c);
	if (c.live != c.seen_live) {
		fprintf(stderr, "%d jobs are live, %d are listed so\n", c.live, c.seen_live);
		c.wrong++;
	}
	if (c.files != store_files(c.store)) {
		fprintf(stderr, "%d files are there, %d are somebody's\n",
			(int)store_files(c.store), c.files);
		c.wrong++;
	}
	for (int i = 0; i < c.n_shas; i++) {
		if (store_ref_get(c.store, c.sha[i]) != c.refs[i]) {
			fprintf(stderr, "%s is referred to %d times, counted %d\n", c.sha[i],
				c.refs[i], (int)store_ref_get(c.store, c.sha[i]));
			c.wrong++;
		}
	}
	store_abort(c.store);
	store_close(c.store);
	return c.wrong;
}

#endif
