/* SPDX-License-Identifier: MIT */
#include "bench/statistics/numeric.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, with more digits from R's qt(). */
static const struct {
    double p;
    double df;
    double t;
} t_table[] = {
    {0.975, 1, 12.7062047},       {0.975, 4, 2.7764451},
    {0.975, 9, 2.2621572},        {0.995, 4, 4.6040949},
    {0.95, 30, 1.6972609},        {0.8, 9, 0.8834039},
    {0.9964285714, 9, 3.4615911}, {0.995, 2.5, 7.1637287},
    {0.975, 1e6, 1.9599664},      {0.5, 7, 0},
};

START_TEST(t_quantile)
{
    double t = t_table[_i].t;
    ck_assert_double_eq_tol(numeric_t_quantile(t_table[_i].p, t_table[_i].df), t, 2e-7 * (t + 1));
    ck_assert_double_eq_tol(numeric_t_quantile(1 - t_table[_i].p, t_table[_i].df), -t,
                            2e-7 * (t + 1));
}
END_TEST

/* One and two degrees of freedom have closed forms. */
START_TEST(t_closed_forms)
{
    for (int i = 51; i < 100; i++) {
        double p = i / 100.0;
        double cauchy = tan(acos(-1) * (p - 0.5));
        double two = (2 * p - 1) / sqrt(2 * p * (1 - p));
        ck_assert_double_eq_tol(numeric_t_quantile(p, 1) / cauchy, 1, 1e-9);
        ck_assert_double_eq_tol(numeric_t_quantile(p, 2) / two, 1, 1e-9);
    }
}
END_TEST

START_TEST(t_edges)
{
    ck_assert(numeric_t_quantile(0, 5) < 0 && isinf(numeric_t_quantile(0, 5)));
    ck_assert(numeric_t_quantile(1, 5) > 0 && isinf(numeric_t_quantile(1, 5)));
    ck_assert(isnan(numeric_t_quantile(-0.1, 5)));
    ck_assert(isnan(numeric_t_quantile(1.1, 5)));
    ck_assert(isnan(numeric_t_quantile(NAN, 5)));
    ck_assert(isnan(numeric_t_quantile(0.9, 0)));
    ck_assert(isnan(numeric_t_quantile(0.9, NAN)));
}
END_TEST

/* NIST/SEMATECH e-Handbook, 1.3.6.7.3, with more digits from R's qf(). */
static const struct {
    double f;
    double d1;
    double d2;
    double tail;
} f_table[] = {
    {4.102821, 2, 10, 0.05}, {161.4476, 1, 1, 0.05},   {2.710890, 5, 20, 0.05},
    {9.779538, 3, 6, 0.01},  {4.849147, 10, 10, 0.01}, {1, 7, 7, 0.5},
    {1.0, 400, 400, 0.5},
};

START_TEST(f_tail)
{
    double tail = numeric_f_upper_tail(f_table[_i].f, f_table[_i].d1, f_table[_i].d2);
    ck_assert_double_eq_tol(tail / f_table[_i].tail, 1, 1e-6);
}
END_TEST

/* With two degrees in the numerator the tail is (1 + 2f/d2)^(-d2/2). */
START_TEST(f_closed_form)
{
    for (int i = -4; i < 9; i++) {
        for (int j = 0; j < 7; j++) {
            double f = pow(3, i);
            double d2 = pow(2.5, j);
            double tail = pow(1 + 2 * f / d2, -d2 / 2);
            ck_assert_double_eq_tol(numeric_f_upper_tail(f, 2, d2) / tail, 1, 1e-10);
        }
    }
}
END_TEST

START_TEST(f_edges)
{
    ck_assert_double_eq(numeric_f_upper_tail(0, 3, 4), 1);
    ck_assert_double_eq(numeric_f_upper_tail(-1, 3, 4), 1);
    ck_assert_double_eq(numeric_f_upper_tail(INFINITY, 3, 4), 0);
    ck_assert(isnan(numeric_f_upper_tail(1, 0, 4)));
    ck_assert(isnan(numeric_f_upper_tail(1, 3, 0)));
    ck_assert(isnan(numeric_f_upper_tail(NAN, 3, 4)));
}
END_TEST

