# What the subcommands share. Sourced by ./arena; ROOT is set.

BUILD=${ARENA_BUILD:-$ROOT/build/release}

say() { printf '%s\n' "$*" >&2; }
die() { say "arena: $*"; exit 1; }

# as_root COMMAND...: run it as root, with sudo when we are not
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "root is needed for: $*. Run as root, or install sudo."
	fi
}

# need_packages LIST...: install what is missing of scripts/packages/LIST.txt, from Debian
need_packages() {
	local wanted missing
	wanted=$(for list; do grep -v '^#' "$ROOT/scripts/packages/$list.txt"; done | sort -u)
	missing=$(comm -23 <(printf '%s\n' "$wanted") \
		<(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
			sed -n 's/^installed //p' | sort -u))
	[ -z "$missing" ] && return
	say "Installing from Debian:" $missing
	as_root env DEBIAN_FRONTEND=noninteractive sh -c '
		apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"' sh $missing \
		>"${TMPDIR:-/tmp}/arena-install.$$.log" 2>&1 || {
		tail -n 20 "${TMPDIR:-/tmp}/arena-install.$$.log" >&2
		die "the packages could not be installed"
	}
	rm -f "${TMPDIR:-/tmp}/arena-install.$$.log"
}

# have_node: install Debian's node and npm, unless there is one
have_node() {
	command -v node >/dev/null && command -v npm >/dev/null || need_packages node
}

# npm_packages FOLDER NAME OPTION...: what FOLDER/package-lock.json names, from npm, when it is not there yet
npm_packages() {
	local folder=$1 name=$2 mark=$1/node_modules/.package-lock.json
	shift 2
	if [ ! "$folder/package-lock.json" -nt "$mark" ]; then return; fi
	say "Installing $name from npm"
	(cd "$folder" && npm ci --no-audit --no-fund --loglevel=error "$@") >&2 && touch "$mark"
}

# from_npm LOST COMMAND...: run what needs npm. A build does without, and says what is LOST; then it is tried
# again after an hour.
from_npm() {
	local lost=$1 failed=$ROOT/build/npm-failed
	shift
	if [ -n "$(find "$failed" -mmin -60 2>/dev/null)" ]; then return; fi
	if ! "$@"; then
		say "That did not work. Everything else does; $lost"
		mkdir -p "${failed%/*}" && touch "$failed"
	fi
}

# web_packages: what the pages take from npm, and what builds, checks and tests them
web_packages() {
	local folder=$ROOT/web
	if [ ! "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then return; fi
	have_node && npm_packages "$folder" "what the pages need" --fetch-retries=1 --fetch-timeout=20000
}

# older OUT SOURCE...: is OUT missing, or older than something in the sources?
older() {
	local out=$1
	shift
	[ ! -f "$out" ] || [ -n "$(find "$@" -newer "$out" -print -quit)" ]
}

# page: the files of /video-chat, when they are older than what they are made of
page() {
	local folder=$ROOT/web
	if ! older "$folder/dist/index.html" "$folder/src" "$folder/build.mjs" "$folder/package-lock.json"; then return; fi
	web_packages && have_node && (cd "$folder" && node build.mjs) >&2
}

# userscript_tools: what builds, checks and tests the userscript, from npm, when it is not there yet
userscript_tools() {
	have_node && npm_packages "$ROOT/userscript" "what builds the userscript" --fetch-retries=1 --fetch-timeout=20000
}

# userscript: the file that the gateway serves, when it is older than what it is made of
userscript() {
	local folder=$ROOT/userscript out=$ROOT/userscript/dist/LMArenaVideoInjector.user.js
	if ! older "$out" "$folder/src" "$folder/build.mjs" "$folder/package-lock.json"; then return; fi
	userscript_tools && (cd "$folder" && node build.mjs) >&2
}

# build PRESET [TARGET...]: configure once, then build what has changed
build() {
	local preset=$1 dir=$ROOT/build/$1 log
	shift
	from_npm "/docs will only show a link." web_packages
	from_npm "the page at /video-chat stays as it was, or says that it was not built." page
	from_npm "the userscript is not served." userscript
	log=$dir/build.log
	mkdir -p "$dir"
	if [ ! -f "$dir/build.ninja" ]; then
		say "Configuring ($preset)"
		(cd "$ROOT" && cmake --preset "$preset") >"$log" 2>&1 || { cat "$log" >&2; die "configuring failed"; }
	fi
	( # one at a time: two would write the same files
		flock 7
		if ! ninja -C "$dir" -n "$@" 2>/dev/null | grep -q 'no work to do'; then
			say "Building ($preset)"
			ninja -C "$dir" "$@" >"$log" 2>&1 || { grep -avE '^\[[0-9/]+\] (Building|Linking)' "$log" >&2; die "the build failed"; }
		fi
	) 7>"$dir/lock"
}

# test_clients: what tests/package-lock.json names, from npm, when it is not there yet. Debian's node is
# too old for some of them; then one comes from npm as well, and `node` means that one from here on.
test_clients() {
	local newer omit=--omit=optional
	have_node
	[ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ] || omit=
	npm_packages "$ROOT/tests" "the test clients" $omit || return 1
	newer=$(echo "$ROOT"/tests/node_modules/node-linux-*/bin)
	if [ -z "$omit" ] && [ -x "$newer/node" ]; then PATH=$newer:$PATH; fi
}

# options "$@": take --data DIR and --port N; what is left is in ARGS
options() {
	ARGS=()
	while [ $# -gt 0 ]; do
		case "$1" in
		--data=* | --port=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
		--data) [ $# -ge 2 ] || die "--data needs a folder"; ARENA_DATA=$2; shift 2 ;;
		--port) [ $# -ge 2 ] || die "--port needs a number"; ARENA_PORT=$2; shift 2 ;;
		*) ARGS+=("$1"); shift ;;
		esac
	done
	ARENA_DATA=$(readlink -m -- "${ARENA_DATA:-$ROOT/data}")
	export ARENA_DATA
	RUN=$ARENA_DATA/run
}

# running: is there an `arena up` on this data folder? Reads its settings.
running() {
	[ -f "$RUN/supervisor.pid" ] && kill -0 "$(cat "$RUN/supervisor.pid")" 2>/dev/null || return 1
	[ -f "$RUN/env" ] && . "$RUN/env"
}
