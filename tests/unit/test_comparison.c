/* SPDX-License-Identifier: MIT */
#include "bench/results/comparison.h"
#include "bench/results/comparison_text.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 5, COUNTS = 3, MOST_TRIALS = 2 * COUNTS * (BLOCKS + 1), MANY = 40 };

static const unsigned workers[COUNTS] = {1, 2, 4};

/* Rates by worker count and block: at one worker alike, then B is slower, then faster. */
static const double rates_a[COUNTS][BLOCKS] = {
    {100, 101, 99, 100.5, 99.5}, {200, 204, 196, 201, 199}, {390, 400, 410, 405, 395}};
static const double rates_b[COUNTS][BLOCKS] = {
    {100.2, 100.9, 99.3, 100.1, 99.9}, {150, 152, 149, 151, 148}, {480, 470, 490, 485, 475}};

/* Too large for the stack of a test under sanitizers. */
static struct results a;
static struct results b;

static struct trial *add_trial(struct results *results, size_t workload, unsigned count,
                               unsigned block, double rate_rps)
{
    struct trial *trial = &results->trials[results->trial_count++];
    *trial = (struct trial){.workload = workload,
                            .workers = count,
                            .rate_rps = NAN,
                            .block = block,
                            .place = 1,
                            .complete = true};
    trial->measurement.throughput_rps = rate_rps;
    trial->measurement.response_histogram = calloc(1, sizeof(struct histogram));
    ck_assert_ptr_nonnull(trial->measurement.response_histogram);
    for (uint64_t i = 1; i <= 100; i++) /* 10 us more in each block */
        histogram_record(trial->measurement.response_histogram, i * 1000 + 10000 * block);
    return trial;
}

static void make(struct results *results, const double rates[COUNTS][BLOCKS])
{
    *results = (struct results){.crew_version = "1.0.0",
                                .started_utc = "2026-01-31T12:00:00Z",
                                .host = {2, "a CPU", "6.1", "x86_64"},
                                .cpu_iterations_per_us = 0,
                                .elapsed_s = 60,
                                .complete = true};
    struct results_settings *settings = &results->settings;
    snprintf(settings->workloads[0], RESULTS_TEXT_SIZE, "sleep:2ms");
    settings->workload_count = 1;
    memcpy(settings->workers, workers, sizeof(workers));
    settings->count = COUNTS;
    settings->reference = 1;
    settings->blocks = BLOCKS;
    settings->duration_s = 2;
    settings->connections = 16;
    settings->threads = 1;
    settings->seed = 7;
    results->trials = calloc(MOST_TRIALS, sizeof(*results->trials));
    ck_assert_ptr_nonnull(results->trials);
    for (unsigned block = 1; block <= BLOCKS; block++)
        for (size_t i = 0; i < COUNTS; i++)
            add_trial(results, 0, workers[i], block, rates[i][block - 1]);
}

static void make_both(void)
{
    make(&a, rates_a);
    make(&b, rates_b);
    snprintf(b.started_utc, sizeof(b.started_utc), "2026-02-01T12:00:00Z");
}

static void free_both(struct comparison *comparison)
{
    comparison_free(comparison);
    results_free(&a);
    results_free(&b);
}

static struct comparison *compare(void)
{
    struct comparison *comparison = comparison_take(&a, &b);
    ck_assert_ptr_nonnull(comparison);
    return comparison;
}

static void expect_sentence(const struct comparison_workload *workload, const char *expected)
{
    struct byte_buffer text = {0};
    comparison_append_sentence(workload, &text);
    byte_buffer_append(&text, "", 1);
    ck_assert_str_eq(text.bytes, expected);
    byte_buffer_free(&text);
}

/* Worked out independently: Welch on logarithms with Bonferroni's 1 - 0.05 / 3. */
static const struct {
    double rates[COMPARISON_SIDES];
    struct interval ratio;
} expected_lines[COUNTS] = {
    {{99.9975, 100.0787}, {1.0008117562, 0.9873829096, 1.0144232410, 0.0175694177, 2 * BLOCKS}},
    {{199.9830, 149.9933}, {0.7500304268, 0.7316018703, 0.7689231862, 0.0325884379, 2 * BLOCKS}},
    {{399.9375, 479.9479}, {1.2000573188, 1.1587927511, 1.2427913164, 0.0462770840, 2 * BLOCKS}},
};

