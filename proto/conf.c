#include "conf.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "log.h"

struct unit {
	const char *suffix;
	int64_t factor;
};

static const struct unit no_units[] = {{"", 1}, {NULL, 0}};
static const struct unit size_units[] = {
	{"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}};
static const struct unit ms_units[] = {
	{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0}};

static const struct {
	const char *word;
	bool value;
} bool_words[] = {{"yes", true}, {"true", true}, {"1", true}, {"on", true}, {"no", false},
	{"false", false}, {"0", false}, {"off", false}};

static const char *const type_hint[] = {[CONF_T_STR] = "TEXT",
	[CONF_T_INT] = "NUMBER",
	[CONF_T_SIZE] = "SIZE",
	[CONF_T_MS] = "TIME",
	[CONF_T_BOOL] = "yes|no"};

static bool parse_number(const char *text, const struct unit *units, int64_t *ret)
{
	char *end;
	long long v;

	if (!isdigit((unsigned char)*text) && *text != '-')
		return false;
	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || end == text)
		return false;
	for (; units->suffix; units++) {
		if (strcmp(end, units->suffix) == 0)
			return !__builtin_mul_overflow(v, units->factor, ret);
	}
	return false;
}

static bool parse_bool(const char *text, bool *ret)
{
	for (size_t i = 0; i < sizeof bool_words / sizeof *bool_words; i++) {
		if (strcmp(text, bool_words[i].word) == 0) {
			*ret = bool_words[i].value;
			return true;
		}
	}
	return false;
}

static char *complain(const char *fmt, const char *name, const char *text)
{
	struct buf b = {0};

	buf_addf(&b, "--%s: ", name);
	buf_addf(&b, "\"%s\" ", text);
	buf_adds(&b, fmt);
	return b.p;
}

/* Put one value where it belongs. NULL, or what is wrong with it. */
static char *set(const struct conf_opt *o, char *conf, const char *text)
{
	static const struct {
		const struct unit *units;
		const char *what;
	} number[] = {
		[CONF_T_INT] = {no_units, "is not a whole number"},
		[CONF_T_SIZE] = {size_units, "is not a size like 512, 16K, 10M or 8G"},
		[CONF_T_MS] = {ms_units, "is not a time like 500ms, 20s, 5m, 24h or 30d"},
	};
	int64_t v;
	bool b;

	if (o->type == CONF_T_STR) {
		const char *wrong = o->wrong && strcmp(text, o->dflt) != 0 ? o->wrong(text) : NULL;

		if (wrong)
			return complain(wrong, o->name, text);
		*(const char **)(conf + o->offset) = text;
		return NULL;
	}
	if (o->type == CONF_T_BOOL) {
		if (!parse_bool(text, &b))
			return complain("is neither yes nor no", o->name, text);
		*(bool *)(conf + o->offset) = b;
		return NULL;
	}
	assert(number[o->type].units);
	if (!parse_number(text, number[o->type].units, &v))
		return complain(number[o->type].what, o->name, text);
	if (v < o->min || v > o->max) {
		char range[96];

		snprintf(range, sizeof range, "is not between %" PRId64 " and %" PRId64, o->min,
			o->max);
		return complain(range, o->name, text);
	}
	*(int64_t *)(conf + o->offset) = v;
	return NULL;
}

static void env_name(const char *name, char out[80])
{
	size_t n = (size_t)snprintf(out, 80, "ARENA_%s", name);

	for (size_t i = 0; i < n && i < 79; i++)
		out[i] = out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
}

static const struct conf_opt *find(const struct conf_opt *opts, const char *name, size_t n)
{
	for (; opts->type != CONF_T_END; opts++)
		if (strlen(opts->name) == n && strncmp(opts->name, name, n) == 0)
			return opts;
	return NULL;
}

static char *parse_flags(const struct conf_opt *opts, char *conf, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i], *eq = strchr(arg, '=');
		const struct conf_opt *o;
		const char *value;
		char *wrong;
		struct buf b = {0};

		if (strcmp(arg, "-n") == 0 || strcmp(arg, "-h") == 0)
			continue;
		if (strncmp(arg, "--", 2) != 0) {
			buf_addf(&b, "\"%s\" is not a setting; -h lists them", arg);
			return b.p;
		}
		o = find(opts, arg + 2, eq ? (size_t)(eq - arg - 2) : strlen(arg + 2));
		if (!o) {
			buf_addf(&b, "there is no setting %s; -h lists them", arg);
			return b.p;
		}
		value = eq ? eq + 1 : i + 1 < argc ? argv[++i] : NULL;
		if (!value) {
			buf_addf(&b, "--%s needs a value", o->name);
			return b.p;
		}
		wrong = set(o, conf, value);
		if (wrong)
			return wrong;
	}
	return NULL;
}

