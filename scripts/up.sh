# ./arena up: start everything, keep it running, stop it together

options "$@"
no_more "${ARGS[@]}"
if [ -z "${ARENA_BUILD:-}" ]; then
	need_packages run build
	build release
fi

mkdir -p -m 700 "$ARENA_DATA" "$RUN" "$ARENA_DATA/log"
exec 9>"$RUN/lock"
flock -n 9 || die "something is running on $ARENA_DATA already; ./arena stop ends it"

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

ARENA_PORT=${ARENA_PORT:-3102}
export ARENA_PORT
[[ $ARENA_PORT =~ ^[1-9][0-9]{0,4}$ ]] && [ "$ARENA_PORT" -le 65535 ] || die "--port $ARENA_PORT is no port number"
port_is_free "$ARENA_PORT" || die "port $ARENA_PORT is in use; choose another with --port N"

# The services talk to each other on loopback ports of their own: others for another ARENA_PORT, so that two that
# start in the same moment do not meet. Below 32768, so that no outgoing connection sits there by chance.
next_port=$((20000 + ARENA_PORT % 2000 * 6))
free_port() {
	until port_is_free $next_port; do next_port=$((next_port + 1)); done
	printf -v "$1" '%s' "$next_port"
	next_port=$((next_port + 1))
}
for name in auth jobs hints bridge; do
	url=ARENA_${name^^}_URL
	if [ -z "${!url:-}" ]; then
		free_port port
		export "$url=tcp://127.0.0.1:$port"
	fi
done
[ -n "${ARENA_BRIDGE_ADDR:-}" ] || { free_port port; export ARENA_BRIDGE_ADDR=127.0.0.1:$port; }
# The tabs in which the userscript runs may connect as workers, with a key as everybody.
sites=$(grep -o '"https://[^"]*/\*"' "$ROOT/userscript/src/site/where.json" | tr -d '"' | sed 's,/\*$,,' | paste -sd, -)
export ARENA_ORIGINS=${ARENA_ORIGINS-$sites}
export ARENA_WORKER_URL=${ARENA_WORKER_URL:-ws://127.0.0.1:$ARENA_PORT/ws}
services=(auth jobs bridge gateway)
[ "${ARENA_SANDBOX_WORKER:-yes}" = no ] || services+=(sandbox)
# A variable that no program knows is a slip of the pen: its name is in brackets in the help of those that know it.
known="[ARENA_BUILD] [ARENA_SANDBOX_WORKER]"
for name in auth jobs bridge gateway sandbox; do
	known+=$("$BUILD/bin/arena-$name" -h || true)
done
for var in ${!ARENA_@}; do
	[[ $known == *"[$var]"* ]] || say "$var is no setting: it does nothing. README.md and $BUILD/bin/arena-gateway -h list them."
done
# A setting that makes no sense is said once, here: a service would end with it again and again.
for name in "${services[@]}"; do
	status=0
	"$BUILD/bin/arena-$name" -n >/dev/null || status=$?
	[ $status != 2 ] || die "that setting (ARENA_...) makes no sense; nothing was started"
done

{
	for var in ${!ARENA_@}; do printf 'export %s=%q\n' "$var" "${!var}"; done
} >"$RUN/env"
echo $$ >"$RUN/supervisor.pid"

declare -A pid_of started
stopping=

# Each service dies with us, even when we are killed: --pdeathsig
launch() {
	local name=$1
	setpriv --pdeathsig TERM "$BUILD/bin/arena-$name" 8<&- 9>&- >>"$ARENA_DATA/log/$name.log" 2>&1 &
	pid_of[$name]=$!
	started[$name]=$EPOCHREALTIME
	echo $! >"$RUN/$name.pid"
}

# A pause without a process: nothing ever comes on this one.
exec 8<> <(:)
pause() { read -rt 0.05 -u 8 || true; }

# Those of the services that still run
alive() {
	local pid
	for pid in "${pid_of[@]}"; do
		if kill -0 "$pid" 2>/dev/null; then printf '%s ' "$pid"; fi
	done
}

finish() {
	say "Stopping"
	for _ in $(seq 300); do # again and again: a process that is just being made does not hear it yet
		kill -TERM $(alive) 2>/dev/null || break
		pause
	done
	kill -KILL $(alive) 2>/dev/null || true
	rm -f "$RUN"/*.pid "$RUN/env"
	exit 0
}
# Only a note: bash's `read` with a time limit does not survive another one in a trap.
trap 'stopping=1' INT TERM HUP

# The secrets are made by whoever starts first; the worker needs its key, so auth goes first.
for name in "${services[@]}"; do
	if [ "$name" = sandbox ]; then
		until [ -s "$ARENA_DATA/worker-key" ] || ! kill -0 "${pid_of[auth]}" 2>/dev/null; do sleep 0.02; done
	fi
	launch "$name"
done

# One that dies is started again, at most twice a second. We look ourselves: `wait -n` never tells of
# one that ends while bash waits for another command.
mind() {
	local name pid status
	for name in "${services[@]}"; do
		pid=${pid_of[$name]}
		kill -0 "$pid" 2>/dev/null && continue
		(( ${EPOCHREALTIME/./} - ${started[$name]/./} < 500000 )) && continue
		status=0
		wait "$pid" 2>/dev/null || status=$?
		say "$name ended (status $status); starting it again"
		launch "$name"
	done
	return 0
}

ready() {
	curl -sf -o "$RUN/ready" "http://127.0.0.1:$ARENA_PORT/readyz" &&
		[ -s "$ARENA_DATA/api-key" ]
}
for _ in $(seq 500); do
	if [ -n "$stopping" ] || ready; then break; fi
	mind
	sleep 0.02
done
[ -z "$stopping" ] || finish
if ready; then
	cat <<TEXT
arena-video is running.

  page     http://127.0.0.1:$ARENA_PORT/video-chat
  API      http://127.0.0.1:$ARENA_PORT/v1
  API key  $(cat "$ARENA_DATA/api-key")
  state    $ARENA_DATA (logs in log/)

Ctrl-C stops it.
TEXT
else
	say "Not ready after 10 s; the logs are in $ARENA_DATA/log:"
	tail -qn 3 "$ARENA_DATA"/log/*.log >&2
fi

while :; do
	pause
	[ -z "$stopping" ] || finish
	mind
done
