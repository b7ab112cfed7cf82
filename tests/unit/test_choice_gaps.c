/* SPDX-License-Identifier: MIT */
#include "tests/unit/choice_experiment.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <string.h>

/* A count that was refused nearly always would widen the intervals of all others. */
START_TEST(hardly_measured)
{
    struct experiment e = {.workers = {1, 2, 4}, .level = {100, 200, 300}};
    experiment_measure(&e, 3, 10, 0.004);
    for (size_t i = 0; i < 6; i++)
        e.rates[i * 3 + 2] = NAN;
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.blocks, 10);
    ck_assert_uint_eq(e.choice.best, 1);
    ck_assert(!e.lines[2].in_set);
    e.rates[2] = 300;
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.blocks, 5);
    ck_assert_uint_eq(e.choice.best, 2);
}
END_TEST

START_TEST(few_blocks)
{
    struct experiment e = experiment_six;
    for (size_t blocks = 0; blocks < 2; blocks++) {
        experiment_run(&e, 6, blocks, 0.002);
        ck_assert_int_eq(e.choice.verdict, CHOICE_UNDETERMINED);
        ck_assert_str_eq(e.text, "not determined: fewer than 2 blocks are complete");
    }
    experiment_run(&e, 6, 5, 0.002);
    ck_assert_int_eq(e.choice.verdict, CHOICE_USE);
    ck_assert(e.choice.provisional);
    experiment_expect_text(&e, "; provisional: only 5 blocks");
    experiment_run(&e, 6, 6, 0.002);
    ck_assert(!e.choice.provisional);
    experiment_expect_no_text(&e, "provisional");
    experiment_run(&e, 1, 6, 0.002);
    ck_assert_str_eq(e.text, "not determined: fewer than 2 worker counts were tried");
    experiment_run(&e, 0, 6, 0.002);
    ck_assert_int_eq(e.choice.verdict, CHOICE_UNDETERMINED);
    e.choice.reason = "the caller's own";
    choice_explain(&e.input, e.lines, &e.choice, e.text);
    ck_assert_str_eq(e.text, "not determined: the caller's own");
}
END_TEST

START_TEST(missing_trials)
{
    struct experiment e = experiment_six;
    experiment_measure(&e, 6, 10, 0.002);
    for (size_t i = 0; i < 10; i++) {
        e.rates[i * 6 + 4] = i == 0 ? e.rates[i * 6 + 4] : NAN; /* the best, but once only */
        e.rates[i * 6 + 5] = 0;
        e.control[i] = NAN;
    }
    for (size_t i = 0; i < 3; i++)
        e.rates[i * 6 + 1] = NAN;
    experiment_decide(&e);
    ck_assert_int_eq(e.choice.verdict, CHOICE_USE);
    ck_assert_uint_eq(e.choice.best, 3);
    ck_assert_uint_eq(e.choice.blocks, 7);
    ck_assert_uint_eq(e.lines[1].rate.count, 7);
    ck_assert(!e.lines[4].in_set && !e.lines[5].in_set);
    ck_assert(isnan(e.lines[5].rate.middle) && isnan(e.lines[4].to_best.low));
    ck_assert_double_eq(e.lines[5].chosen_share, 0);
    experiment_expect_no_text(&e, "A/A");
    e.input.control_rps = NULL;
    experiment_decide(&e);
    ck_assert(isnan(e.choice.noise.middle));
    /* Two counts that never ran in the same block cannot be compared. */
    for (size_t i = 0; i < 10; i++)
        for (size_t j = 0; j < 6; j++)
            if (j != i % 2)
                e.rates[i * 6 + j] = NAN;
    experiment_decide(&e);
    ck_assert_str_eq(e.text, "not determined: no 2 worker counts have 2 complete blocks in common");
}
END_TEST

START_TEST(worse_p99)
{
    struct experiment e = experiment_six;
    experiment_measure(&e, 6, 10, 0.004);
    e.input.p99_us = e.p99_us;
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.chosen, 3);
    ck_assert_uint_eq(e.choice.worse_from, 5);
    e.p99_us[4] = 1101;
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.worse_from, 4);
    experiment_expect_text(&e, "; beyond 12 p99 gets worse");
    e.p99_us[5] = 1099; /* worse in between only */
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.worse_from, 6);
    e.p99_us[5] = NAN;
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.worse_from, 4);
    e.p99_us[4] = 1050;
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.worse_from, 6);
    e.p99_us[3] = NAN;
    e.p99_us[5] = 5000;
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.worse_from, 6);
}
END_TEST

START_TEST(long_text_is_cut)
{
    enum { MANY = 200 };
    unsigned workers[MANY];
    struct choice_line many[MANY];
    for (size_t i = 0; i < MANY; i++) {
        workers[i] = 4000000000U + (unsigned)i;
        many[i] = (struct choice_line){.in_set = i % 2 == 0};
    }
    struct choice_input input = {.workers = workers, .counts = MANY};
    struct choice choice = {.verdict = CHOICE_USE, .step.low = NAN, .worse_from = MANY};
    char text[CHOICE_TEXT_SIZE + 1];
    text[CHOICE_TEXT_SIZE] = '!';
    choice_explain(&input, many, &choice, text);
    ck_assert_uint_eq(strlen(text), CHOICE_TEXT_SIZE - 1);
    ck_assert_int_eq(text[CHOICE_TEXT_SIZE], '!');
}
END_TEST

Suite *choice_gaps_suite(void)
{
    Suite *suite = suite_create("choice_gaps");
    TCase *tests = tcase_create("choice_gaps");
    tcase_add_test(tests, hardly_measured);
    tcase_add_test(tests, few_blocks);
    tcase_add_test(tests, missing_trials);
    tcase_add_test(tests, worse_p99);
    tcase_add_test(tests, long_text_is_cut);
    suite_add_tcase(suite, tests);
    return suite;
}
