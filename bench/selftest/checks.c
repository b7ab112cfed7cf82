/* SPDX-License-Identifier: MIT */
#include "bench/selftest/checks.h"

#define ROW(name, timed, seconds, function, shows) {name, timed, seconds, function, shows},
const struct selftest_check selftest_checks[] = {SELFTEST_CHECKS(ROW)};
#undef ROW

const size_t selftest_check_count = sizeof(selftest_checks) / sizeof(selftest_checks[0]);

unsigned selftest_check_run(const struct selftest_check *check, struct selftest *selftest)
{
    unsigned most = check->timed && !selftest->broken ? SELFTEST_TRIES : 1;
    unsigned tries = 0;
    uint64_t seed = selftest->seed;
    do {
        selftest->seed = seed + tries;
        selftest->expected[0] = '\0';
        selftest->found[0] = '\0';
        selftest->result = SELFTEST_FAILED;
        selftest_part(selftest, 0, 1);
        check->run(selftest);
        tries++;
    } while (selftest->result == SELFTEST_FAILED && tries < most);
    selftest->seed = seed;
    return tries;
}
