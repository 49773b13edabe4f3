# ./arena pauses [ROUNDS]: all tests written in C under TSan, with threads that sleep where they seldom would
rounds=${1:-3}
count rounds "$rounds"
shift $(($# > 0))
no_more "$@"
need_packages run build test
build pauses
export TSAN_OPTIONS="suppressions=$ROOT/tests/tsan.supp halt_on_error=1"
failed=0
for ((round = 1; round <= rounds; round++)); do
	# each round has its own measure: many short waits for one thread, or a few for all
	PAUSES=$((20 << round % 4)) ctest --test-dir "$ROOT/build/pauses" -LE fuzz --output-on-failure \
		-j "$(($(nproc) + 3))" --timeout 600 >"$ROOT/build/pauses/round-$round.log" 2>&1 || failed=$((failed + 1))
	printf 'round %s of %s: %s\n' "$round" "$rounds" "$(grep 'tests passed' "$ROOT/build/pauses/round-$round.log")"
	sed -n '/The following tests FAILED/,$p' "$ROOT/build/pauses/round-$round.log"
done
[ "$failed" = 0 ] || die "what failed is in build/pauses/round-*.log"
