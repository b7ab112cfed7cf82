/* SPDX-License-Identifier: MIT */
/* What is said about what is uncertain; and nothing where all is well. */
#include "bench/results/analysis.h"
#include "tests/unit/analysis_lookup.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct results results;
static struct analysis *analysis;

static void make(double noise)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.noise = noise;
    results_fixture_make(&fixture, &results);
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

/* The only doubt, or the first of several. */
static void expect(size_t doubts, const char *sentence)
{
    ck_assert_uint_eq(analysis->sentence_count, analysis->model_sentences + doubts);
    if (doubts > 0)
        ck_assert_str_eq(analysis->sentences[analysis->model_sentences], sentence);
}

START_TEST(no_doubt)
{
    make(0.004);
    take();
    expect(0, NULL);
    drop();
}
END_TEST

/* ---- trials that do not count ------------------------------------------------------------------
 */

START_TEST(refused)
{
    make(0.004);
    struct trial *later = results_fixture_trial(&results, EXPERIMENT_CAPACITY, 1, 0, 5, false);
    snprintf(later->problem, sizeof(later->problem), "another");
    later->complete = false;
    struct trial *first = results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, 2, false);
    snprintf(first->problem, sizeof(first->problem), "the server ended\nits log, line by line");
    first->complete = false;
    take();
    expect(2, "2 of 42 trials cannot be used; the first one (8 workers, capacity, block 2): the "
              "server ended.");
    drop();
}
END_TEST

START_TEST(refused_without_a_reason)
{
    make(0.004);
    struct trial *trial = results_fixture_trial(&results, EXPERIMENT_CAPACITY, 1, 0, 3, false);
    trial->measurement.failures_total = 1;
    take();
    expect(2, "1 of 42 trials cannot be used; the first one (1 worker, capacity, block 3): "
              "requests failed.");
    drop();
}
END_TEST

/* A long text is cut between characters, and says so. */
START_TEST(cut)
{
    make(0.004);
    struct trial *trial = results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, 2, false);
    trial->complete = false;
    for (size_t i = 0; i < 600; i++)
        snprintf(trial->problem + 3 * i, 4, "…");
    take();
    const char *sentence = analysis->sentences[analysis->model_sentences];
    size_t size = strlen(sentence);
    ck_assert_uint_lt(size, ANALYSIS_SENTENCE_SIZE);
    ck_assert_uint_gt(size, ANALYSIS_SENTENCE_SIZE - 8);
    const char *text = strstr(sentence, "…");
    ck_assert_uint_eq((size_t)(sentence + size - text) % 3, 0);
    for (; *text != '\0'; text += 3)
        ck_assert_int_eq(strncmp(text, "…", 3), 0);
    drop();
}
END_TEST

static const struct {
    unsigned workers;
    double apparent; /* share of what its trials would have reached */
    double generator_busy;
    const char *sentence;
} left_out[] = {
    {32, 0.9, 0.5,
     "Left out, for want of a trial that can be used: 32 workers; the choice stands, since no more "
     "than 720 requests/s were seen there."},
    {32, 0.9, 0.95,
     "Left out, for want of a trial that can be used: 32 workers; with them the choice could be "
     "another one."},
    {4, 1, 0.5,
     "Left out, for want of a trial that can be used: 4 workers; the choice stands, since no more "
     "than 400 requests/s were seen there."},
    {4, 1.97, 0.5, /* fewer than the chosen, and nearly as fast */
     "Left out, for want of a trial that can be used: 4 workers; with them the choice could be "
     "another one."},
    {4, 1.95, 0.5,
     "Left out, for want of a trial that can be used: 4 workers; the choice stands, since no more "
     "than 780 requests/s were seen there."},
    {16, 0.99, 0.5, /* nearly as fast, but more than the chosen */
     "Left out, for want of a trial that can be used: 16 workers; the choice stands, since no more "
     "than 792 requests/s were seen there."},
    {32, 1.01, 0.5, "Left out, for want of a trial that can be used: 32 workers."},
};

