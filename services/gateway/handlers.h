/* The handlers of the routes, and nothing else of their files. */
#ifndef ARENA_GATEWAY_HANDLERS_H
#define ARENA_GATEWAY_HANDLERS_H

struct request;

/* videos.c */
void video_create(struct request *r);
void video_remix(struct request *r);
void video_edit(struct request *r);
void video_extend(struct request *r);
void video_characters(struct request *r);
void video_get(struct request *r);
void video_delete(struct request *r);
void video_cancel(struct request *r);

/* vote.c */
void video_vote(struct request *r);

/* list.c */
void video_list(struct request *r);

/* generate.c */
void video_generate(struct request *r);

/* events.c */
void video_events(struct request *r);
void owner_events(struct request *r);

/* content.c */
void video_content(struct request *r);
void input_content(struct request *r);

/* files.c */
void file_create(struct request *r);
void file_list(struct request *r);
void file_get(struct request *r);
void file_content(struct request *r);
void file_delete(struct request *r);

/* webhooks.c */
void webhook_create(struct request *r);
void webhook_list(struct request *r);
void webhook_get(struct request *r);
void webhook_update(struct request *r);
void webhook_delete(struct request *r);
void webhook_rotate(struct request *r);
void webhook_test(struct request *r);
void webhook_deliveries(struct request *r);

/* offer.c */
void models_list(struct request *r);
void model_get(struct request *r);
void router_models_list(struct request *r);

/* chat.c */
void chat_complete(struct request *r);

/* router.c */
void router_create(struct request *r);
void router_get(struct request *r);

/* worker_http.c */
void worker_open(struct request *r);
void worker_push(struct request *r);
void worker_poll(struct request *r);
void worker_upload(struct request *r);
void worker_close(struct request *r);

/* ops.c */
void ops_health(struct request *r);
void ops_ready(struct request *r);
void ops_metrics(struct request *r);
void workers_tunnel(struct request *r);
void ops_page(struct request *r);
void ops_userscript(struct request *r);

/* workers.c */
void worker_code(struct request *r);
void worker_pair(struct request *r);
void worker_list(struct request *r);
void worker_delete(struct request *r);

#endif
