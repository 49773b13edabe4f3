#include "stop.h"

#include <pthread.h>
#include <signal.h>

static void stop_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void stop_block(void)
{
	sigset_t set;

	stop_set(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void stop_wait(void)
{
	sigset_t set;
	int sig;

	stop_set(&set);
	while (sigwait(&set, &sig) != 0)
		;
}