START_TEST(differences_with_simultaneous_intervals)
{
    make_both();
    struct comparison *comparison = compare();
    ck_assert_uint_eq(comparison->count, 1);
    ck_assert_uint_eq(comparison->compared, COUNTS);
    ck_assert_uint_eq(comparison->missing_count, 0);
    ck_assert_uint_eq(comparison->note_count, 0);
    ck_assert(!comparison->same_run);
    const struct comparison_workload *workload = &comparison->workloads[0];
    ck_assert_str_eq(workload->name, "sleep:2ms");
    ck_assert_uint_eq(workload->different, 2);
    ck_assert_double_eq_tol(workload->detectable, 0.0462770840, 1e-8);
    for (size_t i = 0; i < COUNTS; i++) {
        const struct comparison_line *line = &workload->lines[i];
        ck_assert_uint_eq(line->workers, workers[i]);
        ck_assert_uint_eq(line->sides[COMPARISON_A].planned, BLOCKS);
        ck_assert_uint_eq(line->sides[COMPARISON_B].usable, BLOCKS);
        for (size_t side = 0; side < COMPARISON_SIDES; side++)
            ck_assert_double_eq_tol(line->sides[side].rate_rps, expected_lines[i].rates[side],
                                    1e-3);
        ck_assert_double_eq_tol(line->ratio.middle, expected_lines[i].ratio.middle, 1e-8);
        ck_assert_double_eq_tol(line->ratio.low, expected_lines[i].ratio.low, 1e-7);
        ck_assert_double_eq_tol(line->ratio.high, expected_lines[i].ratio.high, 1e-7);
        ck_assert_double_eq_tol(line->ratio.detectable, expected_lines[i].ratio.detectable, 1e-7);
    }
    expect_sentence(workload,
                    "sleep:2ms: B is faster with 4 workers (+20 % [+16, +24]); B is slower"
                    " with 2 workers (-25 % [-27, -23]); no difference detected with 1"
                    " worker; smallest detectable effect 4.6 %.");
    free_both(comparison);
}
END_TEST

/* Percentiles come from all usable trials of the capacity experiment and of nothing else. */
START_TEST(percentiles_are_merged)
{
    make_both();
    add_trial(&a, 0, 1, 1, 1e6)->control = true;
    struct trial *latency = add_trial(&a, 0, 1, 1, 1e6);
    latency->experiment = EXPERIMENT_LATENCY;
    struct trial *refused = add_trial(&a, 0, 1, 1, 1e6);
    measurement_refuse(&refused->measurement, "a reason");
    struct comparison *comparison = compare();
    const struct comparison_side *side = &comparison->workloads[0].lines[0].sides[COMPARISON_A];
    ck_assert_uint_eq(side->planned, BLOCKS + 1);
    ck_assert_uint_eq(side->usable, BLOCKS);
    ck_assert_str_eq(side->first_reason, "a reason");
    ck_assert_double_eq_tol(side->rate_rps, 99.9975, 1e-3);
    ck_assert_uint_eq(side->response.count, 100 * BLOCKS);
    ck_assert_double_eq_tol(side->response.p50_us, 80, 0.4);
    ck_assert_double_eq_tol(side->response.max_us, 150, 1e-9);
    side = &comparison->workloads[0].lines[1].sides[COMPARISON_A];
    ck_assert_uint_eq(side->response.count, 100 * BLOCKS);
    free_both(comparison);
}
END_TEST

