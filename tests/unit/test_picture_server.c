/* SPDX-License-Identifier: MIT */
#include "tests/unit/markup_check.h"
#include "tests/unit/picture_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The x of the element with this text. */
static double place_of(const char *text, const char *what)
{
    const char *at = strstr(text, what);
    ck_assert_ptr_nonnull(at);
    while (*at != '<')
        at--;
    return strtod(strstr(at, "x=\"") + 3, NULL);
}

/* 64 outstanding and one worker of 1 ms: 63 of them wait, and all take 64 ms. With 32 workers on
 * four cores half of them wait, for 8 ms; of the others' 8 ms, 1 ms is CPU time. */
START_TEST(time_of_requests)
{
    struct results_fixture exact = picture_fixture;
    exact.noise = 0;
    picture_fixture_take(&exact);
    const char *text = picture_draw(picture_time);
    assert_has(text, ">queue</text>");
    assert_has(text, ">run queue</text>");
    assert_has(text, ">blocked</text>");
    assert_has(text, ">workers</text>");
    assert_has(text, ">mean in all</text>");
    assert_has(text, "font-weight=\"bold\">▶ 4</text>");
    assert_has(text, ">queue 63 ms</text>");
    assert_has(text, ">64 ms</text>");
    assert_has(text, ">queue 8 ms</text>");
    assert_has(text, ">run queue 7 ms</text>");
    assert_has(text, ">16 ms</text>");
    /* Each part begins where the one before it ends, in a bar from 78 to 492. */
    ck_assert_double_eq_tol(place_of(text, ">queue 8 ms<"), 78 + 414 * 0.25, 0.1);
    ck_assert_double_eq_tol(place_of(text, ">run queue 7 ms<"),
                            78 + 414 * (0.5 + 2.0 / 32 + 7.0 / 32), 15);
    for (size_t i = 0; i < picture_results.trial_count; i++)
        picture_results.trials[i].server.lock_wait_us = NAN;
    assert_has(picture_draw(picture_time), ">lock: n/a</text>");
}
END_TEST

START_TEST(series)
{
    const char *text = picture_draw(picture_series);
    assert_has(text, ">One trial over time: 4 workers, block ");
    assert_has(text, ">throughput (requests/s)</text>");
    assert_has(text, ">p99 of the response time</text>");
    assert_has(text, ">time since the load began (s)</text>");
    assert_has(text, ">warm-up, not counted</text>");
    ck_assert_uint_eq(markup_count(text, "fill=\"#E69F00\" fill-opacity=\"0.22\""), 3);
    assert_lacks(text, ">failures</text>");
    for (size_t i = 0; i < picture_results.trial_count; i++)
        picture_results.trials[i].measurement.series[0].p99_us = 0;
    assert_has(picture_draw(picture_series), " ms</text>");
    for (size_t i = 0; i < picture_results.trial_count; i++)
        for (size_t j = 0; j < picture_results.trials[i].measurement.series_count; j++) {
            picture_results.trials[i].measurement.series[j].p99_us = NAN;
            picture_results.trials[i].measurement.series[j].failures = j;
        }
    text = picture_draw(picture_series);
    assert_has(text, ">n/a: too few requests in an interval</text>");
    assert_has(text, ">failures</text>");
}
END_TEST

START_TEST(series_shows_the_trial_nearest_to_the_mean)
{
    for (unsigned block = 1; block <= 6; block++) {
        struct trial *trial =
            results_fixture_trial(&picture_results, EXPERIMENT_CAPACITY, 4, 0, block, false);
        trial->measurement.throughput_rps = block == 5 ? 4000 : block % 2 == 0 ? 3990 : 4010;
    }
    struct trial *trial =
        results_fixture_trial(&picture_results, EXPERIMENT_CAPACITY, 4, 0, 5, false);
    assert_has(picture_draw(picture_series), ">One trial over time: 4 workers, block 5</text>");
    trial->measurement.series_count = 1;
    assert_lacks(picture_draw(picture_series), ", block 5</text>");
}
END_TEST

Suite *picture_server_suite(void)
{
    Suite *suite = suite_create("picture_server");
    TCase *tests = tcase_create("picture_server");
    tcase_add_checked_fixture(tests, picture_fixture_begin, picture_fixture_end);
    tcase_add_test(tests, time_of_requests);
    tcase_add_test(tests, series);
    tcase_add_test(tests, series_shows_the_trial_nearest_to_the_mean);
    suite_add_tcase(suite, tests);
    return suite;
}
