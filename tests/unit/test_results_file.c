/* SPDX-License-Identifier: MIT */
#include "bench/results/json_value.h"
#include "bench/results/results_file.h"
#include "tests/unit/memory_file.h"
#include "tests/unit/random_results.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static struct byte_buffer written(const struct results *results)
{
    struct byte_buffer text = {0};
    results_write_json(results, NULL, &text);
    ck_assert(!text.failed);
    return text;
}

START_TEST(what_is_read_equals_what_was_written)
{
    struct results results;
    struct results found;
    char error[BENCH_ERROR_SIZE] = "";
    random_results_make(&results, (uint64_t)_i);
    struct byte_buffer text = written(&results);
    struct memory_file file = memory_file_create(text.bytes, text.size);
    ck_assert_msg(results_read(file.path, &found, error), "%s", error);
    random_results_expect_same(&results, &found);
    memory_file_close(&file);
    byte_buffer_free(&text);
    results_free(&found);
    results_free(&results);
}
END_TEST

/* Two trials of one workload, small enough to be cut at every byte. */
static void make_small(struct results *results)
{
    *results = (struct results){.crew_version = "1.2.3",
                                .started_utc = "2026-01-31T12:00:00Z",
                                .host = {2, "a CPU", "6.1", "x86_64"},
                                .elapsed_s = 9,
                                .complete = true};
    results->settings = (struct results_settings){
        .workloads = {"sleep:2ms"},
        .workload_count = 1,
        .workers = {1, 4},
        .count = 2,
        .reference = 1,
        .blocks = 3,
        .duration_s = 2,
        .connections = 16,
        .threads = 1,
        .seed = UINT64_MAX,
        .latency_blocks = 1,
        .shares = {0.5, 0.9},
        .share_count = 2,
        .slo_quantile = 0.99,
        .slo_limit_us = 5000,
        .slo_rate_rps = NAN,
    };
    results->trials = calloc(2, sizeof(*results->trials));
    ck_assert_ptr_nonnull(results->trials);
    results->trial_count = 2;
    struct prng prng = {2};
    for (unsigned i = 0; i < 2; i++) {
        struct trial *trial = &results->trials[i];
        *trial = (struct trial){.workers = 1, .block = 1, .place = i + 1, .complete = true};
        trial->rate_rps = i == 1 ? 100 : NAN;
        trial->experiment = i == 1 ? EXPERIMENT_LATENCY : EXPERIMENT_CAPACITY;
        random_measurement_make(&trial->measurement, &prng);
    }
    results->trials[0].server.workers = calloc(1, sizeof(struct worker_figures));
    ck_assert_ptr_nonnull(results->trials[0].server.workers);
    results->trials[0].server.worker_count = 1;
}

static struct byte_buffer small_text(void)
{
    struct results results;
    make_small(&results);
    struct byte_buffer text = written(&results);
    results_free(&results);
    return text;
}

START_TEST(a_file_cut_short_is_refused)
{
    struct byte_buffer text = small_text();
    struct memory_file file = memory_file_create(text.bytes, text.size);
    char error[BENCH_ERROR_SIZE] = "";
    struct results found;
    /* Only the line feed at its end may be missing. */
    ck_assert_int_eq(text.bytes[text.size - 1], '\n');
    memory_file_cut(&file, text.size - 1);
    ck_assert_msg(results_read(file.path, &found, error), "%s", error);
    results_free(&found);
    char expected[BENCH_ERROR_SIZE];
    snprintf(expected, sizeof(expected), "cannot read %s: it is cut short ", file.path);
    for (size_t size = text.size - 2; size > 0; size -= size > 3 ? 3 : size) {
        memory_file_cut(&file, size);
        ck_assert(!results_read(file.path, &found, error));
        bool within_character = strstr(error, "unable to decode byte") != NULL;
        ck_assert_msg(within_character || strncmp(error, expected, strlen(expected)) == 0,
                      "%zu: %s", size, error);
        ck_assert_ptr_null(found.trials);
    }
    memory_file_close(&file);
    byte_buffer_free(&text);
}
END_TEST

/* Whatever a byte is replaced by: an error, or results that can be written again. */
START_TEST(damaged_files_do_no_harm)
{
    struct byte_buffer text = small_text();
    struct prng prng = {(uint64_t)_i + 1};
    size_t refused = 0;
    for (int round = 0; round < 400; round++) {
        static const char bytes[] = "0123456789-+.eE\"\\{}[],:ntf \xff";
        char *at = &text.bytes[prng_below(&prng, text.size)];
        char before = *at;
        *at = bytes[prng_below(&prng, sizeof(bytes) - 1)];
        struct memory_file file = memory_file_create(text.bytes, text.size);
        struct results found;
        char error[BENCH_ERROR_SIZE] = "";
        if (results_read(file.path, &found, error)) {
            struct byte_buffer again = written(&found);
            byte_buffer_free(&again);
            results_free(&found);
        } else {
            ck_assert_ptr_nonnull(strstr(error, file.path));
            refused++;
        }
        memory_file_close(&file);
        *at = before;
    }
    ck_assert_uint_gt(refused, 100);
    byte_buffer_free(&text);
}
END_TEST

