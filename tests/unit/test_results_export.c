/* SPDX-License-Identifier: MIT */
#include "bench/results/results_export.h"
#include "tests/unit/random_results.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIALS = 5, FIELD_SIZE = 4096 };

static struct trial trial_of(unsigned workers, enum experiment experiment, unsigned place)
{
    struct trial trial = {.workers = workers, .experiment = experiment, .block = 1, .place = place};
    trial.complete = true;
    trial.rate_rps = experiment == EXPERIMENT_LATENCY ? 400 : NAN;
    trial.measurement.throughput_rps = 500.5 * workers;
    trial.measurement.response = (struct bench_response){1000, 20.5, 20, 25, 30.25, NAN, 99};
    trial.measurement.offered_rps = NAN;
    trial.server.utilization = 0.1 + 0.2;
    return trial;
}

/* A good trial, its control, one that failed, and two of the latency experiment. */
static void make_results(struct results *results, struct trial trials[TRIALS])
{
    static struct series_row rows[] = {{0.5, 100, NAN, 30, 40, 2, true},
                                       {1.5, 101.25, 20, 30, 40, 0, false}};
    *results = (struct results){.crew_version = "1.2.3",
                                .started_utc = "2026-01-31T12:00:00Z",
                                .host = {1.5, "A CPU", "6.1", "x86_64"},
                                .trials = trials,
                                .trial_count = TRIALS};
    snprintf(results->settings.workloads[0], RESULTS_TEXT_SIZE, "cmd:ECHO \"a, b\" x/y\n\xc3\xa9");
    trials[0] = trial_of(8, EXPERIMENT_CAPACITY, 1);
    trials[0].measurement.series = rows;
    trials[0].measurement.series_count = 2;
    trials[1] = trial_of(8, EXPERIMENT_CAPACITY, 2);
    trials[1].control = true;
    trials[2] = trial_of(4, EXPERIMENT_CAPACITY, 3);
    trials[2].complete = false;
    snprintf(trials[2].problem, sizeof(trials[2].problem), "it said \"no\"");
    measurement_refuse(&trials[2].measurement, "one");
    measurement_refuse(&trials[2].measurement, "two");
    trials[3] = trial_of(8, EXPERIMENT_LATENCY, 1);
    trials[4] = trial_of(4, EXPERIMENT_LATENCY, 2);
    trials[4].measurement.unstable = true;
}

typedef void export_function(const struct results *results, struct byte_buffer *out);

static struct byte_buffer exported(export_function *export)
{
    struct results results;
    struct trial trials[TRIALS];
    struct byte_buffer text = {0};
    make_results(&results, trials);
    export(&results, &text);
    byte_buffer_append(&text, "", 1);
    ck_assert(!text.failed);
    return text;
}

/* Reads one field of RFC 4180 and moves on behind it; *end says that its line ends there. */
static void take_field(const char **at, char field[FIELD_SIZE], bool *end)
{
    size_t size = 0;
    bool quoted = **at == '"';
    const char *from = *at + quoted;
    while (*from != '\0' && (quoted || (*from != ',' && *from != '\n'))) {
        if (quoted && *from == '"' && *++from != '"')
            break;
        ck_assert_uint_lt(size + 1, FIELD_SIZE);
        field[size++] = *from++;
    }
    field[size] = '\0';
    ck_assert_msg(*from == ',' || *from == '\n', "a field ends with '%c'", *from);
    *end = *from == '\n';
    *at = from + 1;
}

static size_t count_columns(const char *text)
{
    size_t columns = 0;
    char field[FIELD_SIZE];
    for (bool end = false; !end; columns++)
        take_field(&text, field, &end);
    return columns;
}

/* The field of a line (from 0, behind the header) in the column of that name. Every line has to
 * have as many fields as the header. */
static void cell(const char *text, size_t line, const char *name, char field[FIELD_SIZE])
{
    size_t columns = count_columns(text);
    size_t wanted = columns;
    bool end = false;
    const char *at = text;
    for (size_t i = 0; i < columns; i++) {
        take_field(&at, field, &end);
        if (strcmp(field, name) == 0)
            wanted = i;
    }
    ck_assert_msg(wanted < columns, "no column %s", name);
    for (size_t row = 0; row <= line; row++) {
        ck_assert_msg(*at != '\0', "no line %zu", row);
        ck_assert_uint_eq(count_columns(at), columns);
        const char *begin = at;
        end = false;
        while (!end)
            take_field(&at, field, &end);
        for (size_t i = 0; row == line && i <= wanted; i++)
            take_field(&begin, field, &end);
    }
}

