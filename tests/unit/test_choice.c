/* SPDX-License-Identifier: MIT */
#include "tests/unit/choice_experiment.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* All levels are equal: only noise tells them apart. */
static const struct experiment equal = {
    .workers = {1, 2, 4, 8},
    .level = {100, 100, 100, 100},
};

START_TEST(use)
{
    struct experiment e = experiment_six;
    experiment_measure(&e, 6, 10, 0.008);
    e.input.p99_us = e.p99_us;
    experiment_decide(&e);
    ck_assert_int_eq(e.choice.verdict, CHOICE_USE);
    ck_assert_uint_eq(e.choice.chosen, 3);
    ck_assert_uint_eq(e.choice.best, 4);
    ck_assert_uint_eq(e.choice.blocks, 10);
    ck_assert(!e.choice.provisional && !e.choice.best_is_largest && !e.choice.chosen_is_largest);
    ck_assert(!e.choice.chosen_is_smallest);
    ck_assert_uint_eq(e.choice.worse_from, 5);
    ck_assert_str_eq(e.text,
                     "use 12 workers; 10 to 16 are indistinguishable (12 was chosen in 100 %"
                     " of resamples); vs 10: +2.6 % [+1.3, +3.9]; beyond 16 p99 gets worse;"
                     " A/A ±0.9 %");
}
END_TEST

static void expect_interval(const struct interval *found, const struct interval *expected)
{
    ck_assert_uint_eq(found->count, expected->count);
    ck_assert_double_eq_tol(found->middle, expected->middle, 1e-9 * expected->middle);
    ck_assert_double_eq_tol(found->low, expected->low, 1e-9 * expected->low);
    ck_assert_double_eq_tol(found->high, expected->high, 1e-9 * expected->high);
    ck_assert_double_eq_tol(found->detectable, expected->detectable, 1e-9);
}

static void column(const struct experiment *e, size_t index, double *rates)
{
    for (size_t i = 0; i < e->input.blocks; i++)
        rates[i] = e->rates[i * e->input.counts + index];
}

START_TEST(lines)
{
    struct experiment e = experiment_six;
    experiment_run(&e, 6, 10, 0.008);
    double best[MOST_BLOCKS];
    double reference[MOST_BLOCKS];
    double share = 0;
    double detectable = 0;
    column(&e, 4, best);
    column(&e, 0, reference);
    for (size_t i = 0; i < 6; i++) {
        double rates[MOST_BLOCKS];
        column(&e, i, rates);
        struct interval expected = interval_mean(rates, 10, 6);
        expect_interval(&e.lines[i].rate, &expected);
        expected = interval_paired(rates, best, 10, 5);
        expect_interval(&e.lines[i].to_best, &expected);
        expected = interval_paired(rates, reference, 10, 5);
        expect_interval(&e.lines[i].to_reference, &expected);
        for (size_t j = 0; j < i; j++) {
            double others[MOST_BLOCKS];
            column(&e, j, others);
            expected = interval_paired(rates, others, 10, 15); /* all pairs */
            detectable = fmax(detectable, expected.detectable);
        }
        ck_assert_int_eq(e.lines[i].in_set, i >= 2 && i <= 4);
        share += e.lines[i].chosen_share;
    }
    ck_assert_double_eq(e.lines[4].to_best.low, 1);
    ck_assert_double_eq(e.lines[0].to_reference.high, 1);
    ck_assert_double_eq_tol(share, 1, 1e-9);
    ck_assert_double_eq(e.choice.detectable, detectable);
    struct interval noise = interval_paired(e.control, reference, 10, 1);
    expect_interval(&e.choice.noise, &noise);
    double chosen[MOST_BLOCKS];
    double below[MOST_BLOCKS];
    column(&e, 3, chosen);
    column(&e, 2, below);
    struct interval step = interval_paired(chosen, below, 10, 5);
    expect_interval(&e.choice.step, &step);
    e.input.reference = 2;
    for (size_t i = 0; i < 10; i++)
        e.control[i] = 1.001 * e.rates[i * 6 + 2];
    experiment_decide(&e);
    ck_assert_double_eq(e.lines[2].to_reference.low, 1);
    experiment_expect_text(&e,
                           "; A/A +0.1 % [+0.1, +0.1]: so far apart by chance in 1 of 20 sweeps");
}
END_TEST

