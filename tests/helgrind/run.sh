#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh WATCHED PLAIN: runs a soak, the unit suites that start threads, and suites of the system
# tests with a server that valgrind's helgrind watches, without any suppressions of ours, and fails
# on every report but one kind: see judge.awk. As many at a time as there are CPUs.
#
# WATCHED is the folder of what runs under helgrind, PLAIN that of what only talks to it. What an
# atomic hands over helgrind does not see; common/happens_before.h tells it. WATCHED must be built
# for that (make test-helgrind), without optimization, so that reports name the right statement,
# and from the folder that this is called in.
set -eu
watched=$(realpath "$1") plain=$(realpath "$2")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The longest first. doc/reliability.md tells why others are not among them.
system_suites='auth tls tls_reload deadlines stop limits shedding handshake protocol
    refusals config secrets'
# Each that starts threads, itself or through what tests share.
unit_suites=$(grep -lE 'pthread_create|model_server_start|/(threads|engine_bed|stub_server).h"' \
    tests/unit/test_*.c | sed 's/.*test_//; s/\.c$//' |
    grep -vE '^(lock|run|kernel_accounting|thread_accounting)$')

# The server that the system tests and the soak find.
mkdir "$folder/bin"
ln -s "$plain/crew-client" "$plain/crew-bench" "$folder/bin"
cat >"$folder/bin/crew-server" <<END
#!/bin/sh
exec valgrind --tool=helgrind "$watched/crew-server" "\$@"
END
chmod +x "$folder/bin/crew-server"

export folder watched plain CREW_BIN="$folder/bin" CK_TIMEOUT_MULTIPLIER=10
# Fair, for a thread that spins would keep the others waiting.
export options="--history-level=none --error-limit=no --fair-sched=try
    --fullpath-after=$PWD/"
{
    echo soak 8
    for suite in $system_suites; do echo "system $suite"; done
    for suite in $unit_suites; do echo "unit $suite"; done
} | xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 2 tests/helgrind/suite.sh
