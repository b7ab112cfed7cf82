/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_random.h"
#include "bench/statistics/numeric.h"
#include "bench/statistics/scalability.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { MOST_POINTS = 64 };

static const double doubling[] = {1, 2, 4, 8, 16, 32, 64};

/*
 * Measurements that the R package "usl" ships, from Gunther's "Guerrilla Capacity Planning". The
 * package fits the rate itself (test_numeric.c has its coefficients); the values below are the
 * minimum on ln X, found by a simplex search.
 */
static const struct scalability_point specsdm91[] = {
    {1, 64.9}, {18, 995.9}, {36, 1652.4}, {72, 1853.2}, {108, 1828.9}, {144, 1775.0}, {216, 1702.2},
};
static const struct scalability_point raytracer[] = {
    {1, 20},   {4, 78},   {8, 130},  {12, 170}, {16, 190}, {20, 200},
    {24, 210}, {28, 230}, {32, 260}, {48, 280}, {64, 310},
};

/* Three repeats at each N, off the curve by factors whose logarithms add up to nothing. */
static size_t repeat(struct scalability_point *points, double (*rate)(double workers))
{
    static const double noise[] = {-0.004, 0.001, 0.003};
    size_t count = 0;
    for (size_t i = 0; i < COUNT(doubling); i++)
        for (size_t j = 0; j < COUNT(noise); j++)
            points[count++] = (struct scalability_point){
                doubling[i], rate(doubling[i]) * exp(noise[(i + j) % COUNT(noise)])};
    return count;
}

static double hard_knee(double workers)
{
    return 100 * (workers < 8 ? workers : 8);
}

static double smooth(double workers)
{
    return 250 * workers / (1 + 0.05 * (workers - 1) + 0.002 * workers * (workers - 1));
}

/* The test of a curve that predicts these rates, for its number of parameters. */
static void expect_lack(const struct lack_of_fit *found, const struct scalability_point *points,
                        const double *rates, size_t count, size_t parameters)
{
    double workers[MOST_POINTS];
    double logs[MOST_POINTS];
    double residuals[MOST_POINTS];
    for (size_t i = 0; i < count; i++) {
        workers[i] = points[i].workers;
        logs[i] = log(points[i].rate_rps);
        residuals[i] = logs[i] - log(rates[i]);
    }
    struct lack_of_fit lack = lack_of_fit_test(workers, logs, residuals, count, parameters);
    ck_assert(lack.tested && found->tested);
    ck_assert_double_eq_tol(found->f, lack.f, 1e-6 * lack.f);
    ck_assert_double_eq_tol(found->p_value, lack.p_value, 1e-6 * lack.p_value);
    ck_assert_int_eq(found->rejected, lack.rejected);
}

START_TEST(usl_published)
{
    struct scalability_usl usl;
    ck_assert(scalability_fit_usl(specsdm91, COUNT(specsdm91), &usl));
    ck_assert_ptr_null(usl.not_fitted);
    ck_assert_double_eq_tol(usl.lambda_rps, 67.942323, 1e-4);
    ck_assert_double_eq_tol(usl.sigma, 0.0134524733, 1e-7);
    ck_assert_double_eq_tol(usl.kappa, 0.000115110077, 1e-9);
    ck_assert_double_eq_tol(usl.peak_workers, 92.576837, 1e-3);
    ck_assert(!usl.peak_beyond);
    ck_assert(!usl.lack.tested);
    ck_assert(scalability_fit_usl(raytracer, COUNT(raytracer), &usl));
    ck_assert_double_eq_tol(usl.lambda_rps, 21.591504, 1e-4);
    ck_assert_double_eq_tol(usl.sigma, 0.056405441, 1e-6);
    ck_assert_double_eq_tol(usl.kappa, 3.3582663e-06, 1e-9);
    ck_assert(usl.peak_beyond); /* at 530 processors, says the curve */
    ck_assert_double_eq(usl.peak_workers, 64);
}
END_TEST

START_TEST(usl_smooth)
{
    struct scalability_point points[MOST_POINTS];
    struct scalability_usl usl;
    size_t count = repeat(points, smooth);
    ck_assert(scalability_fit_usl(points, count, &usl));
    ck_assert_ptr_null(usl.not_fitted);
    ck_assert_double_eq_tol(usl.lambda_rps, 250, 1e-4);
    ck_assert_double_eq_tol(usl.sigma, 0.05, 1e-7);
    ck_assert_double_eq_tol(usl.kappa, 0.002, 1e-8);
    ck_assert_double_eq_tol(usl.peak_workers, sqrt(0.95 / 0.002), 1e-3);
    ck_assert_double_eq_tol(scalability_usl_rate(&usl, 16), smooth(16), 1e-3);
    ck_assert(usl.lack.tested && !usl.lack.rejected);
    struct scalability_knee knee;
    ck_assert(scalability_fit_knee(points, count, &knee));
    ck_assert(knee.lack.rejected);
    double rates[MOST_POINTS];
    for (size_t i = 0; i < count; i++)
        rates[i] = scalability_knee_rate(&knee, points[i].workers);
    expect_lack(&knee.lack, points, rates, count, 2);
}
END_TEST

