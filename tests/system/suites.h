/* SPDX-License-Identifier: MIT */
/* Every system-test suite, in test_<topic>.c. Add a topic to one of these lists. */
#ifndef CREW_TESTS_SYSTEM_SUITES_H
#define CREW_TESTS_SYSTEM_SUITES_H

#include <check.h>

/* From simple to hard. */
#define SYSTEM_SUITES(X)                                                                           \
    X(handshake)                                                                                   \
    X(protocol)                                                                                    \
    X(bad_input)                                                                                   \
    X(classic_holes)                                                                               \
    X(listeners)                                                                                   \
    X(tls_clients)                                                                                 \
    X(tls_hostile)                                                                                 \
    X(tls_flood)                                                                                   \
    X(tls_limits)                                                                                  \
    X(tls_reload)                                                                                  \
    X(tls)                                                                                         \
    X(options)                                                                                     \
    X(config)                                                                                      \
    X(info)                                                                                        \
    X(info_times)                                                                                  \
    X(load_options)                                                                                \
    X(sweep_problems)                                                                              \
    X(compare)                                                                                     \
    X(peers)                                                                                       \
    X(client)                                                                                      \
    X(python)                                                                                      \
    X(redis_tools)                                                                                 \
    X(differential)                                                                                \
    X(shedding)                                                                                    \
    X(order)                                                                                       \
    X(auth)                                                                                        \
    X(door)                                                                                        \
    X(strangers)                                                                                   \
    X(secrets)                                                                                     \
    X(access)                                                                                      \
    X(user)                                                                                        \
    X(deadlines)                                                                                   \
    X(memory)                                                                                      \
    X(hostile)                                                                                     \
    X(refusals)                                                                                    \
    X(limits)                                                                                      \
    X(stop)

/* Whose results other tests could disturb; the longest first. */
#define MEASURING_SUITES(X)                                                                        \
    X(selftest)                                                                                    \
    X(slo)                                                                                         \
    X(sweep)                                                                                       \
    X(pool)                                                                                        \
    X(overload)                                                                                    \
    X(bystander)                                                                                   \
    X(load)

#define DECLARE_SUITE(topic) Suite *topic##_suite(void);
SYSTEM_SUITES(DECLARE_SUITE)
MEASURING_SUITES(DECLARE_SUITE)
#undef DECLARE_SUITE

#endif
