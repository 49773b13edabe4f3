/*
 * What a request becomes before there is a job: its model, from what there is now; the video that
 * it is made from; size, seconds and hints as the model takes them; and its inputs.
 */
#ifndef ARENA_GATEWAY_CHOOSE_H
#define ARENA_GATEWAY_CHOOSE_H

#include "request.h"

/*
 * Fills r->source (of r->operation), r->model, r->want and r->inputs, then calls then(r); or the
 * request fails. May be called again: then all is found out anew.
 */
void choose(struct request *r, void (*then)(struct request *r));

#endif
