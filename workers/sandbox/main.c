/* arena-sandbox: the worker that renders clips on this machine. See worker.h and render.h. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/clock.h"
#include "proto/conf.h"
#include "proto/id.h"
#include "proto/log.h"
#include "proto/stop.h"
#include "workers/sandbox/render.h"
#include "workers/sandbox/worker.h"

struct sandbox_conf {
	struct common_conf common;
	const char *url, *token, *token_file, *id, *name, *program;
	int64_t slots, backoff_min_ms, backoff_max_ms;
};

static const struct conf_opt table[] = {CONF_COMMON(struct sandbox_conf, common),
	CONF_STR(struct sandbox_conf, url, "worker-url", "ws://127.0.0.1:3102/ws",
		"the gateway's address for workers"),
	CONF_STR(struct sandbox_conf, token, "worker-token", "",
		"a worker key; default: read it from the file"),
	CONF_STR(struct sandbox_conf, token_file, "worker-token-file", "",
		"file with a worker key; default: DATA/worker-key"),
	CONF_STR(struct sandbox_conf, id, "worker-id", "",
		"name that tells this worker from others; default: made once, kept in "
		"DATA/sandbox/id"),
	CONF_STR(struct sandbox_conf, name, "worker-name", "Sandbox renderer", "name for people"),
	CONF_STR(struct sandbox_conf, program, "clip-program", "",
		"the renderer; default: arena-sandbox-clip beside this program"),
	CONF_INT(struct sandbox_conf, slots, "slots", "0", 0, 64,
		"videos made at once; 0: one for each processor"),
	CONF_MS(struct sandbox_conf, backoff_min_ms, "backoff-min", "500ms", 10, 60000,
		"pause before the first attempt to reconnect"),
	CONF_MS(struct sandbox_conf, backoff_max_ms, "backoff-max", "30s", 10, 600000,
		"longest pause between such attempts"),
	CONF_END};

static const char models[] =
	"[{\"id\":\"sandbox\",\"name\":\"Sandbox renderer\",\"owner\":\"arena-video\","
	"\"description\":\"Not an AI model: a renderer on this machine. It animates a scene and "
	"your text, moves a camera over your image, or goes from one image to another.\","
	"\"inputs\":[\"text\",\"image\",\"first_last_frame\"],"
	"\"parameters\":[\"seed\",\"fps\"],\"outputs\":1,\"sizes\":[],\"max_width\":1920,"
	"\"max_height\":1080,\"min_seconds\":1,\"max_seconds\":20,\"max_prompt\":32000}]";

static void die(const char *what, const char *which)
{
	log_error("cannot_start", LS("what", what), LS("which", which), LS("why", strerror(errno)));
	exit(1);
}

static int cores(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);

	return n < 64 ? n : 64;
}

static void make_folder(const char *data, const char *folder)
{
	if ((mkdir(data, 0700) && errno != EEXIST) || (mkdir(folder, 0700) && errno != EEXIST))
		die("folder", folder);
}

/* The same id after a restart, so that the bridge knows at once what has become of the old one. */
static const char *kept_id(const char *folder)
{
	static char id[65];
	char path[PATH_MAX + 8];
	FILE *f;

	snprintf(path, sizeof path, "%s/id", folder);
	f = fopen(path, "re");
	if (f) {
		bool ok = fscanf(f, "%64[A-Za-z0-9_-]", id) == 1;

		fclose(f);
		if (ok)
			return id;
	}
	strcpy(id, "sandbox-");
	token_hex(8, id + strlen(id));
	f = fopen(path, "we");
	if (!f || fputs(id, f) < 0 || fclose(f))
		die("file", path);
	return id;
}

static const char *beside(const char *name)
{
	static char path[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	snprintf(slash ? slash + 1 : path, 64, "%s", name);
	return path;
}

static void on_rejected(void *arg, int code, const char *reason)
{
	(void)arg;
	(void)code;
	(void)reason;
	kill(getpid(), SIGTERM); /* as if a human had stopped us, because one is needed now */
}

int main(int argc, char **argv)
{
	struct sandbox_conf conf;
	struct worker_conf wc = {.kind = "sandbox", .version = ARENA_VERSION, .models = models};
	struct render_conf rc;
	struct worker_calls calls = {render_start, render_cancel, on_rejected, &rc};
	char folder[PATH_MAX], token_file[PATH_MAX];
	struct worker *w;

	stop_block();
	conf_load(table, &conf, "arena-sandbox",
		"A worker that renders clips on this machine, without any AI model.", argc, argv);
	common_open(&conf.common, "sandbox");
	snprintf(folder, sizeof folder, "%s/sandbox", conf.common.data);
	snprintf(token_file, sizeof token_file, "%s/worker-key", conf.common.data);
	make_folder(conf.common.data, folder);
	rc = (struct render_conf){
		*conf.program ? conf.program : beside("arena-sandbox-clip"), folder};
	wc.url = conf.url;
	wc.token = conf.token;
	wc.token_file = *conf.token_file ? conf.token_file : token_file;
	wc.id = *conf.id ? conf.id : kept_id(folder);
	wc.name = conf.name;
	wc.folder = folder;
	wc.slots = conf.slots ? (int)conf.slots : cores();
	wc.backoff_min_ms = conf.backoff_min_ms;
	wc.backoff_max_ms = conf.backoff_max_ms;
	srand48((long)getpid() ^ (long)now_ms());
	if (worker_start(&wc, &calls, &w)) {
		log_error("cannot_start", LS("what", "worker-url"), LS("which", conf.url));
		return 2;
	}
	log_info("ready", LS("url", conf.url), LS("id", wc.id), LI("slots", wc.slots));
	stop_wait();
	worker_stop(w);
	return 0;
}