START_TEST(the_same_run_does_not_differ)
{
    make(&a, rates_a);
    make(&b, rates_a);
    struct comparison *comparison = compare();
    ck_assert(comparison->same_run);
    ck_assert_uint_eq(comparison->note_count, 1);
    ck_assert_str_eq(comparison->notes[0], "Both files hold the same run");
    ck_assert_uint_eq(comparison->workloads[0].different, 0);
    ck_assert_double_eq(comparison->workloads[0].lines[0].ratio.middle, 1.0);
    expect_sentence(&comparison->workloads[0],
                    "sleep:2ms: no difference detected with 1, 2 and 4 workers; smallest"
                    " detectable effect 5.0 %.");
    comparison_free(comparison);
    b.settings.seed++;
    comparison = compare();
    ck_assert(!comparison->same_run);
    free_both(comparison);
}
END_TEST

static bool has_text(const char (*texts)[COMPARISON_NOTE_SIZE], size_t count, const char *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(texts[i], wanted) == 0)
            return true;
    return false;
}

START_TEST(says_what_else_differs)
{
    static const char *const notes[] = {
        "The version of crew differs: 1.0.0 in A, 1.1.0 in B",
        "The host's CPU differs: a CPU in A, another in B",
        "The number of CPUs differs: 2 in A, 4 in B",
        "The host's kernel differs: 6.1 in A, 6.2 in B",
        "The host's architecture differs: x86_64 in A, arm64 in B",
        "What counts as a microsecond of WORK CPU (iterations) differs: 0 in A, 500.5 in B",
        "The number of requests outstanding differs: 16 in A, 32 in B",
        "The number of generator threads differs: 1 in A, 2 in B",
        "The length of a window in seconds differs: 2 in A, 3 in B",
        "The number of blocks differs: 5 in A, 6 in B",
        "B is not complete",
        "The workload ping is only in B",
        "Only in A: 1, 4 workers",
        "Only in B: 3, 8 workers",
    };
    make_both();
    snprintf(b.crew_version, sizeof(b.crew_version), "1.1.0");
    b.host = (struct bench_host){4, "another", "6.2", "arm64"};
    b.cpu_iterations_per_us = 500.5;
    b.complete = false;
    b.settings.connections = 32;
    b.settings.threads = 2;
    b.settings.duration_s = 3;
    b.settings.blocks = 6;
    snprintf(b.settings.workloads[1], RESULTS_TEXT_SIZE, "ping");
    b.settings.workload_count = 2;
    b.settings.workers[0] = 2;
    b.settings.workers[1] = 3;
    b.settings.workers[2] = 8;
    struct comparison *comparison = compare();
    ck_assert_uint_eq(comparison->note_count, sizeof(notes) / sizeof(notes[0]));
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
        ck_assert_msg(has_text(comparison->notes, comparison->note_count, notes[i]), "%s",
                      notes[i]);
    /* One worker count in common: its interval holds alone. */
    ck_assert_uint_eq(comparison->workloads[0].count, 1);
    ck_assert_uint_eq(comparison->workloads[0].lines[0].workers, 2);
    ck_assert_double_gt(comparison->workloads[0].lines[0].ratio.low, expected_lines[1].ratio.low);
    free_both(comparison);
}
END_TEST

/* Workloads are matched by their names: not by their places, and not twice. */
START_TEST(workloads_are_matched_by_name)
{
    make_both();
    snprintf(b.settings.workloads[0], RESULTS_TEXT_SIZE, "ping");
    snprintf(b.settings.workloads[1], RESULTS_TEXT_SIZE, "sleep:2ms");
    b.settings.workload_count = 2;
    for (size_t i = 0; i < b.trial_count; i++)
        b.trials[i].workload = 1;
    snprintf(a.settings.workloads[1], RESULTS_TEXT_SIZE, "sleep:2ms");
    a.settings.workload_count = 2;
    for (size_t i = 0; i < a.trial_count; i++)
        a.trials[i].workload = i % 2;
    struct comparison *comparison = compare();
    ck_assert_uint_eq(comparison->count, 1);
    ck_assert_uint_eq(comparison->workloads[0].different, 2);
    ck_assert_uint_eq(comparison->workloads[0].lines[0].sides[COMPARISON_A].usable, BLOCKS);
    ck_assert_uint_eq(comparison->workloads[0].lines[0].sides[COMPARISON_B].usable, BLOCKS);
    free_both(comparison);
}
END_TEST

