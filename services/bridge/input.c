#include "services/bridge/input.h"

#include <unistd.h>

#include "services/bridge/say.h"

static void refuse(struct lease *l, const char *code, const char *message)
{
	struct say_refused r = {l->job, l->token, NULL, code, message};
	struct buf out = {0};

	say_refused(&out, &r);
	link_say(l->worker, &out);
}

/* It has no channels: the file is to be fetched, by a link as good as new. */
static void say_where(struct lease *l, const struct input *in, struct say_input *say)
{
	struct bridge *b = l->b;
	int64_t until_ms = l->rec->started_at + b->conf.job_timeout_ms;
	struct buf out = {0}, url = {0};
	uint8_t key[32];

	linkkey_now(b->linkkey, key);
	say_input_link(&url, in, until_ms / 1000, key);
	say->channel = -1;
	say->url = url.p;
	say_input(&out, say);
	link_say(l->worker, &out);
	buf_free(&url);
}

static void send_file(struct lease *l, int fd, struct say_input *say)
{
	struct link *w = l->worker;
	struct buf out = {0};

	say->channel = link_channel(w);
	say_input(&out, say);
	link_say(w, &out);
	if (w->state != LINK_LIVE)
		close(fd);
	else if (!conn_send_file(w->conn, fd, (uint32_t)say->channel, say->offset, say->size))
		refuse(l, "too_many_inputs", "wait for those that are under way");
}

void input_send(struct lease *l, const struct frame_input_get *f)
{
	struct say_input say = {
		.job = l->job, .lease = l->token, .input = f->input, .offset = f->offset};
	const struct input *in;
	int fd;

	if (!l->rec || (size_t)f->input >= l->rec->n_inputs) {
		refuse(l, "no_input", "the job has no such input");
		return;
	}
	in = &l->rec->inputs[f->input];
	if (blob_open(l->b->blobs, in->sha256 ? in->sha256 : "", &fd, &say.size) != ERR_OK) {
		refuse(l, "no_input", "the file is gone");
		return;
	}
	if (f->offset > say.size) {
		close(fd);
		refuse(l, "no_input", "the offset is behind its end");
		return;
	}
	say.mime = in->mime;
	say.sha256 = in->sha256;
	if (conn_takes_files(l->worker->conn)) {
		send_file(l, fd, &say);
	} else {
		close(fd);
		say_where(l, in, &say);
	}
}
