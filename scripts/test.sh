# ./arena test: everything that must hold, on what git has; longer campaigns are fuzz and chaos
started=$SECONDS
need_packages run build test
build dev
build tsan
build release

export TMPDIR
TMPDIR=$(mktemp -d)
trap 'rm -rf "$TMPDIR"' EXIT
failed=()

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

node_tests() {
	test_clients && (cd "$ROOT/tests" && node --test "$1"/*.test.mjs)
}

userscript_tests() {
	test_clients && userscript_tools && (cd "$ROOT/userscript" && npm run --silent check && node test.mjs)
}

page_tests() {
	test_clients && web_packages && (cd "$ROOT/web" && npm run --silent check && node test.mjs)
}

step "the userscript's types and modules" userscript_tests
step "the page's types and modules" page_tests
step "unit, flow and corpora under ASan and UBSan" \
	ctest --test-dir "$ROOT/build/dev" --output-on-failure -j "$(nproc)" --timeout 300
step "unit and flow under TSan" env TSAN_OPTIONS="suppressions=$ROOT/tests/tsan.supp halt_on_error=1" \
	ctest --test-dir "$ROOT/build/tsan" --output-on-failure -j "$(nproc)" --timeout 300 -LE fuzz
step "processes" node_tests proc
step "end to end" node_tests e2e
step "arena: the stand-in site" node_tests arena-site
step "arena: the userscript in a browser" node_tests arena

say "arena test took $((SECONDS - started)) s"
if [ ${#failed[@]} -gt 0 ]; then
	say "failed: ${failed[*]}"
	exit 1
fi
say "all passed"