static const struct {
    const char *from; /* the first occurrence of it */
    const char *to;
    const char *error; /* what follows the path; NULL when it stays good */
} changes[] = {
    {"crew-bench/sweep/2", "crew-bench/sweep/1",
     "schema: it is 'crew-bench/sweep/1', and this version reads 'crew-bench/sweep/2'"},
    {"\"schema\"", "\"scheme\"", "schema: it is missing"},
    {"\"1.2.3\"", "null", "crew_version: a text is expected here, not null"},
    {"\"1.2.3\"", "\"1.2.3-with-a-name-of-over-31-bytes\"",
     "crew_version: it is 34 bytes long; at most 31 are allowed"},
    {"\"nproc\": 2", "\"nproc\": -2",
     "host.nproc: -2 is not allowed: it is a number from 0 to 1e+06"},
    {"\"machine\": \"x86_64\"", "\"machine\": 64", "host.machine: a text is expected here, not"},
    {"\"sleep:2ms\"\n    ]", "]", "settings.workloads: it is empty"},
    {"\"sleep:2ms\"", "7", "settings.workloads[0]: a text is expected here, not an integer"},
    {"\"sleep:2ms\"", "\"sleep:3ms\"", "trials[0].workload: it contradicts workload_index"},
    {"1,\n      4", "4,\n      1", "settings.workers[1]: worker counts must rise"},
    {"1,\n      4", "1,\n      1", "settings.workers[1]: worker counts must rise"},
    {"1,\n      4", "0,\n      4",
     "settings.workers[0]: 0 is not allowed: it is an integer from 1 to 65536"},
    {"1,\n      4", "1,\n      65537", "settings.workers[1]: 65537 is not allowed"},
    {"1,\n      4", "", "settings.workers: it is empty"},
    {"1,\n      4",
     "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,"
     "30,31,32,33",
     "settings.workers: it holds 33 values; at most 32 are allowed"},
    {"0.5,\n      0.9", "1,2,3,4,5,6,7,8,9",
     "settings.shares: it holds 9 values; at most 8 are allowed"},
    {"0.5,\n      0.9", "null", "settings.shares[0]: a number is expected here, not null"},
    {"\"reference\": 1", "\"reference\": 2", "settings.reference: 2 is none of the worker counts"},
    {"\"blocks\": 3", "\"blocks\": 0", "settings.blocks: 0 is not allowed"},
    {"\"blocks\": 3", "\"blocks\": 3.0", "settings.blocks: an integer is expected here"},
    {"\"duration_s\": 2", "\"duration_s\": -2", "settings.duration_s: -2 is not allowed"},
    {"\"18446744073709551615\"", "\"18446744073709551616\"",
     "settings.seed: it is not a decimal number of 64 bits"},
    {"\"18446744073709551615\"", "\"-1\"", "settings.seed: it is not a decimal number"},
    {"\"18446744073709551615\"", "\"12x\"", "settings.seed: it is not a decimal number"},
    {"\"18446744073709551615\"", "12", "settings.seed: a text is expected here"},
    {"\"18446744073709551615\"", "\"12\"", NULL},
    {"\"slo_quantile\": 0.99", "\"slo_quantile\": null", NULL},
    {"\"elapsed_s\": 9", "\"elapsed_s\": null", "elapsed_s: a number is expected here, not null"},
    {"\"summaries\": []", "\"summaries\": 5", NULL},
    {"\"summaries\": [],", "", NULL},
    {"\"summaries\": []", "\"added_later\": {\"a\": [1]}", NULL},
    {"\"workload_index\": 0", "\"workload_index\": 1",
     "trials[0].workload_index: 1 is not allowed"},
    {"\"workload_index\": 0", "\"workload_index\": -1", "trials[0].workload_index: -1 is not"},
    {"\"workload_index\": 0", "\"workload_index\": 9223372036854775807",
     "trials[0].workload_index: 9223372036854775807 is not allowed"},
    {"\"workers\": 1,", "\"workers\": 2,",
     "trials[0].workers: 2 is none of the settings' worker counts"},
    {"\"capacity\"", "\"endurance\"", "trials[0].experiment: it is none of capacity|latency"},
    {"\"rate_rps\": null", "\"rate_rps\": 5", "trials[0].rate_rps: 5 is not allowed here"},
    {"\"rate_rps\": 100", "\"rate_rps\": 0", "trials[1].rate_rps: 0 is not allowed here"},
    {"\"rate_rps\": 100", "\"rate_rps\": -1", "trials[1].rate_rps: -1 is not allowed here"},
    {"\"rate_rps\": 100", "\"rate_rps\": null", NULL},
    {"\"block\": 1", "\"block\": 4",
     "trials[0].block: 4 is not allowed: it is an integer from 1 to 3"},
    {"\"latency_blocks\": 1", "\"latency_blocks\": 0",
     "trials[1].block: 1 is not allowed: it is an integer from 1 to 0"},
    {"\"place\": 1", "\"place\": 0", "trials[0].place: 0 is not allowed"},
    {"\"complete\": true,\n      \"problem\"", "\"complete\": 1,\n      \"problem\"",
     "trials[0].complete: true or false is expected here, not an integer"},
    {"\"response_us\": {", "\"response\": {", "trials[0].measurement.response_us: it is missing"},
    {"\"loop\": \"", "\"loop\": \"x", "trials[0].measurement.loop: it is none of closed|open"},
    {"\"timeout\":", "\"timeouts\":", "trials[0].measurement.errors.timeout: it is missing"},
    {"\"valid\": false", "\"valid\": true",
     "trials[0].measurement.valid: it contradicts invalid_reasons"},
    {"log-linear/7/42 sum=", "log-linear/7/42 sum=-",
     "trials[0].measurement.histograms_ns.response: not a histogram: a number is expected"},
    {"log-linear/7/42", "log-linear/8/42",
     "trials[0].measurement.histograms_ns.response: not a histogram: its shape is not known"},
    {"\"cpu_share\": 0", "\"cpu_share\": \"0\"",
     "trials[0].server.workers[0].cpu_share: a number is expected here, not a text"},
    {"\"trials\": [", "\"trials\": [7, ", "trials[0]: an object is expected here, not an integer"},
    {"\"trials\": [", "\"trials\": {\"a\": ", "it is not JSON"},
    {"\"trials\": [", "\"others\": [", "trials: it is missing"},
};

