# ./arena fuzz [SECONDS] [TARGET...]: each fuzz target for so long, on a copy of its corpus
seconds=${1:-60}
count seconds "$seconds"
shift $(($# > 0))
for name; do
	[ -d "$ROOT/tests/fuzz/corpus/$name" ] || die "there is no fuzz target $name; they are the folders of tests/fuzz/corpus"
done
need_packages run build test
build fuzz
out=$ROOT/build/fuzz/found
mkdir -p "$out"
failed=0
for program in "$ROOT"/build/fuzz/bin/fuzz_*; do
	name=${program##*/fuzz_}
	[ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
	mkdir -p "$out/$name"
	log=$out/$name.log
	if (cd "$out" && "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$out/$name-" "$out/$name" "$ROOT/tests/fuzz/corpus/$name") >"$log" 2>&1; then
		printf '%-12s %12s runs  %s\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" clean
	else
		printf '%-12s FOUND SOMETHING, see %s\n' "$name" "$log"
		failed=1
	fi
done
[ $failed = 0 ]
