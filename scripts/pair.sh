# ./arena pair: a code with which a browser becomes a worker of the operator's key
options "$@"
no_more "${ARGS[@]}"
running || die "nothing is running on $ARENA_DATA; ./arena up starts it"
# The key goes in by a pipe: what stands in a command line everybody on this machine can read.
answer=$(printf 'header = "Authorization: Bearer %s"\n' "$(cat "$ARENA_DATA/api-key")" |
	curl -s -K - -X POST "http://127.0.0.1:$ARENA_PORT/v1/workers/pairing_codes") ||
	die "the gateway does not answer; ./arena status says how it does"
code=$(printf '%s' "$answer" | sed -n 's/.*"code":"\([A-Z2-9]\{4\}-[A-Z2-9]\{4\}\)".*/\1/p')
if [ -z "$code" ]; then
	die "$(printf '%s' "$answer" | sed -n 's/.*"message":"\([^"]*\)".*/\1/p')"
fi
until=$(printf '%s' "$answer" | sed -n 's/.*"expires_at":\([0-9]*\).*/\1/p')
cat <<TEXT

  pairing code  $code

It is good once, until $(date -d "@$until" +%H:%M:%S).

  1. Install the userscript in the browser, if it is not there yet:
     ${ARENA_PUBLIC_URL:-http://127.0.0.1:$ARENA_PORT}/LMArenaVideoInjector.user.js
  2. Open the site there, in the session that is to work. The panel asks for the code.
TEXT
