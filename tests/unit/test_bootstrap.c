/* SPDX-License-Identifier: MIT */
#include "bench/statistics/bootstrap.h"
#include "tests/unit/suites.h"

#include <math.h>

enum { COUNTS = 3, RESAMPLES = 20000 };

static struct bootstrap of(const double *rates, size_t blocks)
{
    return (struct bootstrap){
        .rates = rates,
        .blocks = blocks,
        .counts = COUNTS,
        .tolerance = 0.02,
        .resamples = RESAMPLES,
        .seed = 1,
    };
}

static void check(const struct bootstrap *bootstrap, double first, double second, double third)
{
    double shares[COUNTS];
    ck_assert(bootstrap_choices(bootstrap, shares));
    ck_assert_double_eq_tol(shares[0], first, 0.01);
    ck_assert_double_eq_tol(shares[1], second, 0.01);
    ck_assert_double_eq_tol(shares[2], third, 0.01);
}

/* 98.1 is within 2 % of 100, 97.9 is not. */
START_TEST(rule)
{
    static const double steady[] = {50, 98.1, 100, 60, 117.8, 120, 40, 78.5, 80};
    struct bootstrap bootstrap = of(steady, 3);
    check(&bootstrap, 0, 1, 0);
    bootstrap.tolerance = 0.01;
    check(&bootstrap, 0, 0, 1);
    bootstrap.tolerance = 0.6;
    check(&bootstrap, 1, 0, 0);
    static const double peak[] = {97.9, 100, 90};
    bootstrap = of(peak, 1);
    check(&bootstrap, 0, 1, 0);
}
END_TEST

/*
 * Two blocks, drawn twice. The first count is 10 % better in one and 10 % worse in the other, so
 * it is chosen unless the second block is drawn both times: 3 in 4 (drawn once each, it is less
 * than 2 % worse).
 */
START_TEST(drawn_with_replacement)
{
    static const double opposite[] = {110, 100, 1, 90, 100, 1};
    struct bootstrap bootstrap = of(opposite, 2);
    check(&bootstrap, 0.75, 0.25, 0);
}
END_TEST

/* Whole blocks are drawn: the ratio is the same in each, although rates differ by far. */
START_TEST(blocks_stay_together)
{
    static const double blocks[] = {10, 10.5, 1, 1000, 1050, 1, 300, 315, 1};
    struct bootstrap bootstrap = of(blocks, 3);
    check(&bootstrap, 0, 1, 0);
}
END_TEST

START_TEST(eligible_only)
{
    static const double rates[] = {99, 100, 200, 99, 100, 200};
    static const bool eligible[] = {false, true, false};
    struct bootstrap bootstrap = of(rates, 2);
    check(&bootstrap, 0, 0, 1);
    bootstrap.eligible = eligible;
    check(&bootstrap, 0, 1, 0);
}
END_TEST

START_TEST(missing)
{
    /* Half of the first count's blocks are missing, one is 0; where it was measured it is best. */
    static const double holes[] = {102, 100, NAN, NAN, 100, -1, 0, 100, INFINITY, 102, 100, NAN};
    struct bootstrap bootstrap = of(holes, 4);
    check(&bootstrap, 0.9375, 0.0625, 0); /* all four drawn from the two without it: 1/16 */
    /* Nothing at all was measured in one of two blocks: a quarter of the resamples is void. */
    static const double half[] = {90, 100, 80, NAN, NAN, NAN};
    bootstrap = of(half, 2);
    check(&bootstrap, 0, 1, 0);
    static const double nothing[] = {NAN, 0, -1};
    double found[COUNTS];
    bootstrap = of(nothing, 1);
    ck_assert(bootstrap_choices(&bootstrap, found));
    ck_assert(isnan(found[0]) && isnan(found[1]) && isnan(found[2]));
    bootstrap = of(nothing, 0);
    ck_assert(bootstrap_choices(&bootstrap, found));
    ck_assert(isnan(found[0]));
}
END_TEST

START_TEST(seeded)
{
    static const double opposite[] = {110, 100, 1, 90, 100, 1};
    double first[COUNTS];
    double second[COUNTS];
    struct bootstrap bootstrap = of(opposite, 2);
    ck_assert(bootstrap_choices(&bootstrap, first));
    ck_assert(bootstrap_choices(&bootstrap, second));
    for (int i = 0; i < COUNTS; i++)
        ck_assert_double_eq(first[i], second[i]);
    bootstrap.seed = 2;
    ck_assert(bootstrap_choices(&bootstrap, second));
    ck_assert_double_ne(first[0], second[0]);
}
END_TEST

Suite *bootstrap_suite(void)
{
    Suite *suite = suite_create("bootstrap");
    TCase *tests = tcase_create("bootstrap");
    tcase_add_test(tests, rule);
    tcase_add_test(tests, drawn_with_replacement);
    tcase_add_test(tests, blocks_stay_together);
    tcase_add_test(tests, eligible_only);
    tcase_add_test(tests, missing);
    tcase_add_test(tests, seeded);
    suite_add_tcase(suite, tests);
    return suite;
}
