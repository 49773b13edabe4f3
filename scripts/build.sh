# ./arena build
need_packages run build
rm -f "$ROOT/build/npm-failed"
build release
