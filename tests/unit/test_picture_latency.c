/* SPDX-License-Identifier: MIT */
#include "tests/unit/markup_check.h"
#include "tests/unit/picture_fixture.h"
#include "tests/unit/suites.h"

/* How an element that belongs to the data looks. */
#define SLO_LINE "stroke=\"#111111\" stroke-width=\"1.6\" stroke-dasharray=\"3 3\""
#define HOLLOW   "fill=\"#ffffff\" stroke=\"#"

/* 1 and 2 workers can serve neither rate, the others both. */
START_TEST(latency)
{
    const char *text = picture_draw(picture_latency);
    assert_has(text, ">p50 of the response time</text>");
    assert_has(text, ">p99 of the response time</text>");
    assert_has(text, ">p99.9 of the response time</text>");
    assert_has(text, ">offered rate (requests/s)</text>");
    assert_has(text, ">1 worker</text>");
    assert_has(text, ">32 workers</text>");
    assert_has(text, ">hollow: unstable, its backlog grew</text>");
    assert_lacks(text, "SLO");
    size_t unstable = 0;
    for (size_t i = 0; i < picture_analysis->latency_count; i++)
        unstable += picture_analysis->latency[i].unstable > 0;
    ck_assert_uint_eq(unstable, 4);
    /* In each panel, and one in the legend. */
    ck_assert_uint_eq(markup_count(text, HOLLOW), 3 * unstable + 1);
}
END_TEST

START_TEST(latency_without_unstable_points)
{
    for (size_t i = 0; i < picture_results.trial_count; i++)
        picture_results.trials[i].measurement.unstable = false;
    const char *text = picture_draw(picture_latency);
    assert_lacks(text, "hollow");
    ck_assert_uint_eq(markup_count(text, HOLLOW), 0);
}
END_TEST

static const struct {
    double quantile;
    double limit_us;
    size_t lines; /* of the SLO, without its sample in the legend */
    const char *text;
} limits[] = {
    {0.99, 5000, 1, ">SLO: p99 within 5 ms</text>"},
    {0.999, 5000, 1, ">SLO: p99.9 within 5 ms</text>"},
    {0.99, 9e9, 0, "far above</text>"},
    {0.99, 0.5, 0, "far below</text>"},
};

START_TEST(latency_slo)
{
    picture_results.settings.slo_quantile = limits[_i].quantile;
    picture_results.settings.slo_limit_us = limits[_i].limit_us;
    const char *text = picture_draw(picture_latency);
    assert_has(text, limits[_i].text);
    ck_assert_uint_eq(markup_count(text, SLO_LINE), limits[_i].lines + 1);
}
END_TEST

START_TEST(latency_slo_elsewhere)
{
    picture_results.settings.slo_quantile = 0.95;
    picture_results.settings.slo_limit_us = 5000;
    const char *text = picture_draw(picture_latency);
    ck_assert_uint_eq(markup_count(text, SLO_LINE), 0);
    assert_has(text, "p95 is in the");
    picture_results.settings.slo_quantile = 0.99;
    picture_results.settings.slo_rate_rps = 2500; /* a corner: to the rate, and down */
    text = picture_draw(picture_latency);
    ck_assert_uint_eq(markup_count(text, SLO_LINE), 3);
}
END_TEST

START_TEST(latency_with_few_samples)
{
    struct results_fixture few = picture_fixture;
    few.requests = 60;
    picture_fixture_take(&few);
    const char *text = picture_draw(picture_latency);
    assert_has(text, ">n/a: needs 2995 samples at one rate</text>");
    assert_has(text, ">n/a: needs 459 samples at one rate</text>");
    assert_lacks(text, ">n/a: needs 1 samples at one rate</text>");
}
END_TEST

START_TEST(percentiles)
{
    const char *text = picture_draw(picture_percentiles);
    assert_has(text, ">50 %</text>");
    assert_has(text, ">99.9 %</text>"); /* 3,600 samples */
    assert_lacks(text, ">99.99 %</text>");
    assert_has(text, ">response</text>");
    assert_has(text, ">wire</text>");
    assert_has(text, ">4 workers at 2k/s</text>");
    assert_has(text, ">4 workers at 3.6k/s</text>");
    assert_has(text, "open loop");
    assert_has(text, "share of requests that are faster");
    for (unsigned block = 1; block <= 6; block++)
        results_fixture_trial(&picture_results, EXPERIMENT_LATENCY, 4, 1, block, false)
            ->measurement.unstable = true;
    assert_lacks(picture_draw(picture_percentiles), ">4 workers at 3.6k/s</text>");
    assert_has(picture_out.bytes, ">4 workers at 2k/s</text>");
}
END_TEST

/* 400 samples say nothing about p99, 600 nothing about p99.9: see bench_response.h. */
START_TEST(percentiles_reach_as_far_as_the_samples)
{
    struct results_fixture few = picture_fixture;
    few.share_count = 0;
    few.blocks = 2;
    few.requests = 200; /* with the control trials it would be enough */
    few.noise = 0;
    picture_fixture_take(&few);
    const char *text = picture_draw(picture_percentiles);
    assert_has(text, "closed loop");
    assert_has(text, ">90 %</text>");
    assert_lacks(text, ">99 %</text>");
    assert_lacks(text, ">wire</text>");
    assert_has(text, ">4 workers</text>");
    assert_has(text, ">1 worker</text>");
    few.requests = 300;
    picture_fixture_take(&few);
    text = picture_draw(picture_percentiles);
    assert_has(text, ">99 %</text>");
    assert_lacks(text, ">99.9 %</text>");
}
END_TEST

Suite *picture_latency_suite(void)
{
    Suite *suite = suite_create("picture_latency");
    TCase *tests = tcase_create("picture_latency");
    tcase_add_checked_fixture(tests, picture_fixture_begin, picture_fixture_end);
    tcase_add_test(tests, latency);
    tcase_add_test(tests, latency_without_unstable_points);
    tcase_add_loop_test(tests, latency_slo, 0, (int)(sizeof(limits) / sizeof(limits[0])));
    tcase_add_test(tests, latency_slo_elsewhere);
    tcase_add_test(tests, latency_with_few_samples);
    tcase_add_test(tests, percentiles);
    tcase_add_test(tests, percentiles_reach_as_far_as_the_samples);
    suite_add_tcase(suite, tests);
    return suite;
}
