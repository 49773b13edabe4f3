# ./arena bench: the release build beside nginx, in turn, on this machine; medians
# ./arena bench page: how quick the page is in a browser
options "$@"
[ "${ARGS[*]}" = page ] || no_more "${ARGS[@]}"
need_packages run build test bench
build release
test_clients
bench=$ROOT/tests/bench
# rows FILE: what that prints, less what node:test says although nothing is tested
rows() { node "$bench/$1" | grep -vE '^(TAP |# |1\.\.)'; }
if [ "${ARGS[*]}" = page ]; then
	rows page.mjs
	exit
fi
rounds=${BENCH_ROUNDS:-3} seconds=${BENCH_SECONDS:-4}
dir=$(mktemp -d)
port=$((21000 + $$ % 9000))
export ARENA_SANDBOX_WORKER=no ARENA_MAX_QUEUED=10000000 ARENA_BUILD=$BUILD
export ARENA_DATA=$dir/data ARENA_PORT=$port

cleanup() {
	"$ROOT/arena" stop >/dev/null 2>&1 || true
	[ -f "$dir/nginx.pid" ] && kill "$(cat "$dir/nginx.pid")" 2>/dev/null || true
	wait
	rm -rf "$dir"
}
trap cleanup EXIT

say "Starting the services and nginx"
"$ROOT/arena" up >"$dir/up.log" 2>&1 &
until grep -q 'API key' "$dir/up.log" 2>/dev/null; do
	kill -0 $! 2>/dev/null || { cat "$dir/up.log" >&2; die "the services did not start"; }
	sleep 0.1
done
export KEY=$(cat "$ARENA_DATA/api-key") WORKER_KEY=$(cat "$ARENA_DATA/worker-key")
rss=$(for name in auth jobs bridge gateway; do
	awk '/^VmRSS/ {print $2}' "/proc/$(cat "$ARENA_DATA/run/$name.pid")/status"
done | awk '{s += $1} END {printf "%.1f", s / 1024}')

# first, while the gateway has not used any memory that it could give to them
say "2,000 listeners on /v1/events"
listeners=$("$BUILD/bin/bench-listeners" "$port" "$(cat "$ARENA_DATA/run/gateway.pid")" 2000 50 |
	awk '/^RESULT/ {printf "p50 %6.2f ms  p99 %6.2f ms  slowest %6.2f ms  %.1f KB each in the gateway", $2, $3, $4, $5}')

nginx_port=$((port + 1))
mkdir -p "$dir/www"
as_user=
[ "$(id -u)" != 0 ] || as_user='user root;' # its workers must read our temporary folder
cat >"$dir/nginx.conf" <<CONF
$as_user daemon off; pid $dir/nginx.pid; worker_processes 2; error_log $dir/nginx.log;
events { worker_connections 4096; }
http {
	access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; client_body_temp_path $dir/body;
	proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
	server {
		listen 127.0.0.1:$nginx_port backlog=4096; root $dir/www;
		location = /json { default_type application/json; return 200 '$(printf '{"id":"%0440d"}' 0)'; }
	}
}
CONF
nginx -c "$dir/nginx.conf" &

# a video of about 20 MB, through a worker as any other
ffmpeg -v error -f lavfi -i testsrc2=s=1280x720:r=24:d=8,noise=alls=60:allf=t -c:v libx264 -preset ultrafast \
	-b:v 20M -minrate 20M -maxrate 20M -bufsize 4M -pix_fmt yuv420p -movflags +faststart "$dir/big.mp4"
cp "$dir/big.mp4" "$dir/www/big.mp4"
say "Uploading a result of $(stat -c %s "$dir/big.mp4") bytes, and measuring submit to worker"
node "$bench/worker.mjs" "http://127.0.0.1:$port" "$dir/big.mp4" >"$dir/worker.txt"
content=$(sed -n 's/^content //p' "$dir/worker.txt")
video=$(sed -n 's/^video //p' "$dir/worker.txt")

