# ./arena stop
options "$@"
no_more "${ARGS[@]}"
running || die "nothing is running on $ARENA_DATA"
pid=$(cat "$RUN/supervisor.pid")
kill -TERM "$pid"
for _ in $(seq 200); do
	kill -0 "$pid" 2>/dev/null || { say "Stopped"; exit 0; }
	sleep 0.1
done
die "process $pid does not stop"
