#include "fault.h"

#ifdef ARENA_FAULTS

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define FAULTS_MAX 8

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
	char name[48];
	int left; /* hits until it fails; 0: disarmed */
} faults[FAULTS_MAX];

bool fault_hit(const char *name)
{
	bool hit = false;

	pthread_mutex_lock(&mutex);
	for (int i = 0; i < FAULTS_MAX; i++)
		if (faults[i].left && strcmp(faults[i].name, name) == 0)
			hit = --faults[i].left == 0;
	pthread_mutex_unlock(&mutex);
	return hit;
}

void fault_arm(const char *name, int n)
{
	int at = -1;

	pthread_mutex_lock(&mutex);
	for (int i = FAULTS_MAX - 1; i >= 0; i--)
		if (!faults[i].left)
			at = i;
	for (int i = 0; i < FAULTS_MAX; i++)
		if (strcmp(faults[i].name, name) == 0)
			at = i;
	if (at >= 0) {
		snprintf(faults[at].name, sizeof faults[at].name, "%s", name);
		faults[at].left = n;
	}
	pthread_mutex_unlock(&mutex);
}

#else
typedef int fault_is_off;
#endif
