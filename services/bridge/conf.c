#include "services/bridge/bridge.h"

#define S struct bridge_conf

const struct conf_opt bridge_conf_table[] = {CONF_COMMON(S, common),
	CONF_STR(S, auth_url, "auth-url", "tcp://127.0.0.1:3110", "where auth listens"),
	CONF_STR(S, jobs_url, "jobs-url", "tcp://127.0.0.1:3111", "where jobs listens"),
	CONF_STR(S, hints_url, "hints-url", "tcp://127.0.0.1:3112", "where jobs tells its hints"),
	CONF_STR(S, bridge_url, "bridge-url", "tcp://127.0.0.1:3113",
		"where to listen for questions about figures"),
	CONF_STR(S, bridge_addr, "bridge-addr", "127.0.0.1:3114",
		"HOST:PORT where to listen for workers"),
	CONF_STR(S, origins, "origins", "",
		"web pages that may connect as workers: https://a.example, https://*.a.example"),
	CONF_INT(S, max_workers, "max-workers", "100", 1, 10000, "workers at once"),
	CONF_MS(S, heartbeat_ms, "heartbeat", "20s", 50, 600000, "between pings to a worker"),
	CONF_MS(S, hello_wait_ms, "hello-wait", "5s", 50, 60000, "for a worker's first frame"),
	CONF_MS(S, accept_wait_ms, "accept-wait", "10s", 50, 600000,
		"for a worker to accept a job"),
	CONF_MS(S, lease_ms, "lease", "60s", 200, 3600000,
		"how long a lease holds without its worker"),
	CONF_MS(S, job_timeout_ms, "job-timeout", "30m", 1000, 86400000,
		"how long a job may take in all"),
	CONF_SIZE(S, video_max, "video-max", "512M", 1024, 8LL << 30, "bytes of a video"),
	CONF_STR(S, fetch_hosts, "fetch-hosts", "",
		"hosts that results may be fetched from: a.example, *.a.example"),
	CONF_BOOL(
		S, fetch_private, "fetch-private", "no", "also from addresses of private networks"),
	CONF_STR(S, media_program, "media-program", "",
		"looks at results; default: arena-media beside this program"),
	CONF_MS(S, media_time_ms, "media-time", "30s", 100, 600000, "for looking at one result"),
	CONF_INT(S, media_jobs, "media-jobs", "2", 1, 16, "results looked at at once"),
	CONF_MS(S, drain_ms, "drain", "5s", 0, 600000, "for what is on its way when stopping"),
	CONF_END};
