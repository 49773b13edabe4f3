/*
 * Files over the connection. A binary frame is 12 bytes of head (channel, offset, both big-endian)
 * and the bytes.
 */
#include <endian.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/log.h"
#include "workers/sandbox/inside.h"

enum { HEAD = 12, UPLOAD_TRIES = 5, INPUT_MAX = 64 << 20 };

static int64_t number(const cJSON *msg, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(msg, name);

	return cJSON_IsNumber(v) && v->valuedouble >= 0 ? (int64_t)v->valuedouble : -1;
}

/* ---- images to us, one after the other ---- */

/* The one that is on its way, in the state TASK_FETCHING. */
static struct task_input *coming(struct task *t)
{
	return &t->inputs[t->inputs_here];
}

void input_ask(struct task *t)
{
	struct task_input *in = coming(t);
	cJSON *msg = say_about("input_get", t);

	in->channel = 0;
	cJSON_AddNumberToObject(msg, "input", in->number);
	cJSON_AddNumberToObject(msg, "offset", (double)in->got);
	say(t->w, msg);
}

void input_begin(struct task *t, const cJSON *msg)
{
	struct task_input *in = coming(t);
	int64_t size = number(msg, "size");

	if (number(msg, "input") != in->number)
		return; /* of an earlier question */
	if (in->fd < 0)
		in->fd = open(in->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (in->fd < 0 || size < 1 || size > INPUT_MAX) {
		worker_failed(t->w, &t->job, "internal", "the input image cannot be taken", true);
		return;
	}
	in->size = size;
	in->channel = (uint32_t)number(msg, "channel");
}

static void input_take(struct task *t, uint64_t offset, const unsigned char *p, size_t n)
{
	struct task_input *in = coming(t);

	if (offset != (uint64_t)in->got || n > (size_t)(in->size - in->got))
		return; /* of an earlier question */
	if (write(in->fd, p, n) != (ssize_t)n) {
		worker_failed(t->w, &t->job, "internal", "the input image cannot be kept", true);
		return;
	}
	in->got += (int64_t)n;
	if (in->got == in->size) {
		close(in->fd);
		in->fd = -1;
		t->inputs_here++;
		task_go(t);
	}
}

void hear_binary(struct worker *w, const unsigned char *p, size_t n)
{
	uint32_t channel;
	uint64_t offset;

	if (n <= HEAD)
		return;
	memcpy(&channel, p, 4);
	memcpy(&offset, p + 4, 8);
	channel = be32toh(channel);
	for (struct task *t = w->tasks; t; t = t->next)
		if (t->state == TASK_FETCHING && channel && coming(t)->channel == channel) {
			input_take(t, be64toh(offset), p + HEAD, n - HEAD);
			return;
		}
}

/* ---- the video to the bridge ---- */

void upload_ask(struct task *t)
{
	struct stat st;
	cJSON *msg;

	t->upload_channel = 0;
	t->end_said = false;
	if (t->output_fd < 0)
		t->output_fd = open(t->output, O_RDONLY | O_CLOEXEC);
	if (t->output_fd < 0 || fstat(t->output_fd, &st)) {
		worker_failed(t->w, &t->job, "internal", "the video cannot be handed over", true);
		return;
	}
	t->output_size = st.st_size;
	msg = say_about("upload", t);
	cJSON_AddStringToObject(msg, "upload", t->job.id); /* unique on this connection, too */
	cJSON_AddNumberToObject(msg, "size", (double)t->output_size);
	cJSON_AddStringToObject(msg, "mime", "video/mp4");
	say(t->w, msg);
}

static void upload_end(struct task *t)
{
	cJSON *msg = say_about("upload_end", t);

	cJSON_AddStringToObject(msg, "upload", t->job.id);
	cJSON_AddNumberToObject(msg, "size", (double)t->output_size);
	t->end_said = true;
	say(t->w, msg);
}

void upload_again(struct task *t, const char *message)
{
	if (++t->upload_tries < UPLOAD_TRIES)
		upload_ask(t);
	else
		worker_failed(t->w, &t->job, "internal", message, true);
}

void upload_go(struct task *t, const cJSON *msg)
{
	int64_t offset = number(msg, "offset"), channel = number(msg, "channel");

	if (offset < 0 || offset > t->output_size || channel < 1)
		return;
	t->upload_channel = (uint32_t)channel;
	t->sent = t->acked = offset;
	if (t->sent == t->output_size) /* it had come before the connection broke */
		upload_end(t);
	wsc_kick(t->w->sock);
}

static bool may_send(const struct task *t)
{
	return t->state == TASK_UPLOADING && t->upload_channel && t->sent < t->output_size &&
	       t->sent - t->acked + WSC_CHUNK <= t->w->window;
}

/* The next piece of any upload. Asked whenever the connection can take one. */
size_t upload_fill(struct worker *w, unsigned char *p)
{
	struct task *t = w->tasks;
	uint32_t channel;
	uint64_t offset;
	ssize_t n;

	while (t && !may_send(t))
		t = t->next;
	if (!t)
		return 0;
	n = pread(t->output_fd, p + HEAD, WSC_CHUNK - HEAD, t->sent);
	if (n <= 0) {
		worker_failed(w, &t->job, "internal", "the video cannot be read", true);
		return 0;
	}
	channel = htobe32(t->upload_channel);
	offset = htobe64((uint64_t)t->sent);
	memcpy(p, &channel, 4);
	memcpy(p + 4, &offset, 8);
	t->sent += n;
	if (t->sent == t->output_size)
		upload_end(t);
	return HEAD + (size_t)n;
}
