/* SPDX-License-Identifier: MIT */
#include "bench/statistics/queueing.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* Eight of ten workers are busy: a = 8, S = 10 ms. */
static const struct queueing ten = {.arrivals_rps = 800, .service_us = 10000, .workers = 10};

START_TEST(check_value)
{
    ck_assert_double_eq_tol(queueing_utilization(&ten), 0.8, 1e-12);
    ck_assert_double_eq_tol(queueing_wait_probability(&ten), 0.4091802, 1e-7);
    ck_assert_double_eq_tol(queueing_mean_wait_us(&ten), 2045.9008, 1e-3);
    ck_assert_double_eq_tol(queueing_wait_quantile_us(&ten, 0.99), 18557.852, 1e-2);
    ck_assert_double_eq_tol(queueing_wait_exceeds(&ten, 18557.852), 0.01, 1e-8);
    ck_assert_double_eq_tol(queueing_wait_exceeds(&ten, 0), 0.4091802, 1e-7);
}
END_TEST

/*
 * One worker: ρ. Two: a² / (2 + a). Others by the sum that defines it. Ten erlangs and 14 agents:
 * the worked example of Call Centre Helper's "Erlang C Formula", 17.4 %.
 */
static const struct {
    double load;
    unsigned workers;
    double waiting;
} erlang_c[] = {
    {0.5, 1, 0.5},          {1, 2, 1.0 / 3},        {1.5, 2, 9.0 / 14},  {2, 3, 4.0 / 9},
    {20, 25, 0.2091028266}, {10, 12, 0.4493882243}, {10, 14, 0.1741319}, {0, 4, 0},
};

START_TEST(erlang)
{
    struct queueing queue = {.arrivals_rps = erlang_c[_i].load * 1000,
                             .service_us = 1000,
                             .workers = erlang_c[_i].workers};
    ck_assert_double_eq_tol(queueing_wait_probability(&queue), erlang_c[_i].waiting, 1e-7);
}
END_TEST

/* The same example: 200 calls an hour of 180 s; 88.8 % wait 20 s at most, 7.8 s on average. */
START_TEST(call_centre)
{
    struct queueing queue = {.arrivals_rps = 200.0 / 3600, .service_us = 180e6, .workers = 14};
    ck_assert_double_eq_tol(1 - queueing_wait_exceeds(&queue, 20e6), 0.888, 5e-4);
    ck_assert_double_eq_tol(queueing_mean_wait_us(&queue), 7.8e6, 5e4);
    ck_assert_double_eq_tol(queueing_utilization(&queue), 0.714, 5e-4);
}
END_TEST

START_TEST(most_do_not_wait)
{
    ck_assert_double_eq(queueing_wait_quantile_us(&ten, 0.5), 0);
    ck_assert_double_eq(queueing_wait_quantile_us(&ten, 0.59), 0);
    ck_assert_double_gt(queueing_wait_quantile_us(&ten, 0.6), 0);
    struct queueing idle = {.arrivals_rps = 0, .service_us = 10000, .workers = 4};
    ck_assert_double_eq(queueing_mean_wait_us(&idle), 0);
    ck_assert_double_eq(queueing_wait_quantile_us(&idle, 0.999), 0);
}
END_TEST

START_TEST(unstable)
{
    for (unsigned workers = 7; workers <= 8; workers++) {
        struct queueing queue = {.arrivals_rps = 800, .service_us = 10000, .workers = workers};
        ck_assert_double_ge(queueing_utilization(&queue), 1);
        ck_assert_double_eq(queueing_wait_probability(&queue), 1);
        ck_assert(isinf(queueing_mean_wait_us(&queue)));
        ck_assert(isinf(queueing_wait_quantile_us(&queue, 0.01)));
        ck_assert_double_eq(queueing_wait_exceeds(&queue, 1e9), 1);
    }
}
END_TEST

START_TEST(laws)
{
    ck_assert_double_eq(queueing_variability(1, 1), 1);
    ck_assert_double_eq(queueing_variability(1, 0), 0.5);
    ck_assert_double_eq(queueing_variability(0, 3), 4.5);
    ck_assert_double_eq_tol(queueing_little(2000, 4000), 8, 1e-12);
    ck_assert_double_eq_tol(queueing_little_error(10, 2000, 4000, 1100), 0.02, 1e-12);
    ck_assert_double_eq_tol(queueing_little_error(10, 2000, 3000, 1900), -0.02, 1e-12);
    ck_assert(isnan(queueing_little_error(0, 2000, 4000, 0)));
    ck_assert_double_eq_tol(queueing_goetz(4, 0.75, 90, 10), 30, 1e-12);
    ck_assert_double_eq_tol(queueing_goetz(4, 1, 0, 10), 4, 1e-12);
    ck_assert(isinf(queueing_goetz(4, 1, 10, 0)));
}
END_TEST

Suite *queueing_suite(void)
{
    Suite *suite = suite_create("queueing");
    TCase *tests = tcase_create("queueing");
    tcase_add_test(tests, check_value);
    tcase_add_loop_test(tests, erlang, 0, COUNT(erlang_c));
    tcase_add_test(tests, call_centre);
    tcase_add_test(tests, most_do_not_wait);
    tcase_add_test(tests, unstable);
    tcase_add_test(tests, laws);
    suite_add_tcase(suite, tests);
    return suite;
}
