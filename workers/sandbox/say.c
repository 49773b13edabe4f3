#include <stdlib.h>
#include <string.h>

#include "workers/sandbox/inside.h"

cJSON *say_new(const char *type)
{
	cJSON *msg = cJSON_CreateObject();

	cJSON_AddStringToObject(msg, "type", type);
	return msg;
}

cJSON *say_about(const char *type, const struct task *t)
{
	cJSON *msg = say_new(type);

	cJSON_AddStringToObject(msg, "job", t->job.id);
	cJSON_AddStringToObject(msg, "lease", t->job.lease);
	return msg;
}

void say(struct worker *w, cJSON *msg)
{
	char *text = cJSON_PrintUnformatted(msg);

	if (text)
		wsc_send(w->sock, text, strlen(text));
	free(text);
	cJSON_Delete(msg);
}

void say_hello(struct worker *w, const char *token)
{
	const struct worker_conf *c = &w->conf;
	cJSON *msg = say_new("hello"), *who, *jobs;
	struct task *t;

	cJSON_AddStringToObject(msg, "token", token);
	who = cJSON_AddObjectToObject(msg, "worker");
	cJSON_AddStringToObject(who, "id", c->id);
	cJSON_AddStringToObject(who, "name", c->name);
	cJSON_AddStringToObject(who, "kind", c->kind);
	cJSON_AddStringToObject(who, "version", c->version);
	cJSON_AddNumberToObject(msg, "slots", c->slots);
	cJSON_AddItemToObject(msg, "models", cJSON_Parse(c->models));
	jobs = cJSON_AddArrayToObject(msg, "jobs");
	for (t = w->tasks; t; t = t->next) {
		cJSON *job = cJSON_CreateObject();

		cJSON_AddStringToObject(job, "job", t->job.id);
		cJSON_AddStringToObject(job, "lease", t->job.lease);
		cJSON_AddNumberToObject(job, "progress", t->percent);
		cJSON_AddItemToArray(jobs, job);
	}
	say(w, msg);
}

void say_ready(struct worker *w)
{
	cJSON *msg = say_new("ready");
	int free_slots = w->stopping ? 0 : w->conf.slots - w->task_count;

	cJSON_AddNumberToObject(msg, "free", free_slots > 0 ? free_slots : 0);
	say(w, msg);
}

void say_progress(struct task *t)
{
	cJSON *msg = say_about("progress", t);

	cJSON_AddNumberToObject(msg, "percent", t->percent);
	cJSON_AddStringToObject(msg, "stage", t->stage);
	say(t->w, msg);
}

void say_result(struct task *t)
{
	cJSON *msg = say_about("result", t);
	cJSON *outputs = cJSON_AddArrayToObject(msg, "outputs");
	cJSON *one = cJSON_CreateObject();

	cJSON_AddStringToObject(one, "upload", t->job.id);
	cJSON_AddItemToArray(outputs, one);
	say(t->w, msg);
}
