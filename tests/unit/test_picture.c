/* SPDX-License-Identifier: MIT */
#include "tests/unit/markup_check.h"
#include "tests/unit/picture_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How an element that belongs to the data looks. */
#define TRIAL_DOT "r=\"3.5\" fill=\"#0072B2\""

START_TEST(names)
{
    for (size_t i = 0; i < PICTURES; i++) {
        char id[64];
        snprintf(id, sizeof(id), "<title id=\"w1-%s-t\">", pictures[i].name);
        assert_has(picture_draw(pictures[i].draw), id);
        assert_has(picture_out.bytes, ">cpu:1000us · ");
    }
}
END_TEST

START_TEST(all_refused)
{
    for (size_t i = 0; i < 6; i++) {
        results_fixture_refuse(&picture_results, EXPERIMENT_CAPACITY, picture_fixture.workers[i],
                               "was <too> busy");
        results_fixture_refuse(&picture_results, EXPERIMENT_LATENCY, picture_fixture.workers[i],
                               "was <too> busy");
    }
    assert_has(picture_draw(pictures[_i].draw), ">n/a: no trial of the ");
    assert_has(picture_out.bytes, "was &#60;too&#62; busy");
}
END_TEST

START_TEST(nothing_run)
{
    for (size_t i = 0; i < picture_results.trial_count; i++)
        results_fixture_forget(&picture_results.trials[i]);
    assert_has(picture_draw(pictures[_i].draw), ">n/a: no trial of the ");
    assert_has(picture_out.bytes, "was run</text>");
}
END_TEST

START_TEST(no_figures)
{
    struct results_fixture bare = picture_fixture;
    bare.share_count = 0;
    picture_fixture_take(&bare);
    picture_results.settings.latency_blocks = 0;
    for (size_t i = 0; i < picture_results.trial_count; i++) {
        struct server_figures *server = &picture_results.trials[i].server;
        server->queue_wait_mean_us = NAN;
        server->worker_cpu_us = NAN;
        server->lock_wait_us = NAN;
        server->run_queue_us = NAN;
        server->blocked_us = NAN;
        picture_results.trials[i].measurement.series_count = 0;
        histogram_reset(picture_results.trials[i].measurement.response_histogram);
    }
    assert_has(picture_draw(picture_latency),
               ">n/a: the latency experiment was not part of this run<");
    assert_has(picture_draw(picture_percentiles), ">n/a: too few response times were recorded ");
    assert_has(picture_draw(picture_time), ">n/a: the server&#39;s own figures are not known<");
    assert_has(picture_draw(picture_series), ">n/a: its trials were too short ");
}
END_TEST

/* Whatever the rates, the counts and the names. */
START_TEST(extremes)
{
    static const double service_us[] = {1e8, 1000, 0.1};
    unsigned many[RESULTS_COUNT_LIMIT];
    for (unsigned i = 0; i < RESULTS_COUNT_LIMIT; i++)
        many[i] = i + 1;
    struct results_fixture extreme = picture_fixture;
    extreme.workers = many;
    extreme.count = RESULTS_COUNT_LIMIT;
    extreme.blocks = 2;
    extreme.requests = 50;
    extreme.noise = 0.2;
    extreme.service_us = service_us[_i];
    picture_fixture_take(&extreme);
    memset(picture_results.settings.workloads[0], '<', RESULTS_TEXT_SIZE - 1);
    memcpy(picture_results.settings.workloads[0] + RESULTS_TEXT_SIZE - 3, "\xe2\x82", 3);
    for (size_t i = 0; i < PICTURES; i++)
        assert_has(picture_draw(pictures[i].draw), "&#60;…</text>");
    ck_assert_uint_eq(markup_count(picture_draw(picture_throughput), TRIAL_DOT), 64);
    assert_has(picture_draw(picture_latency), "25 other counts are in the table.");
}
END_TEST

Suite *picture_suite(void)
{
    Suite *suite = suite_create("picture");
    TCase *tests = tcase_create("picture");
    tcase_add_checked_fixture(tests, picture_fixture_begin, picture_fixture_end);
    tcase_add_test(tests, names);
    tcase_add_loop_test(tests, all_refused, 0, PICTURES);
    tcase_add_loop_test(tests, nothing_run, 0, PICTURES);
    tcase_add_test(tests, no_figures);
    tcase_add_loop_test(tests, extremes, 0, 3);
    suite_add_tcase(suite, tests);
    return suite;
}
