/* SPDX-License-Identifier: MIT */
#include "tests/suite_runner.h"
#include "tests/unit/suites.h"

#define LIST_SUITE(module) {#module, module##_suite, false},

static const struct suite_entry suites[] = {UNIT_SUITES(LIST_SUITE)};

int main(int argc, char **argv)
{
    return run_suites(suites, sizeof(suites) / sizeof(suites[0]), argc, argv);
}
