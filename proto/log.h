/*
 * Structured log: logfmt on standard error, one line an event, the request id of the thread in it.
 *
 *   log_info("job_created", LS("id", job->id), LI("attempt", 1));
 *   ts=2026-11-22T16:00:00.123Z level=info svc=jobs ev=job_created rid=7f3a.. id=video_.. attempt=1
 *
 * Values are quoted and escaped, so nothing from outside can forge a line. Never log a key, a
 * token, a signature or a prompt. Thread-safe.
 */
#ifndef ARENA_LOG_H
#define ARENA_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "id.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_kv {
	const char *key;
	const char *s; /* NULL: use i */
	int64_t i;
};

/* A function, so that an array may be given too (gcc warns of `array ? array : ""`). */
static inline const char *log_str(const char *s)
{
	return s ? s : "";
}

#define LS(k, v) ((struct log_kv){.key = (k), .s = log_str(v)})
#define LI(k, v) ((struct log_kv){.key = (k), .i = (v)})

/* Name of the service in each line, and the least level to print. Call once, before any thread. */
void log_open(const char *service, enum log_level least);

/* Also hand each line (without the newline) to fn, whatever its level: for tests. NULL: stop. */
void log_tap(void (*fn)(void *arg, const char *line), void *arg);

/* The request this thread works for now, NULL for none; in each of its lines as rid=. */
void log_rid(const struct rid *rid);

bool log_on(enum log_level level);
void log_emit(enum log_level level, const char *event, const struct log_kv *kv, int n);

#define log_at(level, event, ...)                                                                  \
	do {                                                                                       \
		if (log_on(level)) {                                                               \
			const struct log_kv log_kv_[] = {{0}, ##__VA_ARGS__};                      \
			log_emit((level), (event), log_kv_ + 1,                                    \
				(int)(sizeof log_kv_ / sizeof *log_kv_) - 1);                      \
		}                                                                                  \
	} while (0)

#define log_debug(event, ...) log_at(LOG_DEBUG, event, ##__VA_ARGS__)
#define log_info(event, ...)  log_at(LOG_INFO, event, ##__VA_ARGS__)
#define log_warn(event, ...)  log_at(LOG_WARN, event, ##__VA_ARGS__)
#define log_error(event, ...) log_at(LOG_ERROR, event, ##__VA_ARGS__)

#endif
