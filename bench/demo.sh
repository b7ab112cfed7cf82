#!/bin/sh
# SPDX-License-Identifier: MIT
# Shows crew in about 20 seconds: a server answers a client, and a sweep finds how many workers it
# should have. CREW_BIN is the folder with the three programs.
set -eu

bin=${CREW_BIN:-build/cc}
server_pid=
log=

for program in crew-server crew-client crew-bench; do
    if [ ! -x "$bin/$program" ]; then
        echo "demo: $bin/$program is missing: run make, or set CREW_BIN to the programs' folder" >&2
        exit 2
    fi
done

stop_server() {
    [ -n "$server_pid" ] || return 0
    kill -TERM "$server_pid" 2>/dev/null || true
    wait "$server_pid" || true
    server_pid=
}

finish() {
    stop_server
    [ -z "$log" ] || rm -f "$log"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
    bold='' plain=''
fi

step() {
    printf '%s%s%s\n' "$bold" "$1" "$plain"
}

show() {
    printf '  $ %s\n' "$*"
}

# Prints the URL of the log's listening line once there is one; the server gets 5 seconds.
server_url() {
    tries=50
    while [ "$tries" -gt 0 ]; do
        url=$(sed -n 's/.* info listening url=\([^ ]*\).*/\1/p' "$log" | head -n 1)
        if [ -n "$url" ]; then
            echo "$url"
            return 0
        fi
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
        tries=$((tries - 1))
    done
    echo "demo: the server did not start; its log:" >&2
    cat "$log" >&2
    return 1
}

log=$(mktemp "${TMPDIR:-/tmp}/crew-demo.XXXXXX")

step "1. A server on a free port, and a client that greets it"
show crew-server --listen tcp://127.0.0.1:0
"$bin/crew-server" --listen tcp://127.0.0.1:0 2>"$log" &
server_pid=$!
url=$(server_url)
show crew-client --server "$url" GREET
printf '  '
"$bin/crew-client" --server "$url" GREET
stop_server
echo

step "2. How many workers? 60 short trials, each with a fresh server (about 20 s)"
show crew-bench sweep --workers 1,2,4,8 --workload sleep:2ms --workload cpu:200us ...
echo
"$bin/crew-bench" sweep --workers 1,2,4,8 --workload sleep:2ms --workload cpu:200us \
    --blocks 6 --duration 200ms --latency-blocks 0 || status=$?
# 3: on a busy machine nothing could be determined, which is an answer too.
[ "${status:-0}" = 0 ] || [ "$status" = 3 ] || exit "$status"

step "3. Try next"
cat <<END
  $bin/crew-server --workers 8 &          # on tcp://127.0.0.1:12345
  $bin/crew-client PING                   # or any Redis client:
  redis-cli -p 12345 INFO pool
  printf 'PING\r\n' | nc -q 1 127.0.0.1 12345
  $bin/crew-bench load --workload echo:1k --duration 5s
  $bin/crew-bench sweep --workers 8,16,32,64 --workload sleep:2ms --html sweep.html
  kill %1                                 # the server answers what it has received, then stops
END
