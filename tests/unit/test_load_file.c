/* SPDX-License-Identifier: MIT */
#include "bench/base/bench_json.h"
#include "bench/results/json_value.h"
#include "bench/results/load_file.h"
#include "bench/results/measurement_json.h"
#include "tests/unit/memory_file.h"
#include "tests/unit/random_results.h"
#include "tests/unit/suites.h"

#include <string.h>

static struct byte_buffer document(const char *schema, const struct measurement *measurement)
{
    struct byte_buffer text = {0};
    struct bench_json json = {.out = &text};
    struct bench_host host = {2, "a CPU", "6.1", "x86_64"};
    bench_json_open(&json, NULL, '{');
    bench_json_text(&json, "schema", schema);
    bench_json_text(&json, "crew_version", "1.2.3");
    bench_host_write(&json, &host);
    bench_json_text(&json, "target", "tcp://127.0.0.1:1");
    bench_json_open(&json, "settings", '{');
    bench_json_text(&json, "workload", "ping");
    bench_json_close(&json, '}');
    bench_json_bool(&json, "interrupted", true);
    measurement_write(&json, measurement);
    bench_json_close(&json, '}');
    ck_assert(!text.failed);
    return text;
}

static bool read_document(const struct byte_buffer *text, struct load_run *run, char *error)
{
    struct memory_file file = memory_file_create(text->bytes, text->size);
    struct json_reader *reader = json_reader_open(file.path, error);
    ck_assert_msg(reader != NULL, "%s", error);
    bool good = load_run_read(reader, run, error);
    json_reader_close(reader);
    memory_file_close(&file);
    return good;
}

START_TEST(what_is_read_equals_what_was_written)
{
    struct prng prng = {(uint64_t)_i};
    struct measurement measurement;
    struct load_run run;
    char error[BENCH_ERROR_SIZE] = "";
    random_measurement_make(&measurement, &prng);
    struct byte_buffer text = document(LOAD_SCHEMA, &measurement);
    ck_assert_msg(read_document(&text, &run, error), "%s", error);
    random_measurement_expect_same(&measurement, &run.measurement);
    ck_assert_str_eq(run.crew_version, "1.2.3");
    ck_assert_str_eq(run.host.cpu_model, "a CPU");
    ck_assert_double_eq(run.host.cpus, 2.0);
    ck_assert_str_eq(run.target, "tcp://127.0.0.1:1");
    ck_assert_str_eq(run.workload, "ping");
    ck_assert(run.interrupted);
    byte_buffer_free(&text);
    measurement_free(&run.measurement);
    measurement_free(&measurement);
}
END_TEST

START_TEST(other_schemas_are_refused)
{
    struct prng prng = {1};
    struct measurement measurement;
    struct load_run run;
    char error[BENCH_ERROR_SIZE] = "";
    random_measurement_make(&measurement, &prng);
    struct byte_buffer text = document("crew-bench/load/1", &measurement);
    ck_assert(!read_document(&text, &run, error));
    ck_assert_ptr_nonnull(strstr(error, "schema: it is 'crew-bench/load/1', and this version "
                                        "reads 'crew-bench/load/2'"));
    byte_buffer_free(&text);
    measurement_free(&measurement);
}
END_TEST

/* What a run did not find out is null to other readers, and valid says what to think of it. */
START_TEST(other_readers_find_what_they_look_for)
{
    struct measurement measurement = {.open_loop = true, .throughput_rps = 0.1 + 0.2};
    measurement_refuse(&measurement, "a \"reason\"");
    measurement.failures[BENCH_TIMEOUT] = 3;
    struct byte_buffer text = document(LOAD_SCHEMA, &measurement);
    byte_buffer_append(&text, "", 1);
    static const char *const pieces[] = {
        "\n  \"loop\": \"open\",",
        "\n  \"throughput_rps\": 0.30000000000000004,",
        "\n  \"response_us\": {\n    \"mean\": 0,",
        "\n  \"wire_us\": {",
        "\n  \"lag_us\": {",
        "    \"timeout\": 3\n  },",
        "\n  \"valid\": false,\n  \"invalid_reasons\": [\n    \"a \\\"reason\\\"\"\n  ],",
        "\n  \"series\": [],",
        "\n  \"histograms_ns\": {\n    \"response\": null,\n    \"wire\": null\n  }\n}\n",
    };
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        ck_assert_msg(strstr(text.bytes, pieces[i]) != NULL, "no %s in %s", pieces[i], text.bytes);
    byte_buffer_free(&text);
}
END_TEST

Suite *load_file_suite(void)
{
    Suite *suite = suite_create("load_file");
    TCase *tests = tcase_create("load_file");
    tcase_add_test(tests, other_readers_find_what_they_look_for);
    if (json_value_available()) {
        tcase_add_loop_test(tests, what_is_read_equals_what_was_written, 1, 20);
        tcase_add_test(tests, other_schemas_are_refused);
    }
    suite_add_tcase(suite, tests);
    return suite;
}
