/* Each thing that is forbidden is tried by a child in the jail. */
#include "check.h"
#include "proto/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const struct jail_limits limits = {5, 1l << 30, 4096};

/* Exit status of a child that runs fn in the jail; minus the signal that killed it. */
static int in_jail(int (*fn)(void))
{
	pid_t child = fork();
	int status = 0;

	if (!child)
		_exit(jail_enter(&limits) ? 99 : fn());
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void *nothing(void *arg)
{
	return arg;
}

static int compute(void)
{
	pthread_t thread;
	char *p = malloc(8 << 20);

	memset(p, 1, 8 << 20);
	if (pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL))
		return 1;
	return write(STDOUT_FILENO, "", 0) ? 2 : 0;
}

static int open_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 0 : 1;
}

static int connect_out(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int run_program(void)
{
	return execl("/bin/true", "true", NULL);
}

static int new_process(void)
{
	return fork() < 0 ? 1 : 0;
}

static int remove_file(void)
{
	return unlink("/tmp/nothing-of-this-name");
}

static void computing_and_threads_are_allowed(void)
{
	CHECK_INT(in_jail(compute), 0);
}

static void the_rest_kills(void)
{
	CHECK_INT(in_jail(connect_out), -SIGSYS);
	CHECK_INT(in_jail(run_program), -SIGSYS);
	CHECK_INT(in_jail(new_process), -SIGSYS);
	CHECK_INT(in_jail(remove_file), -SIGSYS);
}

static void files_cannot_be_opened(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	CHECK_INT(in_jail(open_file), 1); /* the sanitizers' own runtime opens files */
#else
	CHECK_INT(in_jail(open_file), 0);
#endif
}

TESTS("jail", T(computing_and_threads_are_allowed), T(the_rest_kills), T(files_cannot_be_opened))
