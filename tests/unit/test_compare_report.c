/* SPDX-License-Identifier: MIT */
/* What a comparison prints and writes; test_comparison.c has how it is worked out. */
#include "bench/commands/compare_report.h"
#include "bench/results/comparison_text.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const paths[COMPARISON_SIDES] = {"old.json", "new.json"};

/* Too large for the stack of a test under sanitizers. */
static struct results results[COMPARISON_SIDES];
static struct comparison_workload workload;
static struct comparison comparison;

static struct comparison_line line_of(unsigned workers, double rate_a, double rate_b,
                                      struct interval ratio)
{
    struct comparison_line line = {.workers = workers, .ratio = ratio};
    line.compared = !isnan(ratio.low);
    line.sides[COMPARISON_A] =
        (struct comparison_side){3, 3, NULL, rate_a, {500, 80, 80.1, 99, 145, NAN, 150}};
    line.sides[COMPARISON_B] =
        (struct comparison_side){3, 2, NULL, rate_b, {400, 70, 70.1, 89, NAN, NAN, 140}};
    return line;
}

static void make(void)
{
    for (size_t side = 0; side < COMPARISON_SIDES; side++) {
        results[side].settings.blocks = 5 + (unsigned)side;
        results[side].settings.seed = UINT64_MAX;
        snprintf(results[side].crew_version, sizeof(results[side].crew_version), "1.%zu", side);
        snprintf(results[side].started_utc, sizeof(results[side].started_utc), "2026-01-31");
        comparison.results[side] = &results[side];
    }
    workload.name = "sleep:2ms";
    workload.lines[0] = line_of(1, 100, 100.2, (struct interval){1.002, 0.98, 1.03, 0.02, 5});
    workload.lines[1] = line_of(2, 200, 150, (struct interval){0.75, 0.73, 0.77, 0.033, 5});
    workload.lines[2] = line_of(4, 400, 480, (struct interval){1.2, 1.16, 1.24, 0.046, 5});
    workload.lines[3] = line_of(8, 800, 808, (struct interval){1.01, 1.001, 1.019, 0.01, 5});
    workload.lines[4] = line_of(16, 900, NAN, (struct interval){NAN, NAN, NAN, NAN, 4});
    workload.count = 5;
    workload.compared = 4;
    workload.different = 3;
    workload.detectable = 0.046;
    comparison.workloads = &workload;
    comparison.count = 1;
    comparison.compared = 4;
}

/* Frees the text. */
static void expect_pieces(struct byte_buffer *text, const char *const *pieces, size_t count)
{
    byte_buffer_append(text, "", 1);
    ck_assert(!text->failed);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(strstr(text->bytes, pieces[i]) != NULL, "no '%s' in\n%s", pieces[i],
                      text->bytes);
    byte_buffer_free(text);
}

static void expect_sentence(const char *expected)
{
    struct byte_buffer text = {0};
    comparison_append_sentence(&workload, &text);
    byte_buffer_append(&text, "", 1);
    ck_assert_str_eq(text.bytes, expected);
    byte_buffer_free(&text);
}

START_TEST(sentences)
{
    make();
    expect_sentence("sleep:2ms: B is faster with 4 (+20 % [+16, +24]) and 8 workers (+1.0 % [+0.1,"
                    " +1.9]); B is slower with 2 workers (-25 % [-27, -23]); no difference detected"
                    " with 1 worker; smallest detectable effect 4.6 %.");
    workload.lines[1] = line_of(2, 200, 201, (struct interval){1.005, 0.9, 1.1, 0.2, 5});
    workload.detectable = 0.2;
    expect_sentence("sleep:2ms: B is faster with 4 (+20 % [+16, +24]) and 8 workers (+1.0 % [+0.1,"
                    " +1.9]); no difference detected with 1 and 2 workers; smallest detectable"
                    " effect 20 %.");
    workload.compared = 0;
    expect_sentence("sleep:2ms: nothing can be said: too few usable trials.");
}
END_TEST

START_TEST(report)
{
    static const char *const pieces[] = {
        "A: old.json (crew 1.0, 2026-01-31, 5 blocks, seed 18446744073709551615)\n",
        "B: new.json (crew 1.1, 2026-01-31, 6 blocks, seed 18446744073709551615)\n\nnote: one\n",
        "\nnote: two\n\nsleep:2ms\n  workers     A req/s     B req/s  B to A, 95 % together    ",
        "\n        1         100         100  +0.2 % [-2.0, +3.0]          80.1us    70.1us     ",
        "    145us       n/a\n        2         200         150  -25 % [-27, -23]        *    80.",
        "\n        4         400         480  +20 % [+16, +24]        *    80.1us ",
        "\n       16         900         n/a  n/a                          80.1us ",
        "\nsleep:2ms: B is faster with 4 (",
        "\n\nmissing: three\n",
        "\n* marks what differs by more than chance.\nDifferences are those of geometric means",
        "Blocks are not paired",
    };
    struct byte_buffer text = {0};
    make();
    snprintf(comparison.notes[0], COMPARISON_NOTE_SIZE, "one");
    snprintf(comparison.notes[1], COMPARISON_NOTE_SIZE, "two");
    comparison.note_count = 2;
    snprintf(comparison.missing[0], COMPARISON_NOTE_SIZE, "three");
    comparison.missing_count = 1;
    compare_report_sweeps(&comparison, paths, &text);
    expect_pieces(&text, pieces, COUNT(pieces));
}
END_TEST