/* Curves without noise, on the bounds too; these are hit exactly. */
static const struct {
    double sigma;
    double kappa;
    bool beyond;
} exact[] = {
    {0, 0, true},     {1, 0, true},    {0.3, 0, true},      {0, 0.01, false},
    {1, 0.02, false}, {0.9, 1, false}, {0.002, 1e-5, true}, {0.6, 1e-7, true},
};

START_TEST(usl_exact)
{
    struct scalability_usl usl = {
        .lambda_rps = 12345, .sigma = exact[_i].sigma, .kappa = exact[_i].kappa};
    struct scalability_point points[COUNT(doubling)];
    for (size_t i = 0; i < COUNT(doubling); i++)
        points[i] =
            (struct scalability_point){doubling[i], scalability_usl_rate(&usl, doubling[i])};
    ck_assert(scalability_fit_usl(points, COUNT(points), &usl));
    ck_assert_ptr_null(usl.not_fitted);
    ck_assert_double_eq_tol(usl.lambda_rps, 12345, 0.1);
    ck_assert_double_eq_tol(usl.sigma, exact[_i].sigma, 1e-6);
    ck_assert_double_eq_tol(usl.kappa, exact[_i].kappa, 1e-6 * exact[_i].kappa + 2e-8);
    if (exact[_i].kappa == 0)
        ck_assert_double_eq(usl.kappa, 0);
    if (exact[_i].sigma == 0 || exact[_i].sigma == 1)
        ck_assert_double_eq(usl.sigma, exact[_i].sigma);
    if (exact[_i].sigma < 1)
        ck_assert_int_eq(usl.peak_beyond, exact[_i].beyond);
}
END_TEST

/* Better than linear: nothing within the bounds fits, and they hold. */
START_TEST(usl_bounds)
{
    struct scalability_point points[COUNT(doubling)];
    struct scalability_usl usl;
    for (size_t i = 0; i < COUNT(points); i++)
        points[i] = (struct scalability_point){doubling[i], pow(doubling[i], 1.2)};
    ck_assert(scalability_fit_usl(points, COUNT(points), &usl));
    ck_assert_ptr_null(usl.not_fitted);
    ck_assert_double_eq(usl.sigma, 0);
    ck_assert_double_eq(usl.kappa, 0);
    ck_assert_double_eq(usl.peak_workers, 64);
    ck_assert(usl.peak_beyond);
}
END_TEST

START_TEST(usl_refused)
{
    struct scalability_point points[] = {{1, 1},   {2, 2},   {4, 4},         {8, 8},    {8, 9},
                                         {16, 16}, {24, -1}, {32, INFINITY}, {48, NAN}, {0.5, 7}};
    struct scalability_usl usl;
    ck_assert(scalability_fit_usl(points, COUNT(points), &usl));
    ck_assert_str_eq(usl.not_fitted, "it takes 6 different worker counts");
    points[7].rate_rps = 30;
    ck_assert(scalability_fit_usl(points, COUNT(points), &usl));
    ck_assert_ptr_null(usl.not_fitted);
    points[0].workers = 3;
    ck_assert(scalability_fit_usl(points, COUNT(points), &usl));
    ck_assert_str_eq(usl.not_fitted, "1 worker was not tried");
    ck_assert(scalability_fit_usl(points, 0, &usl));
    ck_assert_ptr_nonnull(usl.not_fitted);
}
END_TEST

START_TEST(usl_needs_gsl)
{
    struct scalability_usl usl;
    ck_assert(scalability_fit_usl(specsdm91, COUNT(specsdm91), &usl));
    ck_assert_str_eq(usl.not_fitted, "built without GSL");
}
END_TEST

START_TEST(usl_peak)
{
    ck_assert_double_eq_tol(scalability_usl_peak(0.19, 0.0001), 90, 1e-9);
    ck_assert(isinf(scalability_usl_peak(0.2, 0)));
    ck_assert_double_eq(scalability_usl_peak(0.5, 2), 1);
    ck_assert_double_eq(scalability_usl_peak(1, 0.5), 1);
}
END_TEST

/* What the law makes of a hard knee: a peak three times too far, which the test rejects. */
START_TEST(usl_rejected)
{
    struct scalability_point points[MOST_POINTS];
    size_t count = repeat(points, hard_knee);
    struct scalability_usl usl;
    ck_assert(scalability_fit_usl(points, count, &usl));
    ck_assert_ptr_null(usl.not_fitted);
    ck_assert_double_eq_tol(usl.peak_workers, 25.58, 0.05); /* by a simplex search */
    ck_assert(usl.lack.rejected);
    double rates[MOST_POINTS];
    for (size_t i = 0; i < count; i++)
        rates[i] = scalability_usl_rate(&usl, points[i].workers);
    expect_lack(&usl.lack, points, rates, count, 3);
}
END_TEST

