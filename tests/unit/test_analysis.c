/* SPDX-License-Identifier: MIT */
#include "bench/results/analysis.h"
#include "tests/unit/analysis_lookup.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

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

/* ---- known laws --------------------------------------------------------------------------------
 */

static const struct {
    enum fixture_law law;
    size_t outstanding;
    unsigned chosen;
    double knee;
    double goetz;
} laws[] = {
    {FIXTURE_SLEEP, 8, 8, 8, 40}, /* 2 cores x (1 + 9.5 ms / 0.5 ms) */
    {FIXTURE_CPU, 64, 2, 2, 2},
    {FIXTURE_LOCK, 64, 1, 1, 2},
};

START_TEST(law)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.law = laws[_i].law;
    fixture.outstanding = laws[_i].outstanding;
    fixture.noise = 0.004;
    make(&fixture);
    take();
    ck_assert_uint_eq(analysis->capacity_count, COUNTS);
    ck_assert_uint_eq(analysis->left_out_count, 0);
    ck_assert_uint_eq(analysis->unusable, 0);
    ck_assert_uint_eq(analysis->capacity[analysis->choice.chosen].workers, laws[_i].chosen);
    ck_assert_ptr_null(analysis->knee.not_fitted);
    ck_assert(!analysis->knee.lack.rejected);
    expect_near(analysis->knee.knee_workers, laws[_i].knee, 0.01);
    expect_near(analysis->goetz_workers, laws[_i].goetz, 1e-9);
    for (size_t i = 0; i < analysis->capacity_count; i++) {
        const struct capacity_line *line = &analysis->capacity[i];
        double rate_rps = results_fixture_rate_rps(&fixture, fixture.workers[i]);
        ck_assert_uint_eq(line->workers, fixture.workers[i]);
        expect_near(line->rate_rps, rate_rps, 0.004);
        expect_near(line->knee_rps, rate_rps, 0.01);
        expect_near(line->ideal_rps, analysis->capacity[0].rate_rps * fixture.workers[i], 1e-9);
        ck_assert_double_lt(line->rate_low_rps, line->rate_rps);
        ck_assert_double_gt(line->rate_high_rps, line->rate_rps);
    }
    drop();
}
END_TEST

START_TEST(sleeping_recommends_eight)
{
    make(&results_fixture_sleeping);
    take();
    ck_assert_int_eq(analysis->choice.verdict, CHOICE_USE);
    ck_assert_ptr_nonnull(strstr(analysis->recommendation, "use 8 workers"));
    ck_assert_str_eq(analysis->workload, "sleep:10000us");
    expect_near(line_of(8)->comparison.to_reference.middle, 2, 0.01);
    expect_near(line_of(4)->comparison.to_best.middle, 0.5, 0.01);
    ck_assert(line_of(16)->comparison.in_set);
    ck_assert(!line_of(4)->comparison.in_set);
    drop();
}
END_TEST

START_TEST(figures_of_a_line)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.noise = 0;
    make(&fixture);
    static const double utilizations[] = {0.1, 0.9, 0.3, 0.5, 0.4, 0.6};
    for (unsigned block = 1; block <= 6; block++) {
        struct trial *trial =
            results_fixture_trial(&results, EXPERIMENT_CAPACITY, 4, 0, block, false);
        trial->server.utilization = utilizations[block - 1];
        trial->server.switches = block == 2 ? NAN : 7;
        trial->measurement.generator_busy = 0.1 * block;
    }
    take();
    const struct capacity_line *line = line_of(4);
    ck_assert_uint_eq(line->planned, 6);
    ck_assert_uint_eq(line->usable, 6);
    ck_assert_ptr_null(line->first_reason);
    ck_assert_uint_eq(line->response.count, 6 * 500); /* merged, the control left out */
    expect_near(line->response.p50_us, 20000, 0.01);  /* 8 outstanding, 400 per second */
    ck_assert_double_eq_tol(line->server.utilization, 0.45, 1e-9); /* between 0.4 and 0.5 */
    ck_assert_double_eq(line->server.switches, 7);
    ck_assert_double_eq_tol(line->server.cpu_us, 503, 1e-9);
    ck_assert_double_eq_tol(line->server.blocked_us, 9500, 1e-9);
    ck_assert_double_eq_tol(line->server.worker_cpu_us, 500, 1e-9);
    ck_assert_double_eq_tol(line->server.requests, 500, 1e-9);
    ck_assert_double_eq(line->server.lock_wait_us, 0);
    ck_assert_ptr_null(line->server.workers);
    ck_assert_double_eq_tol(line->generator_busy, 0.6, 1e-9);
    line = line_of(2);
    expect_near(line->little_busy, 2, 1e-6);  /* 200 per second of 10 ms each */
    expect_near(line->little_queue, 6, 1e-6); /* of 8 outstanding, the others wait */
    drop();
}
END_TEST

START_TEST(control_tells_only_the_noise)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.noise = 0;
    make(&fixture);
    for (unsigned block = 1; block <= 6; block++) {
        struct trial *control =
            results_fixture_trial(&results, EXPERIMENT_CAPACITY, 4, 0, block, true);
        control->measurement.throughput_rps *= 1.1 + 0.001 * block;
        control->server.utilization = 0;
    }
    take();
    expect_near(line_of(4)->rate_rps, 400, 1e-6);
    expect_near(line_of(4)->server.utilization, 1, 1e-9);
    expect_near(analysis->choice.noise.middle, 1.1035, 1e-4);
    drop();
}
END_TEST

Suite *analysis_suite(void)
{
    Suite *suite = suite_create("analysis");
    TCase *tests = tcase_create("analysis");
    tcase_add_loop_test(tests, law, 0, (int)COUNT(laws));
    tcase_add_test(tests, sleeping_recommends_eight);
    tcase_add_test(tests, figures_of_a_line);
    tcase_add_test(tests, control_tells_only_the_noise);
    suite_add_tcase(suite, tests);
    return suite;
}