/* Names from files must not reach a terminal as commands to it. */
START_TEST(control_characters_are_replaced)
{
    struct byte_buffer text = {0};
    make();
    workload.name = "\x1b[2J\x7f\r\xc3\xa9";
    snprintf(comparison.notes[0], COMPARISON_NOTE_SIZE, "\x1b]0;a title\a");
    comparison.note_count = 1;
    compare_report_sweeps(&comparison, paths, &text);
    byte_buffer_append(&text, "", 1);
    ck_assert_ptr_nonnull(strstr(text.bytes, "\n?[2J??\xc3\xa9\n"));
    ck_assert_ptr_nonnull(strstr(text.bytes, "\nnote: ?]0;a title?\n"));
    ck_assert_ptr_null(strpbrk(text.bytes, "\x1b\x7f\r\a"));
    byte_buffer_free(&text);
}
END_TEST

START_TEST(lines_are_not_too_long)
{
    struct byte_buffer text = {0};
    make();
    compare_report_sweeps(&comparison, paths, &text);
    byte_buffer_append(&text, "", 1);
    for (const char *at = text.bytes; *at != '\0'; at += strspn(at, "\n")) {
        ck_assert_msg(strcspn(at, "\n") <= 104, "%.*s", (int)strcspn(at, "\n"), at);
        at += strcspn(at, "\n");
    }
    byte_buffer_free(&text);
}
END_TEST

START_TEST(json)
{
    static const char *const pieces[] = {
        "{\n  \"schema\": \"crew-bench/compare/1\",\n  \"of\": \"sweep\",\n  \"a\": {\n",
        "\"path\": \"old.json\"",
        "\"same_run\": false,\n  \"method\": \"Differences are",
        "\"notes\": [],\n  \"missing\": [\n    \"three\"\n  ],",
        "\"workload\": \"sleep:2ms\",\n      \"sentence\": \"sleep:2ms: B is faster",
        "\"detectable\": 0.046,\n      \"counts\": [",
        "\"planned_trials\": 3,\n            \"usable_trials\": 2,\n            \"rate_rps\": "
        "100.2,",
        "\"middle\": 0.75,\n            \"low\": 0.73,\n            \"high\": 0.77,\n            "
        "\"detectable\": 0.033\n          },\n          \"verdict\": \"slower\"",
        "\"high\": 1.03,\n            \"detectable\": 0.02\n          },\n          \"verdict\": "
        "\"no_difference\"",
        "\"high\": 1.24,\n            \"detectable\": 0.046\n          },\n          \"verdict\": "
        "\"faster\"",
        "\"high\": null,\n            \"detectable\": null\n          },\n          \"verdict\": "
        "\"unknown\"",
    };
    struct byte_buffer text = {0};
    make();
    snprintf(comparison.missing[0], COMPARISON_NOTE_SIZE, "three");
    comparison.missing_count = 1;
    comparison_append_json(&comparison, paths, &text);
    expect_pieces(&text, pieces, COUNT(pieces));
}
END_TEST

static void make_runs(struct load_run runs[COMPARISON_SIDES])
{
    for (size_t side = 0; side < COMPARISON_SIDES; side++) {
        runs[side] = (struct load_run){.crew_version = "1.2",
                                       .host = {2, "a CPU", "6.1", "x86_64"},
                                       .target = "tcp://a:1",
                                       .workload = "ping"};
        struct measurement *measurement = &runs[side].measurement;
        measurement->throughput_rps = 1000 + 234 * (double)side;
        measurement->offered_rps = NAN;
        measurement->response = (struct bench_response){500, 80, 81, 82, 83, NAN, 85};
        measurement->connections = 50;
    }
    snprintf(runs[1].target, sizeof(runs[1].target), "\x1b[2J");
    runs[1].measurement.open_loop = true;
    runs[1].measurement.offered_rps = 1500;
    runs[1].measurement.failures_total = 7;
    runs[1].measurement.reason_count = 1;
}

START_TEST(loads)
{
    static const char *const pieces[] = {
        "A: old.json (crew 1.2)\nB: new.json (crew 1.2)\n",
        "\n  target                            tcp://a:1                     ?[2J\n",
        "\n  loop                                 closed                     open\n",
        "\n  offered requests/s                      n/a                    1,500\n",
        "\n  requests/s                            1,000                    1,234\n",
        "\n  response mean                        80.0us                   80.0us\n",
        "\n  response p99                         83.0us                   83.0us\n",
        "\n  response p99.9                          n/a                      n/a\n",
        "\n  errors                                    0                        7\n",
        "\n  valid                                   yes                       no\n",
        "\nOne run each supports no statement about which is faster",
    };
    static const char *const json_pieces[] = {
        "\"of\": \"load\"",         "\"path\": \"new.json\"",        "\"loop\": \"open\"",
        "\"throughput_rps\": 1234", "\"statement\": \"One run each",
    };
    struct load_run runs[COMPARISON_SIDES];
    struct byte_buffer text = {0};
    struct byte_buffer document = {0};
    make_runs(runs);
    compare_report_loads(runs, paths, &text);
    expect_pieces(&text, pieces, COUNT(pieces));
    compare_write_loads(runs, paths, &document);
    expect_pieces(&document, json_pieces, COUNT(json_pieces));
}
END_TEST

Suite *compare_report_suite(void)
{
    Suite *suite = suite_create("compare_report");
    TCase *tests = tcase_create("compare_report");
    tcase_add_test(tests, sentences);
    tcase_add_test(tests, report);
    tcase_add_test(tests, control_characters_are_replaced);
    tcase_add_test(tests, lines_are_not_too_long);
    tcase_add_test(tests, json);
    tcase_add_test(tests, loads);
    suite_add_tcase(suite, tests);
    return suite;
}
