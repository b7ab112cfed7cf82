/* SPDX-License-Identifier: MIT */
#include "bench/statistics/numeric.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/picture_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How an element that belongs to the data looks. */
#define TRIAL_DOT    "r=\"3.5\" fill=\"#0072B2\""
#define CONTROL_MARK "fill=\"#ffffff\" stroke=\"#111111\" stroke-width=\"1.4\"/>"
#define REFUSED_MARK "fill=\"none\" stroke=\"#767676\" stroke-width=\"1.4\"/>"
#define BLOCK_DOT    "r=\"2.8\""
#define SET_AREA     "fill=\"#009E73\" fill-opacity=\"0.16\""
#define CORES_LINE   "stroke-dasharray=\"10 4 2 4\""
#define THIN_USL     "stroke=\"#D55E00\" stroke-width=\"1.0\""
#define THICK_USL    "stroke=\"#D55E00\" stroke-width=\"2.6\""
#define THICK_KNEE   "stroke=\"#CC79A7\" stroke-width=\"2.6\""

START_TEST(throughput)
{
    const char *text = picture_draw(picture_throughput);
    ck_assert_uint_eq(markup_count(text, TRIAL_DOT), 36);
    ck_assert_uint_eq(markup_count(text, CONTROL_MARK), 6 + 1);
    ck_assert_uint_eq(markup_count(text, REFUSED_MARK), 0);
    assert_has(text, "throughput (requests/s)");
    assert_has(text, "workers (log₂)");
    assert_has(text, ">▼ use 4 ▼</text>");
    assert_has(text, ">4 cores</text>");
    ck_assert_uint_eq(markup_count(text, CORES_LINE), 2);
    ck_assert_uint_eq(markup_count(text, SET_AREA), 2); /* 4 to 32 in one, and the legend's */
    assert_has(text, ">USL, rejected</text>");
    assert_has(text, ">knee</text>");
    ck_assert_uint_eq(markup_count(text, THIN_USL), 2);
    ck_assert_uint_eq(markup_count(text, THICK_KNEE), 2);
}
END_TEST

START_TEST(throughput_with_refused_trials)
{
    results_fixture_refuse(&picture_results, EXPERIMENT_CAPACITY, 16, "too busy");
    struct trial *trial =
        results_fixture_trial(&picture_results, EXPERIMENT_CAPACITY, 8, 0, 2, false);
    trial->complete = false; /* it has no rate to show */
    const char *text = picture_draw(picture_throughput);
    ck_assert_uint_eq(markup_count(text, TRIAL_DOT), 36 - 6 - 1);
    ck_assert_uint_eq(markup_count(text, REFUSED_MARK), 6 + 1);
    assert_has(text, ">refused, not counted</text>");
    assert_has(text, ">16</text>"); /* on the axis all the same */
}
END_TEST

/* Where each trial is, up to a tenth of a unit. */
START_TEST(throughput_places)
{
    const char *text = picture_draw(picture_throughput);
    double least = 1e9;
    double most = 0;
    for (const char *at = strstr(text, TRIAL_DOT); at != NULL; at = strstr(at + 1, TRIAL_DOT)) {
        const char *place = at - 24;
        place = strstr(place, "cy=\"") + 4;
        least = fmin(least, strtod(place, NULL));
        most = fmax(most, strtod(place, NULL));
    }
    /* 1,000 at the lowest and 4,000 at the highest, on an axis that ends 8 % above the largest. */
    const char *zero = strstr(text, ">0</text>");
    while (*zero != '<')
        zero--;
    double bottom = strtod(strstr(zero, "y=\"") + 3, NULL) - 5.6;
    ck_assert_double_eq_tol((bottom - most) / (bottom - least), 0.25, 0.01);
    ck_assert_double_eq_tol((bottom - least) / 300, 1 / 1.08, 0.01);
}
END_TEST

