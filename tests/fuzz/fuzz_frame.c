/*
 * What a worker sends: a text frame; or, when the first byte is not '{', a binary one. Whatever was
 * read is read once more by hand: every pointer must lead somewhere.
 */
#include <assert.h>
#include <string.h>

#include "services/bridge/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static size_t look(const char *s)
{
	return s ? strlen(s) : 0;
}

static void look_at_ref(const struct frame_ref *r)
{
	assert(look(r->job) == 38 && look(r->lease) == 32);
}

static void look_at_models(const struct frame_models *m)
{
	for (size_t i = 0; i < m->n_models; i++) {
		assert(look(m->models[i].id) > 0);
		assert(m->models[i].max_prompt > 0);
		for (size_t k = 0; k < m->models[i].n_sizes; k++)
			assert(look(m->models[i].sizes[k]) >= 3);
	}
}

static void look_at(const struct frame *f)
{
	if (f->type == FRAME_HELLO) {
		look_at_models(&f->hello->offer);
		assert(frame_name_ok(f->hello->worker.id));
		for (size_t i = 0; i < f->hello->n_jobs; i++)
			look_at_ref(&f->hello->jobs[i].ref);
	} else if (f->type == FRAME_MODELS) {
		look_at_models(f->models);
	} else if (f->type == FRAME_RESULT) {
		look_at_ref(&f->result->ref);
		for (size_t i = 0; i < f->result->n_outputs; i++)
			assert(look(f->result->outputs[i].upload) +
					look(f->result->outputs[i].url) >
				0);
	} else if (f->type == FRAME_UPLOAD) {
		look_at_ref(f->ref);
		assert(frame_name_ok(f->upload->upload) && f->upload->size > 0);
	} else if (f->type == FRAME_FAILED) {
		assert(look(f->failed->code) > 0 && look(f->failed->message) <= 2000);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char why[SHAPE_WHY] = "";
	struct frame f;
	uint32_t channel;
	uint64_t offset;

	if (n && p[0] != '{') {
		(void)frame_chunk(&p, &n, &channel, &offset);
		return 0;
	}
	if (frame_read((const char *)p, n, &f, why) == ERR_OK) {
		look_at(&f);
		frame_clear(&f);
	} else {
		assert(*why && utf8_ok(why, strlen(why)));
	}
	return 0;
}
