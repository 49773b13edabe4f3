/* The JSON of webhook endpoints and deliveries. Pure: each writes into a buffer. */
#ifndef ARENA_GATEWAY_WEBHOOK_JSON_H
#define ARENA_GATEWAY_WEBHOOK_JSON_H

#include <stdbool.h>

#include "proto/buf.h"
#include "proto/messages.h"

#define WEBHOOK_EVENTS 3 /* kinds of events that an endpoint can wish for */

bool webhook_event_known(const char *name);

/* Secrets are told to who makes, reads or rotates an endpoint, and in no list. */
void webhook_json_endpoint(struct buf *out, const struct endpoint *e, bool with_secret);
void webhook_json_endpoints(struct buf *out, const struct endpoint_list *list);
void webhook_json_delivery(struct buf *out, const struct delivery *d);
void webhook_json_deliveries(struct buf *out, const struct delivery_list *list);

#endif
