#include "health.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "proto/clock.h"
#include "proto/json.h"
#include "proto/log.h"

#define ASK_US    1000000
#define SILENT_US 5000000 /* a service that was silent for so long is not there */
#define DISK_US   5000000
#define TRIAL     4096 /* bytes that are written for a try */
#define WORD_MAX  64
#define COUNT(a)  (sizeof(a) / sizeof *(a))

/* A service, and when it last answered. */
struct part {
	const char *name;
	struct peer *peer;
	_Atomic int64_t ok_us; /* mono; 0: never */
	_Atomic bool asking;
	int64_t asked_us; /* the ticker's */
};

enum disk { DISK_OK, DISK_FULL, DISK_BROKEN };

struct health {
	struct health_conf conf;
	struct part parts[2];
	_Atomic enum disk disk;
	_Atomic bool trying;
	int64_t tried_us; /* the ticker's */
};

static const char *const disk_words[] = {"ok", "full", "not writable"};

/* ---- the services ---- */

static void on_pong(void *arg, enum err e, const struct answer *a)
{
	struct part *p = arg;

	(void)a;
	if (e == ERR_OK)
		atomic_store(&p->ok_us, mono_us());
	atomic_store(&p->asking, false);
}

static void part_tick(struct part *p, int64_t now_us)
{
	struct rid rid;

	if (now_us - p->asked_us < ASK_US || atomic_exchange(&p->asking, true))
		return;
	p->asked_us = now_us;
	rid = rid_new();
	ask(p->peer, &rid, MSG_PING, &(struct empty){}, HEALTH_BUDGET_MS, on_pong, p);
}

static bool part_there(const struct part *p)
{
	int64_t ok_us = atomic_load(&p->ok_us);

	return ok_us && mono_us() - ok_us < SILENT_US;
}

/* ---- the disk ---- */

static bool takes_a_file(struct blobs *b)
{
	static const char zeros[TRIAL];
	struct blob_writer *w;
	bool ok;

	if (blob_create(b, TRIAL, &w) != ERR_OK)
		return false;
	ok = blob_write(w, zeros, sizeof zeros) == ERR_OK;
	blob_release(w);
	return ok;
}

static enum disk disk_try(const struct health_conf *conf)
{
	struct statvfs v;

	if (statvfs(conf->data, &v) != 0)
		return DISK_BROKEN;
	if ((int64_t)v.f_bavail * (int64_t)v.f_frsize < conf->disk_min)
		return DISK_FULL;
	return takes_a_file(conf->blobs) ? DISK_OK : DISK_BROKEN;
}

static void try_in_task(void *arg)
{
	struct health *h = arg;
	enum disk now = disk_try(&h->conf), was = atomic_exchange(&h->disk, now);

	if (now != was)
		log_warn("disk", LS("data", h->conf.data), LS("is", disk_words[now]),
			LS("was", disk_words[was]));
	atomic_store(&h->trying, false);
}

static void disk_tick(struct health *h, int64_t now_us)
{
	if (now_us - h->tried_us < DISK_US || atomic_exchange(&h->trying, true))
		return;
	h->tried_us = now_us;
	if (!task_run(h->conf.tasks, try_in_task, h))
		atomic_store(&h->trying, false);
}

/* ---- both ---- */

struct health *health_new(const struct health_conf *conf)
{
	struct health *h = xlasting(1, sizeof *h);

	h->conf = *conf;
	h->parts[0] = (struct part){.name = "auth", .peer = conf->auth};
	h->parts[1] = (struct part){.name = "jobs", .peer = conf->jobs};
	h->tried_us = mono_us();
	try_in_task(h);
	return h;
}

void health_tick(struct health *h, int64_t now_us)
{
	for (size_t i = 0; i < COUNT(h->parts); i++)
		part_tick(&h->parts[i], now_us);
	disk_tick(h, now_us);
}

bool health_busy(struct health *h)
{
	bool busy = false;

	for (size_t i = 0; i < COUNT(h->parts); i++)
		busy = busy || atomic_load(&h->parts[i].asking);
	return busy;
}

/* True: at least one is there. */
static bool bridges_report(struct bridges *all, char word[WORD_MAX])
{
	size_t n = 0, there = 0;
	struct bridge_at *at;

	for (; (at = bridges_nth(all, n)); n++)
		there += bridge_there(at);
	if (there && there < n)
		snprintf(word, WORD_MAX, "%zu of %zu unreachable", n - there, n);
	else
		snprintf(word, WORD_MAX, "%s", there ? "ok" : "unreachable");
	return there > 0;
}

bool health_report(struct health *h, struct buf *json)
{
	enum disk disk = atomic_load(&h->disk);
	char bridges[WORD_MAX];
	bool ready = bridges_report(h->conf.bridges, bridges) && disk == DISK_OK;

	for (size_t i = 0; i < COUNT(h->parts); i++)
		ready = ready && part_there(&h->parts[i]);
	buf_adds(json, "{");
	json_kv_bool(json, "ready", ready);
	for (size_t i = 0; i < COUNT(h->parts); i++)
		json_kv_str(
			json, h->parts[i].name, part_there(&h->parts[i]) ? "ok" : "unreachable");
	json_kv_str(json, "bridge", bridges);
	json_kv_str(json, "disk", disk_words[disk]);
	buf_adds(json, "}");
	return ready;
}
