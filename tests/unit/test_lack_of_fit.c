/* SPDX-License-Identifier: MIT */
#include "bench/statistics/lack_of_fit.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/*
 * New accounts by size of deposit (Kutner and others, "Applied Linear Statistical Models", 3.7):
 * the line 50.72251 + 0.48670 x has SSR 14742, SSPE 1148, F = 14.80 and a p-value of 0.006.
 */
static const double deposits[] = {125, 100, 200, 75, 150, 175, 75, 175, 125, 200, 100};
static const double accounts[] = {160, 112, 124, 28, 152, 156, 42, 124, 150, 104, 136};

START_TEST(published)
{
    double residuals[COUNT(deposits)];
    for (size_t i = 0; i < COUNT(deposits); i++)
        residuals[i] = accounts[i] - 50.72251 - 0.48670 * deposits[i];
    struct lack_of_fit lack = lack_of_fit_test(deposits, accounts, residuals, COUNT(deposits), 2);
    ck_assert(lack.tested);
    ck_assert_double_eq_tol(lack.f, 14.80, 0.005);
    ck_assert_double_eq_tol(lack.p_value, 0.006, 0.0005);
    ck_assert(lack.rejected);
    /* Six places and six parameters: nothing is left to test with. */
    ck_assert(!lack_of_fit_test(deposits, accounts, residuals, COUNT(deposits), 6).tested);
    ck_assert(lack_of_fit_test(deposits, accounts, residuals, COUNT(deposits), 5).tested);
}
END_TEST

START_TEST(no_repeats)
{
    static const double x[] = {1, 2, 3, 4};
    static const double residuals[] = {1, -1, 1, -1};
    struct lack_of_fit lack = lack_of_fit_test(x, x, residuals, 4, 2);
    ck_assert(!lack.tested && !lack.rejected);
    ck_assert(isnan(lack.f) && isnan(lack.p_value));
    ck_assert(!lack_of_fit_test(x, x, residuals, 0, 0).tested);
}
END_TEST

START_TEST(repeats_do_not_differ)
{
    static const double x[] = {1, 1, 2, 2, 3, 3};
    static const double values[] = {5, 5, 7, 7, 6, 6};
    static const double missed[] = {1, 1, -1, -1, 0, 0};
    static const double rounding[] = {1e-14, 1e-14, -1e-14, -1e-14, 0, 0};
    struct lack_of_fit lack = lack_of_fit_test(x, values, missed, 6, 2);
    ck_assert(lack.tested && lack.rejected && isinf(lack.f));
    ck_assert_double_eq(lack.p_value, 0);
    lack = lack_of_fit_test(x, values, rounding, 6, 2);
    ck_assert(lack.tested && !lack.rejected);
    ck_assert_double_eq(lack.f, 0);
    ck_assert_double_eq(lack.p_value, 1);
}
END_TEST

/* A curve through the means cannot be rejected. */
START_TEST(through_the_means)
{
    static const double x[] = {1, 1, 2, 2, 3, 3};
    static const double values[] = {0.1, 0.3, 1.1, 1.3, 2.1, 2.3};
    static const double residuals[] = {-0.1, 0.1, -0.1, 0.1, -0.1, 0.1};
    struct lack_of_fit lack = lack_of_fit_test(x, values, residuals, 6, 2);
    ck_assert(lack.tested && !lack.rejected);
    ck_assert_double_eq(lack.f, 0);
}
END_TEST

Suite *lack_of_fit_suite(void)
{
    Suite *suite = suite_create("lack_of_fit");
    TCase *tests = tcase_create("lack_of_fit");
    tcase_add_test(tests, published);
    tcase_add_test(tests, no_repeats);
    tcase_add_test(tests, repeats_do_not_differ);
    tcase_add_test(tests, through_the_means);
    suite_add_tcase(suite, tests);
    return suite;
}