# run THREADS CONNECTIONS SCRIPT URL: one line RESULT ...
run() {
	wrk -t"$1" -c"$2" -d"${seconds}s" -s "$bench/$3" "$4" 2>&1 | sed -n 's/^RESULT //p'
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# ticks that this machine's host gave to others; 2 columns: those, and all
stolen() { awk '/^cpu / {for (i = 2; i <= 9; i++) all += $i; print $9, all}' /proc/stat; }

# compare NAME THREADS CONNECTIONS SCRIPT OURS THEIRS: both in turn, medians, one row
compare() {
	local name=$1 t=$2 c=$3 script=$4 ours=$5 theirs=$6 who before lost
	before=$(stolen)
	: >"$dir/ours.txt"
	: >"$dir/theirs.txt"
	for _ in $(seq "$rounds"); do
		run "$t" "$c" "$script" "$ours" >>"$dir/ours.txt"
		run "$t" "$c" plain.lua "$theirs" >>"$dir/theirs.txt"
	done
	lost=$(echo "$before $(stolen)" | awk '{printf "%.0f", 100 * ($3 - $1) / ($4 - $2)}')
	for who in ours theirs; do
		for column in 1 2 3 4 5; do
			awk -v c=$column '{print $c}' "$dir/$who.txt" | median
		done | tr '\n' ' '
	done | awk -v name="$name" -v lost="$lost" '{
		printf "%-34s %9d/s  p50 %6.2f ms  p99 %6.2f ms  %6d MB/s  errors %d   nginx %9d/s %6d MB/s   ratio %.2f   steal %d %%\n",
			name, $1, $2, $3, $4, $5, $6, $9, ($1 / $6), lost }'
}

say "$rounds rounds of $seconds s each; ours and nginx in turn"
compare "POST /v1/videos (durable), c=64" 2 64 post.lua "http://127.0.0.1:$port/v1/videos" "http://127.0.0.1:$nginx_port/json"
queued=$(curl -s -H "Authorization: Bearer $KEY" "http://127.0.0.1:$port/v1/videos?limit=1" | sed -n 's/.*"first_id":"\([^"]*\)".*/\1/p')
compare "GET a queued video, c=64" 2 64 get.lua "http://127.0.0.1:$port/v1/videos/$queued" "http://127.0.0.1:$nginx_port/json"
compare "GET a completed video, c=64" 2 64 get.lua "http://127.0.0.1:$port/v1/videos/$video" "http://127.0.0.1:$nginx_port/json"
compare "content 20 MB, c=1" 1 1 plain.lua "$content" "http://127.0.0.1:$nginx_port/big.mp4"
compare "content 20 MB, c=8" 1 8 plain.lua "$content" "http://127.0.0.1:$nginx_port/big.mp4"
queued() { curl -s "http://127.0.0.1:$port/metrics" | awk '/^arena_jobs_jobs{status="queued"}/ {print $2}'; }
until [ "$(queued)" -ge 100000 ]; do run 2 64 post.lua "http://127.0.0.1:$port/v1/videos" >/dev/null; done
for _ in $(seq "$rounds"); do
	run 1 1 get.lua "http://127.0.0.1:$port/v1/videos?limit=100"
done | awk '{print $2, $3, $5}' | sort -n -k2 | awk -v of="$(queued)" '{l[NR] = $0}
	END {split(l[int((NR + 1) / 2)], v); printf "%-34s p50 %6.2f ms  p99 %6.2f ms  errors %d   of %d jobs\n",
		"list of 100 videos, c=1", v[1], v[2], v[3], of}'
printf '%-34s %s\n' "one change to 2,000 listeners" "$listeners"
sed -n 's/^latency /submit to a waiting worker            /p' "$dir/worker.txt"
printf '%-34s %s MB resident, idle\n' "auth, jobs, bridge, gateway" "$rss"
rows starts.mjs
