#include "gateway.h"

#include <stdlib.h>
#include <unistd.h>

#include "cors.h"
#include "inside.h"
#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "proto/weburl.h"
#include "request.h"
#include "stats.h"
#include "ticker.h"

#define SLOTS       256 /* asks in flight to a service */
#define IMAGE_SLOTS 16  /* links to images that are followed at once */
#define TICK_MS     100
#define HEALTH_US   1000000
#define STOP_MS     5000
#define TASK_MAX    256
#define TASK_COUNT  2

static const char *public_url_wrong(const char *text)
{
	return weburl_check(text, true, NULL);
}

#define S struct gateway_conf
const struct conf_opt gateway_conf_table[] = {
	CONF_COMMON(S, common),
	CONF_STR(S, host, "host", "127.0.0.1", "address to listen on"),
	CONF_INT(S, port, "port", "3102", 0, 65535, "port to listen on; 0: any free one"),
	CONF_STR_IF(S, auth_url, "auth-url", "tcp://127.0.0.1:3110", conf_wrong_urls,
		"where auth listens"),
	CONF_STR_IF(S, jobs_url, "jobs-url", "tcp://127.0.0.1:3111", conf_wrong_urls,
		"where jobs listens"),
	CONF_STR_IF(S, hints_url, "hints-url", "tcp://127.0.0.1:3112", conf_wrong_urls,
		"where jobs tells hints"),
	CONF_STR_IF(S, bridge_url, "bridge-url", "tcp://127.0.0.1:3113", conf_wrong_urls,
		"where the bridge listens; several, separated by commas, for several bridges"),
	CONF_STR_IF(S, bridge_addr, "bridge-addr", "127.0.0.1:3114", conf_wrong_addrs,
		"where the bridge takes workers, to which /ws is passed on; the same for several"),
	CONF_STR_IF(S, public_url, "public-url", "", public_url_wrong,
		"what links begin with, such as https://video.example.org; empty: http:// and the "
		"Host of the request"),
	CONF_STR(S, default_model, "default-model", "",
		"model of requests that name none; empty: one that is available"),
	CONF_STR(S, web_dir, "web-dir", "",
		"folder of the page's files, read at each request; empty: those compiled in"),
	CONF_STR_IF(S, cors_origins, "cors-origins", "", cors_wrong,
		"web pages that may use the API from the browser, such as "
		"https://chat.example.org, separated by commas; *: any. The server's own page "
		"always may"),
	CONF_STR(S, origins, "origins", "",
		"web pages that may connect as workers (the bridge has the same setting): "
		"https://a.example, https://*.a.example"),
	CONF_INT(S, connections, "connections", "12000", 16, 1000000, "connections at once"),
	CONF_INT(S, http_threads, "http-threads", "2", 1, 64, "threads that serve connections"),
	CONF_MS(S, idle_ms, "idle", "60s", 1000, 3600000,
		"a connection that has been idle for this long is closed"),
	CONF_MS(S, head_ms, "head-time", "20s", 1000, 3600000,
		"how long a client may take to send the head of its request"),
	CONF_MS(S, body_ms, "body-time", "30s", 1000, 3600000,
		"the same for the body, and a second more for each 16 KiB that came"),
	CONF_SIZE(S, image_max, "image-max", "10M", 1, 1 << 30, "largest image"),
	CONF_INT(S, image_side, "image-side", "8192", 1, 65535,
		"largest side of an image, in pixels"),
	CONF_SIZE(S, body_max, "body-max", "25M", 1024, 1 << 30, "largest body of a request"),
	CONF_SIZE(S, body_memory, "body-memory", "256M", 65536, (int64_t)1 << 40,
		"text of all bodies in memory; requests beyond that are refused for the moment"),
	CONF_INT(S, prompt_max, "prompt-max", "32000", 1, 32000, "longest prompt, in characters"),
	CONF_MS(S, link_keep_ms, "link-keep", "24h", 1000, (int64_t)3650 * 86400000,
		"how long signed links work, if the video lives that long, and up to a quarter "
		"longer: so long a link stays the same"),
	CONF_MS(S, wait_ms, "wait", "600s", 1000, 3600000,
		"how long /v1/videos/generations waits unless the request says otherwise"),
	CONF_INT(S, max_waits, "max-waits", "4000", 1, 1000000,
		"requests that wait for news of a job at once"),
	CONF_INT(S, max_key_waits, "max-key-waits", "500", 1, 1000000,
		"the same for one key; the operator's own key may use them all"),
	CONF_BOOL(S, fetch_private, "fetch-private", "no",
		"links in requests may lead to addresses of private networks"),
	CONF_SIZE(S, disk_min, "disk-min", "64M", 0, (int64_t)1 << 50,
		"with less than this left, /readyz says that the disk is full"),
	CONF_INT(S, max_tunnels, "max-tunnels", "200", 1, 100000, "workers' connections at once"),
	CONF_END,
};
#undef S

