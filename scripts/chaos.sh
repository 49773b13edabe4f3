# ./arena chaos [ROUNDS]: kill services under load, over and over, and count what is lost
count rounds "${1:-100}"
need_packages run build test
if [ -z "${ARENA_BUILD:-}" ]; then build release; fi
test_clients
export ARENA_BUILD=$BUILD
exec node "$ROOT/tests/chaos/chaos.mjs" "$@"
