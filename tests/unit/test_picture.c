/* SPDX-License-Identifier: MIT */
#include "bench/picture/picture.h"
#include "tests/unit/markup_check.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How an element that belongs to the data looks; a legend's sample of it is larger, or counts. */
#define TRIAL_DOT    "r=\"3.5\" fill=\"#0072B2\""
#define CONTROL_MARK "fill=\"#ffffff\" stroke=\"#111111\" stroke-width=\"1.4\"/>"
#define REFUSED_MARK "fill=\"none\" stroke=\"#767676\" stroke-width=\"1.4\"/>"
#define BLOCK_DOT    "r=\"2.8\""
#define SET_AREA     "fill=\"#009E73\" fill-opacity=\"0.16\""
#define CORES_LINE   "stroke-dasharray=\"10 4 2 4\""
#define SLO_LINE     "stroke=\"#111111\" stroke-width=\"1.6\" stroke-dasharray=\"3 3\""
#define HOLLOW       "fill=\"#ffffff\" stroke=\"#"
#define THIN_USL     "stroke=\"#D55E00\" stroke-width=\"1.0\""
#define THICK_USL    "stroke=\"#D55E00\" stroke-width=\"2.6\""
#define THICK_KNEE   "stroke=\"#CC79A7\" stroke-width=\"2.6\""

static const unsigned six[] = {1, 2, 4, 8, 16, 32};
static const double shares[] = {0.5, 0.9};

/* Four cores: X = min(N, 4) / 1 ms, which the USL cannot follow. */
static const struct results_fixture knee = {
    .law = FIXTURE_CPU,
    .workers = six,
    .count = 6,
    .reference = 4,
    .blocks = 6,
    .outstanding = 64,
    .cores = 4,
    .service_us = 1000,
    .noise = 0.004,
    .control = true,
    .shares = shares,
    .share_count = 2,
    .requests = 600,
    .seed = 7,
};

static struct results results;
static struct analysis *analysis;
static struct scene scene;
static struct byte_buffer out;

static void begin(void)
{
    results_fixture_make(&knee, &results);
    analysis = NULL;
    out = (struct byte_buffer){0};
}

static void end(void)
{
    analysis_free(analysis);
    results_free(&results);
    byte_buffer_free(&out);
}

static const char *draw(void (*picture)(const struct scene *scene, struct byte_buffer *out))
{
    analysis_free(analysis);
    analysis = analysis_take(&results, 0);
    ck_assert_ptr_nonnull(analysis);
    scene = (struct scene){&results, analysis, 0};
    byte_buffer_truncate(&out, 0);
    picture(&scene, &out);
    markup_check(markup_text(&out));
    ck_assert_uint_eq(markup_count(out.bytes, "nan"), 0);
    return out.bytes;
}

static void assert_has(const char *text, const char *what)
{
    ck_assert_msg(strstr(text, what) != NULL, "there is no %s", what);
}

static void assert_lacks(const char *text, const char *what)
{
    ck_assert_msg(strstr(text, what) == NULL, "there is %s", what);
}

START_TEST(names)
{
    for (size_t i = 0; i < PICTURES; i++) {
        char id[64];
        snprintf(id, sizeof(id), "<title id=\"w1-%s-t\">", pictures[i].name);
        assert_has(draw(pictures[i].draw), id);
        assert_has(out.bytes, ">cpu:1000us · ");
    }
}
END_TEST

/* ---- throughput --------------------------------------------------------------------------------
 */

START_TEST(throughput)
{
    const char *text = draw(picture_throughput);
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
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 16, "too busy");
    struct trial *trial = results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, 2, false);
    trial->complete = false; /* it has no rate to show */
    const char *text = draw(picture_throughput);
    ck_assert_uint_eq(markup_count(text, TRIAL_DOT), 36 - 6 - 1);
    ck_assert_uint_eq(markup_count(text, REFUSED_MARK), 6 + 1);
    assert_has(text, ">refused, not counted</text>");
    assert_has(text, ">16</text>"); /* on the axis all the same */
}
END_TEST

/* Where each trial is, up to a tenth of a unit. */
START_TEST(throughput_places)
{
    const char *text = draw(picture_throughput);
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
    results_free(&results);
    struct results_fixture straight = knee;
    straight.law = FIXTURE_SLEEP;
    straight.cores = 96;
    results_fixture_make(&straight, &results);
    const char *text = draw(picture_throughput);
    ck_assert_uint_eq(markup_count(text, THICK_USL), 2);
    assert_has(text, ">96 cores, outside</text>");
    ck_assert_uint_eq(markup_count(text, CORES_LINE), 1); /* in the legend only */
    assert_has(text, ">▼ use 32 ▼</text>");
}
END_TEST

