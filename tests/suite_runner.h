/* SPDX-License-Identifier: MIT */
#ifndef CREW_TESTS_SUITE_RUNNER_H
#define CREW_TESTS_SUITE_RUNNER_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

struct suite_entry {
    const char *name;
    Suite *(*create)(void);
    bool measures; /* it mostly waits, and would find less beside tests that take much CPU */
};

/*
 * Runs the suite that argv[1] names in this process, or else all suites: each in a process of its
 * own, as many at a time as there are CPUs, and those that measure after all others. What a suite
 * prints appears in one piece when it has ended. Each test is a process of its own in any case.
 * Returns the program's exit status: 0, 1 when a test failed, 2 for a name that is not in the list.
 */
int run_suites(const struct suite_entry *suites, size_t count, int argc, char **argv);

#endif
