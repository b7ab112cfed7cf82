/* SPDX-License-Identifier: MIT */
#include "bench/statistics/percentile_floor.h"
#include "tests/unit/suites.h"

#include <math.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/*
 * 59 and 93 are Wilks's sample sizes (1941) for 95 % / 95 %; the others were computed from exact
 * binomial sums.
 */
static const struct {
    double quantile;
    double confidence;
    unsigned above;
    uint64_t samples;
} floors[] = {
    {0.95, 0.95, 0, 59},    {0.95, 0.95, 1, 93},      {0.99, 0.99, 0, 459}, {0.99, 0.99, 10, 2010},
    {0.999, 0.95, 0, 2995}, {0.999, 0.95, 10, 16959}, {0.5, 0.95, 0, 5},    {0.9, 0.9, 2, 52},
    {0.99, 0.95, 5, 1049},  {0.01, 0.5, 0, 1},        {0.5, 0.1, 3, 5},
};

START_TEST(sample)
{
    ck_assert_uint_eq(
        percentile_floor(floors[_i].quantile, floors[_i].confidence, floors[_i].above),
        floors[_i].samples);
}
END_TEST

START_TEST(closed_form)
{
    for (int i = 1; i < 40; i++) {
        for (int j = 1; j < 10; j++) {
            double quantile = 1 - pow(0.75, i);
            double confidence = 1 - pow(0.4, j);
            ck_assert_uint_eq(percentile_floor(quantile, confidence, 0),
                              (uint64_t)ceil(log1p(-confidence) / log(quantile)));
        }
    }
}
END_TEST

/* (1 - p)^n is far below the smallest double here. The normal approximation is 2 % off at most. */
START_TEST(many_above)
{
    double samples = (double)percentile_floor(0.99, 0.95, 2000);
    double expected = 0.01 * samples;
    ck_assert_double_eq_tol((expected - 2000.5) / sqrt(expected * 0.99), 1.645, 0.02);
}
END_TEST

START_TEST(refused)
{
    ck_assert_uint_eq(percentile_floor(0, 0.95, 0), 0);
    ck_assert_uint_eq(percentile_floor(1, 0.95, 0), 0);
    ck_assert_uint_eq(percentile_floor(0.99, 0, 0), 0);
    ck_assert_uint_eq(percentile_floor(0.99, 1, 0), 0);
    ck_assert_uint_eq(percentile_floor(NAN, 0.95, 0), 0);
}
END_TEST

Suite *percentile_floor_suite(void)
{
    Suite *suite = suite_create("percentile_floor");
    TCase *tests = tcase_create("percentile_floor");
    tcase_add_loop_test(tests, sample, 0, COUNT(floors));
    tcase_add_test(tests, closed_form);
    tcase_add_test(tests, many_above);
    tcase_add_test(tests, refused);
    suite_add_tcase(suite, tests);
    return suite;
}
