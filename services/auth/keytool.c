#include "services/auth/keytool.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/clock.h"
#include "proto/linkkey.h"
#include "proto/log.h"
#include "services/auth/auth.h"
#include "services/auth/keys.h"

#define PROGRAM "arena-auth key"

struct tool {
	struct auth_conf conf;
	const char *operand; /* NAME or ID; NULL: none was given */
	bool worker;         /* --worker */
};

static int said(const char *what, enum err e)
{
	fprintf(stderr, PROGRAM ": %s: %s\n", what, err_info(e)->text);
	return 1;
}

static int print_file(const struct tool *t, const char *file)
{
	char path[PATH_MAX], *text;
	enum err e;

	snprintf(path, sizeof path, "%s/%s", t->conf.common.data, file);
	e = file_read(path, 1024, &text);
	if (e == ERR_NOT_FOUND) {
		fprintf(stderr,
			PROGRAM ": %s is not there. It is made on the first start; if it was "
				"removed, make another key: ./arena key add NAME\n",
			path);
		return 1;
	}
	if (e)
		return said(path, e);
	printf("%.*s\n", (int)strcspn(text, "\r\n"), text);
	free(text);
	return 0;
}

static int show(const struct tool *t, struct keys *k)
{
	(void)k;
	return print_file(t, t->worker ? "worker-key" : "api-key");
}

static int show_worker(const struct tool *t, struct keys *k)
{
	(void)k;
	return print_file(t, "worker-key");
}

static int add(const struct tool *t, struct keys *k)
{
	char text[KEY_TEXT], id[KEY_ID];
	enum err e;

	if (!key_name_ok(t->operand)) {
		fprintf(stderr, PROGRAM ": a name has 1 to 128 bytes and no control characters\n");
		return 2;
	}
	e = keys_add(k, t->operand, t->worker ? KEY_WORKER : KEY_API, false, text, id);
	if (e)
		return said(t->operand, e);
	printf("%s\n", text);
	fprintf(stderr, "This is %s. It is shown only now: keep it in a safe place.\n", id);
	return 0;
}

static int list(const struct tool *t, struct keys *k)
{
	const struct key_list *all = keys_all(k);

	(void)t;
	printf("%-20s  %-6s  %-10s  %-16s  %-20s  %s\n", "ID", "KIND", "STATE", "MADE", "OWNER",
		"NAME");
	for (size_t i = 0; i < all->n; i++) {
		const struct key *key = &all->keys[i];
		time_t made = (time_t)(key->created_at / 1000);
		char when[32];
		struct tm tm;

		strftime(when, sizeof when, "%Y-%m-%d %H:%M", localtime_r(&made, &tm));
		printf("%-20s  %-6s  %-10s  %-16s  %-20s  %s\n", key->id, key_kind_name(key->kind),
			!keys_good(k, key, mono_us()) ? "revoked"
			: key->unlimited              ? "unlimited"
						      : "good",
			when, *key->owner ? key->owner : "-", key->name);
	}
	return 0;
}

static int no_such_key(const struct tool *t)
{
	fprintf(stderr,
		PROGRAM ": there is no key %s, or it was revoked. ./arena key list shows all.\n",
		t->operand);
	return 1;
}

static int rotate(const struct tool *t, struct keys *k)
{
	char text[KEY_TEXT];
	enum err e = keys_rotate(k, t->operand, text);

	if (e == ERR_NOT_FOUND)
		return no_such_key(t);
	if (e)
		return said(t->operand, e);
	printf("%s\n", text);
	return 0;
}

static int revoke(const struct tool *t, struct keys *k)
{
	enum err e = keys_revoke(k, t->operand);

	if (e == ERR_NOT_FOUND)
		return no_such_key(t);
	return e ? said(t->operand, e) : 0;
}

static int rotate_links(const struct tool *t, struct keys *k)
{
	enum err e = linkkey_rotate(t->conf.common.data);

	(void)k;
	if (e)
		return said(t->conf.common.data, e);
	fprintf(stderr, "Links that were made before are good no more. Whoever needs one asks for "
			"the video again.\n");
	return 0;
}

static const struct verb {
	const char *name, *operand; /* operand NULL: takes none */
	int (*run)(const struct tool *t, struct keys *k);
	const char *help;
} verbs[] = {
	{"show", NULL, show, "the operator's API key (with --worker: this machine's worker key)"},
	{"worker", NULL, show_worker, "this machine's worker key"},
	{"add", "NAME", add, "make a key and print it, once (with --worker: for a worker)"},
	{"list", NULL, list, "all keys, without the keys themselves; OWNER: who paired the worker"},
	{"rotate", "ID", rotate,
		"print a new key for ID; the old one is refused from now on, and who is connected "
		"with it is sent away"},
	{"revoke", "ID", revoke, "refuse a key from now on"},
	{"rotate-links", NULL, rotate_links, "refuse all links to videos that were made until now"},
};

#define N_VERBS (sizeof verbs / sizeof *verbs)

static int usage(FILE *to, int status)
{
	fprintf(to, "usage:\n");
	for (size_t i = 0; i < N_VERBS; i++)
		fprintf(to, "  %s %-12s %-5s %s\n", PROGRAM, verbs[i].name,
			verbs[i].operand ? verbs[i].operand : "", verbs[i].help);
	fprintf(to, "and the settings of the service, as --data DIR (arena-auth -h: all).\n");
	return status;
}

bool keytool_wanted(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[1], "key") == 0;
}

int keytool_run(int argc, char **argv)
{
	const struct verb *verb = verbs; /* no word: show */
	struct tool t = {0};
	struct keys *keys;
	int i = 2, status;
	enum err e;

	if (i < argc && strcmp(argv[i], "-h") == 0)
		return usage(stdout, 0);
	if (i < argc && argv[i][0] != '-') {
		while (verb < verbs + N_VERBS && strcmp(argv[i], verb->name) != 0)
			verb++;
		if (verb == verbs + N_VERBS)
			return usage(stderr, 2);
		i++;
	}
	/* The words come first, the settings behind them. */
	for (; i < argc; i++) {
		if (strcmp(argv[i], "--worker") == 0)
			t.worker = true;
		else if (argv[i][0] != '-' && verb->operand && !t.operand)
			t.operand = argv[i];
		else
			break;
	}
	if (verb->operand && !t.operand)
		return usage(stderr, 2);
	argv[i - 1] = argv[0];
	conf_load(auth_conf_table, &t.conf, PROGRAM, "Administers the keys.", argc - i + 1,
		argv + i - 1);
	log_open("auth", LOG_WARN); /* what goes well is said by the tool itself */
	e = keys_open(t.conf.common.data, &keys);
	if (e)
		return said(t.conf.common.data, e);
	status = verb->run(&t, keys);
	keys_close(keys);
	return status;
}
