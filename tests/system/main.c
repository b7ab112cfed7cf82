/* SPDX-License-Identifier: MIT */
#include "tests/suite_runner.h"
#include "tests/system/suites.h"

int main(int argc, char **argv)
{
#define LIST_SUITE(topic)     {#topic, topic##_suite, false},
#define LIST_MEASURING(topic) {#topic, topic##_suite, true},
    static const struct suite_entry suites[] = {SYSTEM_SUITES(LIST_SUITE)
                                                    MEASURING_SUITES(LIST_MEASURING)};
#undef LIST_SUITE
#undef LIST_MEASURING
    return run_suites(suites, sizeof(suites) / sizeof(suites[0]), argc, argv);
}
