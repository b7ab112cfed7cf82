/* SPDX-License-Identifier: MIT */
#ifndef CREW_TESTS_SUITE_RUNNER_H
#define CREW_TESTS_SUITE_RUNNER_H

#include <check.h>
#include <stddef.h>

struct suite_entry {
    const char *name;
    Suite *(*create)(void);
};

/*
 * Runs all suites, or the one that argv[1] names; each test in a process of its own. Returns the
 * program's exit status: 0, 1 when a test failed, 2 for a name that is not in the list.
 */
int run_suites(const struct suite_entry *suites, size_t count, int argc, char **argv);

#endif
