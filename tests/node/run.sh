#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts crew-server on a free port and lets the Node.js libraries talk to it. CREW_BIN names the
# folder of the programs; the libraries are installed into a temporary folder with npm.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
server=${CREW_BIN:-build/cc}/crew-server
work_dir=$(mktemp -d)
server_pid=''
stop() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
    rm -rf "$work_dir"
}
trap stop EXIT
trap 'exit 1' INT TERM

"$server" --listen tcp://127.0.0.1:0 2>"$work_dir/server.log" &
server_pid=$!
cp "$here/echo.js" "$work_dir"
(cd "$work_dir" && npm install --silent --no-fund --no-audit ioredis redis >npm.log 2>&1) || {
    cat "$work_dir/npm.log" >&2
    exit 1
}
port=$(sed -n 's/.* listening url=tcp:.*:\([0-9]*\)$/\1/p' "$work_dir/server.log")
node "$work_dir/echo.js" "$port"
