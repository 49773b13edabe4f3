# ./arena key ...: the auth service's tool, on the data folder
options "$@"
[ -x "$BUILD/bin/arena-auth" ] || die "not built yet: ./arena up, or ./arena build"
[ -d "$ARENA_DATA/auth" ] || [ "${ARGS[*]}" = -h ] || die "there are no keys in $ARENA_DATA yet; ./arena up makes them at its first start"
exec "$BUILD/bin/arena-auth" key "${ARGS[@]}" --data "$ARENA_DATA"
