/* SPDX-License-Identifier: MIT */
/* Which counts meet the service level, and at which rate that is judged. */
#include "bench/results/analysis.h"
#include "common/clock.h"
#include "tests/unit/analysis_lookup.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct results results;
static struct analysis *analysis;

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

static struct trial *trial_at(unsigned count, size_t rate, unsigned block)
{
    return results_fixture_trial(&results, EXPERIMENT_LATENCY, count, rate, block, false);
}

static const struct latency_line *line_of(unsigned count, size_t rate)
{
    return lookup_latency(analysis, count, rate);
}

/* ---- service level -----------------------------------------------------------------------------
 */

/* So many fast and slow answers in every trial of a place. */
static void set_answers(unsigned count, size_t rate, size_t fast, size_t slow)
{
    for (unsigned block = 1; block <= 6; block++) {
        struct histogram *histogram = trial_at(count, rate, block)->measurement.response_histogram;
        histogram_reset(histogram);
        for (size_t i = 0; i < fast; i++)
            histogram_record(histogram, 200);
        for (size_t i = 0; i < slow; i++)
            histogram_record(histogram, 50 * NS_PER_MS);
    }
}

static const struct {
    double limit_us;
    size_t fast;
    size_t slow;
    uint64_t failures; /* in each trial */
    uint64_t held_back;
    unsigned unstable; /* trials */
    bool known;
    bool met;
} levels[] = {
    {1, 1000, 0, 0, 0, 0, true, true},
    {1, 990, 10, 0, 0, 0, true, true},
    {1, 989, 11, 0, 0, 0, true, false},
    {0.2, 1000, 0, 0, 0, 0, true, false}, /* at the limit is not below it */
    {0.201, 1000, 0, 0, 0, 0, true, true},
    {1, 1000, 0, 10, 0, 0, true, true}, /* what failed took too long */
    {1, 1000, 0, 11, 0, 0, true, false},
    {1, 1000, 0, 0, 10, 0, true, true},
    {1, 1000, 0, 0, 11, 0, true, false},
    {1, 1000, 0, 5, 6, 0, true, false},
    {1, 10, 0, 1000, 0, 0, true, false},
    {1, 0, 0, 1000, 0, 0, true, false},
    {1, 77, 0, 0, 0, 0, true, true}, /* p99 takes 459 requests */
    {1, 76, 0, 0, 0, 0, false, false},
    {1, 0, 0, 0, 0, 0, false, false},
    {1, 1000, 0, 0, 0, 3, true, true},
    {1, 1000, 0, 0, 0, 4, true, false},
    {1, 1, 0, 0, 0, 4, true, false},
};

START_TEST(level)
{
    results_fixture_make(&results_fixture_queueing, &results);
    results.settings.slo_quantile = 0.99;
    results.settings.slo_limit_us = levels[_i].limit_us;
    set_answers(10, 0, levels[_i].fast, levels[_i].slow);
    for (unsigned block = 1; block <= 6; block++) {
        struct measurement *measurement = &trial_at(10, 0, block)->measurement;
        measurement->failures_total = levels[_i].failures;
        measurement->held_back = levels[_i].held_back;
        measurement->unstable = block <= levels[_i].unstable;
    }
    take();
    ck_assert_int_eq(line_of(10, 0)->slo_known, levels[_i].known);
    ck_assert_int_eq(line_of(10, 0)->slo_met, levels[_i].met);
    drop();
}
END_TEST

START_TEST(refused_trials_say_nothing_of_the_level)
{
    results_fixture_make(&results_fixture_queueing, &results);
    results.settings.slo_quantile = 0.99;
    results.settings.slo_limit_us = 1;
    set_answers(10, 0, 1000, 0);
    results_fixture_refuse(&results, EXPERIMENT_LATENCY, 10, "late");
    take();
    ck_assert(!line_of(10, 0)->slo_known);
    ck_assert(line_of(20, 0)->slo_known);
    ck_assert(!line_of(20, 0)->slo_met);
    drop();
}
END_TEST

/* p99.9 takes 2,995 requests. */
START_TEST(a_higher_quantile_takes_more)
{
    results_fixture_make(&results_fixture_queueing, &results);
    results.settings.slo_quantile = 0.999;
    results.settings.slo_limit_us = 1;
    set_answers(10, 0, 499, 0);
    set_answers(20, 0, 500, 0);
    take();
    ck_assert(!line_of(10, 0)->slo_known);
    ck_assert(line_of(20, 0)->slo_met);
    drop();
}
END_TEST

