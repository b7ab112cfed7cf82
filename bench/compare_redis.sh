#!/bin/sh
# SPDX-License-Identifier: MIT
# CPU time per PING of the whole server process: crew-server beside redis-server, interleaved in
# one run, loaded by redis-benchmark. Prints each round, then medians and their ratio.
#
#   bench/compare_redis.sh [rounds] [requests] [pipeline]
#
# CREW_BIN names the folder of crew-server, CREW_WORKERS its number of workers (4). Needs
# redis-server and redis-tools. CPU time is what the kernel charged to the process, all threads,
# user and system; it stays meaningful on a busy machine, where throughput does not.
set -eu

rounds=${1:-5}
requests=${2:-200000}
pipeline=${3:-1}
workers=${CREW_WORKERS:-4}
connections=50
crew_bin=${CREW_BIN:-build/cc}
work_dir=$(mktemp -d)
crew_pid=''
redis_pid=''

stop_servers() {
    [ -z "$crew_pid" ] || kill "$crew_pid" 2>/dev/null || true
    [ -z "$redis_pid" ] || kill "$redis_pid" 2>/dev/null || true
    rm -rf "$work_dir"
}
trap stop_servers EXIT
trap 'exit 1' INT TERM

for program in redis-server redis-benchmark redis-cli "$crew_bin/crew-server"; do
    command -v "$program" >/dev/null || { echo "$0: $program not found" >&2; exit 2; }
done

: >"$work_dir/crew.log"
"$crew_bin/crew-server" --workers "$workers" --listen tcp://127.0.0.1:0 2>"$work_dir/crew.log" &
crew_pid=$!
tries=0
until crew_port=$(sed -n 's/.* listening url=tcp:.*:\([0-9]*\)$/\1/p' "$work_dir/crew.log") &&
      [ -n "$crew_port" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "$0: crew-server did not start" >&2; cat "$work_dir/crew.log" >&2; exit 1; }
    sleep 0.05
done

# redis-server cannot pick a free port by itself.
redis_port=$((crew_port > 40000 ? crew_port - 1000 : crew_port + 1000))
redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --dir "$work_dir" \
    >"$work_dir/redis.log" 2>&1 &
redis_pid=$!
tries=0
until [ "$(redis-cli -p "$redis_port" info server 2>/dev/null |
           sed -n 's/^process_id:\([0-9]*\).*/\1/p')" = "$redis_pid" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "$0: redis-server did not start" >&2; cat "$work_dir/redis.log" >&2; exit 1; }
    sleep 0.05
done

# CPU time of a process in clock ticks: fields 14 and 15 of its stat line, counted after the name.
ticks() {
    sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# Runs one load; prints CPU microseconds per request and requests per second.
measure() {
    before=$(ticks "$1")
    rate=$(redis-benchmark -p "$2" -c "$connections" -n "$requests" -P "$pipeline" -t ping_mbulk -q |
           tr '\r' '\n' | sed -n 's/.*: \([0-9.]*\) requests per second.*/\1/p')
    after=$(ticks "$1")
    [ -n "$rate" ] || { echo "$0: redis-benchmark failed on port $2" >&2; return 1; }
    awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v n="$requests" -v rate="$rate" \
        'BEGIN { printf "%.3f %.0f\n", ticks / hz * 1e6 / n, rate }'
}

median() {
    sort -n | awk '{ value[NR] = $1 }
        END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'
}

echo "PING, $connections connections, pipeline $pipeline, $requests requests a round;" \
     "crew-server with $workers workers"
echo 'CPU us per request of the whole process (requests/s):'
round=0
while [ "$round" -le "$rounds" ]; do
    crew=$(measure "$crew_pid" "$crew_port")
    redis=$(measure "$redis_pid" "$redis_port")
    if [ "$round" -gt 0 ]; then # the first round warms up and does not count
        echo "$crew" >>"$work_dir/crew"
        echo "$redis" >>"$work_dir/redis"
        echo "  round $round: crew ${crew% *} (${crew#* })   redis ${redis% *} (${redis#* })"
    fi
    round=$((round + 1))
done

crew=$(cut -d' ' -f1 "$work_dir/crew" | median)
redis=$(cut -d' ' -f1 "$work_dir/redis" | median)
crew_rate=$(cut -d' ' -f2 "$work_dir/crew" | median)
redis_rate=$(cut -d' ' -f2 "$work_dir/redis" | median)
awk -v c="$crew" -v r="$redis" -v cr="$crew_rate" -v rr="$redis_rate" 'BEGIN {
    printf "  median:  crew %.2f   redis %.2f   ratio %.2f (at most 1 is wanted)\n", c, r, c / r
    printf "  requests/s, medians: crew %.0f   redis %.0f   ratio %.2f\n", cr, rr, cr / rr
    exit c > r
}'
