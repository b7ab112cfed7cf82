#!/bin/sh
# SPDX-License-Identifier: MIT
# Drives build/fuzz/fuzz, which `make fuzz` builds. The targets are the folders of the corpus.
#
#   run.sh search SECONDS   looks for inputs that break something, for so long in all
#   run.sh keep             adds what was found, as far as it reaches code that the corpus does not
#
# What search finds grows in build/fuzz/found/TARGET; an input that breaks something stays in
# build/fuzz/broken under its target's name: mend the code and put it into the corpus.
set -eu
cd "$(dirname "$0")/../.."

corpus=tests/fuzz/corpus
found=build/fuzz/found
broken=build/fuzz/broken
longest_kept=512

# Large enough for what the target reads, and small enough to stay fast.
longest()
{
    case $1 in
    results) echo 16384 ;;
    *) echo 1024 ;;
    esac
}

# The time is that after the corpus was read, which libFuzzer does first.
search()
{
    targets=$(ls "$corpus")
    # shellcheck disable=SC2086
    each=$(($1 / $(echo $targets | wc -w)))
    mkdir -p "$broken"
    for target in $targets; do
        mkdir -p "$found/$target"
        log=build/fuzz/$target.log
        if ! FUZZ_TARGET=$target build/fuzz/fuzz -max_total_time="$((each > 0 ? each : 1))" \
            -max_len="$(longest "$target")" -dict=tests/fuzz/words.dict -timeout=10 \
            -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$broken/$target-" \
            "$found/$target" "$corpus/$target" >"$log" 2>&1; then
            tail -n 60 "$log"
            echo "fuzz: $target is broken; the input is in $broken" >&2
            exit 1
        fi
        awk -v target="$target" '
            { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
            /number_of_executed_units/ { runs = $2 }
            /average_exec_per_sec/ { rate = $2 }
            END { printf "%-14s %9d inputs, %6d a second, %5d edges\n", target, runs, rate, edges }
        ' "$log"
    done
}

keep()
{
    for target in $(ls "$corpus"); do
        FUZZ_TARGET=$target build/fuzz/fuzz -merge=1 -use_counters=0 -max_len="$longest_kept" \
            "$corpus/$target" "$found/$target" 2>"build/fuzz/$target.merge.log"
    done
    du -sb "$corpus"/*
}

"$@"