START_TEST(throughput_of_a_law_that_holds)
{
    struct results_fixture straight = picture_fixture;
    straight.law = FIXTURE_SLEEP;
    straight.cores = 96;
    picture_fixture_take(&straight);
    const char *text = picture_draw(picture_throughput);
    ck_assert_uint_eq(markup_count(text, THICK_USL), 2);
    assert_has(text, ">96 cores, outside</text>");
    ck_assert_uint_eq(markup_count(text, CORES_LINE), 1); /* in the legend only */
    assert_has(text, ">▼ use 32 ▼</text>");
}
END_TEST

START_TEST(throughput_of_one_count)
{
    struct results_fixture one = picture_fixture;
    one.count = 1;
    one.reference = 1;
    picture_fixture_take(&one);
    const char *text = picture_draw(picture_throughput);
    ck_assert_uint_eq(markup_count(text, TRIAL_DOT), 6);
    assert_lacks(text, ">ideal</text>");
    assert_lacks(text, "▼");
    assert_lacks(text, SET_AREA);
}
END_TEST

START_TEST(difference)
{
    const char *text = picture_draw(picture_difference);
    ck_assert_uint_eq(markup_count(text, BLOCK_DOT), 5 * 6 + 6);
    assert_has(text, ">Throughput compared with 4 workers</text>");
    assert_has(text, ">A/A 4</text>");
    assert_has(text, ">within ±2 %</text>");
    assert_has(text, ">−75 % [−75, −75]</text>");
    assert_has(text, ">−50 % [");
    assert_has(text, ">difference of throughput</text>");
    assert_has(text, ">mean [95 % interval]</text>");
}
END_TEST

/* Both ends lie on different sides of 1, so that their signs are known. */
static void assert_interval(const char *text, const struct interval *ratio)
{
    char expected[64];
    ck_assert_double_lt(ratio->low, 0.9995);
    ck_assert_double_gt(ratio->high, 1.0005);
    snprintf(expected, sizeof(expected), " %% [−%.1f, +%.1f]</text>", (1 - ratio->low) * 100,
             (ratio->high - 1) * 100);
    assert_has(text, expected);
}

/* The very intervals of the picture_analysis. */
START_TEST(difference_intervals)
{
    struct results_fixture noisy = picture_fixture;
    noisy.noise = 0.03;
    picture_fixture_take(&noisy);
    const char *text = picture_draw(picture_difference);
    assert_interval(text, &picture_analysis->capacity[3].comparison.to_reference);
    assert_interval(text, &picture_analysis->choice.noise);
}
END_TEST

START_TEST(difference_without_pairs)
{
    for (size_t i = 0; i < picture_results.trial_count; i++)
        if (picture_results.trials[i].experiment == EXPERIMENT_CAPACITY &&
            (picture_results.trials[i].workers == 4) == (picture_results.trials[i].block > 3))
            picture_results.trials[i].complete = false; /* the reference in the first blocks only */
    const char *text = picture_draw(picture_difference);
    ck_assert_uint_eq(markup_count(text, BLOCK_DOT), 3);
    assert_has(text, ">A/A 4</text>");
    assert_lacks(text, ">8</text>");
    results_fixture_refuse(&picture_results, EXPERIMENT_CAPACITY, 4, "too busy");
    text = picture_draw(picture_difference); /* the smallest count is the reference then */
    assert_has(text, ">Throughput compared with 1 worker</text>");
    assert_lacks(text, "A/A 4");
    assert_has(text, ">+300 % [");
    ck_assert_uint_eq(markup_count(text, BLOCK_DOT), 4 * 3);
}
END_TEST

Suite *picture_throughput_suite(void)
{
    Suite *suite = suite_create("picture_throughput");
    TCase *tests = tcase_create("picture_throughput");
    tcase_add_checked_fixture(tests, picture_fixture_begin, picture_fixture_end);
    tcase_add_test(tests, throughput_with_refused_trials);
    tcase_add_test(tests, throughput_places);
    if (numeric_can_fit()) {
        tcase_add_test(tests, throughput);
        tcase_add_test(tests, throughput_of_a_law_that_holds);
    }
    tcase_add_test(tests, throughput_of_one_count);
    tcase_add_test(tests, difference);
    tcase_add_test(tests, difference_intervals);
    tcase_add_test(tests, difference_without_pairs);
    suite_add_tcase(suite, tests);
    return suite;
}
