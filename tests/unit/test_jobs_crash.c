/*
 * kill -9 in the middle: a child process runs the service and works with it from four threads,
 * writing down what was answered; it is killed, the next one finds everything as it was answered,
 * and goes on. The parent never uses nng, so it may fork.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "proto/clock.h"
#include "tests/unit/jobs_check.h"
#include "tests/unit/jobs_rig.h"

#define ROUNDS  6
#define THREADS 4
#define NOTES   20000
#define WORKED  200 /* bytes of notes that each life leaves at least */

static char *const args[] = {(char *)"--lease=60s", (char *)"--retry-base=0ms", NULL};
static const char *const owners[] = {"ann"};

/* What was answered: C created, D done, x about to be deleted, X deleted. One line each. */
struct note {
	char what;
	char id[ID_MAX];
};

static int notes_fd;
static struct rig rig;
static char video[BLOB_NAME];

static void note(char what, const char *id)
{
	char line[ID_MAX + 4];
	int n = snprintf(line, sizeof line, "%c %s\n", what, id);

	if (write(notes_fd, line, (size_t)n) != n)
		_exit(3);
}

static void *work(void *arg)
{
	char id[ID_MAX], token[33];

	for (unsigned i = 0;; i++) {
		if (rig_create(&rig, "ann", id) == ERR_OK)
			note('C', id);
		if (i % 3 == 0) {
			note('x', id);
			if (rig_ref(&rig, MSG_JOB_DELETE, "ann", id) == ERR_OK)
				note('X', id);
		}
		token[0] = 0;
		if (rig_take(&rig, token, id) == ERR_OK &&
			rig_done(&rig, id, token, video) == ERR_OK)
			note('D', id);
	}
	return arg;
}

static char state_of(const struct note *notes, int n, const char *id, bool *doubt)
{
	char state = 0;

	*doubt = false;
	for (int i = 0; i < n; i++) {
		if (strcmp(notes[i].id, id) != 0)
			continue;
		if (notes[i].what == 'x')
			*doubt = true;
		else if (state != 'X')
			state = notes[i].what;
	}
	return state;
}

/* Is everything as it was answered? Returns how many jobs are not. */
static int compare(const char *path)
{
	static struct note notes[NOTES];
	FILE *f = fopen(path, "r");
	int n = 0, wrong = 0;

	while (f && n < NOTES && fscanf(f, "%c %47s\n", &notes[n].what, notes[n].id) == 2)
		n++;
	if (f)
		fclose(f);
	for (int i = 0; i < n; i++) {
		bool doubt, ok;
		char state;

		if (notes[i].what != 'C')
			continue;
		state = state_of(notes, n, notes[i].id, &doubt);
		if (state == 'X')
			ok = rig_gone(&rig, "ann", notes[i].id);
		else if (doubt)
			ok = true; /* killed while it was being deleted: either will do */
		else if (state == 'D')
			ok = rig_is(&rig, "ann", notes[i].id, "completed");
		else
			ok = !rig_gone(&rig, "ann", notes[i].id);
		if (!ok) {
			fprintf(stderr, "%s was answered %c and is not so\n", notes[i].id, state);
			wrong++;
		}
	}
	return wrong;
}

/* One life of the service. Never returns. */
static void child(char *dir, const char *path, int ready, bool last)
{
	pthread_t threads[THREADS];
	int wrong = jobs_check(dir, owners, 1);

	rig = (struct rig){.dir = dir, .args = args};
	if (rig_start(&rig) != ERR_OK)
		_exit(2);
	wrong += compare(path);
	if (wrong || last)
		_exit(wrong != 0);
	rig_blob(&rig, "an mp4", video);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	if (write(ready, "r", 1) != 1)
		_exit(3);
	pause();
	_exit(4);
}

static off_t noted(void)
{
	struct stat st = {0};

	CHECK_INT(fstat(notes_fd, &st), 0);
	return st.st_size;
}

static int live_and_die(char *dir, const char *path, int round)
{
	int64_t give_up = mono_us() + 30000000;
	off_t before = noted();
	int ready[2], status;
	char c;
	pid_t pid;

	if (pipe(ready) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		close(ready[0]);
		child(dir, path, ready[1], round == ROUNDS);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) == 1) { /* else it ended by itself */
		while (noted() < before + WORKED && mono_us() < give_up)
			usleep(1000);
		usleep(30000 + (useconds_t)round * 37000);
		kill(pid, SIGKILL);
	}
	close(ready[0]);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void what_was_answered_survives_kill_9(void)
{
	char *dir = tmp_make(), path[600], jobs_dir[600];

	snprintf(path, sizeof path, "%s/notes", dir);
	snprintf(jobs_dir, sizeof jobs_dir, "%s/jobs", dir);
	notes_fd = open(path, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(notes_fd >= 0);
	CHECK_INT(mkdir(jobs_dir, 0700), 0);
	for (int round = 0; round <= ROUNDS; round++)
		CHECK_INT(live_and_die(dir, path, round), 0);
	CHECK(noted() >= ROUNDS * WORKED); /* it did work */
	close(notes_fd);
	tmp_remove(dir);
}

TESTS("jobs_crash", T(what_was_answered_survives_kill_9))
