/* SPDX-License-Identifier: MIT */
/*
 * All checks of `crew-bench selftest`, one line each: name, whether it depends on the machine's
 * timing, about how many seconds it takes in full, function (see bench/selftest/selftest_state.h),
 * and what it shows. One thread.
 */
#ifndef CREW_BENCH_CHECKS_H
#define CREW_BENCH_CHECKS_H

#include "bench/selftest/selftest_state.h"

#include <stdbool.h>
#include <stddef.h>

#define SELFTEST_CHECKS(X)                                                                         \
    X("stall-open", true, 10, check_stall_open, "an open loop shows a stall in full")              \
    X("stall-closed", true, 10, check_stall_closed, "a closed loop hides the same stall")          \
    X("erlang-c", true, 11, check_erlang_c, "waiting times are those of queueing theory")          \
    X("knee", true, 13, check_knee, "a hard knee is found, and a smooth law rejected there")       \
    X("slow-generator", true, 3, check_slow_generator, "a generator that is slow is refused")      \
    X("punctual", true, 9, check_punctual, "requests leave on time, on no timer's grid")           \
    X("replies", false, 1, check_replies, "every reply is checked")                                \
    X("little", true, 3, check_little, "a closed loop obeys Little's law")                         \
    X("same", false, 2, check_same, "no difference is found where there is none")                  \
    X("coverage", false, 3, check_coverage, "intervals hold as often as they say")

/* The fields are as the columns above. */
struct selftest_check {
    const char *name;
    bool timed;
    double seconds;
    void (*run)(struct selftest *selftest);
    const char *shows;
};

extern const struct selftest_check selftest_checks[];
extern const size_t selftest_check_count;

enum { SELFTEST_TRIES = 3 };

/*
 * Runs a check and fills the results. One that depends on timing is given up to SELFTEST_TRIES
 * tries, each with a seed of its own, for other programs may get in between; a broken one only one.
 * Returns how many it took.
 */
unsigned selftest_check_run(const struct selftest_check *check, struct selftest *selftest);

#define SELFTEST_DECLARE(name, timed, seconds, function, shows)                                    \
    void function(struct selftest *selftest);
SELFTEST_CHECKS(SELFTEST_DECLARE)
#undef SELFTEST_DECLARE

#endif
