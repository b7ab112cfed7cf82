/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_random.h"
#include "bench/statistics/interval.h"
#include "tests/unit/suites.h"

#include <math.h>

/*
 * Student's sleep data (1908), whose t intervals R's documentation of t.test() shows: paired
 * 0.7001142 to 2.4598858 (9 degrees of freedom), unpaired -0.2054832 to 3.3654832 (17.776).
 * Here they are logarithms of rates.
 */
enum { SLEEPERS = 10 };
static const double laudanum[SLEEPERS] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
static const double hyoscine[SLEEPERS] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double standard_error = 0.3889587; /* of the differences' mean */

static void exponentiate(const double *logs, double *rates)
{
    for (int i = 0; i < SLEEPERS; i++)
        rates[i] = exp(logs[i]);
}

static struct interval sleep_paired(size_t comparisons)
{
    double a[SLEEPERS];
    double b[SLEEPERS];
    exponentiate(laudanum, a);
    exponentiate(hyoscine, b);
    return interval_paired(a, b, SLEEPERS, comparisons);
}

START_TEST(paired)
{
    struct interval ratio = sleep_paired(1);
    ck_assert_uint_eq(ratio.count, SLEEPERS);
    ck_assert_double_eq_tol(log(ratio.middle), 1.58, 1e-9);
    ck_assert_double_eq_tol(log(ratio.low), 0.7001142, 1e-7);
    ck_assert_double_eq_tol(log(ratio.high), 2.4598858, 1e-7);
    ck_assert_double_eq_tol(log1p(ratio.detectable), (2.2621572 + 0.8834039) * standard_error,
                            1e-6);
    ck_assert(interval_differs(&ratio));
    ratio = sleep_paired(0);
    ck_assert_double_eq_tol(log(ratio.low), 0.7001142, 1e-7);
}
END_TEST

/* t(9, 1 - 0.025/7) = 3.4615911 */
START_TEST(simultaneous)
{
    struct interval ratio = sleep_paired(7);
    ck_assert_double_eq_tol(log(ratio.low), 1.58 - 3.4615911 * standard_error, 1e-6);
    ck_assert_double_eq_tol(log(ratio.high), 1.58 + 3.4615911 * standard_error, 1e-6);
    ck_assert_double_eq_tol(log1p(ratio.detectable), (3.4615911 + 0.8834039) * standard_error,
                            1e-6);
}
END_TEST

START_TEST(unpaired)
{
    double a[SLEEPERS];
    double b[SLEEPERS];
    exponentiate(laudanum, a);
    exponentiate(hyoscine, b);
    struct interval ratio = interval_unpaired(a, SLEEPERS, b, SLEEPERS, 1);
    ck_assert_uint_eq(ratio.count, 2 * SLEEPERS);
    ck_assert_double_eq_tol(log(ratio.middle), 1.58, 1e-9);
    ck_assert_double_eq_tol(log(ratio.low), -0.2054832, 1e-7);
    ck_assert_double_eq_tol(log(ratio.high), 3.3654832, 1e-7);
    ck_assert(!interval_differs(&ratio));
    ratio = interval_unpaired(a, 1, b, SLEEPERS, 1);
    ck_assert_double_eq_tol(log(ratio.middle), 1.9 - 0.75, 1e-9);
    ck_assert(isnan(ratio.low) && isnan(ratio.high) && isnan(ratio.detectable));
    ck_assert(isnan(interval_unpaired(a, 0, b, SLEEPERS, 1).middle));
}
END_TEST

/*
 * By hand: the means are 1 and 0, their squared errors 1 and 1/3; (4/3)² / (1 + 1/18) = 1.6842
 * degrees of freedom; t = 5.1762316 by numerical integration of the density.
 */
START_TEST(unpaired_sizes_differ)
{
    const double a[] = {1, NAN, exp(2)};
    const double b[] = {exp(-1), 1, -5, exp(1)};
    struct interval ratio = interval_unpaired(a, 3, b, 4, 1);
    ck_assert_uint_eq(ratio.count, 5);
    ck_assert_double_eq_tol(log(ratio.low), 1 - 5.9769974, 1e-5);
    ck_assert_double_eq_tol(log(ratio.high), 1 + 5.9769974, 1e-5);
}
END_TEST

