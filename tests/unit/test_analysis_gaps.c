/* SPDX-License-Identifier: MIT */
/* Analyses of sweeps that were cut short, or of which not all can be used. */
#include "bench/results/analysis.h"
#include "tests/unit/analysis_lookup.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COUNTS = 6 };

static struct results results;
static struct analysis *analysis;

static void make(const struct results_fixture *fixture)
{
    results_fixture_make(fixture, &results);
}

static void take(void)
{
    analysis = analysis_take(&results, 0);
    ck_assert_ptr_nonnull(analysis);
}

static void drop(void)
{
    analysis_free(analysis);
    results_free(&results);
}

static const struct capacity_line *line_of(unsigned workers)
{
    return lookup_capacity(analysis, workers);
}

static void expect_near(double value, double expected, double share)
{
    ck_assert_double_eq_tol(value, expected, fabs(expected) * share);
}

/* ---- what is missing ---------------------------------------------------------------------------
 */

START_TEST(a_refused_count_is_left_out)
{
    make(&results_fixture_sleeping);
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 2, "the generator slept");
    take();
    ck_assert_uint_eq(analysis->capacity_count, 5);
    ck_assert_uint_eq(analysis->left_out_count, 1);
    ck_assert_uint_eq(analysis->left_out[0].workers, 2);
    ck_assert_uint_eq(analysis->left_out[0].planned, 6);
    ck_assert_uint_eq(analysis->left_out[0].refused, 6);
    ck_assert_str_eq(analysis->left_out[0].first_reason, "the generator slept");
    expect_near(analysis->left_out[0].apparent_rps, 200, 0.01);
    ck_assert_double_eq(analysis->left_out[0].generator_busy, 0.3);
    ck_assert_uint_eq(analysis->unusable, 6);
    ck_assert_uint_eq(analysis->capacity[analysis->choice.chosen].workers, 8);
    drop();
}
END_TEST

START_TEST(a_refused_best_leaves_all_open)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.outstanding = 64;
    make(&fixture);
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 32, "the generator was saturated");
    take();
    ck_assert_int_eq(analysis->choice.verdict, CHOICE_UNDETERMINED);
    ck_assert_str_eq(analysis->recommendation, "not determined: the generator was saturated");
    drop();
}
END_TEST

/* One trial that got through does not make the best count comparable. */
START_TEST(a_best_with_one_trial_leaves_all_open)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.outstanding = 64;
    make(&fixture);
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 32, "the generator was saturated");
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 32, 0, 3, false)
        ->measurement.reason_count = 0;
    take();
    ck_assert_uint_eq(line_of(32)->usable, 1);
    ck_assert_str_eq(line_of(32)->first_reason, "the generator was saturated");
    ck_assert_str_eq(analysis->recommendation, "not determined: the generator was saturated");
    drop();
}
END_TEST

/* What is slower all the same does not matter. */
START_TEST(a_slow_count_with_one_trial_leaves_nothing_open)
{
    make(&results_fixture_sleeping);
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 2, "no luck");
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 2, 0, 3, false)->measurement.reason_count =
        0;
    take();
    ck_assert_uint_eq(line_of(2)->usable, 1);
    ck_assert_uint_eq(analysis->capacity[analysis->choice.chosen].workers, 8);
    drop();
}
END_TEST

START_TEST(a_count_without_trials_has_no_line)
{
    make(&results_fixture_sleeping);
    results.settings.workers[results.settings.count++] = 64;
    take();
    ck_assert_uint_eq(analysis->capacity_count, COUNTS);
    ck_assert_uint_eq(analysis->left_out_count, 0);
    drop();
}
END_TEST

START_TEST(partly_refused_counts_stay)
{
    make(&results_fixture_sleeping);
    struct trial *failed = results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, 2, false);
    failed->measurement.failures_total = 3;
    failed->measurement.throughput_rps = 5000;
    snprintf(failed->measurement.first_failure, sizeof(failed->measurement.first_failure),
             "timed out");
    struct trial *broken = results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, 4, false);
    broken->complete = false;
    snprintf(broken->problem, sizeof(broken->problem), "crashed\nits log");
    take();
    ck_assert_uint_eq(line_of(8)->planned, 6);
    ck_assert_uint_eq(line_of(8)->usable, 4);
    ck_assert_uint_eq(line_of(8)->response.count, 4 * 500);
    ck_assert_str_eq(line_of(8)->first_reason, "timed out");
    expect_near(line_of(8)->rate_rps, 800, 0.01);
    ck_assert_uint_eq(analysis->unusable, 2);
    ck_assert_uint_eq(analysis->choice.blocks, 4);
    drop();
}
END_TEST