START_TEST(knee_found)
{
    struct scalability_point points[MOST_POINTS];
    size_t count = repeat(points, hard_knee);
    struct scalability_knee knee;
    ck_assert(scalability_fit_knee(points, count, &knee));
    ck_assert_ptr_null(knee.not_fitted);
    ck_assert_double_eq_tol(knee.knee_workers, 8, 1e-9);
    ck_assert_double_eq_tol(knee.lambda_rps, 100, 1e-9);
    ck_assert_double_eq_tol(knee.limit_rps, 800, 1e-9);
    ck_assert_double_eq_tol(scalability_knee_rate(&knee, 4), 400, 1e-9);
    ck_assert_double_eq_tol(scalability_knee_rate(&knee, 30), 800, 1e-9);
    ck_assert(!knee.knee_beyond);
    ck_assert(knee.lack.tested && !knee.lack.rejected);
}
END_TEST

START_TEST(knee_between)
{
    static const struct scalability_point points[] = {{32, 110}, {4, 40}, {1, 10}, {16, 110},
                                                      {2, 20},   {8, 80}, {64, 0}};
    struct scalability_knee knee;
    ck_assert(scalability_fit_knee(points, COUNT(points), &knee));
    ck_assert_double_eq_tol(knee.knee_workers, 11, 1e-9);
    ck_assert_double_eq_tol(knee.lambda_rps, 10, 1e-9);
    ck_assert_double_eq_tol(knee.limit_rps, 110, 1e-9);
    ck_assert(!knee.lack.tested);
    ck_assert(scalability_fit_knee(&points[1], 5, &knee)); /* between the last two */
    ck_assert_double_eq_tol(knee.knee_workers, 11, 1e-9);
}
END_TEST

START_TEST(knee_at_the_ends)
{
    static const struct scalability_point rising[] = {{8, 80}, {2, 20}, {4, 40}};
    struct scalability_knee knee;
    ck_assert(scalability_fit_knee(rising, 3, &knee));
    ck_assert_double_eq(knee.knee_workers, 8);
    ck_assert_double_eq_tol(knee.limit_rps, 80, 1e-9);
    ck_assert(knee.knee_beyond);
    static const struct scalability_point flat[] = {{2, 50}, {4, 50}, {8, 50}};
    ck_assert(scalability_fit_knee(flat, 3, &knee));
    ck_assert_double_eq(knee.knee_workers, 2);
    ck_assert_double_eq_tol(knee.limit_rps, 50, 1e-9);
    ck_assert_double_eq_tol(knee.lambda_rps, 25, 1e-9);
    ck_assert(!knee.knee_beyond);
    ck_assert(scalability_fit_knee(flat, 2, &knee));
    ck_assert_str_eq(knee.not_fitted, "it takes 3 different worker counts");
}
END_TEST

static double knee_squares(const struct scalability_point *points, size_t count, double lambda,
                           double knee)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double workers = points[i].workers < knee ? points[i].workers : knee;
        double deviation = log(points[i].rate_rps / (lambda * workers));
        sum += deviation * deviation;
    }
    return sum;
}

/* The best ln λ for a knee given is a mean; a fine grid of knees finds nothing better. */
START_TEST(knee_is_least)
{
    enum { POINTS = 14, ROUNDS = 50, STEPS = 2000 };
    struct bench_random random = {.state = 7};
    for (int round = 0; round < ROUNDS; round++) {
        struct scalability_point points[POINTS];
        for (size_t i = 0; i < POINTS; i++) {
            double noise = 0.5 + (double)(bench_random_next(&random) % 1000) / 1000;
            points[i] = (struct scalability_point){
                doubling[i / 2], noise * (doubling[i / 2] < 6 ? doubling[i / 2] : 6)};
        }
        struct scalability_knee found;
        ck_assert(scalability_fit_knee(points, POINTS, &found));
        double least = knee_squares(points, POINTS, found.lambda_rps, found.knee_workers);
        for (int step = 0; step <= STEPS; step++) {
            double knee = pow(64, (double)step / STEPS);
            double mean = 0;
            for (size_t i = 0; i < POINTS; i++)
                mean += log(points[i].rate_rps / fmin(points[i].workers, knee));
            mean /= POINTS;
            ck_assert_double_ge(knee_squares(points, POINTS, exp(mean), knee), least * (1 - 1e-6));
        }
    }
}
END_TEST

Suite *scalability_suite(void)
{
    Suite *suite = suite_create("scalability");
    TCase *tests = tcase_create("scalability");
    if (numeric_can_fit()) {
        tcase_add_test(tests, usl_published);
        tcase_add_test(tests, usl_smooth);
        tcase_add_loop_test(tests, usl_exact, 0, (int)COUNT(exact));
        tcase_add_test(tests, usl_bounds);
        tcase_add_test(tests, usl_refused);
        tcase_add_test(tests, usl_rejected);
    } else {
        tcase_add_test(tests, usl_needs_gsl);
    }
    tcase_add_test(tests, usl_peak);
    tcase_add_test(tests, knee_found);
    tcase_add_test(tests, knee_between);
    tcase_add_test(tests, knee_at_the_ends);
    tcase_add_test(tests, knee_is_least);
    suite_add_tcase(suite, tests);
    return suite;
}
