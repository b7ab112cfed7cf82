/* SPDX-License-Identifier: MIT */
#include "bench/results/analysis_json.h"
#include "bench/results/json_reader.h"
#include "bench/results/json_value.h"
#include "bench/results/results_file.h"
#include "tests/unit/memory_file.h"
#include "tests/unit/random_results.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const unsigned counts[] = {1, 2, 4, 8, 16};
static const double shares[] = {0.5, 0.8};

static const struct results_fixture fixture = {
    .law = FIXTURE_SLEEP,
    .workers = counts,
    .count = COUNT(counts),
    .reference = 2,
    .blocks = 7,
    .outstanding = 8,
    .cores = 2,
    .service_us = 10000,
    .noise = 0.01,
    .control = true,
    .shares = shares,
    .share_count = COUNT(shares),
    .requests = 500,
    .seed = 3,
};

/* A results file with its summary, open for reading. */
struct opened {
    struct results results;
    struct analysis *analysis;
    struct memory_file file;
    struct json_reader *reader;
    struct json_place root;
    struct json_place summaries;
    struct json_place element;
    struct json_place summary;
};

static void open_summary(struct opened *opened)
{
    char error[BENCH_ERROR_SIZE] = "";
    size_t count = 0;
    struct byte_buffer text = {0};
    opened->analysis = analysis_take(&opened->results, 0);
    ck_assert_ptr_nonnull(opened->analysis);
    results_write_json(&opened->results, &opened->analysis, &text);
    ck_assert(!text.failed);
    opened->file = memory_file_create(text.bytes, text.size);
    byte_buffer_free(&text);
    opened->reader = json_reader_open(opened->file.path, error);
    ck_assert_msg(opened->reader != NULL, "%s", error);
    opened->root = json_read_document(opened->reader);
    opened->summaries = json_read_array(&opened->root, "summaries", 1, &count);
    ck_assert_uint_eq(count, 1);
    opened->element = json_read_element(&opened->summaries, 0);
    opened->summary = json_read_object(&opened->element, NULL);
}

static void close_summary(struct opened *opened)
{
    char error[BENCH_ERROR_SIZE] = "";
    ck_assert_msg(json_reader_good(opened->reader, error), "%s", error);
    json_reader_close(opened->reader);
    memory_file_close(&opened->file);
    analysis_free(opened->analysis);
    results_free(&opened->results);
}

static void expect_figure(const struct json_place *place, const char *name, double expected)
{
    double found = json_read_figure(place, name);
    if (isfinite(expected))
        ck_assert_msg(found == expected, "%s is %.17g and not %.17g", name, found, expected);
    else
        ck_assert_msg(isnan(found), "%s is %.17g and not null", name, found);
}

static void expect_interval(const struct json_place *place, const char *name,
                            const struct interval *expected)
{
    struct json_place at = json_read_object(place, name);
    expect_figure(&at, "middle", expected->middle);
    expect_figure(&at, "low", expected->low);
    expect_figure(&at, "high", expected->high);
    expect_figure(&at, "detectable", expected->detectable);
    ck_assert_uint_eq(json_read_count(&at, "values", 0, UINT64_MAX), expected->count);
}

static void check_capacity(const struct opened *opened)
{
    size_t count = 0;
    struct json_place array =
        json_read_array(&opened->summary, "capacity", RESULTS_COUNT_LIMIT, &count);
    ck_assert_uint_eq(count, opened->analysis->capacity_count);
    for (size_t i = 0; i < count; i++) {
        const struct capacity_line *line = &opened->analysis->capacity[i];
        struct json_place element = json_read_element(&array, i);
        ck_assert_uint_eq(json_read_count(&element, "workers", 1, 99), line->workers);
        ck_assert_uint_eq(json_read_count(&element, "planned_trials", 0, 99), line->planned);
        ck_assert_uint_eq(json_read_count(&element, "usable_trials", 0, 99), line->usable);
        expect_figure(&element, "rate_rps", line->rate_rps);
        expect_figure(&element, "rate_low_rps", line->rate_low_rps);
        expect_figure(&element, "rate_high_rps", line->rate_high_rps);
        expect_interval(&element, "to_best", &line->comparison.to_best);
        expect_interval(&element, "to_reference", &line->comparison.to_reference);
        expect_figure(&element, "chosen_share", line->comparison.chosen_share);
        ck_assert_int_eq(json_read_bool(&element, "indistinguishable_from_best"),
                         line->comparison.in_set);
        struct json_place response = json_read_object(&element, "response_us");
        expect_figure(&response, "p99", line->response.p99_us);
        struct json_place server = json_read_object(&element, "server");
        expect_figure(&server, "utilization", line->server.utilization);
        expect_figure(&element, "generator_busy", line->generator_busy);
        expect_figure(&element, "ideal_rps", line->ideal_rps);
        expect_figure(&element, "usl_rps", line->usl_rps);
        expect_figure(&element, "knee_rps", line->knee_rps);
        expect_figure(&element, "little_busy", line->little_busy);
        expect_figure(&element, "little_queue", line->little_queue);
    }
}