/* NIST StRD, nonlinear regression, Misra1a: y = b1 (1 - exp(-b2 x)). */
static void misra1a(const double *b, double *residuals, void *context)
{
    static const double data[][2] = {
        {10.07, 77.6},  {14.73, 114.9}, {17.94, 141.1}, {23.93, 190.8}, {29.61, 239.9},
        {35.18, 289.0}, {40.02, 332.8}, {44.82, 378.4}, {50.76, 434.8}, {55.05, 477.3},
        {61.01, 536.8}, {66.40, 593.1}, {75.47, 689.1}, {81.78, 760.0},
    };
    (void)context;
    for (int i = 0; i < COUNT(data); i++)
        residuals[i] = data[i][0] - b[0] * (1 - exp(-b[1] * data[i][1]));
}

static void check_misra1a(double b1, double b2)
{
    double b[2] = {b1, b2};
    ck_assert(numeric_fit(misra1a, NULL, 14, b, 2));
    ck_assert_double_eq_tol(b[0] / 2.3894212918e+02, 1, 1e-6);
    ck_assert_double_eq_tol(b[1] / 5.5015643181e-04, 1, 1e-6);
}

START_TEST(fit_certified)
{
    check_misra1a(500, 1e-4); /* NIST's start 1 */
    check_misra1a(250, 5e-4); /* start 2 */
    check_misra1a(2.3894212918e+02, 5.5015643181e-04);
}
END_TEST

/*
 * The Universal Scalability Law on the "specsdm91" data, by least squares on the rate itself: the
 * coefficients that the manual of the R package "usl" prints (alpha 0.0277285, beta 0.0001044,
 * gamma 89.9952). Parameters are scaled as there.
 */
static void specsdm91(const double *p, double *residuals, void *context)
{
    static const double data[][2] = {{1, 64.9},     {18, 995.9},   {36, 1652.4}, {72, 1853.2},
                                     {108, 1828.9}, {144, 1775.0}, {216, 1702.2}};
    (void)context;
    for (int i = 0; i < COUNT(data); i++) {
        double n = data[i][0];
        residuals[i] = data[i][1] - p[2] * n / (1 + p[0] * (n - 1) + p[1] * n * (n - 1));
    }
}

START_TEST(fit_published)
{
    double p[3] = {0.1, 0.001, 70};
    ck_assert(numeric_fit(specsdm91, NULL, 7, p, 3));
    ck_assert_double_eq_tol(p[0], 0.0277285, 5e-8);
    ck_assert_double_eq_tol(p[1], 0.0001044, 5e-8);
    ck_assert_double_eq_tol(p[2], 89.9952, 5e-5);
}
END_TEST

/* No value at the start is a number: nothing moves. */
static void nowhere(const double *p, double *residuals, void *context)
{
    (void)context;
    residuals[0] = NAN * p[0];
    residuals[1] = NAN;
}

/* The square root has no value below 0, where the first steps would lead. */
static void half_line(const double *p, double *residuals, void *context)
{
    (void)context;
    residuals[0] = sqrt(p[0]) - 0.1;
    residuals[1] = (sqrt(p[0]) - 0.1) * 2;
}

START_TEST(fit_edges)
{
    double p[3] = {4, 5, 6};
    ck_assert(!numeric_fit(specsdm91, NULL, 2, p, 3));
    ck_assert(!numeric_fit(specsdm91, NULL, 2, p, 0));
    numeric_fit(nowhere, NULL, 2, p, 1);
    ck_assert_double_eq(p[0], 4);
    ck_assert(numeric_fit(half_line, NULL, 2, p, 1));
    ck_assert_double_eq_tol(p[0], 0.01, 1e-6);
}
END_TEST

START_TEST(no_fit_without_gsl)
{
    double b[2] = {250, 5e-4};
    ck_assert(!numeric_fit(misra1a, NULL, 14, b, 2));
    ck_assert_double_eq(b[0], 250);
    ck_assert_double_eq(b[1], 5e-4);
}
END_TEST

Suite *numeric_suite(void)
{
    Suite *suite = suite_create("numeric");
    TCase *tests = tcase_create("numeric");
    tcase_add_loop_test(tests, t_quantile, 0, COUNT(t_table));
    tcase_add_test(tests, t_closed_forms);
    tcase_add_test(tests, t_edges);
    tcase_add_loop_test(tests, f_tail, 0, COUNT(f_table));
    tcase_add_test(tests, f_closed_form);
    tcase_add_test(tests, f_edges);
    if (numeric_can_fit()) {
        tcase_add_test(tests, fit_certified);
        tcase_add_test(tests, fit_published);
        tcase_add_test(tests, fit_edges);
    } else {
        tcase_add_test(tests, no_fit_without_gsl);
    }
    suite_add_tcase(suite, tests);
    return suite;
}
