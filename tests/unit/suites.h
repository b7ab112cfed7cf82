/* SPDX-License-Identifier: MIT */
/* Every unit-test suite: one for each module, in test_<module>.c. Add a module to this list. */
#ifndef CREW_TESTS_UNIT_SUITES_H
#define CREW_TESTS_UNIT_SUITES_H

#include <check.h>

#define UNIT_SUITES(X)                                                                             \
    X(byte_buffer)                                                                                 \
    X(dial)                                                                                        \
    X(endpoint)                                                                                    \
    X(histogram)                                                                                   \
    X(lock)                                                                                        \
    X(log)                                                                                         \
    X(option)                                                                                      \
    X(quantity)                                                                                    \
    X(resp_encode)                                                                                 \
    X(resp_reply)                                                                                  \
    X(resp_request)                                                                                \
    X(words)

#define DECLARE_SUITE(module) Suite *module##_suite(void);
UNIT_SUITES(DECLARE_SUITE)
#undef DECLARE_SUITE

#endif