START_TEST(nothing_usable)
{
    make(&results_fixture_sleeping);
    for (size_t i = 0; i < COUNTS; i++)
        results_fixture_refuse(&results, EXPERIMENT_CAPACITY, results_fixture_sleeping.workers[i],
                               "no luck\nat all");
    take();
    ck_assert_uint_eq(analysis->capacity_count, 0);
    ck_assert_uint_eq(analysis->left_out_count, COUNTS);
    ck_assert_int_eq(analysis->choice.verdict, CHOICE_UNDETERMINED);
    ck_assert_str_eq(analysis->recommendation, "not determined: no luck");
    ck_assert_double_nan(analysis->goetz_workers);
    ck_assert_uint_eq(analysis->model_sentences, 0);
    drop();
}
END_TEST

START_TEST(nothing_ran)
{
    make(&results_fixture_sleeping);
    for (size_t i = 0; i < results.trial_count; i++)
        results_fixture_forget(&results.trials[i]);
    take();
    ck_assert_uint_eq(analysis->unusable, 0);
    ck_assert_uint_eq(analysis->left_out[0].refused, 0);
    ck_assert_ptr_null(analysis->left_out[0].first_reason);
    ck_assert_double_nan(analysis->left_out[0].apparent_rps);
    ck_assert_str_eq(analysis->recommendation, "not determined: no trial was run");
    drop();
    results = (struct results){.complete = true};
    results.settings.slo_quantile = NAN;
    results.settings.slo_rate_rps = NAN;
    take();
    ck_assert_str_eq(analysis->recommendation, "not determined: no trial was run");
    drop();
}
END_TEST

/* Only one count of several can be used: the others' reason is the reason. */
START_TEST(one_usable_count_of_two)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.count = 2;
    fixture.reference = 1;
    make(&fixture);
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 1, "no luck");
    take();
    ck_assert_str_eq(analysis->recommendation, "not determined: no luck");
    drop();
}
END_TEST

START_TEST(one_count)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.count = 1;
    fixture.reference = 1;
    make(&fixture);
    take();
    ck_assert_uint_eq(analysis->capacity_count, 1);
    ck_assert_int_eq(analysis->choice.verdict, CHOICE_UNDETERMINED);
    ck_assert_str_eq(analysis->recommendation,
                     "not determined: fewer than 2 worker counts were tried");
    expect_near(analysis->capacity[0].rate_rps, 100, 0.01);
    ck_assert_double_nan(analysis->capacity[0].usl_rps);
    ck_assert_double_nan(analysis->capacity[0].knee_rps);
    drop();
}
END_TEST

START_TEST(one_block)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.blocks = 1;
    make(&fixture);
    take();
    ck_assert_str_eq(analysis->recommendation, "not determined: fewer than 2 blocks are complete");
    expect_near(line_of(8)->rate_rps, 800, 0.01);
    ck_assert_double_nan(line_of(8)->rate_low_rps);
    ck_assert_double_nan(line_of(8)->rate_high_rps);
    drop();
}
END_TEST

START_TEST(an_interrupted_sweep)
{
    make(&results_fixture_sleeping);
    for (size_t i = 0; i < results.trial_count; i++)
        if (results.trials[i].block > 3 ||
            (results.trials[i].block == 3 && results.trials[i].workers >= 16))
            results_fixture_forget(&results.trials[i]);
    take();
    ck_assert_uint_eq(line_of(8)->planned, 6);
    ck_assert_uint_eq(line_of(8)->usable, 3);
    ck_assert_uint_eq(line_of(16)->usable, 2);
    ck_assert_ptr_null(line_of(16)->first_reason);
    ck_assert_uint_eq(analysis->unusable, 0);
    ck_assert(analysis->choice.provisional);
    ck_assert_uint_eq(analysis->choice.blocks, 2);
    drop();
}
END_TEST

