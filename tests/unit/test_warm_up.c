/* SPDX-License-Identifier: MIT */
#include "bench/statistics/warm_up.h"
#include "tests/unit/suites.h"

#include <math.h>

enum { MOST_VALUES = 200 };

/* Batches with these means, whose values differ. */
static void fill(double *values, const double *means, size_t batches)
{
    for (size_t i = 0; i < batches; i++)
        for (size_t j = 0; j < WARM_UP_BATCH; j++)
            values[i * WARM_UP_BATCH + j] = means[i] + 100 * ((double)j - 2);
}

/*
 * By hand: for 0, 1, 2 and 3 dropped batches of eight, 120/64 = 1.875, 46.857/49 = 0.956, 16/36 =
 * 0.444 and 16/25 = 0.64.
 */
static const double eight[] = {0, 4, 10, 12, 8, 10, 12, 8};

START_TEST(worked_example)
{
    double values[MOST_VALUES];
    fill(values, eight, 8);
    struct warm_up found = warm_up_find(values, 40);
    ck_assert_uint_eq(found.drop, 10);
    ck_assert(!found.at_limit);
    /* What does not fill a batch at the end is not looked at. */
    for (size_t i = 40; i < 44; i++)
        values[i] = 1e6;
    ck_assert_uint_eq(warm_up_find(values, 44).drop, 10);
}
END_TEST

START_TEST(never_more_than_half)
{
    double values[MOST_VALUES];
    for (size_t i = 0; i < MOST_VALUES; i++)
        values[i] = exp2(-(double)i); /* what is dropped always outweighs the rest */
    struct warm_up found = warm_up_find(values, 100);
    ck_assert_uint_eq(found.drop, 50);
    ck_assert(found.at_limit);
    ck_assert_uint_eq(warm_up_find(values, 110).drop, 55);
    ck_assert_uint_eq(warm_up_find(values, 105).drop, 50);
    /* Five batches stay. */
    ck_assert_uint_eq(warm_up_find(values, 45).drop, 20);
    ck_assert_uint_eq(warm_up_find(values, 40).drop, 15);
    ck_assert_uint_eq(warm_up_find(values, 30).drop, 5);
    found = warm_up_find(values, 29);
    ck_assert_uint_eq(found.drop, 0);
    ck_assert(!found.at_limit);
    ck_assert_uint_eq(warm_up_find(values, 0).drop, 0);
}
END_TEST

START_TEST(steady_is_left_whole)
{
    double values[MOST_VALUES];
    for (size_t i = 0; i < MOST_VALUES; i++)
        values[i] = 0.1;
    struct warm_up found = warm_up_find(values, MOST_VALUES);
    ck_assert_uint_eq(found.drop, 0);
    ck_assert(!found.at_limit);
    values[7] = 50;
    ck_assert_uint_eq(warm_up_find(values, MOST_VALUES).drop, 10);
    values[3] = NAN;
    found = warm_up_find(values, MOST_VALUES);
    ck_assert_uint_eq(found.drop, 0);
    ck_assert(!found.at_limit);
}
END_TEST

/*
 * By hand: xx = 10, xy = 12, so the slope is 1.2; the squares around the line sum to 0.4, t² =
 * 14.4 / (0.4 / 3) = 108; Student's t with three degrees of freedom has a closed form.
 */
START_TEST(trend)
{
    static const double values[] = {1, 2, 3, 4, 6};
    struct warm_up_trend found = warm_up_trend(values, 5);
    ck_assert_double_eq_tol(found.slope, 1.2, 1e-12);
    ck_assert_double_eq_tol(found.drift, 1.2 * 4 / 3.2, 1e-12);
    ck_assert_double_eq_tol(found.p_value, 1 - 2 / acos(-1) * (6.0 / 37 + atan(6)), 1e-10);
    static const double falling[] = {6, 4, 3, 2, 1};
    ck_assert_double_eq_tol(warm_up_trend(falling, 5).slope, -1.2, 1e-12);
    ck_assert_double_eq_tol(warm_up_trend(falling, 5).p_value, found.p_value, 1e-10);
}
END_TEST

START_TEST(trend_edges)
{
    static const double steady[] = {0.1, 0.1, 0.1, 0.1};
    struct warm_up_trend found = warm_up_trend(steady, 4);
    ck_assert_double_eq(found.slope, 0);
    ck_assert_double_eq(found.drift, 0);
    ck_assert_double_eq(found.p_value, 1);
    static const double line[] = {-2, 0, 2};
    found = warm_up_trend(line, 3);
    ck_assert_double_eq_tol(found.slope, 2, 1e-12);
    ck_assert(isnan(found.drift));
    ck_assert_double_eq_tol(found.p_value, 0, 1e-6);
    found = warm_up_trend(line, 2);
    ck_assert(isnan(found.slope) && isnan(found.drift) && isnan(found.p_value));
    static const double hole[] = {1, 2, NAN, 4};
    found = warm_up_trend(hole, 4);
    ck_assert(isnan(found.slope) && isnan(found.drift) && isnan(found.p_value));
}
END_TEST

Suite *warm_up_suite(void)
{
    Suite *suite = suite_create("warm_up");
    TCase *tests = tcase_create("warm_up");
    tcase_add_test(tests, worked_example);
    tcase_add_test(tests, never_more_than_half);
    tcase_add_test(tests, steady_is_left_whole);
    tcase_add_test(tests, trend);
    tcase_add_test(tests, trend_edges);
    suite_add_tcase(suite, tests);
    return suite;
}
