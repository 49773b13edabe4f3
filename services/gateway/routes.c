/* All that can be asked for. The first that fits counts: literal segments before {}. */
#include "handlers.h"
#include "inside.h"

const struct route gateway_routes[] = {
	{"generate", "POST", "/v1/videos/generations", NEED_CREATE, TAKES_VIDEO, video_generate},
	{"video_create", "POST", "/v1/videos", NEED_CREATE, TAKES_VIDEO, video_create},
	{"video_list", "GET", "/v1/videos", NEED_READ, TAKES_NOTHING, video_list},
	{"video_get", "GET", "/v1/videos/{}", NEED_READ, TAKES_NOTHING, video_get},
	{"video_delete", "DELETE", "/v1/videos/{}", NEED_READ, TAKES_NOTHING, video_delete},
	{"video_cancel", "POST", "/v1/videos/{}/cancel", NEED_READ, TAKES_NOTHING, video_cancel},
	{"video_content", "GET", "/v1/videos/{}/content", NEED_LINK, TAKES_NOTHING, video_content},
	{"video_content", "GET", "/v1/videos/{}/content.mp4", NEED_LINK, TAKES_NOTHING,
		video_content},
	{"video_content", "GET", "/v1/videos/{}/content.webm", NEED_LINK, TAKES_NOTHING,
		video_content},
	{"video_events", "GET", "/v1/videos/{}/events", NEED_READ, TAKES_NOTHING, video_events},
	{"events", "GET", "/v1/events", NEED_READ, TAKES_NOTHING, owner_events},
	{"models", "GET", "/v1/models", NEED_READ, TAKES_NOTHING, models_list},
	{"model", "GET", "/v1/models/*", NEED_READ, TAKES_NOTHING, model_get},
	{"input", "GET", "/v1/inputs/{}", NEED_NOTHING, TAKES_NOTHING, input_content},
	{"page", "GET", "/video-chat", NEED_NOTHING, TAKES_NOTHING, ops_page},
	{"page", "GET", "/video-chat/*", NEED_NOTHING, TAKES_NOTHING, ops_page},
	{"docs", "GET", "/docs", NEED_NOTHING, TAKES_NOTHING, ops_page},
	{"docs", "GET", "/docs/*", NEED_NOTHING, TAKES_NOTHING, ops_page},
	{"openapi", "GET", "/openapi.json", NEED_NOTHING, TAKES_NOTHING, ops_page},
	{"workers", "GET", "/ws", NEED_NOTHING, TAKES_NOTHING, workers_tunnel},
	{"health", "GET", "/healthz", NEED_NOTHING, TAKES_NOTHING, ops_health},
	{"ready", "GET", "/readyz", NEED_NOTHING, TAKES_NOTHING, ops_ready},
	{"metrics", "GET", "/metrics", NEED_NOTHING, TAKES_NOTHING, ops_metrics},
	{0},
};