struct expected_cell {
    size_t line;
    const char *column;
    const char *value;
};

static void check_cells(const char *text, const struct expected_cell *cells, size_t count)
{
    char field[FIELD_SIZE];
    for (size_t i = 0; i < count; i++) {
        cell(text, cells[i].line, cells[i].column, field);
        ck_assert_msg(strcmp(field, cells[i].value) == 0, "%s in line %zu is '%s' and not '%s'",
                      cells[i].column, cells[i].line, field, cells[i].value);
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(csv)
{
    static const struct expected_cell cells[] = {
        {0, "workload", "cmd:ECHO \"a, b\" x/y\n\xc3\xa9"},
        {0, "experiment", "capacity"},
        {0, "workers", "8"},
        {0, "rate_rps", ""},
        {0, "block", "1"},
        {0, "place", "1"},
        {0, "control", "false"},
        {0, "complete", "true"},
        {0, "usable", "true"},
        {0, "reasons", ""},
        {0, "requests", "1000"},
        {0, "errors", "0"},
        {0, "throughput_rps", "4004"},
        {0, "response_mean_us", "20.5"},
        {0, "response_p99_us", "30.25"},
        {0, "response_p99_9_us", ""},
        {0, "response_max_us", "99"},
        {0, "wire_mean_us", "0"},
        {0, "server_utilization", "0.30000000000000004"},
        {0, "server_switches", "0"},
        {1, "control", "true"},
        {2, "complete", "false"},
        {2, "usable", "false"},
        {2, "reasons", "it said \"no\"; one; two"},
        {2, "requests", ""},
        {2, "throughput_rps", ""},
        {2, "server_switches", ""},
        {3, "experiment", "latency"},
        {3, "rate_rps", "400"},
        {3, "unstable", "false"},
        {4, "unstable", "true"},
    };
    struct byte_buffer text = exported(results_export_csv);
    check_cells(text.bytes, cells, COUNT(cells));
    byte_buffer_free(&text);
}
END_TEST

START_TEST(series_csv)
{
    static const struct expected_cell cells[] = {
        {0, "workers", "8"},          {0, "end_s", "0.5"},
        {0, "throughput_rps", "100"}, {0, "p50_us", ""},
        {0, "p99_us", "30"},          {0, "max_us", "40"},
        {0, "errors", "2"},           {0, "warm_up", "true"},
        {1, "end_s", "1.5"},          {1, "throughput_rps", "101.25"},
        {1, "p50_us", "20"},          {1, "warm_up", "false"},
        {1, "usable", "true"},
    };
    struct byte_buffer text = exported(results_export_series_csv);
    check_cells(text.bytes, cells, COUNT(cells));
    size_t lines = 0;
    for (const char *at = text.bytes; *at != '\0'; at++)
        lines += strncmp(at, "\n\"cmd:", 6) == 0;
    ck_assert_uint_eq(lines, 2);
    byte_buffer_free(&text);
}
END_TEST

/* Only usable trials, without the control; no times where the backlog grew. */
START_TEST(benchstat)
{
    struct byte_buffer text = exported(results_export_benchstat);
    ck_assert_str_eq(
        text.bytes,
        "# crew 1.2.3, started 2026-01-31T12:00:00Z, kernel 6.1\n"
        "goarch: x86_64\n"
        "cpu: A CPU\n"
        "Unit req/s better=higher\n"
        "\n"
        "BenchmarkSweep/workload=cmd:ECHO_\"a,_b\"_x_y___/workers=8-2 1000 4004 req/s"
        " 20500 ns/op 20000 p50-ns 30250 p99-ns\n"
        "BenchmarkLatency/workload=cmd:ECHO_\"a,_b\"_x_y___/rate=400/workers=8-2 1000 4004 req/s"
        " 20500 ns/op 20000 p50-ns 30250 p99-ns\n"
        "BenchmarkLatency/workload=cmd:ECHO_\"a,_b\"_x_y___/rate=400/workers=4-2 1000 2002 req/s"
        "\n");
    byte_buffer_free(&text);
}
END_TEST

/*
 * What HdrHistogram (hdr-histogram-js 3.0.1, two significant digits, whose buckets are the same)
 * prints for i * i % 251 with i from 1 to 20: its columns, and its values in milliseconds.
 */
static const char published_lines[] = "    0.000001 0.000000000000          1           1.00\n"
                                      "    0.000004 0.100000000000          2           1.11\n"
                                      "    0.000009 0.200000000000          4           1.25\n"
                                      "    0.000025 0.300000000000          6           1.43\n"
                                      "    0.000038 0.400000000000          8           1.67\n"
                                      "    0.000064 0.500000000000         10           2.00\n"
                                      "    0.000073 0.550000000000         11           2.22\n"
                                      "    0.000081 0.600000000000         12           2.50\n"
                                      "    0.000100 0.650000000000         13           2.86\n"
                                      "    0.000110 0.700000000000         14           3.33\n"
                                      "    0.000121 0.750000000000         15           4.00\n"
                                      "    0.000144 0.775000000000         16           4.44\n"
                                      "    0.000144 0.800000000000         16           5.00\n"
                                      "    0.000149 0.825000000000         17           5.71\n"
                                      "    0.000149 0.850000000000         17           6.67\n"
                                      "    0.000169 0.875000000000         18           8.00\n"
                                      "    0.000169 0.887500000000         18           8.89\n"
                                      "    0.000169 0.900000000000         18          10.00\n"
                                      "    0.000196 0.912500000000         19          11.43\n"
                                      "    0.000196 0.925000000000         19          13.33\n"
                                      "    0.000196 0.937500000000         19          16.00\n"
                                      "    0.000196 0.943750000000         19          17.78\n"
                                      "    0.000196 0.950000000000         19          20.00\n"
                                      "    0.000225 0.956250000000         20          22.86\n"
                                      "    0.000225 1.000000000000         20\n";

/* Too large for the stack of a test under sanitizers. */
static struct histogram histogram;

START_TEST(hgrm_equals_hdr_histogram)
{
    for (uint64_t i = 1; i <= 20; i++)
        histogram_record(&histogram, i * i % 251);
    struct byte_buffer text = {0};
    struct byte_buffer expected = {0};
    results_export_hgrm(&histogram, &text);
    byte_buffer_append(&text, "", 1);
    byte_buffer_printf(&expected,
                       "#[Value in milliseconds]\n"
                       "       Value     Percentile TotalCount 1/(1-Percentile)\n\n%s"
                       "#[Mean    =     0.000081, StdDeviation   =     0.000067]\n"
                       "#[Max     =     0.000225, Total count    =           20]\n"
                       "#[Buckets =           36, SubBuckets     =          128]\n",
                       published_lines);
    byte_buffer_append(&expected, "", 1);
    ck_assert_str_eq(text.bytes, expected.bytes);
    byte_buffer_free(&text);
    byte_buffer_free(&expected);
}
END_TEST

/* One value, far beyond what buckets tell exactly: its line and the last. */
START_TEST(hgrm_of_one_value)
{
    histogram_record(&histogram, 123456789);
    struct byte_buffer text = {0};
    results_export_hgrm(&histogram, &text);
    byte_buffer_append(&text, "", 1);
    ck_assert_msg(strstr(text.bytes,
                         "Percentile)\n\n"
                         "  123.456789 0.000000000000          1           1.00\n"
                         "  123.456789 1.000000000000          1\n"
                         "#[Mean    =   123.456789, StdDeviation   =     0.000000]\n"
                         "#[Max     =   123.456789, Total count    =            1]\n") != NULL,
                  "%s", text.bytes);
    byte_buffer_free(&text);
}
END_TEST

/* Every figure of a trial has a column of its own. */
START_TEST(csv_has_every_figure)
{
    struct results results;
    struct byte_buffer text = {0};
    random_results_make(&results, 5);
    results_export_csv(&results, &text);
    results_export_series_csv(&results, &text);
    results_export_benchstat(&results, &text);
    ck_assert(!text.failed);
    ck_assert_uint_eq(count_columns(text.bytes), 9 + 5 + 5 + 3 * 6 + 4 + 15);
    byte_buffer_free(&text);
    results_free(&results);
}
END_TEST

Suite *results_export_suite(void)
{
    Suite *suite = suite_create("results_export");
    TCase *tests = tcase_create("results_export");
    tcase_add_test(tests, csv);
    tcase_add_test(tests, series_csv);
    tcase_add_test(tests, csv_has_every_figure);
    tcase_add_test(tests, benchstat);
    tcase_add_test(tests, hgrm_equals_hdr_histogram);
    tcase_add_test(tests, hgrm_of_one_value);
    suite_add_tcase(suite, tests);
    return suite;
}
