/* SPDX-License-Identifier: MIT */
#include "bench/results/analysis.h"
#include "tests/unit/analysis_lookup.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const unsigned workers[] = {4, 10, 20};
static const double shares[] = {0.4, 0.475};

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

/* As theory has it, not as the simulation happened to go. */
static void set_service(size_t rate, double mean_us, double scv)
{
    for (size_t i = 0; i < 3; i++) {
        for (unsigned block = 1; block <= 6; block++) {
            trial_at(workers[i], rate, block)->server.service_mean_us = mean_us;
            trial_at(workers[i], rate, block)->server.service_scv = scv;
        }
    }
}

/* ---- lines -------------------------------------------------------------------------------------
 */

START_TEST(lines)
{
    results_fixture_make(&results_fixture_queueing, &results);
    for (size_t i = 0; i < results.trial_count / 2; i++) { /* the order of trials is no matter */
        struct trial trial = results.trials[i];
        results.trials[i] = results.trials[results.trial_count - 1 - i];
        results.trials[results.trial_count - 1 - i] = trial;
    }
    results.settings.workers[results.settings.count++] = 64; /* which was not planned */
    take();
    ck_assert_uint_eq(analysis->latency_count, 6);
    ck_assert_double_eq_tol(lookup_capacity(analysis, 20)->ideal_rps, 2000, 1e-6); /* 5 times 4 */
    for (size_t i = 0; i < 6; i++) {
        const struct latency_line *line = &analysis->latency[i];
        ck_assert_uint_eq(line->workers, workers[i / 2]);
        ck_assert_double_eq_tol(line->offered_rps, i % 2 == 0 ? 800 : 950, 1e-6);
        ck_assert_double_eq_tol(line->share, shares[i % 2], 1e-6);
        ck_assert_uint_eq(line->planned, 6);
        ck_assert_uint_eq(line->usable, 6);
        ck_assert_uint_eq(line->unstable, line->workers == 4 ? 6 : 0);
        ck_assert_ptr_null(line->first_reason);
        ck_assert(!line->slo_known);
    }
    drop();
}
END_TEST

START_TEST(figures)
{
    results_fixture_make(&results_fixture_queueing, &results);
    static const double waits_us[] = {1, 9, 3, 5, 4, 6};
    for (unsigned block = 1; block <= 6; block++) {
        trial_at(10, 0, block)->server.queue_wait_mean_us = waits_us[block - 1];
        trial_at(10, 0, block)->measurement.throughput_rps = 700 + waits_us[block - 1];
    }
    trial_at(10, 1, 2)->measurement.failures_total = 1;
    trial_at(10, 1, 2)->measurement.unstable = true;
    take();
    ck_assert_uint_eq(line_of(10, 1)->response.count, 5 * 500);
    ck_assert_uint_eq(line_of(10, 1)->unstable, 0);
    const struct latency_line *line = line_of(10, 0);
    ck_assert_double_eq_tol(line->queue_wait_us, 4.5, 1e-9);
    ck_assert_double_eq_tol(line->throughput_rps, 704.5, 1e-9);
    ck_assert_uint_eq(line->response.count, 6 * 500);
    ck_assert_uint_eq(line->wire.count, 6 * 500);
    ck_assert_uint_eq(histogram_count(line->response_histogram), 6 * 500);
    ck_assert_uint_eq(histogram_count(line->wire_histogram), 6 * 500);
    ck_assert_double_eq_tol(line->response.mean_us - line->wire.mean_us, 5, 0.01); /* the lag */
    /* A tenth of a second's worth of service, and the waits: the mean response of M/M/10. */
    ck_assert_double_eq_tol(line->wire.mean_us, 12050, 1000);
    drop();
}
END_TEST

/* Percentiles of a backlog that grows tell the length of the trial. */
START_TEST(unstable)
{
    results_fixture_make(&results_fixture_queueing, &results);
    for (unsigned block = 1; block <= 3; block++) {
        trial_at(10, 0, block)->measurement.unstable = true;
        trial_at(10, 1, block)->measurement.unstable = true;
    }
    trial_at(10, 1, 4)->measurement.unstable = true;
    take();
    ck_assert_uint_eq(line_of(10, 0)->unstable, 3); /* half, not more */
    ck_assert_double_eq_tol(line_of(10, 0)->response.p50_us, 9000, 1500);
    ck_assert_uint_eq(line_of(10, 1)->unstable, 4);
    ck_assert_uint_eq(line_of(10, 1)->response.count, 6 * 500);
    ck_assert_double_nan(line_of(10, 1)->response.mean_us);
    ck_assert_double_nan(line_of(10, 1)->response.p50_us);
    ck_assert_double_nan(line_of(10, 1)->response.p90_us);
    ck_assert_double_nan(line_of(10, 1)->response.p99_us);
    ck_assert_double_nan(line_of(10, 1)->response.p99_9_us);
    ck_assert_double_nan(line_of(10, 1)->response.max_us);
    ck_assert_double_nan(line_of(10, 1)->wire.p99_us);
    ck_assert_ptr_nonnull(line_of(10, 1)->response_histogram);
    drop();
}
END_TEST

