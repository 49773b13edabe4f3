/*
 * Settings from one table per program: each is an environment variable ARENA_<NAME>, a flag
 * --<name> and a line of -h. Flags win over the environment, the environment over the default.
 *
 *   static const struct conf_opt opts[] = {
 *           CONF_STR(struct jobs_conf, data, "data", "./data", "folder for all state"),
 *           CONF_INT(struct jobs_conf, max_queued, "max-queued", 100000, 1, 10000000, "queued jobs
 * in all"), CONF_MS(struct jobs_conf, lease_ms, "lease", "60s", 1000, 3600000, "how long a lease
 * holds"), CONF_END};
 *
 * The variable of "max-queued" is ARENA_MAX_QUEUED.
 */
#ifndef ARENA_CONF_H
#define ARENA_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_type {
	CONF_T_END,
	CONF_T_STR,  /* const char *member */
	CONF_T_INT,  /* int64_t member */
	CONF_T_SIZE, /* int64_t member, bytes: 512, 16K, 10M, 8G (powers of 1024) */
	CONF_T_MS,   /* int64_t member, milliseconds: 500ms, 20s, 5m, 24h, 30d */
	CONF_T_BOOL  /* bool member: yes, no, true, false, 1, 0, on, off */
};

struct conf_opt {
	enum conf_type type;
	size_t offset;
	const char *name; /* "max-queued" */
	const char *dflt; /* as it would be typed */
	int64_t min, max; /* INT, SIZE, MS */
	const char *help;
	const char *(*wrong)(const char *text); /* STR: NULL when it will do, else "is no ..." */
};

#define CONF_STR(s, m, name, dflt, help)                                                           \
	{                                                                                          \
		CONF_T_STR, offsetof(s, m), name, dflt, 0, 0, help, NULL                           \
	}
/* A text that not everything may be; the default always may. */
#define CONF_STR_IF(s, m, name, dflt, wrong, help)                                                 \
	{                                                                                          \
		CONF_T_STR, offsetof(s, m), name, dflt, 0, 0, help, wrong                          \
	}
#define CONF_INT(s, m, name, dflt, lo, hi, help)                                                   \
	{                                                                                          \
		CONF_T_INT, offsetof(s, m), name, dflt, lo, hi, help, NULL                         \
	}
#define CONF_SIZE(s, m, name, dflt, lo, hi, help)                                                  \
	{                                                                                          \
		CONF_T_SIZE, offsetof(s, m), name, dflt, lo, hi, help, NULL                        \
	}
#define CONF_MS(s, m, name, dflt, lo, hi, help)                                                    \
	{                                                                                          \
		CONF_T_MS, offsetof(s, m), name, dflt, lo, hi, help, NULL                          \
	}
#define CONF_BOOL(s, m, name, dflt, help)                                                          \
	{                                                                                          \
		CONF_T_BOOL, offsetof(s, m), name, dflt, 0, 0, help, NULL                          \
	}
#define CONF_END                                                                                   \
	{                                                                                          \
		CONF_T_END, 0, NULL, NULL, 0, 0, NULL, NULL                                        \
	}

/*
 * Fill the struct. dflt of all types is a string ("100000"). Strings stay valid for the life of
 * the process. `program` and `about` head the help.
 * -h prints the help and exits 0; -n checks the settings, prints them and exits 0; nonsense is
 * said on standard error and exits 2.
 */
void conf_load(const struct conf_opt *opts, void *conf, const char *program, const char *about,
	int argc, char **argv);

/*
 * The same without exiting: returns NULL when all is well, else a sentence that says what is wrong
 * (to be freed). getenv_fn looks up the environment; NULL: no environment. For tests and fuzzing.
 */
char *conf_parse(const struct conf_opt *opts, void *conf, const char *(*getenv_fn)(const char *),
	int argc, char **argv);

/* For CONF_STR_IF: addresses, with commas between; nng's, and HOST:PORT. */
const char *conf_wrong_urls(const char *text);
const char *conf_wrong_addrs(const char *text);

/*
 * The settings that every service has: name of the log level, the cluster secret's file.
 * Embed it and add CONF_COMMON(struct x_conf, common) to the table.
 */
struct common_conf {
	const char *data;      /* folder of all state: ./data */
	const char *log_level; /* debug, info, warn, error */
};

#define CONF_COMMON(s, m)                                                                          \
	CONF_STR(s, m.data, "data", "./data", "folder of all state: jobs, files, keys, secrets"),  \
		CONF_STR_IF(s, m.log_level, "log", "info", conf_wrong_level,                       \
			"least level to log: debug, info, warn, error")

const char *conf_wrong_level(const char *text);

/* Opens the log under the service's name. */
void common_open(const struct common_conf *conf, const char *service);

#endif