START_TEST(left_out_count)
{
    make(0);
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, left_out[_i].workers, "no luck");
    for (size_t i = 0; i < results.trial_count; i++) {
        struct measurement *measurement = &results.trials[i].measurement;
        if (results.trials[i].workers == left_out[_i].workers) {
            measurement->throughput_rps *= left_out[_i].apparent;
            measurement->generator_busy = left_out[_i].generator_busy;
        }
    }
    take();
    ck_assert_str_eq(lookup_sentence(analysis, "Left out"), left_out[_i].sentence);
    drop();
}
END_TEST

START_TEST(several_left_out)
{
    make(0);
    static const unsigned workers[] = {1, 2, 32};
    for (size_t i = 0; i < 3; i++)
        results_fixture_refuse(&results, EXPERIMENT_CAPACITY, workers[i], "no luck");
    for (size_t i = 0; i < results.trial_count; i++)
        if (results.trials[i].workers == 32)
            results.trials[i].measurement.throughput_rps = 500;
    take();
    ck_assert_str_eq(lookup_sentence(analysis, "Left out"),
                     "Left out, for want of a trial that can be used: 1, 2 and 32 workers; the "
                     "choice stands, since no more than 500 requests/s were seen there.");
    analysis_free(analysis);
    for (size_t i = 0; i < results.trial_count; i++)
        if (results.trials[i].workers == 2)
            results_fixture_forget(&results.trials[i]);
    take();
    ck_assert_str_eq(lookup_sentence(analysis, "Left out"),
                     "Left out, for want of a trial that can be used: 1, 2 and 32 workers; with "
                     "them the choice could be another one.");
    drop();
}
END_TEST

START_TEST(few_blocks)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.blocks = 5;
    fixture.noise = 0.002;
    results_fixture_make(&fixture, &results);
    take();
    expect(1, "The intervals rest on 5 blocks; it takes 6 for a firm statement.");
    drop();
}
END_TEST

START_TEST(interrupted)
{
    make(0.002);
    results_fixture_forget(
        results_fixture_trial(&results, EXPERIMENT_CAPACITY, 4, 0, 6, true)); /* the control */
    take();
    expect(1, "1 of 42 planned trials were not run.");
    analysis_free(analysis);
    results_fixture_forget(results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, 6, false));
    take();
    expect(1, "2 of 42 planned trials were not run: the intervals rest on 5 blocks, and it takes "
              "6 for a firm statement.");
    drop();
}
END_TEST

/* ---- the comparison ----------------------------------------------------------------------------
 */

/* The second run of 4 workers, compared with the first. */
static void set_control(double ratio, double deviation)
{
    for (unsigned block = 1; block <= 6; block++)
        results_fixture_trial(&results, EXPERIMENT_CAPACITY, 4, 0, block, true)
            ->measurement.throughput_rps =
            400 * ratio * exp(block % 2 == 0 ? deviation : -deviation);
}

START_TEST(noise)
{
    make(0);
    set_control(1.05, 0.001);
    take();
    expect(1, "Two runs of 4 workers in the same block differ by +5.0 % [+4.9, +5.1]: that "
              "is chance in 1 of 20 sweeps; differences as small as that mean nothing.");
    analysis_free(analysis);
    set_control(1, 0.02); /* exp(2.571 x 0.0219 / √6) - 1 */
    take();
    expect(1, "Two runs of 4 workers in the same block may differ by 2.3 %, more than the 2 % that "
              "count as equal: more blocks or a quieter host tell more.");
    analysis_free(analysis);
    set_control(1, 0.015); /* 1.7 % */
    take();
    expect(0, NULL);
    drop();
}
END_TEST

