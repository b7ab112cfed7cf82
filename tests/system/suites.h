/* SPDX-License-Identifier: MIT */
/* Every system-test suite, from simple to hard, in test_<topic>.c. Add a topic to this list. */
#ifndef CREW_TESTS_SYSTEM_SUITES_H
#define CREW_TESTS_SYSTEM_SUITES_H

#include <check.h>

#define SYSTEM_SUITES(X)                                                                           \
    X(handshake)                                                                                   \
    X(protocol)                                                                                    \
    X(bad_input)                                                                                   \
    X(classic_holes)                                                                               \
    X(listeners)                                                                                   \
    X(tls_clients)                                                                                 \
    X(tls_hostile)                                                                                 \
    X(tls_reload)                                                                                  \
    X(tls)                                                                                         \
    X(options)                                                                                     \
    X(info)                                                                                        \
    X(info_times)                                                                                  \
    X(load_options)                                                                                \
    X(sweep)                                                                                       \
    X(sweep_problems)                                                                              \
    X(load)                                                                                        \
    X(compare)                                                                                     \
    X(selftest)                                                                                    \
    X(peers)                                                                                       \
    X(slo)                                                                                         \
    X(client)                                                                                      \
    X(python)                                                                                      \
    X(redis_tools)                                                                                 \
    X(differential)                                                                                \
    X(pool)                                                                                        \
    X(order)                                                                                       \
    X(deadlines)                                                                                   \
    X(memory)                                                                                      \
    X(hostile)                                                                                     \
    X(refusals)                                                                                    \
    X(limits)                                                                                      \
    X(stop)

#define DECLARE_SUITE(topic) Suite *topic##_suite(void);
SYSTEM_SUITES(DECLARE_SUITE)
#undef DECLARE_SUITE

#endif
