/* SPDX-License-Identifier: MIT */
#include "bench/commands/slo_objective.h"
#include "common/clock.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct slo_objective p99 = {0.99, 10000};

/* ---- how long a window is ----------------------------------------------------------------------
 */

/* The floors of other tables of this kind: 459 for p99 at 99 %, 2,995 for p99.9 at 95 %. */
START_TEST(requests)
{
    ck_assert_double_eq(slo_requests_needed(&p99), 459);
    ck_assert_double_eq(slo_requests_needed(&(struct slo_objective){0.999, 1}), 2995);
    ck_assert_double_eq(slo_requests_needed(&(struct slo_objective){0.5, 1}), 50);
    ck_assert_double_eq_tol(slo_requests_planned(&p99), 2 * (459 + 3 * sqrt(459)), 1e-9);
}
END_TEST

static const struct {
    double quantile;
    double limit_us;
    double rate_rps;
    double window_s;
} windows[] = {
    {0.99, 10000, 100000, 2},    {0.99, 10000, 1000, 2},
    {0.99, 10000, 100, 10.4654}, /* 1,046.5 requests */
    {0.99, 10000, 10, 60},       /* the longest */
    {0.99, 495000, 100000, 10},  /* 0.495 s of backlog, at 5 % a second, 99 % of the way */
    {0.5, 250000, 100000, 10},   {0.99, 100e6, 100000, 60},
};

START_TEST(window)
{
    struct slo_objective objective = {windows[_i].quantile, windows[_i].limit_us};
    struct slo_window limits = {.shortest_s = 2, .longest_s = 60};
    ck_assert_double_eq_tol(slo_window_s(&objective, &limits, 0.05, windows[_i].rate_rps),
                            windows[_i].window_s, 1e-3);
}
END_TEST

/* ---- judging -----------------------------------------------------------------------------------
 */

/* A valid measurement with so many answers of 1 ms and of 20 ms. */
static struct measurement measured(size_t fast, size_t slow)
{
    struct measurement measurement = {.open_loop = true, .sent_rps = 1000};
    measurement.response_histogram = calloc(1, sizeof(*measurement.response_histogram));
    ck_assert_ptr_nonnull(measurement.response_histogram);
    for (size_t i = 0; i < fast; i++)
        histogram_record(measurement.response_histogram, NS_PER_MS);
    for (size_t i = 0; i < slow; i++)
        histogram_record(measurement.response_histogram, (uint64_t)20 * NS_PER_MS);
    measurement.response.count = fast + slow;
    return measurement;
}

static const struct {
    size_t fast;
    size_t slow;
    uint64_t failures;
    uint64_t held_back;
    double oldest_us; /* unanswered at the end */
    uint64_t outstanding;
    enum slo_outcome outcome;
    double percentile_ms;
} trials[] = {
    {1000, 0, 0, 0, 0, 0, SLO_MET, 1},
    {990, 10, 0, 0, 0, 0, SLO_MET, 1},
    {989, 11, 0, 0, 0, 0, SLO_MISSED, 20},
    {990, 0, 10, 0, 0, 0, SLO_MET, 1},
    {989, 0, 11, 0, 0, 0, SLO_MISSED, INFINITY},
    {990, 0, 0, 10, 0, 0, SLO_MET, 1},
    {989, 0, 0, 11, 0, 0, SLO_MISSED, INFINITY},
    {985, 4, 4, 1, 0, 0, SLO_MET, 1},
    {984, 6, 5, 5, 0, 0, SLO_MISSED, 20},
    /* At 1,000 requests per second ten of those outstanding may have come within 10 ms. */
    {1000, 0, 0, 0, 9999, 200, SLO_MET, 1},
    {1000, 10, 0, 0, 10001, 10, SLO_MISSED, 20},
    {1000, 9, 0, 0, 10001, 10, SLO_MET, 1},
    {990, 0, 0, 0, 10001, 20, SLO_MET, 1},
    {989, 0, 0, 0, 10001, 21, SLO_MISSED, INFINITY},
    {459, 0, 0, 0, 0, 0, SLO_MET, 1},
    {458, 0, 0, 0, 0, 0, SLO_REFUSED, NAN},
    {457, 0, 1, 0, 0, 0, SLO_REFUSED, NAN},
    {0, 0, 500, 0, 0, 0, SLO_MISSED, INFINITY},
};

START_TEST(judgement)
{
    struct measurement measurement = measured(trials[_i].fast, trials[_i].slow);
    measurement.failures_total = trials[_i].failures;
    measurement.held_back = trials[_i].held_back;
    measurement.oldest_unanswered_us = trials[_i].oldest_us;
    measurement.outstanding_end = trials[_i].outstanding;
    struct slo_finding finding = slo_judge(&p99, &measurement);
    ck_assert_int_eq(finding.outcome, trials[_i].outcome);
    if (isfinite(trials[_i].percentile_ms))
        ck_assert_double_eq_tol(finding.percentile_us / 1000, trials[_i].percentile_ms, 0.2);
    else
        ck_assert(isinf(trials[_i].percentile_ms) ? isinf(finding.percentile_us)
                                                  : isnan(finding.percentile_us));
    ck_assert_int_eq(finding.reason[0] != '\0', trials[_i].outcome == SLO_REFUSED);
    measurement_free(&measurement);
}
END_TEST

START_TEST(at_the_limit_is_missed)
{
    struct measurement measurement = measured(1000, 0);
    double us = (double)histogram_quantile_ns(measurement.response_histogram, 0.99) / NS_PER_US;
    struct slo_objective exact = {0.99, us};
    struct slo_objective above = {0.99, us * 1.0001};
    ck_assert_int_eq(slo_judge(&exact, &measurement).outcome, SLO_MISSED);
    ck_assert_int_eq(slo_judge(&above, &measurement).outcome, SLO_MET);
    measurement_free(&measurement);
}
END_TEST

START_TEST(unstable_is_missed)
{
    struct measurement measurement = measured(1000, 0);
    measurement.unstable = true;
    struct slo_finding finding = slo_judge(&p99, &measurement);
    ck_assert_int_eq(finding.outcome, SLO_MISSED);
    ck_assert(isnan(finding.percentile_us));
    measurement_refuse(&measurement, "because");
    finding = slo_judge(&p99, &measurement);
    ck_assert_int_eq(finding.outcome, SLO_REFUSED);
    ck_assert_str_eq(finding.reason, "because");
    measurement_free(&measurement);
}
END_TEST

START_TEST(too_few)
{
    struct measurement measurement = measured(300, 0);
    struct slo_finding finding = slo_judge(&p99, &measurement);
    ck_assert_str_eq(finding.reason,
                     "only 300 requests were measured, and the percentile needs 459");
    measurement_free(&measurement);
}
END_TEST

Suite *slo_objective_suite(void)
{
    Suite *suite = suite_create("slo_objective");
    TCase *tests = tcase_create("slo_objective");
    tcase_add_test(tests, requests);
    tcase_add_loop_test(tests, window, 0, COUNT(windows));
    tcase_add_loop_test(tests, judgement, 0, COUNT(trials));
    tcase_add_test(tests, at_the_limit_is_missed);
    tcase_add_test(tests, unstable_is_missed);
    tcase_add_test(tests, too_few);
    suite_add_tcase(suite, tests);
    return suite;
}
