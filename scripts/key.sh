# ./arena key ...: passed on to the auth service's tool
options "$@"
[ -x "$BUILD/bin/arena-auth" ] || die "not built yet: ./arena up, or ./arena build"
set -- "${ARGS[@]+"${ARGS[@]}"}"
case "${1:-show}" in
show) file=$ARENA_DATA/api-key ;;
worker) file=$ARENA_DATA/worker-key ;;
*) exec "$BUILD/bin/arena-auth" key "$@" --data "$ARENA_DATA" ;;
esac
[ -s "$file" ] || die "there is no $file yet; ./arena up makes it at its first start"
printf '%s\n' "$(cat "$file")" # the file has no line end