START_TEST(throughput_of_one_count)
{
    results_free(&results);
    struct results_fixture one = knee;
    one.count = 1;
    one.reference = 1;
    results_fixture_make(&one, &results);
    const char *text = draw(picture_throughput);
    ck_assert_uint_eq(markup_count(text, TRIAL_DOT), 6);
    assert_lacks(text, ">ideal</text>");
    assert_lacks(text, "▼");
    assert_lacks(text, SET_AREA);
}
END_TEST

/* ---- latency -----------------------------------------------------------------------------------
 */

/* Of six counts at two rates, 1 and 2 cannot do the lower one, and all of them can do the upper one
 * but 1 and 2. */
START_TEST(latency)
{
    const char *text = draw(picture_latency);
    assert_has(text, ">p50 of the response time</text>");
    assert_has(text, ">p99 of the response time</text>");
    assert_has(text, ">p99.9 of the response time</text>");
    assert_has(text, ">offered rate (requests/s)</text>");
    assert_has(text, ">1 worker</text>");
    assert_has(text, ">32 workers</text>");
    assert_has(text, ">hollow: unstable, its backlog grew</text>");
    assert_lacks(text, "SLO");
    size_t unstable = 0;
    for (size_t i = 0; i < analysis->latency_count; i++)
        unstable += analysis->latency[i].unstable > 0;
    ck_assert_uint_ge(unstable, 3);
    /* In each panel, and one in the legend. */
    ck_assert_uint_eq(markup_count(text, HOLLOW), 3 * unstable + 1);
}
END_TEST

START_TEST(latency_without_unstable_points)
{
    for (size_t i = 0; i < results.trial_count; i++)
        results.trials[i].measurement.unstable = false;
    const char *text = draw(picture_latency);
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
    results.settings.slo_quantile = limits[_i].quantile;
    results.settings.slo_limit_us = limits[_i].limit_us;
    const char *text = draw(picture_latency);
    assert_has(text, limits[_i].text);
    ck_assert_uint_eq(markup_count(text, SLO_LINE), limits[_i].lines + 1);
}
END_TEST

START_TEST(latency_slo_elsewhere)
{
    results.settings.slo_quantile = 0.95;
    results.settings.slo_limit_us = 5000;
    const char *text = draw(picture_latency);
    ck_assert_uint_eq(markup_count(text, SLO_LINE), 0);
    assert_has(text, "p95 is in the");
    results.settings.slo_quantile = 0.99;
    results.settings.slo_rate_rps = 2500; /* a corner: to the rate, and down */
    text = draw(picture_latency);
    ck_assert_uint_eq(markup_count(text, SLO_LINE), 3);
}
END_TEST

START_TEST(latency_with_few_samples)
{
    results_free(&results);
    struct results_fixture few = knee;
    few.requests = 60;
    results_fixture_make(&few, &results);
    const char *text = draw(picture_latency);
    assert_has(text, ">n/a: needs 2995 samples at one rate</text>");
    assert_has(text, ">n/a: needs 459 samples at one rate</text>");
    assert_lacks(text, ">n/a: needs 1 samples at one rate</text>");
}
END_TEST

/* ---- percentiles -------------------------------------------------------------------------------
 */

START_TEST(percentiles)
{
    const char *text = draw(picture_percentiles);
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
        results_fixture_trial(&results, EXPERIMENT_LATENCY, 4, 1, block, false)
            ->measurement.unstable = true;
    assert_lacks(draw(picture_percentiles), ">4 workers at 3.6k/s</text>");
    assert_has(out.bytes, ">4 workers at 2k/s</text>");
}
END_TEST

/* 400 samples say nothing about p99, 600 nothing about p99.9: see bench_response.h. */
START_TEST(percentiles_reach_as_far_as_the_samples)
{
    results_free(&results);
    struct results_fixture few = knee;
    few.share_count = 0;
    few.blocks = 2;
    few.requests = 200; /* with the control trials it would be enough */
    few.noise = 0;
    results_fixture_make(&few, &results);
    const char *text = draw(picture_percentiles);
    assert_has(text, "closed loop");
    assert_has(text, ">90 %</text>");
    assert_lacks(text, ">99 %</text>");
    assert_lacks(text, ">wire</text>");
    assert_has(text, ">4 workers</text>");
    assert_has(text, ">1 worker</text>");
    results_free(&results);
    few.requests = 300;
    results_fixture_make(&few, &results);
    text = draw(picture_percentiles);
    assert_has(text, ">99 %</text>");
    assert_lacks(text, ">99.9 %</text>");
}
END_TEST