START_TEST(nothing_in_common)
{
    make_both();
    snprintf(b.settings.workloads[0], RESULTS_TEXT_SIZE, "ping");
    struct comparison *comparison = compare();
    ck_assert_uint_eq(comparison->compared, 0);
    ck_assert_uint_eq(comparison->missing_count, 1);
    ck_assert_str_eq(comparison->missing[0], "the files have no workload in common");
    comparison_free(comparison);
    snprintf(b.settings.workloads[0], RESULTS_TEXT_SIZE, "sleep:2ms");
    for (size_t i = 0; i < COUNTS; i++)
        b.settings.workers[i] = 10 + (unsigned)i;
    for (size_t i = 1; i < MANY; i++) { /* more than there is room for notes */
        snprintf(a.settings.workloads[i], RESULTS_TEXT_SIZE, "echo:%zu", i);
        snprintf(b.settings.workloads[i], RESULTS_TEXT_SIZE, "%s:%zu", i == 1 ? "echo" : "other",
                 i);
    }
    a.settings.workload_count = MANY;
    b.settings.workload_count = MANY;
    comparison = compare();
    ck_assert_uint_eq(comparison->compared, 0);
    ck_assert_uint_eq(comparison->missing_count, 1);
    ck_assert_str_eq(comparison->missing[0], "the files have no worker count in common");
    ck_assert_uint_eq(comparison->note_count, COMPARISON_NOTES);
    free_both(comparison);
}
END_TEST

START_TEST(too_few_usable_trials)
{
    make_both();
    for (size_t i = 0; i < b.trial_count; i++) {
        struct trial *trial = &b.trials[i];
        if (trial->workers == 4 && trial->block > 1) {
            trial->complete = false;
            snprintf(trial->problem, sizeof(trial->problem), "it broke in block %u", trial->block);
        }
        if (trial->workers == 2) /* no rate has no logarithm */
            trial->measurement.throughput_rps = 0;
        if (trial->workers == 1)
            trial->measurement.failures_total = trial->block > 2;
    }
    struct comparison *comparison = compare();
    const struct comparison_workload *workload = &comparison->workloads[0];
    ck_assert_uint_eq(comparison->missing_count, 2);
    ck_assert_str_eq(comparison->missing[0],
                     "sleep:2ms with 2 workers: B has 0 usable trials of 5, and 2 are needed");
    ck_assert_str_eq(comparison->missing[1],
                     "sleep:2ms with 4 workers: B has 1 usable trial of 5, and 2 are needed (it"
                     " broke in block 2)");
    ck_assert_uint_eq(workload->compared, 1);
    ck_assert(workload->lines[0].compared);
    ck_assert(!workload->lines[1].compared);
    ck_assert(!workload->lines[2].compared);
    expect_sentence(workload, "sleep:2ms: no difference detected with 1 worker; smallest detectable"
                              " effect 2.8 %.");
    comparison_free(comparison);
    for (size_t i = 0; i < b.trial_count; i++)
        b.trials[i].measurement.failures_total = 1;
    comparison = compare();
    ck_assert_uint_eq(comparison->compared, 0);
    ck_assert_str_eq(comparison->missing[0], "sleep:2ms with 1 worker: B has 0 usable trials of 5,"
                                             " and 2 are needed (requests failed)");
    expect_sentence(&comparison->workloads[0],
                    "sleep:2ms: nothing can be said: too few usable trials.");
    free_both(comparison);
}
END_TEST

Suite *comparison_suite(void)
{
    Suite *suite = suite_create("comparison");
    TCase *tests = tcase_create("comparison");
    tcase_add_test(tests, differences_with_simultaneous_intervals);
    tcase_add_test(tests, percentiles_are_merged);
    tcase_add_test(tests, the_same_run_does_not_differ);
    tcase_add_test(tests, says_what_else_differs);
    tcase_add_test(tests, workloads_are_matched_by_name);
    tcase_add_test(tests, nothing_in_common);
    tcase_add_test(tests, too_few_usable_trials);
    suite_add_tcase(suite, tests);
    return suite;
}
