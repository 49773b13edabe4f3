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

# web_tools, userscript_tools: what builds, checks and tests the pages and the userscript
web_tools() {
	have_node && npm_packages "$ROOT/web" "what the pages need" --fetch-retries=1 --fetch-timeout=20000
}
userscript_tools() {
	have_node && npm_packages "$ROOT/userscript" "what builds the userscript" --fetch-retries=1 --fetch-timeout=20000
}

# bundle FOLDER FILE: run FOLDER/build.mjs, when FILE in FOLDER/dist is older than what it is made of
bundle() {
	local folder=$ROOT/$1 out=$ROOT/$1/dist/$2
	if [ -f "$out" ] && [ -z "$(find "$folder/src" "$folder/build.mjs" "$folder/package-lock.json" -newer "$out" -print -quit)" ]; then return; fi
	(cd "$folder" && node build.mjs) >&2 || say "$1/build.mjs failed: what it makes stays as it was, or is missing"
}

# from_npm: the page and the userscript, and what /docs needs. A build does without, and says so; what npm could
# not give is asked for again after an hour.
from_npm() {
	local failed=$ROOT/build/npm-failed
	if [ -n "$(find "$failed" -mmin -60 2>/dev/null)" ]; then return; fi
	if (web_tools && userscript_tools); then
		bundle web index.html
		bundle userscript LMArenaVideoInjector.user.js
	else
		say "That did not work. The API does; /video-chat, /docs and the userscript stay as they were, or are missing."
		mkdir -p "${failed%/*}" && touch "$failed"
	fi
}

# build PRESET [TARGET...]: configure once, then build what has changed
build() {
	local preset=$1 dir=$ROOT/build/$1 log
	shift
	from_npm
	log=$dir/build.log
	mkdir -p "$dir"
	if [ ! -f "$dir/build.ninja" ]; then
		say "Configuring ($preset)"
		(cd "$ROOT" && cmake --preset "$preset") >"$log" 2>&1 || { cat "$log" >&2; die "configuring failed"; }
	fi
	( # one at a time: two would write the same files
		flock 7
		say "Building ($preset)"
		ninja -C "$dir" "$@" >"$log" 2>&1 || { grep -avE '^\[[0-9/]+\] (Building|Linking)' "$log" >&2; die "the build failed"; }
	) 7>"$dir/lock"
}

# test_clients: what tests/package-lock.json names, from npm, when it is not there yet. Debian's node is
# too old for some of them; then one comes from npm as well, and `node` means that one from here on.
test_clients() {
	local newer omit=--omit=optional
	have_node
	[ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ] || omit=
	npm_packages "$ROOT/tests" "the test clients" $omit || die "the test clients could not be installed"
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

# no_more WORD...: there may be none left
no_more() { [ $# = 0 ] || die "$command does not know \"$1\"; ./arena -h"; }

# count UNIT TEXT: is it a number of them, and not 0?
count() { [[ $2 =~ ^[1-9][0-9]*$ ]] || die "$command takes a number of $1, not \"$2\""; }

# running: is there an `arena up` on this data folder? Reads its settings.
running() {
	[ -f "$RUN/supervisor.pid" ] && kill -0 "$(cat "$RUN/supervisor.pid")" 2>/dev/null || return 1
	[ -f "$RUN/env" ] && . "$RUN/env"
}