START_TEST(no_difference)
{
    struct experiment e = equal;
    experiment_run(&e, 4, 10, 0.03);
    ck_assert_int_eq(e.choice.verdict, CHOICE_NO_DIFFERENCE);
    char expected[CHOICE_TEXT_SIZE];
    snprintf(expected, sizeof(expected),
             "no difference detected, so the fewest will do: use 1 worker; smallest detectable "
             "effect %.1f %%; A/A ±3.3 %%",
             100 * e.choice.detectable);
    ck_assert_str_eq(e.text, expected);
    e.level[2] = 100.05;
    experiment_run(&e, 4, 10, 0.003);
    ck_assert_int_eq(e.choice.verdict, CHOICE_NO_DIFFERENCE);
    ck_assert_uint_eq(e.choice.chosen, 0);
    ck_assert(!e.choice.chosen_is_smallest);
    experiment_expect_text(&e, "use 1 worker; smallest detectable effect 0.6 %; A/A ±0.3 %");
    experiment_run(&e, 4, 10, 0.25); /* so noisy that seeing no difference means nothing */
    ck_assert_int_eq(e.choice.verdict, CHOICE_UNDETERMINED);
    experiment_expect_text(
        &e, "not determined: the trials of one count differ as much among themselves");
}
END_TEST

/* One pair suffices, even if neither is the best or the reference. */
START_TEST(some_difference)
{
    struct experiment e = equal;
    e.level[3] = 102;
    experiment_run(&e, 4, 10, 0.03);
    ck_assert_int_eq(e.choice.verdict, CHOICE_NO_DIFFERENCE);
    for (size_t i = 0; i < 10; i++)
        e.rates[i * 4 + 2] = e.rates[i * 4 + 1] * exp(0.01 + 0.009 * experiment_disturbance(i, 50));
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.best, 3);
    ck_assert_int_eq(e.choice.verdict, CHOICE_USE);
}
END_TEST

START_TEST(edges)
{
    struct experiment e = {.workers = {2, 4, 8}, .level = {100, 200, 400}};
    experiment_run(&e, 3, 10, 0.003);
    ck_assert(e.choice.best_is_largest && e.choice.chosen_is_largest);
    experiment_expect_text(&e,
                           "use 8 workers (8 was chosen in 100 % of resamples); vs 4: +100 % [+");
    experiment_expect_text(&e, "; 8 is the largest tried: try more");
    experiment_expect_no_text(&e, "smallest");
    e = (struct experiment){.workers = {2, 4, 8}, .level = {400, 200, 100}};
    experiment_run(&e, 3, 10, 0.003);
    ck_assert(e.choice.chosen_is_smallest && !e.choice.best_is_largest);
    experiment_expect_text(
        &e, "use 2 workers (2 was chosen in 100 % of resamples); 2 is the smallest tried:"
            " try fewer; A/A");
    e = (struct experiment){.workers = {2, 4, 8}, .level = {200, 397, 400}};
    experiment_run(&e, 3, 10, 0.002);
    ck_assert(e.choice.best_is_largest && !e.choice.chosen_is_largest);
    experiment_expect_text(&e, "use 4 workers; 4 and 8 are indistinguishable (");
    experiment_expect_text(&e, "; the best is 8, the largest tried: try more");
    e.level[1] = 399.9; /* the largest is the best by chance */
    experiment_run(&e, 3, 10, 0.002);
    ck_assert(e.choice.best_is_largest && !e.choice.chosen_is_largest);
    experiment_expect_no_text(&e, "try more");
}
END_TEST

START_TEST(sets)
{
    struct experiment e = {.workers = {2, 4, 8, 16}, .level = {100, 400, 300, 401}};
    experiment_run(&e, 4, 10, 0.002);
    experiment_expect_text(&e, "use 4 workers; 4 and 16 are indistinguishable (");
    e = (struct experiment){.workers = {2, 4, 8, 16, 32}, .level = {100, 400, 300, 401, 399}};
    experiment_run(&e, 5, 10, 0.002);
    experiment_expect_text(&e, "use 4 workers; 4, 16 and 32 are indistinguishable (");
}
END_TEST

