#include "metric.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Upper bounds of a histogram's buckets in milliseconds; the last bucket has none. */
static const int bounds_ms[METRIC_BUCKETS - 1] = {
	1, 2, 5, 10, 25, 100, 500, 2500, 10000, 60000, 600000};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct metric *first, **last = &first;

void metric_register(struct metric *m)
{
	pthread_mutex_lock(&mutex);
	for (struct metric *have = first; have; have = have->next)
		if (have == m)
			goto out;
	*last = m;
	last = &m->next;
out:
	pthread_mutex_unlock(&mutex);
}

void metric_add(struct metric *m, int64_t n)
{
	m->value += n;
}

void metric_set(struct metric *m, int64_t value)
{
	m->value = value;
}

void metric_observe_us(struct metric *m, int64_t us)
{
	int i = 0;

	while (i < METRIC_BUCKETS - 1 && us > (int64_t)bounds_ms[i] * 1000)
		i++;
	m->bucket[i]++;
	m->value += us;
}

void metric_source(struct metric *m, double (*read)(void *arg), void *arg)
{
	pthread_mutex_lock(&mutex);
	m->read = read;
	m->arg = arg;
	pthread_mutex_unlock(&mutex);
}

void metric_source_gone(struct metric *m, const void *arg)
{
	pthread_mutex_lock(&mutex);
	if (m->arg == arg)
		m->read = NULL, m->arg = NULL;
	pthread_mutex_unlock(&mutex);
}

static void print_sample(struct buf *out, const char *prefix, const struct metric *m,
	const char *suffix, const char *le, double value)
{
	bool labels = m->labels || le;

	buf_addf(out, "arena_%s_%s%s", prefix, m->name, suffix);
	if (labels)
		buf_addf(out, "{%s%s", m->labels ? m->labels : "", m->labels && le ? "," : "");
	if (le)
		buf_addf(out, "le=\"%s\"", le);
	buf_addf(out, "%s %.15g\n", labels ? "}" : "", value);
}

static void print_histogram(struct buf *out, const char *prefix, const struct metric *m)
{
	int64_t sum = 0;
	char le[32];

	for (int i = 0; i < METRIC_BUCKETS; i++) {
		sum += m->bucket[i];
		if (i < METRIC_BUCKETS - 1)
			snprintf(le, sizeof le, "%g", bounds_ms[i] / 1000.0);
		else
			snprintf(le, sizeof le, "+Inf");
		print_sample(out, prefix, m, "_bucket", le, (double)sum);
	}
	print_sample(out, prefix, m, "_sum", NULL, (double)m->value / 1e6);
	print_sample(out, prefix, m, "_count", NULL, (double)sum);
}

void metric_print(struct buf *out, const char *prefix)
{
	static const char *const type_name[] = {"counter", "gauge", "histogram"};
	const char *family = "";

	pthread_mutex_lock(&mutex);
	for (const struct metric *m = first; m; m = m->next) {
		if (strcmp(family, m->name) != 0)
			buf_addf(out, "# HELP arena_%s_%s %s\n# TYPE arena_%s_%s %s\n", prefix,
				m->name, m->help, prefix, m->name, type_name[m->type]);
		family = m->name;
		if (m->type == METRIC_HISTOGRAM)
			print_histogram(out, prefix, m);
		else
			print_sample(out, prefix, m, "", NULL,
				m->read ? m->read(m->arg) : (double)m->value);
	}
	pthread_mutex_unlock(&mutex);
}