static void on_tick(void *arg, int64_t now_us)
{
	struct gateway *g = arg;

	models_tick(g->models, now_us);
	watch_tick(g->watch, now_us);
	health_tick(g->health, now_us);
	bridges_tick(g->bridges, now_us);
}

static void on_bridge_gone(void *arg, struct bridge_at *at)
{
	struct gateway *g = arg;

	polls_gone(g->polls, at);
}

static enum err peers_open(struct gateway *g)
{
	const struct gateway_conf *conf = g->conf;
	const uint8_t *key = g->secret.wire;

	g->auth = peer_open("auth", conf->auth_url, key, SLOTS);
	g->jobs = peer_open("jobs", conf->jobs_url, key, SLOTS);
	g->images = peer_open_slow("bridge", conf->bridge_url, key, IMAGE_SLOTS);
	g->sessions = peer_open("bridge", conf->bridge_url, key, 32);
	g->bridges = bridges_open(conf->bridge_url, key, on_bridge_gone, g);
	if (!g->auth || !g->jobs || !g->images || !g->sessions || !g->bridges)
		return ERR_UNAVAILABLE;
	g->watch = watch_open(g->jobs, conf->hints_url, key);
	if (!g->watch)
		return ERR_UNAVAILABLE;
	g->models = models_new(g->jobs, conf->default_model);
	return ERR_OK;
}

static enum err http_open(struct gateway *g)
{
	const struct gateway_conf *conf = g->conf;
	struct http_conf http = {.host = conf->host,
		.port = conf->port,
		.connections = conf->connections,
		.threads = conf->http_threads,
		.idle_ms = conf->idle_ms,
		.head_ms = conf->head_ms,
		.body_ms = conf->body_ms};

	return http_start(&http, &request_app, g, &g->http);
}

enum err gateway_start(const struct gateway_conf *conf, struct gateway **ret)
{
	/* It lasts: what nng holds on to (peers, hints, asks that are out) points into it. */
	struct gateway *g = xlasting(1, sizeof *g);
	enum err e;

	g->conf = conf;
	e = secret_load(conf->common.data, &g->secret);
	if (e == ERR_OK)
		e = linkkey_open(conf->common.data, g->secret.link, &g->linkkey);
	if (e == ERR_OK)
		e = blobs_open(conf->common.data, &g->blobs);
	if (e == ERR_OK)
		e = peers_open(g);
	if (e == ERR_OK)
		e = pages_open(conf->web_dir, &g->pages);
	if (e == ERR_OK)
		e = tunnels_start(conf->bridge_addr, conf->max_tunnels, &g->tunnels);
	if (e != ERR_OK)
		return e;
	g->rules.blobs = g->blobs;
	g->rules.image_max = conf->image_max;
	g->rules.image_side = conf->image_side;
	g->rules.body_max = conf->body_max;
	g->rules.prompt_max = conf->prompt_max;
	g->rules.allow_private = conf->fetch_private;
	g->rules.memory_max = conf->body_memory;
	g->texts = texts_new();
	g->polls = polls_new();
	g->tasks = tasks_start(TASK_COUNT, TASK_MAX);
	g->health = health_new(&(struct health_conf){.auth = g->auth,
		.jobs = g->jobs,
		.bridges = g->bridges,
		.blobs = g->blobs,
		.tasks = g->tasks,
		.data = conf->common.data,
		.disk_min = conf->disk_min});
	e = http_open(g);
	if (e != ERR_OK) {
		tasks_stop(g->tasks);
		tunnels_stop(g->tunnels);
		return e;
	}
	stats_register(g);
	g->ticker = ticker_start(TICK_MS, on_tick, g);
	log_info("listening", LS("host", conf->host), LI("port", http_port(g->http)));
	*ret = g;
	return ERR_OK;
}

int gateway_port(const struct gateway *g)
{
	return http_port(g->http);
}

/* Those that look after themselves have been asked at most this long ago. */
static void wait_for_asks(struct gateway *g)
{
	int64_t until = mono_us() + (int64_t)HEALTH_BUDGET_MS * 1000 + 500000;
	bool busy = true;

	while (busy && mono_us() < until) {
		busy = models_busy(g->models) || health_busy(g->health) || bridges_busy(g->bridges);
		if (busy)
			usleep(2000);
	}
}

void gateway_stop(struct gateway *g)
{
	http_drain(g->http);
	ticker_stop(g->ticker);
	watch_stop(g->watch);
	polls_stop(g->polls);
	tunnels_stop(g->tunnels);
	stats_forget(g);
	if (!http_stop(g->http, STOP_MS))
		return; /* somebody still works with what follows */
	tasks_stop(g->tasks);
	texts_free(g->texts);
	wait_for_asks(g);
	models_free(g->models);
	pages_close(g->pages);
	blobs_close(g->blobs);
	linkkey_close(g->linkkey);
}