/* The comparison goes on without the reference: with the smallest count instead. */
START_TEST(the_reference_may_be_missing)
{
    make(&results_fixture_sleeping);
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 4, "no luck");
    for (unsigned block = 1; block <= 6; block++) /* its control alone says nothing */
        results_fixture_trial(&results, EXPERIMENT_CAPACITY, 4, 0, block, true)
            ->measurement.reason_count = 0;
    take();
    ck_assert_uint_eq(analysis->capacity[analysis->choice.chosen].workers, 8);
    ck_assert_double_eq(line_of(1)->comparison.to_reference.middle, 1);
    expect_near(line_of(8)->comparison.to_reference.middle, 8, 0.01);
    ck_assert_double_nan(analysis->choice.noise.middle);
    drop();
}
END_TEST

START_TEST(other_workloads_and_odd_blocks_stay_out)
{
    make(&results_fixture_sleeping);
    snprintf(results.settings.workloads[1], RESULTS_TEXT_SIZE, "ping");
    results.settings.workload_count = 2;
    for (size_t i = 0; i < results.trial_count; i++)
        if (results.trials[i].block > 4)
            results.trials[i].workload = 1;
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, 1, false)->block = 0;
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, 2, false)->block = 4000000000;
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 1, 0, 5, false)
        ->measurement.failures_total = 1;
    results.settings.blocks = 4294967295;
    analysis = analysis_take(&results, 1);
    ck_assert_str_eq(analysis->workload, "ping");
    ck_assert_uint_eq(line_of(8)->planned, 2);
    ck_assert_uint_eq(analysis->unusable, 1);
    analysis_free(analysis);
    take();
    ck_assert_uint_eq(line_of(8)->planned, 4);
    ck_assert_uint_eq(analysis->unusable, 0);
    ck_assert_uint_eq(line_of(8)->comparison.rate.count, 2);
    ck_assert_uint_eq(line_of(4)->comparison.rate.count, 4);
    drop();
}
END_TEST

START_TEST(unknown_figures)
{
    make(&results_fixture_sleeping);
    for (size_t i = 0; i < results.trial_count; i++) {
        results.trials[i].server.service_mean_us = NAN;
        results.trials[i].server.blocked_us = NAN;
        results.trials[i].server.utilization = NAN;
        results.trials[i].measurement.generator_busy = NAN;
    }
    take();
    ck_assert_double_nan(line_of(4)->server.service_mean_us);
    ck_assert_double_nan(line_of(4)->little_busy);
    ck_assert_double_nan(line_of(4)->generator_busy);
    ck_assert_double_nan(analysis->goetz_workers);
    for (size_t i = 0; i < analysis->sentence_count; i++)
        ck_assert_ptr_null(strstr(analysis->sentences[i], "nan"));
    drop();
}
END_TEST

/* Differences of measured times may come out below zero. */
START_TEST(a_negative_wait_counts_as_none)
{
    make(&results_fixture_sleeping);
    for (size_t i = 0; i < results.trial_count; i++)
        results.trials[i].server.blocked_us = -3;
    take();
    ck_assert_double_eq_tol(analysis->goetz_workers, 2, 1e-9);
    drop();
}
END_TEST

Suite *analysis_gaps_suite(void)
{
    Suite *suite = suite_create("analysis_gaps");
    TCase *tests = tcase_create("analysis_gaps");
    tcase_add_test(tests, a_refused_count_is_left_out);
    tcase_add_test(tests, a_refused_best_leaves_all_open);
    tcase_add_test(tests, a_best_with_one_trial_leaves_all_open);
    tcase_add_test(tests, a_slow_count_with_one_trial_leaves_nothing_open);
    tcase_add_test(tests, a_count_without_trials_has_no_line);
    tcase_add_test(tests, partly_refused_counts_stay);
    tcase_add_test(tests, nothing_usable);
    tcase_add_test(tests, nothing_ran);
    tcase_add_test(tests, one_usable_count_of_two);
    tcase_add_test(tests, one_count);
    tcase_add_test(tests, one_block);
    tcase_add_test(tests, an_interrupted_sweep);
    tcase_add_test(tests, the_reference_may_be_missing);
    tcase_add_test(tests, other_workloads_and_odd_blocks_stay_out);
    tcase_add_test(tests, unknown_figures);
    tcase_add_test(tests, a_negative_wait_counts_as_none);
    suite_add_tcase(suite, tests);
    return suite;
}
