#include "services/bridge/say.h"

#include <stdio.h>
#include <string.h>

#include "proto/json.h"
#include "proto/sign.h"

/* What is not there (NULL, below 0) is not said. */
static void str(struct buf *b, const char *name, const char *v)
{
	if (v)
		json_kv_str(b, name, v);
}

static void num(struct buf *b, const char *name, int64_t v)
{
	if (v >= 0)
		json_kv_int(b, name, v);
}

static void begin(struct buf *b, const char *type)
{
	buf_adds(b, "{");
	str(b, "type", type);
}

static void end(struct buf *b)
{
	buf_adds(b, "}");
}

/* ["a.example","*.a.example"] of "a.example, *.a.example" */
static void add_hosts(struct buf *out, const char *list)
{
	char host[256];

	buf_adds(out, "[");
	for (const char *p = list ? list : ""; *(p += strspn(p, ", ")); p += strcspn(p, ", ")) {
		snprintf(host, sizeof host, "%.*s", (int)strcspn(p, ", "), p);
		json_next(out);
		json_str(out, host);
	}
	buf_adds(out, "]");
}

void say_welcome(struct buf *out, const struct say_welcome *w)
{
	begin(out, "welcome");
	str(out, "bridge", w->bridge);
	str(out, "worker", w->worker);
	num(out, "heartbeat_ms", w->heartbeat_ms);
	num(out, "lease_ms", w->lease_ms);
	json_key(out, "limits");
	buf_adds(out, "{");
	num(out, "frame", w->frame);
	num(out, "window", w->window);
	num(out, "video", w->video);
	end(out);
	json_key(out, "links");
	add_hosts(out, w->links);
	json_key(out, "jobs");
	buf_adds(out, "[");
	for (size_t i = 0; i < w->n_jobs; i++) {
		json_next(out);
		buf_adds(out, "{");
		str(out, "job", w->jobs[i].job);
		str(out, "lease", w->jobs[i].lease);
		str(out, "state", w->jobs[i].lost ? "lost" : "yours");
		end(out);
	}
	buf_adds(out, "]");
	end(out);
}

void say_input_link(
	struct buf *out, const struct input *in, int64_t until_s, const uint8_t link_key[32])
{
	char path[96];

	snprintf(path, sizeof path, "/v1/inputs/%.64s", in->sha256 ? in->sha256 : "");
	buf_adds(out, path);
	sign_add(out, link_key, path, "input", until_s);
}

static void add_input(
	struct buf *out, const struct input *in, int64_t until_s, const uint8_t link_key[32])
{
	struct buf url = {0};

	say_input_link(&url, in, until_s, link_key);
	buf_adds(out, "{");
	str(out, "role", in->role);
	str(out, "mime", in->mime);
	num(out, "size", in->size);
	num(out, "width", in->width);
	num(out, "height", in->height);
	str(out, "sha256", in->sha256);
	str(out, "url", url.p);
	end(out);
	buf_free(&url);
}

void say_job(struct buf *out, const struct job *job, const char *token, int64_t deadline,
	const uint8_t link_key[32])
{
	begin(out, "job");
	str(out, "job", job->id);
	str(out, "lease", token);
	num(out, "deadline", deadline);
	str(out, "model", job->model);
	str(out, "prompt", job->prompt);
	num(out, "seconds", job->seconds);
	num(out, "width", job->width);
	num(out, "height", job->height);
	num(out, "seed", job->seed);
	if (job->fps)
		num(out, "fps", job->fps);
	str(out, "negative_prompt", job->negative_prompt);
	str(out, "operation", job->operation);
	str(out, "source", job->source);
	str(out, "upstream_ref", job->upstream_ref);
	num(out, "attempt", job->attempts);
	json_key(out, "inputs");
	buf_adds(out, "[");
	for (size_t i = 0; i < job->n_inputs; i++) {
		json_next(out);
		add_input(out, &job->inputs[i], deadline / 1000, link_key);
	}
	buf_adds(out, "]");
	end(out);
}

void say_cancel(struct buf *out, const char *job, const char *lease, const char *reason)
{
	begin(out, "cancel");
	str(out, "job", job);
	str(out, "lease", lease);
	str(out, "reason", reason);
	end(out);
}

void say_done(struct buf *out, const char *job, const char *lease, const char *status)
{
	begin(out, "done");
	str(out, "job", job);
	str(out, "lease", lease);
	str(out, "status", status);
	end(out);
}

void say_refused(struct buf *out, const struct say_refused *r)
{
	begin(out, "refused");
	str(out, "job", r->job);
	str(out, "lease", r->lease);
	str(out, "upload", r->upload);
	str(out, "code", r->code);
	str(out, "message", r->message);
	end(out);
}

void say_upload_go(
	struct buf *out, const char *job, const char *upload, int64_t channel, int64_t offset)
{
	begin(out, "upload_go");
	str(out, "job", job);
	str(out, "upload", upload);
	num(out, "channel", channel);
	num(out, "offset", offset);
	end(out);
}

void say_ack(struct buf *out, const char *job, const char *upload, int64_t offset)
{
	begin(out, "ack");
	str(out, "job", job);
	str(out, "upload", upload);
	num(out, "offset", offset);
	end(out);
}

void say_uploaded(
	struct buf *out, const char *job, const char *upload, const char *sha256, int64_t size)
{
	begin(out, "uploaded");
	str(out, "job", job);
	str(out, "upload", upload);
	str(out, "sha256", sha256);
	num(out, "size", size);
	end(out);
}

void say_input(struct buf *out, const struct say_input *i)
{
	begin(out, "input");
	str(out, "job", i->job);
	str(out, "lease", i->lease);
	num(out, "input", i->input);
	num(out, "channel", i->channel);
	num(out, "offset", i->offset);
	num(out, "size", i->size);
	str(out, "mime", i->mime);
	str(out, "sha256", i->sha256);
	str(out, "url", i->url);
	end(out);
}

void say_vote(struct buf *out, const struct vote *v)
{
	begin(out, "vote");
	str(out, "job", v->job);
	str(out, "winner", v->winner);
	str(out, "upstream_ref", v->upstream_ref);
	end(out);
}

void say_queue(struct buf *out, int64_t waiting)
{
	begin(out, "queue");
	num(out, "waiting", waiting);
	end(out);
}

void say_bye(struct buf *out, const char *reason)
{
	begin(out, "bye");
	str(out, "reason", reason);
	end(out);
}

void say_ping(struct buf *out, int64_t t)
{
	begin(out, "ping");
	num(out, "t", t);
	end(out);
}

void say_drain(struct buf *out, int64_t reconnect_ms)
{
	begin(out, "drain");
	num(out, "reconnect_ms", reconnect_ms);
	end(out);
}