START_TEST(unusable)
{
    results_fixture_make(&results_fixture_queueing, &results);
    results_fixture_refuse(&results, EXPERIMENT_LATENCY, 10, "late");
    for (unsigned block = 1; block <= 6; block++) {
        results_fixture_forget(trial_at(20, 1, block));
        if (block > 1)
            results_fixture_forget(trial_at(20, 0, block));
    }
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 20, "late");
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 10, "late");
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 4, "late");
    take();
    ck_assert_uint_eq(line_of(10, 1)->usable, 0);
    ck_assert_str_eq(line_of(10, 1)->first_reason, "late");
    ck_assert_ptr_null(line_of(10, 1)->response_histogram);
    ck_assert_uint_eq(line_of(10, 1)->response.count, 0);
    ck_assert_double_nan(line_of(10, 1)->response.p50_us);
    ck_assert_double_nan(line_of(10, 1)->queue_wait_us);
    ck_assert_double_nan(line_of(10, 1)->model_queue_wait_us);
    ck_assert_double_nan(line_of(10, 1)->share);
    ck_assert_uint_eq(line_of(20, 1)->usable, 0);
    ck_assert_ptr_null(line_of(20, 1)->first_reason);
    ck_assert_uint_eq(line_of(20, 0)->usable, 1);
    ck_assert_uint_eq(line_of(20, 0)->response.count, 500);
    drop();
}
END_TEST

/* ---- models ------------------------------------------------------------------------------------
 */

/* The check value: a load of 8 on 10 workers has to wait with 0.409, 2.05 ms on average, and in
 * 99 of 100 cases less than 18.6 ms. */
START_TEST(erlang)
{
    results_fixture_make(&results_fixture_queueing, &results);
    set_service(0, 10000, 1);
    set_service(1, 70000, 9); /* only the lowest rate counts */
    take();
    ck_assert_double_eq_tol(line_of(10, 0)->model_queue_wait_us, 2050, 5);
    ck_assert_double_eq_tol(line_of(10, 0)->model_queue_wait_p99_us, 18600, 50);
    ck_assert_double_gt(line_of(10, 1)->model_queue_wait_us, 2050);
    ck_assert(isfinite(line_of(10, 1)->model_queue_wait_us));
    ck_assert_double_lt(line_of(20, 0)->model_queue_wait_us, 10);
    ck_assert(isinf(line_of(4, 0)->model_queue_wait_us));
    ck_assert(isinf(line_of(4, 0)->model_queue_wait_p99_us));
    /* What happened is as it should be. */
    ck_assert_double_eq_tol(line_of(10, 0)->queue_wait_us, 2050, 1000);
    drop();
}
END_TEST

static const struct {
    double service_us;
    double scv;
    double wait_us; /* at a load of 8 on 10 workers; NAN for unknown */
} variations[] = {
    {10000, 0, 1025}, {10000, 3, 4100}, {10000, NAN, NAN}, {NAN, 1, NAN}, {0, 1, NAN},
};

START_TEST(variation)
{
    results_fixture_make(&results_fixture_queueing, &results);
    set_service(0, variations[_i].service_us, variations[_i].scv);
    take();
    const struct latency_line *line = line_of(10, 0);
    if (isnan(variations[_i].wait_us)) {
        ck_assert_double_nan(line->model_queue_wait_us);
        ck_assert_double_nan(line->model_queue_wait_p99_us);
    } else {
        double factor = variations[_i].wait_us / 2050;
        ck_assert_double_eq_tol(line->model_queue_wait_us, variations[_i].wait_us, 10);
        ck_assert_double_eq_tol(line->model_queue_wait_p99_us, factor * 18600, 100);
    }
    drop();
}
END_TEST

START_TEST(the_next_rate_stands_in)
{
    results_fixture_make(&results_fixture_queueing, &results);
    set_service(1, 5000, 1);
    for (unsigned block = 1; block <= 6; block++)
        results_fixture_forget(trial_at(10, 0, block));
    take();
    /* A load of 4 on 10 workers hardly waits. */
    ck_assert_double_lt(line_of(10, 0)->model_queue_wait_us, 20);
    drop();
}
END_TEST

Suite *analysis_latency_suite(void)
{
    Suite *suite = suite_create("analysis_latency");
    TCase *tests = tcase_create("analysis_latency");
    tcase_add_test(tests, lines);
    tcase_add_test(tests, figures);
    tcase_add_test(tests, unstable);
    tcase_add_test(tests, unusable);
    tcase_add_test(tests, erlang);
    tcase_add_loop_test(tests, variation, 0, COUNT(variations));
    tcase_add_test(tests, the_next_rate_stands_in);
    suite_add_tcase(suite, tests);
    return suite;
}