/* ---- time --------------------------------------------------------------------------------------
 */

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
    results_free(&results);
    struct results_fixture exact = knee;
    exact.noise = 0;
    results_fixture_make(&exact, &results);
    const char *text = draw(picture_time);
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
    for (size_t i = 0; i < results.trial_count; i++)
        results.trials[i].server.lock_wait_us = NAN;
    assert_has(draw(picture_time), ">lock: n/a</text>");
}
END_TEST

/* ---- difference --------------------------------------------------------------------------------
 */

START_TEST(difference)
{
    const char *text = draw(picture_difference);
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

/* The very intervals of the analysis. */
START_TEST(difference_intervals)
{
    results_free(&results);
    struct results_fixture noisy = knee;
    noisy.noise = 0.03;
    results_fixture_make(&noisy, &results);
    const char *text = draw(picture_difference);
    const struct interval *ratio = &analysis->capacity[3].comparison.to_reference;
    char expected[64];
    snprintf(expected, sizeof(expected), " %% [−%.1f, +%.1f]</text>", (1 - ratio->low) * 100,
             (ratio->high - 1) * 100);
    ck_assert_double_lt(ratio->low, 0.9995);
    ck_assert_double_gt(ratio->high, 1.0005);
    assert_has(text, expected);
}
END_TEST

START_TEST(difference_without_pairs)
{
    for (size_t i = 0; i < results.trial_count; i++)
        if (results.trials[i].experiment == EXPERIMENT_CAPACITY &&
            (results.trials[i].workers == 4) == (results.trials[i].block > 3))
            results.trials[i].complete = false; /* the reference in the first blocks only */
    const char *text = draw(picture_difference);
    ck_assert_uint_eq(markup_count(text, BLOCK_DOT), 3);
    assert_has(text, ">A/A 4</text>");
    assert_lacks(text, ">8</text>");
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 4, "too busy");
    text = draw(picture_difference); /* the smallest count is the reference then */
    assert_has(text, ">Throughput compared with 1 worker</text>");
    assert_lacks(text, "A/A 4");
    assert_has(text, ">+300 % [");
    ck_assert_uint_eq(markup_count(text, BLOCK_DOT), 4 * 3);
}
END_TEST

/* ---- series ------------------------------------------------------------------------------------
 */

START_TEST(series)
{
    const char *text = draw(picture_series);
    assert_has(text, ">One trial over time: 4 workers, block ");
    assert_has(text, ">throughput (requests/s)</text>");
    assert_has(text, ">p99 of the response time</text>");
    assert_has(text, ">time since the load began (s)</text>");
    assert_has(text, ">warm-up, not counted</text>");
    ck_assert_uint_eq(markup_count(text, "fill=\"#E69F00\" fill-opacity=\"0.22\""), 3);
    assert_lacks(text, ">failures</text>");
    for (size_t i = 0; i < results.trial_count; i++)
        results.trials[i].measurement.series[0].p99_us = 0;
    assert_has(draw(picture_series), " ms</text>");
    for (size_t i = 0; i < results.trial_count; i++)
        for (size_t j = 0; j < results.trials[i].measurement.series_count; j++) {
            results.trials[i].measurement.series[j].p99_us = NAN;
            results.trials[i].measurement.series[j].failures = j;
        }
    text = draw(picture_series);
    assert_has(text, ">n/a: too few requests in an interval</text>");
    assert_has(text, ">failures</text>");
}
END_TEST

START_TEST(series_shows_the_trial_nearest_to_the_mean)
{
    for (unsigned block = 1; block <= 6; block++) {
        struct trial *trial =
            results_fixture_trial(&results, EXPERIMENT_CAPACITY, 4, 0, block, false);
        trial->measurement.throughput_rps = block == 5 ? 4000 : block % 2 == 0 ? 3990 : 4010;
    }
    struct trial *trial = results_fixture_trial(&results, EXPERIMENT_CAPACITY, 4, 0, 5, false);
    assert_has(draw(picture_series), ">One trial over time: 4 workers, block 5</text>");
    trial->measurement.series_count = 1;
    assert_lacks(draw(picture_series), ", block 5</text>");
}
END_TEST

/* ---- what is not there -------------------------------------------------------------------------
 */

