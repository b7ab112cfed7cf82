/* SPDX-License-Identifier: MIT */
#include "bench/selftest/noise.h"

#include "tests/unit/suites.h"

#include <math.h>

enum { DRAWS = 400000 };

struct moments {
    double mean;
    double deviation;
    double skewness;
    double beyond_two; /* share of values more than two deviations off */
};

static double normal(struct bench_random *random, double shape)
{
    (void)shape;
    return noise_normal(random);
}

static struct moments take(double (*draw)(struct bench_random *random, double shape), double shape)
{
    static double values[DRAWS];
    struct bench_random random = {11};
    struct moments moments = {0};
    for (int i = 0; i < DRAWS; i++) {
        values[i] = draw(&random, shape);
        moments.mean += values[i] / DRAWS;
    }
    double squares = 0;
    double cubes = 0;
    for (int i = 0; i < DRAWS; i++) {
        double off = values[i] - moments.mean;
        squares += off * off / DRAWS;
        cubes += off * off * off / DRAWS;
    }
    moments.deviation = sqrt(squares);
    moments.skewness = cubes / (squares * moments.deviation);
    for (int i = 0; i < DRAWS; i++)
        if (fabs(values[i] - moments.mean) > 2 * moments.deviation)
            moments.beyond_two += 1.0 / DRAWS;
    return moments;
}

/* 4.55 % of normal values lie beyond two deviations. */
START_TEST(normal_noise_is_normal)
{
    struct moments found = take(normal, 0);
    ck_assert_double_eq_tol(found.mean, 0, 0.01);
    ck_assert_double_eq_tol(found.deviation, 1, 0.01);
    ck_assert_double_eq_tol(found.skewness, 0, 0.02);
    ck_assert_double_eq_tol(found.beyond_two, 0.0455, 0.002);
}
END_TEST

/* Of the lognormal distribution: deviation e^(s²/2)·√(e^s² - 1), skewness (e^s² + 2)·√(e^s² - 1).
 */
START_TEST(skewed_noise_is_lognormal_around_nothing)
{
    double shape = 0.25;
    double e = exp(shape * shape);
    struct moments found = take(noise_skewed, shape);
    ck_assert_double_eq_tol(found.mean, 0, 0.003);
    ck_assert_double_eq_tol(found.deviation, sqrt(e * (e - 1)), 0.003);
    ck_assert_double_eq_tol(found.skewness, (e + 2) * sqrt(e - 1), 0.03);
}
END_TEST

Suite *noise_suite(void)
{
    Suite *suite = suite_create("noise");
    TCase *tests = tcase_create("noise");
    tcase_add_test(tests, normal_noise_is_normal);
    tcase_add_test(tests, skewed_noise_is_lognormal_around_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
