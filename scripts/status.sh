# ./arena status: what runs, from the process table, and how it does, from /metrics
options "$@"
no_more "${ARGS[@]}"
running || { say "not running (data folder: $ARENA_DATA)"; exit 3; }
printf 'page  http://127.0.0.1:%s/video-chat\n\n' "$ARENA_PORT"
for file in "$RUN"/*.pid; do
	name=$(basename "$file" .pid) pid=$(cat "$file")
	[ "$name" = supervisor ] && continue
	if [ -d "/proc/$pid" ]; then
		printf '  %-8s running  pid %-7s %s MB\n' "$name" "$pid" \
			"$(awk '/^VmRSS/ {printf "%.1f", $2 / 1024}' "/proc/$pid/status")"
	else
		printf '  %-8s down\n' "$name"
	fi
done
metrics=$(curl -sf "http://127.0.0.1:$ARENA_PORT/metrics") || die "the gateway does not answer"
printf '%s\n' "$metrics" | awk '
	function time(s) { return s < 120 ? sprintf("%.1f s", s) : s < 7200 ? sprintf("%.0f min", s / 60) : sprintf("%.1f h", s / 3600) }
	/^#/ { next }
	{ v[$1] = $2 }
	END {
		print ""
		printf "  videos made       %d\n", v["arena_jobs_videos_total"]
		printf "  time to a video   mean %s, p95 %s (24 h)\n", time(v["arena_jobs_seconds_mean_24h"]), time(v["arena_jobs_seconds_p95_24h"])
		printf "  error rate        %.2f %% (24 h)\n", 100 * v["arena_jobs_error_ratio_24h"]
		printf "  uptime            %s; available %.2f %% of the last 24 h\n", time(v["arena_jobs_uptime_seconds"]), 100 * v["arena_jobs_availability_ratio_24h"]
		printf "  jobs              %d queued, %d running\n", v["arena_jobs_jobs{status=\"queued\"}"], v["arena_jobs_jobs{status=\"in_progress\"}"]
		printf "  workers           %d\n", v["arena_bridge_workers"]
	}'
