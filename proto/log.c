#include "log.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"

#define LINE_ROOM 400 /* most lines fit */

static const char *const level_name[] = {"debug", "info", "warn", "error"};
static const char *svc = "arena";
static enum log_level min_level = LOG_INFO;

static pthread_mutex_t tap_mutex = PTHREAD_MUTEX_INITIALIZER;
static void (*_Atomic tap_fn)(void *, const char *);
static void *tap_arg;

static _Thread_local struct rid thread_rid;
static _Thread_local bool thread_has_rid;

void log_open(const char *service, enum log_level least)
{
	svc = service;
	min_level = least;
}

void log_tap(void (*fn)(void *, const char *), void *arg)
{
	pthread_mutex_lock(&tap_mutex);
	tap_arg = arg;
	tap_fn = fn;
	pthread_mutex_unlock(&tap_mutex);
}

void log_rid(const struct rid *rid)
{
	thread_has_rid = rid != NULL;
	if (rid)
		thread_rid = *rid;
}

bool log_on(enum log_level level)
{
	return level >= min_level || tap_fn;
}

static bool bare(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s >= 0x7f || *s == '"' || *s == '=' || *s == '\\')
			return false;
	return true;
}

static void add_value(struct buf *b, const char *s)
{
	if (bare(s)) {
		buf_adds(b, s);
		return;
	}
	buf_adds(b, "\"");
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (c == '\n')
			buf_adds(b, "\\n");
		else if (c < ' ' || c == 0x7f)
			buf_addf(b, "\\x%02x", c);
		else
			buf_add(b, s, 1);
	}
	buf_adds(b, "\"");
}

/* The date is worked out once a second and thread. */
static void add_time(struct buf *b)
{
	static _Thread_local char text[24];
	static _Thread_local time_t second;
	struct timespec t;
	struct tm tm;
	int ms;

	clock_gettime(CLOCK_REALTIME, &t);
	if (t.tv_sec != second || !text[0]) {
		gmtime_r(&t.tv_sec, &tm);
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
		second = t.tv_sec;
	}
	buf_adds(b, "ts=");
	buf_adds(b, text);
	ms = (int)(t.tv_nsec / 1000000);
	buf_add(b,
		(char[]){'.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10),
			(char)('0' + ms % 10), 'Z'},
		5);
}

static void add_key(struct buf *b, const char *key)
{
	buf_add(b, " ", 1);
	buf_adds(b, key);
	buf_add(b, "=", 1);
}

/* One write per line, so lines of several processes on one file do not mix. */
static void put(enum log_level level, const char *line, size_t n)
{
	if (level >= min_level) {
		while (n) {
			ssize_t w = write(STDERR_FILENO, line, n);

			if (w <= 0)
				return;
			line += w;
			n -= (size_t)w;
		}
	}
}

void log_emit(enum log_level level, const char *event, const struct log_kv *kv, int n)
{
	struct buf line = {0};
	char hex[RID_HEX];

	buf_room(&line, LINE_ROOM);
	add_time(&line);
	add_key(&line, "level");
	buf_adds(&line, level_name[level]);
	add_key(&line, "svc");
	buf_adds(&line, svc);
	add_key(&line, "ev");
	buf_adds(&line, event);
	if (thread_has_rid) {
		add_key(&line, "rid");
		buf_adds(&line, rid_hex(&thread_rid, hex));
	}
	for (int i = 0; i < n; i++) {
		add_key(&line, kv[i].key);
		if (kv[i].s)
			add_value(&line, kv[i].s);
		else
			buf_addi(&line, kv[i].i);
	}
	if (tap_fn) {
		pthread_mutex_lock(&tap_mutex);
		if (tap_fn)
			tap_fn(tap_arg, line.p);
		pthread_mutex_unlock(&tap_mutex);
	}
	buf_adds(&line, "\n");
	put(level, line.p, line.n);
	buf_free(&line);
}
