/*
 * What a job starts from, brought into the blob store: images that came with the request, images
 * at a link (the bridge fetches them), images sent before (jobs knows them), and those of the video
 * that it is made from.
 */
#ifndef ARENA_GATEWAY_INPUTS_H
#define ARENA_GATEWAY_INPUTS_H

#include "catalogue.h"
#include "request.h"

/* Images of r->source that the job starts from, for model m: none if it brings its own. */
size_t inputs_inherited(const struct request *r, const struct model *m);

/*
 * Fills r->inputs for a job of model m, then calls then(r); or the request fails. m need not live
 * on. To be called again after BLOB_GONE: then all is fetched and written again.
 */
void inputs_bring(struct request *r, void (*then)(struct request *r));

void inputs_drop(struct request *r); /* at the end of the request */

#endif
