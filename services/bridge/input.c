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

void input_send(struct lease *l, const struct frame_input_get *f)
{
	struct say_input say = {
		.job = l->job, .lease = l->token, .input = f->input, .offset = f->offset};
	const struct input *in;
	struct buf out = {0};
	int fd;

	if (!l->rec || (size_t)f->input >= l->rec->n_inputs) {
		refuse(l, "no_input", "the job has no such input");
		return;
	}
	if (!conn_takes_files(l->worker->conn)) {
		refuse(l, "no_input", "this connection carries no files: fetch the input's url");
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
	say.channel = link_channel(l->worker);
	say.mime = in->mime;
	say.sha256 = in->sha256;
	say_input(&out, &say);
	link_say(l->worker, &out);
	if (l->worker->state != LINK_LIVE)
		close(fd);
	else if (!conn_send_file(l->worker->conn, fd, (uint32_t)say.channel, f->offset, say.size))
		refuse(l, "too_many_inputs", "wait for those that are under way");
}