static struct byte_buffer replaced(const struct byte_buffer *text, const char *from, const char *to)
{
    struct byte_buffer result = {0};
    const char *at = memmem(text->bytes, text->size, from, strlen(from));
    ck_assert_msg(at != NULL, "no %s in %.*s", from, (int)text->size, text->bytes);
    size_t before = (size_t)(at - text->bytes);
    byte_buffer_append(&result, text->bytes, before);
    byte_buffer_append_text(&result, to);
    byte_buffer_append(&result, at + strlen(from), text->size - before - strlen(from));
    return result;
}

START_TEST(changed_files_are_explained)
{
    struct byte_buffer good = small_text();
    struct byte_buffer bad = replaced(&good, changes[_i].from, changes[_i].to);
    struct memory_file file = memory_file_create(bad.bytes, bad.size);
    struct results found;
    char error[BENCH_ERROR_SIZE] = "";
    bool read = results_read(file.path, &found, error);
    if (changes[_i].error == NULL) {
        ck_assert_msg(read, "%s", error);
        results_free(&found);
    } else {
        ck_assert_msg(!read, "%s was taken", changes[_i].to);
        ck_assert_msg(strstr(error, file.path) != NULL, "%s", error);
        ck_assert_msg(strstr(error, changes[_i].error) != NULL, "'%s' instead of '%s'", error,
                      changes[_i].error);
        ck_assert_ptr_null(found.trials);
    }
    memory_file_close(&file);
    byte_buffer_free(&good);
    byte_buffer_free(&bad);
}
END_TEST

/* The seed has 64 bits, which readers that keep numbers in doubles would lose. */
START_TEST(other_readers_find_what_they_look_for)
{
    struct byte_buffer text = small_text();
    byte_buffer_append(&text, "", 1);
    static const char *const pieces[] = {
        "{\n  \"schema\": \"crew-bench/sweep/2\",\n  \"crew_version\": \"1.2.3\"",
        "\"seed\": \"18446744073709551615\"",
        "\"workload\": \"sleep:2ms\"",
        "\"usable\": ",
        "\"experiment\": \"latency\",\n      \"rate_rps\": 100",
    };
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        ck_assert_msg(strstr(text.bytes, pieces[i]) != NULL, "no %s in %s", pieces[i], text.bytes);
    byte_buffer_free(&text);
}
END_TEST

Suite *results_file_suite(void)
{
    Suite *suite = suite_create("results_file");
    TCase *tests = tcase_create("results_file");
    tcase_add_test(tests, other_readers_find_what_they_look_for);
    if (json_value_available()) {
        tcase_add_loop_test(tests, what_is_read_equals_what_was_written, 1, 30);
        tcase_add_test(tests, a_file_cut_short_is_refused);
        tcase_add_loop_test(tests, damaged_files_do_no_harm, 0, 5);
        tcase_add_loop_test(tests, changed_files_are_explained, 0, COUNT(changes));
    }
    suite_add_tcase(suite, tests);
    return suite;
}
