/* The bridge's figures: one static metric each, registered at start. */
#ifndef ARENA_BRIDGE_FIGURES_H
#define ARENA_BRIDGE_FIGURES_H

#include "proto/metric.h"
#include "services/bridge/condition.h"

extern struct metric fig_workers, fig_sessions, fig_leases, fig_jobs_completed, fig_jobs_failed,
	fig_jobs_given_back, fig_jobs_lost, fig_upload_bytes, fig_fetches, fig_fetches_failed,
	fig_probe_seconds, fig_culled, fig_bad_frames, fig_refused_workers, fig_take_seconds,
	fig_frames_in, fig_images, fig_images_refused, fig_image_seconds, fig_webhooks,
	fig_webhooks_failed, fig_webhook_seconds;

extern struct metric fig_states[WORKER_STATES], fig_attentions[ATTENTIONS];

void figures_register(void);

#endif
