/* SPDX-License-Identifier: MIT */
#include "bench/selftest/checks.h"

#include "tests/unit/suites.h"

#include <stdio.h>

/* Of a check that is made up: how often it ran, with which seeds, and when it is to succeed. */
static unsigned runs;
static unsigned succeeds_at;
static uint64_t seeds[8];
static enum selftest_result otherwise;

static void made_up(struct selftest *selftest)
{
    ck_assert_str_eq(selftest->expected, "");
    ck_assert_str_eq(selftest->found, "");
    ck_assert_double_eq(selftest->part_begin, 0);
    ck_assert_double_eq(selftest->part_size, 1);
    seeds[runs++] = selftest->seed;
    snprintf(selftest->expected, sizeof(selftest->expected), "run %u", succeeds_at);
    selftest_part(selftest, 1, 2);
    selftest_conclude(selftest, runs == succeeds_at ? SELFTEST_OK : otherwise, "run %u", runs);
}

static unsigned run(bool timed, bool broken, unsigned succeeds, enum selftest_result else_result,
                    enum selftest_result expected)
{
    struct selftest_check check = {.name = "made up", .timed = timed, .run = made_up};
    struct selftest selftest = {.seed = 40, .broken = broken};
    runs = 0;
    succeeds_at = succeeds;
    otherwise = else_result;
    unsigned tries = selftest_check_run(&check, &selftest);
    ck_assert_uint_eq(tries, runs);
    ck_assert_int_eq(selftest.result, expected);
    ck_assert_uint_eq(selftest.seed, 40);
    for (unsigned i = 0; i < runs; i++)
        ck_assert_uint_eq(seeds[i], 40 + i);
    return tries;
}

START_TEST(a_timed_check_has_three_tries)
{
    ck_assert_uint_eq(run(true, false, 1, SELFTEST_FAILED, SELFTEST_OK), 1);
    ck_assert_uint_eq(run(true, false, 2, SELFTEST_FAILED, SELFTEST_OK), 2);
    ck_assert_uint_eq(run(true, false, 3, SELFTEST_FAILED, SELFTEST_OK), 3);
    ck_assert_uint_eq(run(true, false, 4, SELFTEST_FAILED, SELFTEST_FAILED), 3);
}
END_TEST

START_TEST(others_have_one)
{
    ck_assert_uint_eq(run(false, false, 2, SELFTEST_FAILED, SELFTEST_FAILED), 1);
    ck_assert_uint_eq(run(true, true, 2, SELFTEST_FAILED, SELFTEST_FAILED), 1);
    ck_assert_uint_eq(run(true, false, 2, SELFTEST_SKIPPED, SELFTEST_SKIPPED), 1);
    ck_assert_uint_eq(run(true, false, 2, SELFTEST_INTERRUPTED, SELFTEST_INTERRUPTED), 1);
}
END_TEST

START_TEST(names_are_unique)
{
    for (size_t i = 0; i < selftest_check_count; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(selftest_checks[i].name, selftest_checks[j].name);
}
END_TEST

static double shown;

static void show(void *context, double done, uint64_t replies)
{
    ck_assert_ptr_eq(context, &shown);
    ck_assert_uint_eq(replies, 5);
    shown = done;
}

START_TEST(progress_is_that_of_the_whole_check)
{
    struct selftest selftest = {.progress = show, .context = &shown};
    selftest_part(&selftest, 0, 1);
    selftest_progress(&selftest, 0.5, 5);
    ck_assert_double_eq(shown, 0.5);
    selftest_part(&selftest, 1, 4);
    selftest_progress(&selftest, 0.5, 5);
    ck_assert_double_eq(shown, 0.375);
    selftest.progress = NULL;
    selftest_progress(&selftest, 1, 5);
    ck_assert_double_eq(shown, 0.375);
}
END_TEST

/* The whole course of a check that needs no server; what it finds is for the seed alone to say. */
START_TEST(the_same_seed_finds_the_same)
{
    struct selftest first = {.seed = 5, .quick = true};
    struct selftest second = first;
    struct selftest other = {.seed = 6, .quick = true};
    check_same(&first);
    check_same(&second);
    check_same(&other);
    ck_assert_int_eq(first.result, SELFTEST_OK);
    ck_assert_str_eq(first.found, second.found);
    ck_assert_str_ne(first.found, other.found);
}
END_TEST

Suite *checks_suite(void)
{
    Suite *suite = suite_create("checks");
    TCase *tests = tcase_create("checks");
    tcase_add_test(tests, a_timed_check_has_three_tries);
    tcase_add_test(tests, others_have_one);
    tcase_add_test(tests, names_are_unique);
    tcase_add_test(tests, progress_is_that_of_the_whole_check);
    tcase_add_test(tests, the_same_seed_finds_the_same);
    suite_add_tcase(suite, tests);
    return suite;
}