START_TEST(edges)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.outstanding = 64;
    fixture.noise = 0.002;
    results_fixture_make(&fixture, &results);
    take();
    expect(1, "The fastest count, 32, is the largest that can be compared: try up to 64, with at "
              "least 128 requests outstanding.");
    drop();
    /* With 16 workers it is 1 % less, and clearly less: with more it may be more. */
    fixture.outstanding = 16;
    results_fixture_make(&fixture, &results);
    for (size_t i = 0; i < results.trial_count; i++)
        if (results.trials[i].workers == 32)
            results.trials[i].measurement.throughput_rps *= 1.01;
    take();
    ck_assert_uint_eq(analysis->capacity[analysis->choice.chosen].workers, 16);
    ck_assert_ptr_nonnull(lookup_sentence(analysis, "The fastest count, 32"));
    drop();
    static const unsigned workers[] = {8, 12, 16};
    fixture = results_fixture_sleeping;
    fixture.workers = workers;
    fixture.count = 3;
    fixture.reference = 8;
    fixture.noise = 0;
    results_fixture_make(&fixture, &results);
    for (size_t i = 0; i < results.trial_count; i++)
        results.trials[i].measurement.throughput_rps *= 1 - 0.02 * results.trials[i].workers;
    take();
    expect(1, "8 is the smallest count that can be compared: fewer may do.");
    drop();
}
END_TEST

START_TEST(busy_generator)
{
    make(0.002);
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 1, 0, 2, false)
        ->measurement.generator_busy = NAN;
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 16, 0, 2, false)
        ->measurement.generator_busy = 0.85;
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 32, 0, 2, false)
        ->measurement.generator_busy = 0.8;
    take();
    expect(1, "The load generator was up to 85 % busy, with 16 workers: near the 90 % at which "
              "trials are refused.");
    analysis_free(analysis);
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 16, 0, 2, false)
        ->measurement.generator_busy = 0.75;
    results_fixture_trial(&results, EXPERIMENT_CAPACITY, 32, 0, 2, false)
        ->measurement.generator_busy = 0.75;
    take();
    expect(0, NULL);
    drop();
}
END_TEST

/* ---- the latency experiment --------------------------------------------------------------------
 */

START_TEST(unstable)
{
    results_fixture_make(&results_fixture_queueing, &results);
    take();
    ck_assert_str_eq(lookup_sentence(analysis, "At "),
                     "At 2 of 6 latency points the backlog grew, so they have no percentiles; the "
                     "lowest rate among them is 800 requests/s with 4 workers.");
    analysis_free(analysis);
    for (unsigned block = 1; block <= 6; block++)
        for (size_t rate = 0; rate < 2; rate++)
            results_fixture_trial(&results, EXPERIMENT_LATENCY, 4, rate, block, false)
                ->measurement.unstable = false;
    take();
    ck_assert_ptr_null(lookup_sentence(analysis, "At "));
    drop();
}
END_TEST

START_TEST(service_level)
{
    results_fixture_make(&results_fixture_queueing, &results);
    results.settings.slo_quantile = 0.999;
    results.settings.slo_limit_us = 1e6;
    for (unsigned block = 1; block <= 6; block++)
        results_fixture_forget(
            results_fixture_trial(&results, EXPERIMENT_LATENCY, 10, 1, block, false));
    take();
    ck_assert_str_eq(lookup_sentence(analysis, "p99.9"),
                     "p99.9 below 1.00s at 950 requests/s: met with 20, missed with 4, not known "
                     "with 10.");
    analysis_free(analysis);
    results_fixture_refuse(&results, EXPERIMENT_LATENCY, 20, "late");
    take();
    ck_assert_str_eq(lookup_sentence(analysis, "p99.9"),
                     "p99.9 below 1.00s: not known, since no rate of the latency experiment was "
                     "served.");
    drop();
}
END_TEST

Suite *analysis_doubts_suite(void)
{
    Suite *suite = suite_create("analysis_doubts");
    TCase *tests = tcase_create("analysis_doubts");
    tcase_add_test(tests, no_doubt);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, refused_without_a_reason);
    tcase_add_test(tests, cut);
    tcase_add_loop_test(tests, left_out_count, 0, COUNT(left_out));
    tcase_add_test(tests, several_left_out);
    tcase_add_test(tests, few_blocks);
    tcase_add_test(tests, interrupted);
    tcase_add_test(tests, noise);
    tcase_add_test(tests, edges);
    tcase_add_test(tests, busy_generator);
    tcase_add_test(tests, unstable);
    tcase_add_test(tests, service_level);
    suite_add_tcase(suite, tests);
    return suite;
}
