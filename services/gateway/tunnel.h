/*
 * Tunnels: WebSockets that come to the gateway and are meant for the bridge. The upgrade request
 * is played to the bridge's own listener; when that says 101, the two sockets are joined. What
 * workers and bridge say to each other is nobody's business here.
 *
 * One thread of this module connects, shakes hands and relays; no HTTP thread ever waits.
 */
#ifndef ARENA_GATEWAY_TUNNEL_H
#define ARENA_GATEWAY_TUNNEL_H

#include <stdint.h>

#include "proto/err.h"
#include "services/gateway/http.h"

struct tunnels;

/* bridges: "HOST:PORT" of the WebSocket listener, or of several, with commas between, which get
 * them in turn. max: tunnels at once. ERR_BAD_PARAM, logged. */
enum err tunnels_start(const char *bridges, int64_t max, struct tunnels **ret);

/*
 * Take the exchange of `GET /ws`, in its begin or end. It is answered in any case: with 101; or
 * BAD_REQUEST (no WebSocket upgrade), FORBIDDEN (the bridge does not want it), OVERLOADED (too many
 * tunnels), UNAVAILABLE (the bridge is not there, or does not answer within 10 s).
 */
void tunnel_begin(struct tunnels *t, struct exchange *x);

/* End all tunnels; new ones are UNAVAILABLE. Call while the HTTP server still runs, then let nobody
 * call tunnel_begin() any more. NULL is fine. */
void tunnels_stop(struct tunnels *t);

#endif