/* Means differ by 3 %, but not by more than chance: fewer will do, with the possible loss. */
START_TEST(resamples_disagree)
{
    struct experiment e = {.workers = {1, 8, 16}, .level = {100, 800, 824}};
    experiment_run(&e, 3, 10, 0.15);
    ck_assert_uint_eq(e.choice.chosen, 1);
    experiment_expect_text(&e, "use 8 workers; 8 and 16 are indistinguishable (16 would be chosen "
                               "by means alone in ");
    experiment_expect_text(&e, " % to the best is not ruled out");
}
END_TEST

START_TEST(possible_loss)
{
    struct experiment e = {.workers = {1, 2, 4}, .level = {100, 200, 201}};
    experiment_run(&e, 3, 10, 0.002);
    ck_assert_uint_eq(e.choice.chosen, 1);
    ck_assert_double_eq_tol(e.choice.possible_loss, 1 - e.lines[1].to_best.low, 1e-12);
    ck_assert(e.choice.possible_loss < 0.02);
    experiment_expect_no_text(&e, "a loss of up to");
    experiment_run(&e, 3, 10, 0.2);
    ck_assert_uint_eq(e.choice.chosen, 1);
    ck_assert(e.choice.possible_loss > 0.02 && e.choice.possible_loss < 0.15);
    experiment_expect_text(&e, "; a loss of up to ");
    e.level[0] = 1;
    experiment_run(&e, 3, 10, 0.95); /* so much might be lost that the best is the answer */
    ck_assert(e.lines[1].in_set && e.lines[1].to_best.low < 0.85);
    ck_assert_uint_eq(e.choice.chosen, e.choice.best);
    ck_assert_double_eq(e.choice.possible_loss, 0);
}
END_TEST

START_TEST(slo)
{
    struct experiment e = experiment_six;
    experiment_measure(&e, 6, 10, 0.004);
    for (size_t i = 0; i < 6; i++)
        e.slo[i] = CHOICE_SLO_MET;
    e.slo[3] = CHOICE_SLO_MISSED;
    e.slo[4] = CHOICE_SLO_UNKNOWN;
    e.input.slo = e.slo;
    experiment_decide(&e);
    ck_assert_uint_eq(e.choice.best, 2);
    ck_assert_uint_eq(e.choice.chosen, 2);
    ck_assert(e.lines[2].in_set && !e.lines[3].in_set && !e.lines[4].in_set);
    ck_assert_double_eq_tol(e.lines[4].to_best.middle, 1005.0 / 975, 0.005);
    ck_assert_double_eq(e.lines[4].chosen_share, 0);
    experiment_expect_text(&e, "use 10 workers (10 was chosen in 100 % of resamples); vs 8: +");
    for (size_t i = 0; i < 6; i++)
        e.slo[i] = CHOICE_SLO_MISSED;
    experiment_decide(&e);
    ck_assert_str_eq(e.text, "not determined: no worker count meets the SLO");
    e.slo[5] = CHOICE_SLO_UNKNOWN;
    experiment_decide(&e);
    ck_assert_int_eq(e.choice.verdict, CHOICE_UNDETERMINED);
    ck_assert_str_eq(e.text, "not determined: no worker count is known to meet the SLO");
    e = equal; /* but one is too slow to answer: that is a difference */
    experiment_measure(&e, 4, 10, 0.003);
    e.slo[0] = CHOICE_SLO_MISSED;
    e.input.slo = e.slo;
    experiment_decide(&e);
    ck_assert_int_eq(e.choice.verdict, CHOICE_USE);
    ck_assert_uint_eq(e.choice.chosen, 1);
}
END_TEST

Suite *choice_suite(void)
{
    Suite *suite = suite_create("choice");
    TCase *tests = tcase_create("choice");
    tcase_add_test(tests, use);
    tcase_add_test(tests, lines);
    tcase_add_test(tests, no_difference);
    tcase_add_test(tests, some_difference);
    tcase_add_test(tests, edges);
    tcase_add_test(tests, sets);
    tcase_add_test(tests, resamples_disagree);
    tcase_add_test(tests, possible_loss);
    tcase_add_test(tests, slo);
    suite_add_tcase(suite, tests);
    return suite;
}
