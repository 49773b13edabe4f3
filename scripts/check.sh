# ./arena check: format, clang-tidy and cppcheck over our own C
need_packages run build test
build dev
cd "$ROOT"
mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.c')
mapfile -t headers < <(git ls-files --cached --others --exclude-standard '*.h')
failed=0

say "clang-format"
clang-format --dry-run -Werror "${sources[@]}" "${headers[@]}" || failed=1

say "clang-tidy"
printf '%s\n' "${sources[@]}" | grep -v '^tests/' |
	xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p build/dev 2> >(grep -v 'warnings generated' >&2) || failed=1

say "cppcheck"
cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -D_GNU_SOURCE -DARENA_FAULTS -j "$(nproc)" \
	--enable=warning,portability --suppress=missingIncludeSystem -I. \
	--include=/usr/include/utlist.h --include=/usr/include/uthash.h \
	--suppressions-list=tests/cppcheck.txt proto services workers || failed=1
[ $failed = 0 ] || die "check found something"
say "check: clean"
