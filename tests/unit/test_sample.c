/* SPDX-License-Identifier: MIT */
#include "bench/statistics/sample.h"
#include "tests/unit/suites.h"

#include <math.h>

/* Mean 5; the squared deviations sum to 32. */
static const double eight[] = {2, 4, 4, NAN, 4, 5, 5, 7, NAN, 9};

START_TEST(figures)
{
    ck_assert_uint_eq(sample_known(eight, 10), 8);
    ck_assert_double_eq(sample_mean(eight, 10), 5);
    ck_assert_double_eq_tol(sample_deviation(eight, 10), sqrt(32.0 / 7), 1e-12);
    ck_assert_double_eq(sample_median(eight, 10), 4.5);
    static const double powers[] = {1, NAN, 100, 10};
    ck_assert_double_eq_tol(sample_geometric_mean(powers, 4), 10, 1e-12);
}
END_TEST

START_TEST(median)
{
    static const double odd[] = {9, 1, NAN, 5};
    ck_assert_double_eq(sample_median(odd, 4), 5);
    static const double even[] = {8, 1, 2, 100};
    ck_assert_double_eq(sample_median(even, 4), 5);
    static const double ties[] = {3, 1, 3, 3};
    ck_assert_double_eq(sample_median(ties, 4), 3);
    static const double endless[] = {INFINITY, INFINITY, 1};
    ck_assert(isinf(sample_median(endless, 3)));
}
END_TEST

START_TEST(too_few)
{
    static const double one[] = {NAN, 7};
    ck_assert_double_eq(sample_mean(one, 2), 7);
    ck_assert_double_eq(sample_median(one, 2), 7);
    ck_assert_double_eq_tol(sample_geometric_mean(one, 2), 7, 1e-12);
    ck_assert(isnan(sample_deviation(one, 2)));
    for (size_t count = 0; count < 2; count++) {
        ck_assert_uint_eq(sample_known(one, count), 0);
        ck_assert(isnan(sample_mean(one, count)));
        ck_assert(isnan(sample_deviation(one, count)));
        ck_assert(isnan(sample_median(one, count)));
        ck_assert(isnan(sample_geometric_mean(one, count)));
    }
}
END_TEST

START_TEST(no_logarithm)
{
    static const double zero[] = {4, 0};
    ck_assert_double_eq(sample_geometric_mean(zero, 2), 0);
    static const double negative[] = {4, -1};
    ck_assert(isnan(sample_geometric_mean(negative, 2)));
}
END_TEST

Suite *sample_suite(void)
{
    Suite *suite = suite_create("sample");
    TCase *tests = tcase_create("sample");
    tcase_add_test(tests, figures);
    tcase_add_test(tests, median);
    tcase_add_test(tests, too_few);
    tcase_add_test(tests, no_logarithm);
    suite_add_tcase(suite, tests);
    return suite;
}
