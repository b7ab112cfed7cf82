#!/bin/sh
# SPDX-License-Identifier: MIT
# helgrind.sh SERVER SOAK: soaks a crew-server that runs under valgrind's helgrind, without any
# suppressions of ours, and fails on every report but one kind.
#
# Helgrind does not know C11 atomics: to it an atomic load is a plain one, so it reports races "at"
# atomic operations, which by definition are none. A report is passed over only when the very
# statement that it names is an atomic operation; everything else fails: races on plain variables,
# lock order, misuse of mutexes and condition variables. Nor does it see what an atomic orders: where
# the word of a connection hands over its fields, common/happens_before.h says so. SERVER must be built
# for that (make test-helgrind), without optimization, so that reports name the right statement, and
# from the folder that this is called in.
set -eu
server=$(realpath "$1") soak=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/crew-server" <<END
#!/bin/sh
exec valgrind --tool=helgrind --history-level=none --fullpath-after="$PWD/" --log-file="$folder/log" "$server" "\$@"
END
chmod +x "$folder/crew-server"
status=0
CREW_BIN=$folder "$soak" --seconds 8 --ignore-memory >"$folder/table" || status=$?
[ "$status" = 0 ] || cat "$folder/table"

# Prints what is not passed over; every error that the summary counts must have been looked at.
awk '
# The statement that this line of this file is in: from the line after the last one that ended one.
function statement(file, line,    text, i)
{
    if (!(file in read_files)) {
        read_files[file] = 1
        for (i = 1; (getline text < file) > 0; i++)
            source[file, i] = text
        close(file)
    }
    text = source[file, line]
    for (i = line - 1; i > 0 && source[file, i] !~ /[;{}]$/; i--)
        text = source[file, i] " " text
    return text
}
/ERROR SUMMARY/ { contexts = $7 }
/Possible data race/ { waiting = 1; first = $0 }
waiting && /==    at 0x/ {
    waiting = 0
    place = $NF
    gsub(/[()]/, "", place)
    split(place, part, ":")
    if (statement(part[1], part[2] + 0) ~ /atomic_(load|store|exchange|compare_exchange|fetch)/)
        passed++
    else
        print first "\n" $0
}
END {
    printf "  helgrind: %d places reported, %d of them atomic operations\n", contexts, passed
    exit contexts == "" || contexts != passed
}' "$folder/log" || {
    status=1
    cat "$folder/log"
}
exit $status