static void check_latency(const struct opened *opened)
{
    size_t count = 0;
    struct json_place array =
        json_read_array(&opened->summary, "latency", ANALYSIS_LATENCY_LIMIT, &count);
    ck_assert_uint_eq(count, opened->analysis->latency_count);
    ck_assert_uint_gt(count, 0);
    for (size_t i = 0; i < count; i++) {
        const struct latency_line *line = &opened->analysis->latency[i];
        struct json_place element = json_read_element(&array, i);
        ck_assert_uint_eq(json_read_count(&element, "workers", 1, 99), line->workers);
        ck_assert_uint_eq(json_read_count(&element, "usable_trials", 0, 99), line->usable);
        ck_assert_uint_eq(json_read_count(&element, "unstable_trials", 0, 99), line->unstable);
        expect_figure(&element, "offered_rps", line->offered_rps);
        expect_figure(&element, "share", line->share);
        expect_figure(&element, "throughput_rps", line->throughput_rps);
        struct json_place times = json_read_object(&element, "response_us");
        expect_figure(&times, "p99", line->response.p99_us);
        times = json_read_object(&element, "wire_us");
        expect_figure(&times, "p99", line->wire.p99_us);
        expect_figure(&element, "queue_wait_us", line->queue_wait_us);
        expect_figure(&element, "model_queue_wait_us", line->model_queue_wait_us);
        expect_figure(&element, "model_queue_wait_p99_us", line->model_queue_wait_p99_us);
    }
}

static void check_recommendation(const struct opened *opened)
{
    const struct analysis *analysis = opened->analysis;
    const struct choice *choice = &analysis->choice;
    struct json_place at = json_read_object(&opened->summary, "recommendation");
    ck_assert_uint_eq(json_read_choice(&at, "verdict", "use|no_difference|undetermined"),
                      choice->verdict);
    ck_assert_str_eq(json_read_text(&at, "sentence"), analysis->recommendation);
    ck_assert_uint_eq(json_read_count(&at, "workers", 1, 99),
                      analysis->capacity[choice->chosen].workers);
    ck_assert_uint_eq(json_read_count(&at, "best_workers", 1, 99),
                      analysis->capacity[choice->best].workers);
    expect_figure(&at, "resample_share",
                  analysis->capacity[choice->chosen].comparison.chosen_share);
    expect_interval(&at, "to_next_smaller", &choice->step);
    expect_interval(&at, "control_to_reference", &choice->noise);
    expect_figure(&at, "detectable", choice->detectable);
    ck_assert_uint_eq(json_read_count(&at, "blocks", 0, 99), choice->blocks);
    ck_assert_int_eq(json_read_bool(&at, "provisional"), choice->provisional);
    size_t members = 0;
    struct json_place set = json_read_array(&at, "indistinguishable", 99, &members);
    ck_assert_uint_gt(members, 0);
    for (size_t i = 0, j = 0; i < analysis->capacity_count; i++) {
        if (!analysis->capacity[i].comparison.in_set)
            continue;
        struct json_place member = json_read_element(&set, j++);
        ck_assert_uint_eq(json_read_count(&member, NULL, 1, 99), analysis->capacity[i].workers);
    }
}

static void check_sentences(const struct opened *opened, const char *name, size_t begin, size_t end)
{
    size_t count = 0;
    struct json_place array = json_read_array(&opened->summary, name, 99, &count);
    ck_assert_uint_eq(count, end - begin);
    ck_assert_uint_gt(count, 0);
    for (size_t i = 0; i < count; i++) {
        struct json_place sentence = json_read_element(&array, i);
        ck_assert_str_eq(json_read_text(&sentence, NULL), opened->analysis->sentences[begin + i]);
    }
}

