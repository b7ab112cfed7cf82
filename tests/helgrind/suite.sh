#!/bin/sh
# SPDX-License-Identifier: MIT
# suite.sh KIND SUITE: one suite under helgrind, for run.sh, which sets the variables. To a server
# that is so slow a deadline may be too short, so a suite that fails may try again; but the reports
# of its first try count, too.
set -eu
: "${folder:?}" "${options:?}" "${watched:?}" "${plain:?}"
name=$1-$2 status=0
mkdir "$folder/$name"
export VALGRIND_OPTS="$options --log-file=$folder/$name/%p"

run()
{
    case $1 in
    unit) valgrind --tool=helgrind "$watched/unit-tests" "$2" ;;
    system) "$plain/system-tests" "$2" ;;
    soak) "$plain/soak" --seconds "$2" --ignore-memory ;;
    esac >"$folder/$name.output" 2>&1
}

run "$@" || run "$@" || status=$?
[ "$status" = 0 ] || cat "$folder/$name.output"
awk -v name="$1 $2" -f tests/helgrind/judge.awk "$folder/$name"/* || status=1
exit "$status"