START_TEST(mean)
{
    static const double rates[] = {100, NAN, 400, 0, -3, INFINITY};
    struct interval rate = interval_mean(rates, 6, 1);
    double reach = 12.7062047 * log(2); /* t(1, 0.975); the standard error is ln(4) / 2 */
    ck_assert_uint_eq(rate.count, 2);
    ck_assert_double_eq_tol(rate.middle, 200, 1e-9);
    ck_assert_double_eq_tol(log(rate.low), log(200) - reach, 1e-6);
    ck_assert_double_eq_tol(log(rate.high), log(200) + reach, 1e-6);
}
END_TEST

START_TEST(too_few)
{
    static const double a[] = {2, 4, NAN, 5, 0, 7};
    static const double b[] = {1, NAN, 3, 0, 9, -2};
    struct interval ratio = interval_paired(a, b, 6, 1);
    ck_assert_uint_eq(ratio.count, 1);
    ck_assert_double_eq_tol(ratio.middle, 2, 1e-12);
    ck_assert(isnan(ratio.low) && isnan(ratio.high) && isnan(ratio.detectable));
    ck_assert(!interval_differs(&ratio));
    ratio = interval_paired(&a[1], &b[1], 5, 1);
    ck_assert_uint_eq(ratio.count, 0);
    ck_assert(isnan(ratio.middle) && isnan(ratio.low));
}
END_TEST

START_TEST(no_variance)
{
    static const double a[] = {2, 6, 14};
    static const double b[] = {1, 3, 7};
    struct interval ratio = interval_paired(a, b, 3, 5);
    ck_assert_double_eq_tol(ratio.low, 2, 1e-12);
    ck_assert_double_eq_tol(ratio.high, 2, 1e-12);
    ck_assert_double_eq_tol(ratio.detectable, 0, 1e-12);
    static const double same[] = {3, 3};
    ratio = interval_unpaired(same, 2, same, 2, 1);
    ck_assert_double_eq(ratio.low, 1);
    ck_assert_double_eq(ratio.high, 1);
    ck_assert(!interval_differs(&ratio));
}
END_TEST

/* Standard normal (Box and Muller 1958). */
static double normal(struct bench_random *random)
{
    double u = ((double)(bench_random_next(random) >> 11) + 1) * 0x1p-53;
    double v = (double)(bench_random_next(random) >> 11) * 0x1p-53;
    return sqrt(-2 * log(u)) * cos(2 * acos(-1) * v);
}

/* Blocks share a disturbance; the truth is 1.1. How often do all of m intervals hold it? */
static double coverage(size_t blocks, size_t comparisons)
{
    enum { TRIALS = 4000, MOST_BLOCKS = 16 };
    struct bench_random random = {.state = 42};
    size_t covered = 0;
    for (size_t trial = 0; trial < TRIALS; trial++) {
        double block[MOST_BLOCKS];
        double reference[MOST_BLOCKS];
        bool all = true;
        for (size_t i = 0; i < blocks; i++) {
            block[i] = exp(0.5 * normal(&random));
            reference[i] = 1000 * block[i] * exp(0.02 * normal(&random));
        }
        for (size_t j = 0; j < comparisons; j++) {
            double rates[MOST_BLOCKS];
            for (size_t i = 0; i < blocks; i++)
                rates[i] = 1100 * block[i] * exp(0.02 * normal(&random));
            struct interval ratio = interval_paired(rates, reference, blocks, comparisons);
            all = all && ratio.low <= 1.1 && 1.1 <= ratio.high;
        }
        covered += all ? 1 : 0;
    }
    return (double)covered / TRIALS;
}

START_TEST(holds_as_often_as_it_says)
{
    ck_assert_double_eq_tol(coverage(10, 1), 0.95, 0.012);
    ck_assert_double_eq_tol(coverage(6, 1), 0.95, 0.012);
    double joint = coverage(10, 6); /* Bonferroni is a little too wide */
    ck_assert_double_ge(joint, 0.945);
    ck_assert_double_le(joint, 0.975);
}
END_TEST

Suite *interval_suite(void)
{
    Suite *suite = suite_create("interval");
    TCase *tests = tcase_create("interval");
    tcase_add_test(tests, paired);
    tcase_add_test(tests, simultaneous);
    tcase_add_test(tests, unpaired);
    tcase_add_test(tests, unpaired_sizes_differ);
    tcase_add_test(tests, mean);
    tcase_add_test(tests, too_few);
    tcase_add_test(tests, no_variance);
    tcase_add_test(tests, holds_as_often_as_it_says);
    suite_add_tcase(suite, tests);
    return suite;
}
