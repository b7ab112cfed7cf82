/* SPDX-License-Identifier: MIT */
#include "server/cpus.h"
#include "tests/unit/suites.h"

#include <limits.h>
#include <sched.h>

static const struct {
    const char *line;
    int cpus;
} limits[] = {
    {"max 100000\n", 0},
    {"max\n", 0},
    {"100000 100000\n", 1},
    {"150000 100000\n", 2},
    {"200000 100000\n", 2},
    {"200001 100000\n", 3},
    {"50000 100000\n", 1},
    {"1000 100000\n", 1},
    {"1 1", 1},
    {"800000 50000", 16},
    {"9223372036854775807 1", INT_MAX},
    {"0 1", 0},
    {"1 0", 0},
    {"-1 100000", 0},
    {"100000 -1", 0},
    {"100000", 0},
    {"100000 ", 0},
    {"100000 max", 0},
    {"", 0},
    {"\n", 0},
    {"garbage", 0},
    {" x 1", 0},
};

START_TEST(limit)
{
    ck_assert_msg(cpus_of_cgroup_limit(limits[_i].line) == limits[_i].cpus, "'%s' gave %d",
                  limits[_i].line, cpus_of_cgroup_limit(limits[_i].line));
}
END_TEST

START_TEST(no_more_than_the_affinity)
{
    cpu_set_t set;
    ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
    ck_assert_int_ge(usable_cpus(), 1);
    ck_assert_int_le(usable_cpus(), CPU_COUNT(&set));
}
END_TEST

START_TEST(one_when_bound_to_one)
{
    cpu_set_t set;
    ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &set))
        cpu++;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    ck_assert_int_eq(sched_setaffinity(0, sizeof(set), &set), 0);
    ck_assert_int_eq(usable_cpus(), 1);
}
END_TEST

Suite *cpus_suite(void)
{
    Suite *suite = suite_create("cpus");
    TCase *tests = tcase_create("cpus");
    tcase_add_loop_test(tests, limit, 0, (int)(sizeof(limits) / sizeof(limits[0])));
    tcase_add_test(tests, no_more_than_the_affinity);
    tcase_add_test(tests, one_when_bound_to_one);
    suite_add_tcase(suite, tests);
    return suite;
}