/* With 20 workers the level is met at 800 per second, missed at 950; with 10 it is met at both. */
static const struct {
    double rate_rps;
    unsigned chosen; /* 0: undetermined */
    bool twenty_known;
} judged_rates[] = {
    {NAN, 10, true},                                    /* the highest that 20 workers serve: 950 */
    {800, 20, true}, {950, 10, true}, {900, 10, false}, /* with 20 it may be met or not */
    {500, 20, true},                                    /* what is met at more is met at less */
    {990, 0, true}, /* with 10 it was not tried; what is missed at less is missed */
};

START_TEST(judged_rate)
{
    results_fixture_make(&results_fixture_queueing, &results);
    results.settings.slo_quantile = 0.99;
    results.settings.slo_limit_us = 1;
    results.settings.slo_rate_rps = judged_rates[_i].rate_rps;
    set_answers(10, 0, 1000, 0);
    set_answers(10, 1, 1000, 0);
    set_answers(20, 0, 1000, 0);
    take();
    if (judged_rates[_i].chosen == 0) {
        ck_assert_str_eq(analysis->recommendation,
                         "not determined: no worker count is known to meet the SLO");
    } else {
        ck_assert_int_ne(analysis->choice.verdict, CHOICE_UNDETERMINED);
        ck_assert_uint_eq(analysis->capacity[analysis->choice.chosen].workers,
                          judged_rates[_i].chosen);
    }
    const char *sentence = lookup_sentence(analysis, "p99 below 1.00us");
    ck_assert_ptr_nonnull(sentence);
    ck_assert_int_eq(strstr(sentence, "not known with 20") == NULL, judged_rates[_i].twenty_known);
    drop();
}
END_TEST

START_TEST(no_rate_is_judged_while_the_backlog_grows)
{
    results_fixture_make(&results_fixture_queueing, &results);
    results.settings.slo_quantile = 0.99;
    results.settings.slo_limit_us = 1;
    for (unsigned block = 1; block <= 6; block++)
        trial_at(20, 1, block)->measurement.unstable = true;
    take();
    ck_assert_ptr_nonnull(lookup_sentence(analysis, "p99 below 1.00us at 800 requests/s"));
    drop();
}
END_TEST

/* ---- p99 of larger counts ----------------------------------------------------------------------
 */

static void make_flat(struct results_fixture *fixture)
{
    static const unsigned flat[] = {2, 4, 8};
    *fixture = results_fixture_queueing;
    fixture->law = FIXTURE_CPU;
    fixture->workers = flat;
    fixture->reference = 2;
    fixture->noise = 0.001;
}

START_TEST(p99_gets_worse)
{
    struct results_fixture fixture;
    make_flat(&fixture);
    results_fixture_make(&fixture, &results);
    set_answers(2, 1, 1000, 0);
    set_answers(4, 1, 1000, 0);
    set_answers(8, 1, 900, 100);
    take();
    ck_assert_uint_eq(analysis->choice.chosen, 0);
    ck_assert_uint_eq(analysis->choice.worse_from, 2);
    analysis_free(analysis);
    set_answers(4, 1, 900, 100);
    set_answers(8, 1, 900, 100);
    take();
    ck_assert_uint_eq(analysis->choice.worse_from, 1);
    analysis_free(analysis);
    set_answers(4, 1, 1000, 0);
    set_answers(8, 1, 1000, 0); /* a growing backlog is worse, however fast the answers */
    for (unsigned block = 1; block <= 6; block++)
        trial_at(8, 1, block)->measurement.unstable = true;
    take();
    ck_assert_uint_eq(analysis->choice.worse_from, 2);
    drop();
}
END_TEST

START_TEST(p99_of_the_capacity_experiment_stands_in)
{
    struct results_fixture fixture;
    make_flat(&fixture);
    fixture.share_count = 0;
    results_fixture_make(&fixture, &results);
    for (unsigned block = 1; block <= 6; block++)
        for (size_t i = 0; i < 50; i++)
            histogram_record(
                results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, block, false)
                    ->measurement.response_histogram,
                NS_PER_S);
    take();
    ck_assert_uint_eq(analysis->latency_count, 0);
    ck_assert_uint_eq(analysis->choice.worse_from, 2);
    drop();
}
END_TEST

Suite *analysis_slo_suite(void)
{
    Suite *suite = suite_create("analysis_slo");
    TCase *tests = tcase_create("analysis_slo");
    tcase_add_loop_test(tests, level, 0, COUNT(levels));
    tcase_add_test(tests, refused_trials_say_nothing_of_the_level);
    tcase_add_test(tests, a_higher_quantile_takes_more);
    tcase_add_loop_test(tests, judged_rate, 0, COUNT(judged_rates));
    tcase_add_test(tests, no_rate_is_judged_while_the_backlog_grows);
    tcase_add_test(tests, p99_gets_worse);
    tcase_add_test(tests, p99_of_the_capacity_experiment_stands_in);
    suite_add_tcase(suite, tests);
    return suite;
}
