#include "house.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/buf.h"
#include "proto/log.h"
#include "tests/unit/check.h"

static void die(const char *what)
{
	fprintf(stderr, "house: %s\n", what);
	abort();
}

static bool knows(const struct conf_opt *opts, const char *flag)
{
	for (; opts->type != CONF_T_END; opts++)
		if (strcmp(opts->name, flag + 2) == 0)
			return true;
	return false;
}

/* Defaults, then those of the words that this service knows. */
static void settle(const struct conf_opt *opts, void *conf, const char *const *words)
{
	char *argv[64] = {NULL}, program[] = "house", *wrong;
	int argc = 0;

	argv[argc++] = program;
	for (; *words; words += 2) {
		if (!knows(opts, words[0]))
			continue;
		argv[argc++] = (char *)words[0];
		argv[argc++] = (char *)words[1];
	}
	wrong = conf_parse(opts, conf, NULL, argc, argv);
	if (wrong)
		die(wrong);
}

static char *first_line(const char *dir, const char *name)
{
	char path[600], line[200] = "";
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f || !fgets(line, sizeof line, f))
		die(path);
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return xstrdup(line);
}

struct house *house_open(const char *const *settings)
{
	static int count;
	static const char *const names[] = {"auth", "jobs", "hints", "bridge"};
	struct house *h = xcalloc(1, sizeof *h);
	const char *words[64] = {"--host", "127.0.0.1", "--port", "0", "--log", "warn",
		"--media-program", ARENA_MEDIA_PROGRAM};
	char flags[4][32];
	int n = 8;

	if (!count++)
		log_open("house", LOG_WARN);
	h->dir = tmp_make();
	for (int i = 0; i < 4; i++) {
		snprintf(flags[i], sizeof flags[i], "--%s-url", names[i]);
		snprintf(h->urls[i], sizeof h->urls[i], "inproc://house-%d-%s", count, names[i]);
		words[n++] = flags[i];
		words[n++] = h->urls[i];
	}
	words[n++] = "--data";
	words[n++] = h->dir;
	for (; settings && *settings; settings++)
		words[n++] = *settings;
	words[n] = NULL;

	settle(auth_conf_table, &h->auth_conf, words);
	settle(jobs_conf_table, &h->jobs_conf, words);
	settle(bridge_conf_table, &h->bridge_conf, words);
	settle(gateway_conf_table, &h->gateway_conf, words);
	h->bridge_conf.bridge_addr = "127.0.0.1:0";
	if (auth_start(&h->auth_conf, &h->auth) || jobs_start(&h->jobs_conf, &h->jobs) ||
		bridge_start(&h->bridge_conf, &h->bridge))
		die("a service does not start");
	snprintf(h->urls[4], sizeof h->urls[4], "127.0.0.1:%d", bridge_port(h->bridge));
	h->gateway_conf.bridge_addr = h->urls[4];
	if (gateway_start(&h->gateway_conf, &h->gateway))
		die("the gateway does not start");
	h->port = gateway_port(h->gateway);
	snprintf(h->url, sizeof h->url, "http://127.0.0.1:%d", h->port);
	h->key = first_line(h->dir, "api-key");
	h->worker_key = first_line(h->dir, "worker-key");
	return h;
}

void house_restart_bridge(struct house *h)
{
	char *url = xmalloc(80); /* its sockets stay: a new one needs another address */

	snprintf(url, 80, "%s-%d", h->urls[3], ++h->bridges);
	bridge_stop(h->bridge);
	h->bridge_conf.bridge_addr = h->urls[4];
	h->bridge_conf.bridge_url = url;
	if (bridge_start(&h->bridge_conf, &h->bridge))
		die("the bridge does not start again");
}

void house_close(struct house *h)
{
	gateway_stop(h->gateway);
	bridge_stop(h->bridge);
	jobs_stop(h->jobs);
	auth_stop(h->auth);
	free(h->key);
	free(h->worker_key);
	tmp_remove(h->dir);
	/* the settings stay: what the services left behind with nng points to them */
}

char *house_key(struct house *h, const char *name)
{
	char cmd[800], line[200] = "";
	FILE *f;

	snprintf(
		cmd, sizeof cmd, "'%s' key add '%s' --data '%s'", ARENA_AUTH_PROGRAM, name, h->dir);
	f = popen(cmd, "r");
	if (!f || !fgets(line, sizeof line, f) || pclose(f) != 0)
		die("no key was made");
	line[strcspn(line, "\n")] = '\0';
	return xstrdup(line);
}

/* ---- HTTP ---- */

static size_t keep(char *p, size_t size, size_t n, void *arg)
{
	buf_add(arg, p, size * n);
	return size * n;
}

struct reply http(
	struct house *h, const char *key, const char *method, const char *path, const char *json)
{
	struct reply r = {0};
	struct buf head = {0}, body = {0}, url = {0}, auth = {0};
	struct curl_slist *headers = NULL;
	CURL *c = curl_easy_init();
	CURLcode rv;
	char *rid;

	buf_addf(&url, "%s%s", *path == '/' ? h->url : "", path);
	buf_addf(&auth, "Authorization: Bearer %s", key ? key : h->key);
	if (!key || *key)
		headers = curl_slist_append(headers, auth.p);
	if (json)
		headers = curl_slist_append(headers, "Content-Type: application/json");
	curl_easy_setopt(c, CURLOPT_URL, url.p);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	if (json)
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, json);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &body);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, keep);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, &head);
	rv = curl_easy_perform(c);
	if (rv != CURLE_OK)
		fprintf(stderr, "%s %s: %s\n", method, path, curl_easy_strerror(rv));
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &r.status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	buf_free(&url);
	buf_free(&auth);
	r.head = head.p ? head.p : xstrdup("");
	r.body = body.p ? body.p : xstrdup("");
	r.n = body.n;
	r.json = cJSON_ParseWithLength(r.body, r.n);
	rid = reply_header(&r, "x-request-id");
	snprintf(r.rid, sizeof r.rid, "%s", rid ? rid : "");
	free(rid);
	return r;
}

char *reply_header(const struct reply *r, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = r->head; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		if (strncasecmp(p, name, n) == 0 && p[n] == ':') {
			p += n + 1;
			p += strspn(p, " ");
			return strndup(p, strcspn(p, "\r\n"));
		}
	}
	return NULL;
}

void reply_free(struct reply *r)
{
	cJSON_Delete(r->json);
	free(r->head);
	free(r->body);
	*r = (struct reply){0};
}

const char *reply_str(const struct reply *r, const char *path)
{
	char copy[128], *rest = copy, *part;
	const cJSON *at = r->json;

	snprintf(copy, sizeof copy, "%s", path);
	while (at && (part = strsep(&rest, ".")))
		at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, atoi(part))
				       : cJSON_GetObjectItemCaseSensitive(at, part);
	return cJSON_IsString(at) ? at->valuestring : "";
}