char *conf_parse(const struct conf_opt *opts, void *conf, const char *(*getenv_fn)(const char *),
	int argc, char **argv)
{
	char name[80];
	char *wrong;

	for (const struct conf_opt *o = opts; o->type != CONF_T_END; o++) {
		const char *v = NULL;

		if (getenv_fn) {
			env_name(o->name, name);
			v = getenv_fn(name);
		}
		wrong = set(o, conf, v && *v ? v : o->dflt);
		if (wrong)
			return wrong;
	}
	return parse_flags(opts, conf, argc, argv);
}

static void help(const struct conf_opt *opts, const char *program, const char *about)
{
	char name[80];

	printf("%s: %s\n\nusage: %s [-n] [--SETTING VALUE ...]\n\n"
	       "  -h  this help\n  -n  check the settings, print them and exit\n\n"
	       "Settings; the environment variable is in brackets, the default behind it.\n\n",
		program, about, program);
	for (; opts->type != CONF_T_END; opts++) {
		env_name(opts->name, name);
		printf("  --%s %s  [%s] %s\n      %s\n", opts->name, type_hint[opts->type], name,
			*opts->dflt ? opts->dflt : "(none)", opts->help);
	}
}

static void print(const struct conf_opt *opts, const char *conf)
{
	for (; opts->type != CONF_T_END; opts++) {
		const char *at = conf + opts->offset;

		if (opts->type == CONF_T_STR)
			printf("%s=%s\n", opts->name, *(const char *const *)at);
		else if (opts->type == CONF_T_BOOL)
			printf("%s=%s\n", opts->name, *(const bool *)at ? "yes" : "no");
		else
			printf("%s=%" PRId64 "%s\n", opts->name, *(const int64_t *)at,
				opts->type == CONF_T_MS ? "ms" : "");
	}
}

static const char *environment(const char *name)
{
	return getenv(name);
}

void conf_load(const struct conf_opt *opts, void *conf, const char *program, const char *about,
	int argc, char **argv)
{
	bool check = false;
	char *wrong;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
			help(opts, program, about);
			exit(0);
		}
		check = check || strcmp(argv[i], "-n") == 0;
	}
	wrong = conf_parse(opts, conf, environment, argc, argv);
	if (wrong) {
		fprintf(stderr, "%s: %s\n", program, wrong);
		free(wrong);
		exit(2);
	}
	if (check) {
		print(opts, conf);
		exit(0);
	}
}

/* ---- texts that not everything may be ---- */

/* Does fn like each item of the list? There must be one. */
static bool each_ok(const char *list, bool (*fn)(const char *p, size_t n))
{
	size_t seen = 0;

	for (size_t n; *list; list += n) {
		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n && !fn(list, n))
			return false;
		seen += n > 0;
	}
	return seen > 0;
}

static bool url_ok(const char *p, size_t n)
{
	static const char *const schemes[] = {"tcp://", "tls+tcp://", "ipc://", "inproc://"};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (n > strlen(schemes[i]) && strncmp(p, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

const char *conf_wrong_urls(const char *text)
{
	return each_ok(text, url_ok) ? NULL : "is not an address like tcp://HOST:PORT";
}

static bool addr_ok(const char *p, size_t n)
{
	const char *colon = memrchr(p, ':', n);
	size_t digits = colon ? n - (size_t)(colon + 1 - p) : 0;

	return colon && colon > p && digits && strspn(colon + 1, "0123456789") == digits;
}

const char *conf_wrong_addrs(const char *text)
{
	return each_ok(text, addr_ok) ? NULL : "is not HOST:PORT";
}

static const char *const levels[] = {"debug", "info", "warn", "error"};

static int level_of(const char *text)
{
	for (int i = 0; i < (int)(sizeof levels / sizeof *levels); i++)
		if (strcmp(text, levels[i]) == 0)
			return i;
	return -1;
}

const char *conf_wrong_level(const char *text)
{
	return level_of(text) < 0 ? "is not debug, info, warn or error" : NULL;
}

void common_open(const struct common_conf *conf, const char *service)
{
	int level = level_of(conf->log_level);

	assert(level >= 0);
	log_open(service, (enum log_level)level);
}