static void check_models(const struct opened *opened)
{
    const struct analysis *analysis = opened->analysis;
    struct json_place models = json_read_object(&opened->summary, "models");
    struct json_place knee = json_read_object(&models, "knee");
    ck_assert_ptr_null(json_read_text(&knee, "not_fitted"));
    expect_figure(&knee, "lambda_rps", analysis->knee.lambda_rps);
    expect_figure(&knee, "limit_rps", analysis->knee.limit_rps);
    expect_figure(&knee, "knee_workers", analysis->knee.knee_workers);
    struct json_place usl = json_read_object(&models, "usl");
    if (analysis->usl.not_fitted != NULL) {
        ck_assert_str_eq(json_read_text(&usl, "not_fitted"), analysis->usl.not_fitted);
    } else {
        expect_figure(&usl, "lambda_rps", analysis->usl.lambda_rps);
        expect_figure(&usl, "sigma", analysis->usl.sigma);
        expect_figure(&usl, "kappa", analysis->usl.kappa);
        expect_figure(&usl, "peak_workers", analysis->usl.peak_workers);
    }
    expect_figure(&models, "goetz_workers", analysis->goetz_workers);
    check_sentences(opened, "model_sentences", 0, analysis->model_sentences);
    check_sentences(opened, "doubts", analysis->model_sentences, analysis->sentence_count);
}

START_TEST(the_summary_says_what_the_analysis_says)
{
    struct opened opened;
    results_fixture_make(&fixture, &opened.results);
    opened.results.settings.latency_blocks = fixture.blocks;
    results_fixture_refuse(&opened.results, EXPERIMENT_CAPACITY, 16, "a reason");
    open_summary(&opened);
    ck_assert_uint_ne(opened.analysis->choice.verdict, CHOICE_UNDETERMINED);
    ck_assert_str_eq(json_read_text(&opened.summary, "workload"), opened.analysis->workload);
    check_capacity(&opened);
    check_latency(&opened);
    check_recommendation(&opened);
    check_models(&opened);
    size_t left_out = 0;
    struct json_place array = json_read_array(&opened.summary, "left_out", 9, &left_out);
    ck_assert_uint_eq(left_out, 1);
    struct json_place element = json_read_element(&array, 0);
    ck_assert_uint_eq(json_read_count(&element, "workers", 1, 99), 16);
    ck_assert_str_eq(json_read_text(&element, "first_reason"), "a reason");
    expect_figure(&element, "apparent_rps", opened.analysis->left_out[0].apparent_rps);
    expect_figure(&element, "generator_busy", opened.analysis->left_out[0].generator_busy);
    ck_assert_uint_eq(json_read_count(&opened.summary, "unusable_trials", 0, 99),
                      opened.analysis->unusable);
    close_summary(&opened);
}
END_TEST

/* Reading takes the trials alone: with their summary they are the same results. */
START_TEST(summaries_are_not_read)
{
    struct opened opened;
    struct results found;
    char error[BENCH_ERROR_SIZE] = "";
    results_fixture_make(&fixture, &opened.results);
    opened.results.settings.latency_blocks = fixture.blocks;
    open_summary(&opened);
    ck_assert_msg(results_read(opened.file.path, &found, error), "%s", error);
    random_results_expect_same(&opened.results, &found);
    results_free(&found);
    close_summary(&opened);
}
END_TEST

/* Where nothing can be said, comparisons that mean nothing are not there to be misread. */
START_TEST(an_undetermined_choice_says_why)
{
    struct opened opened;
    size_t count = 0;
    struct results_fixture short_one = fixture;
    short_one.blocks = 1;
    short_one.share_count = 0;
    results_fixture_make(&short_one, &opened.results);
    open_summary(&opened);
    ck_assert_uint_eq(opened.analysis->choice.verdict, CHOICE_UNDETERMINED);
    struct json_place at = json_read_object(&opened.summary, "recommendation");
    ck_assert_str_eq(json_read_text(&at, "verdict"), "undetermined");
    ck_assert_str_eq(json_read_text(&at, "reason"), opened.analysis->choice.reason);
    ck_assert_ptr_null(json_value_member(at.value, "workers"));
    struct json_place array = json_read_array(&opened.summary, "capacity", 99, &count);
    ck_assert_uint_gt(count, 0);
    struct json_place line = json_read_element(&array, 0);
    ck_assert_ptr_null(json_value_member(line.value, "to_best"));
    close_summary(&opened);
}
END_TEST

Suite *analysis_json_suite(void)
{
    Suite *suite = suite_create("analysis_json");
    TCase *tests = tcase_create("analysis_json");
    if (json_value_available()) {
        tcase_add_test(tests, the_summary_says_what_the_analysis_says);
        tcase_add_test(tests, summaries_are_not_read);
        tcase_add_test(tests, an_undetermined_choice_says_why);
    }
    suite_add_tcase(suite, tests);
    return suite;
}