START_TEST(all_refused)
{
    for (size_t i = 0; i < 6; i++) {
        results_fixture_refuse(&results, EXPERIMENT_CAPACITY, six[i], "was <too> busy");
        results_fixture_refuse(&results, EXPERIMENT_LATENCY, six[i], "was <too> busy");
    }
    assert_has(draw(pictures[_i].draw), ">n/a: no trial of the ");
    assert_has(out.bytes, "was &#60;too&#62; busy");
}
END_TEST

START_TEST(nothing_run)
{
    for (size_t i = 0; i < results.trial_count; i++)
        results_fixture_forget(&results.trials[i]);
    assert_has(draw(pictures[_i].draw), ">n/a: no trial of the ");
    assert_has(out.bytes, "was run</text>");
}
END_TEST

START_TEST(no_figures)
{
    results_free(&results);
    struct results_fixture bare = knee;
    bare.share_count = 0;
    results_fixture_make(&bare, &results);
    results.settings.latency_blocks = 0;
    for (size_t i = 0; i < results.trial_count; i++) {
        struct server_figures *server = &results.trials[i].server;
        server->queue_wait_mean_us = NAN;
        server->worker_cpu_us = NAN;
        server->lock_wait_us = NAN;
        server->run_queue_us = NAN;
        server->blocked_us = NAN;
        results.trials[i].measurement.series_count = 0;
        histogram_reset(results.trials[i].measurement.response_histogram);
    }
    assert_has(draw(picture_latency), ">n/a: the latency experiment was not part of this run<");
    assert_has(draw(picture_percentiles), ">n/a: too few response times were recorded ");
    assert_has(draw(picture_time), ">n/a: the server&#39;s own figures are not known<");
    assert_has(draw(picture_series), ">n/a: its trials were too short ");
}
END_TEST

/* Whatever the rates, the counts and the names. */
START_TEST(extremes)
{
    static const double service_us[] = {1e8, 1000, 0.1};
    unsigned many[RESULTS_COUNT_LIMIT];
    for (unsigned i = 0; i < RESULTS_COUNT_LIMIT; i++)
        many[i] = i + 1;
    results_free(&results);
    struct results_fixture extreme = knee;
    extreme.workers = many;
    extreme.count = RESULTS_COUNT_LIMIT;
    extreme.blocks = 2;
    extreme.requests = 50;
    extreme.noise = 0.2;
    extreme.service_us = service_us[_i];
    results_fixture_make(&extreme, &results);
    memset(results.settings.workloads[0], '<', RESULTS_TEXT_SIZE - 1);
    memcpy(results.settings.workloads[0] + RESULTS_TEXT_SIZE - 3, "\xe2\x82", 3);
    for (size_t i = 0; i < PICTURES; i++)
        assert_has(draw(pictures[i].draw), "&#60;…</text>");
    ck_assert_uint_eq(markup_count(draw(picture_throughput), TRIAL_DOT), 64);
    assert_has(draw(picture_latency), "25 other counts are in the table.");
}
END_TEST

Suite *picture_suite(void)
{
    Suite *suite = suite_create("picture");
    TCase *tests = tcase_create("picture");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, names);
    tcase_add_test(tests, throughput);
    tcase_add_test(tests, throughput_with_refused_trials);
    tcase_add_test(tests, throughput_places);
    tcase_add_test(tests, throughput_of_a_law_that_holds);
    tcase_add_test(tests, throughput_of_one_count);
    tcase_add_test(tests, latency);
    tcase_add_test(tests, latency_without_unstable_points);
    tcase_add_loop_test(tests, latency_slo, 0, (int)(sizeof(limits) / sizeof(limits[0])));
    tcase_add_test(tests, latency_slo_elsewhere);
    tcase_add_test(tests, latency_with_few_samples);
    tcase_add_test(tests, percentiles);
    tcase_add_test(tests, percentiles_reach_as_far_as_the_samples);
    tcase_add_test(tests, time_of_requests);
    tcase_add_test(tests, difference);
    tcase_add_test(tests, difference_intervals);
    tcase_add_test(tests, difference_without_pairs);
    tcase_add_test(tests, series);
    tcase_add_test(tests, series_shows_the_trial_nearest_to_the_mean);
    tcase_add_loop_test(tests, all_refused, 0, PICTURES);
    tcase_add_loop_test(tests, nothing_run, 0, PICTURES);
    tcase_add_test(tests, no_figures);
    tcase_add_loop_test(tests, extremes, 0, 3);
    suite_add_tcase(suite, tests);
    return suite;
}
