/* SPDX-License-Identifier: MIT */
/* The results of `crew-bench selftest`, for people and for programs. Single-threaded. */
#ifndef CREW_BENCH_SELFTEST_REPORT_H
#define CREW_BENCH_SELFTEST_REPORT_H

#include "bench/selftest/checks.h"
#include "common/byte_buffer.h"

#include <stddef.h>
#include <stdint.h>

#define SELFTEST_SCHEMA "crew-bench/selftest/1"

/* One check that has run. */
struct selftest_line {
    const struct selftest_check *check;
    struct selftest selftest; /* as it was left */
    unsigned tries;
    double seconds;
};

/* Prints the checks that there are. */
void selftest_report_list(void);

/* Prints one check; a line of its own unless a terminal is narrower. */
void selftest_report_print(const struct selftest_line *line);

/* Prints how many passed. */
void selftest_report_sum(const struct selftest_line *lines, size_t count);

/* Appends all as JSON. */
void selftest_report_write(const struct selftest_line *lines, size_t count, uint64_t seed,
                           struct byte_buffer *out);

/* How many have this result. */
size_t selftest_report_count(const struct selftest_line *lines, size_t count,
                             enum selftest_result result);

#endif
