# ./arena test: everything that must hold, on what git has; longer campaigns are fuzz and chaos
no_more "$@"
started=$SECONDS
need_packages run build test
build release
test_clients

export TMPDIR
TMPDIR=$(mktemp -d)
failed=()

# What runs under sanitizers is compiled beside the tests that mostly wait, and not in their way.
set -m # a process group, to end it as one
(renice -n 19 "$BASHPID" && build dev && build tsan) >"$TMPDIR/compiling.log" 2>&1 &
compiling=$!
set +m
trap 'kill -- "-$compiling" 2>/dev/null || true; rm -rf "$TMPDIR"' EXIT

# step NAME COMMAND...: run it; its output is shown as it comes
step() {
	local name=$1 begun=$SECONDS
	shift
	say "== $name"
	if "$@"; then
		say "== $name: passed in $((SECONDS - begun)) s"
	else
		say "== $name: FAILED after $((SECONDS - begun)) s"
		failed+=("$name")
	fi
}

with_browsers() {
	(cd "$ROOT/tests" && node run.mjs e2e arena arena-site page)
}

with_processes() {
	(cd "$ROOT/tests" && ARENA_BUILD=$ROOT/build/dev ASAN_OPTIONS=quarantine_size_mb=8 node run.mjs proc)
}

userscript_tests() {
	userscript_tools && (cd "$ROOT/userscript" && npm run --silent check && npm test --silent)
}

page_tests() {
	web_tools && (cd "$ROOT/web" && npm run --silent check && npm test --silent)
}

compiled() {
	wait "$compiling" || { cat "$TMPDIR/compiling.log" >&2; return 1; }
}

# in_c PRESET OPTION...: the tests written in C; some of them mostly wait
in_c() {
	ctest --test-dir "$ROOT/build/$1" --output-on-failure -j "$(($(nproc) + 3))" --timeout 300 "${@:2}"
}

step "clients and browsers" with_browsers
step "the userscript's types and modules" userscript_tests
step "the page's types and modules" page_tests
step "compiling for the sanitizers" compiled
step "processes under ASan and UBSan" with_processes
step "unit, flow and corpora under ASan and UBSan" in_c dev
export TSAN_OPTIONS="suppressions=$ROOT/tests/tsan.supp halt_on_error=1"
step "unit and flow under TSan" in_c tsan -LE fuzz

say "arena test took $((SECONDS - started)) s"
if [ ${#failed[@]} -gt 0 ]; then
	say "failed: ${failed[*]}"
	exit 1
fi
say "all passed"
