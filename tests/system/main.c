/* SPDX-License-Identifier: MIT */
#include "tests/suite_runner.h"
#include "tests/system/suites.h"

int main(int argc, char **argv)
{
#define LIST_SUITE(topic) {#topic, topic##_suite},
    static const struct suite_entry suites[] = {SYSTEM_SUITES(LIST_SUITE)};
#undef LIST_SUITE
    return run_suites(suites, sizeof(suites) / sizeof(suites[0]), argc, argv);
}
