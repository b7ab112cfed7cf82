/* SPDX-License-Identifier: MIT */
/* Every unit-test suite: one for each module, in test_<module>.c. Add a module to this list. */
#ifndef CREW_TESTS_UNIT_SUITES_H
#define CREW_TESTS_UNIT_SUITES_H

#include <check.h>

#define UNIT_SUITES(X)                                                                             \
    X(bench_info)                                                                                  \
    X(bench_number)                                                                                \
    X(byte_buffer)                                                                                 \
    X(calibration)                                                                                 \
    X(call)                                                                                        \
    X(chart)                                                                                       \
    X(command_names)                                                                               \
    X(command_table)                                                                               \
    X(connection)                                                                                  \
    X(connection_table)                                                                            \
    X(cpus)                                                                                        \
    X(dial)                                                                                        \
    X(endpoint)                                                                                    \
    X(format)                                                                                      \
    X(glob)                                                                                        \
    X(help)                                                                                        \
    X(histogram)                                                                                   \
    X(history)                                                                                     \
    X(input)                                                                                       \
    X(json)                                                                                        \
    X(lock)                                                                                        \
    X(log)                                                                                         \
    X(option)                                                                                      \
    X(quantity)                                                                                    \
    X(ready_queue)                                                                                 \
    X(recommend)                                                                                   \
    X(reply)                                                                                       \
    X(resp_encode)                                                                                 \
    X(resp_reply)                                                                                  \
    X(resp_request)                                                                                \
    X(settings)                                                                                    \
    X(statistics)                                                                                  \
    X(words)                                                                                       \
    X(workload)

#define DECLARE_SUITE(module) Suite *module##_suite(void);
UNIT_SUITES(DECLARE_SUITE)
#undef DECLARE_SUITE

#endif
