#include "tests/unit/gateway_waiting.h"

static void keep(const struct reply *r, const char *name, char *to, size_t size)
{
	const char *v = header(r, name);

	snprintf(to, size, "%s", v ? v : "");
}

static void *wait_main(void *arg)
{
	struct waiting *w = arg;
	struct reply *r = req("POST", w->target, ME,
		w->lines ? w->lines : "Content-Type: application/json\r\n", w->json,
		strlen(w->json));

	w->status = r->status;
	snprintf(w->body, sizeof w->body, "%.16000s", r->body);
	keep(r, "x-should-retry", w->retry, sizeof w->retry);
	keep(r, "Preference-Applied", w->applied, sizeof w->applied);
	keep(r, "Content-Type", w->type, sizeof w->type);
	return NULL;
}

void waiting_begin(
	struct waiting *w, const char *target, const char *json, const char *lines, int n)
{
	int had = rig.creates;

	*w = (struct waiting){.target = target, .json = json, .lines = lines};
	pthread_create(&w->thread, NULL, wait_main, w);
	CHECK(BECOMES(rig.creates == had + n));
}

void waiting_end(struct waiting *w)
{
	pthread_join(w->thread, NULL);
}
