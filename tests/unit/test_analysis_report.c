/* SPDX-License-Identifier: MIT */
#include "bench/commands/analysis_report.h"
#include "tests/unit/analysis_lookup.h"
#include "tests/unit/results_fixture.h"
#include "tests/unit/suites.h"

#include <math.h>
#include <stdlib.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static struct results results;
static char *text; /* the report that was printed last */

static void print(size_t width, bool colour)
{
    size_t size = 0;
    free(text);
    text = NULL;
    FILE *out = open_memstream(&text, &size);
    struct analysis *analysis = analysis_take(&results, 0);
    ck_assert_ptr_nonnull(out);
    ck_assert_ptr_nonnull(analysis);
    analysis_report_print(&results, analysis, out, width, colour);
    fclose(out);
    analysis_free(analysis);
}

static void drop(void)
{
    results_free(&results);
    free(text);
    text = NULL;
}

/* Where this whole line stands. */
static const char *line_at(const char *line)
{
    char wanted[256];
    snprintf(wanted, sizeof(wanted), "\n%s\n", line);
    const char *found = strstr(text, wanted);
    ck_assert_msg(found != NULL, "no line like this:\n%s\nin:\n%s", line, text);
    return found;
}

static void without(const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "%s\nshould not have: %s", text, part);
}

/* The longest line, in columns. */
static size_t widest(void)
{
    size_t most = 0;
    size_t columns = 0;
    for (const char *at = text; *at != '\0'; at++) {
        columns = *at == '\n' ? 0 : columns + (((unsigned char)*at & 0xc0) != 0x80);
        most = columns > most ? columns : most;
    }
    return most;
}

static void make_exact(void)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.noise = 0;
    results_fixture_make(&fixture, &results);
    for (size_t i = 0; i < results.trial_count; i++) { /* for percentiles without chance */
        struct histogram *histogram = results.trials[i].measurement.response_histogram;
        histogram_reset(histogram);
        for (size_t j = 0; j < 500; j++)
            histogram_record(histogram, 1000000);
    }
}

START_TEST(capacity)
{
    make_exact();
    print(80, false);
    ck_assert_int_eq(strncmp(text,
                             "sleep:10000us on 2 CPUs\n\nCapacity: closed loop, 8 outstanding, "
                             "6 blocks\n\n  workers  ",
                             70),
                     0);
    line_at("  workers      req/s   ± 95%     p50     p99  busy   queue     CPU    runq");
    line_at("        1        100    0.0%  1.00ms  1.00ms  100%  70.0ms   503us     0ns");
    line_at("       32        800    0.0%  1.00ms  1.00ms   25%     0ns   503us     0ns");
    line_at("   8 workers ███████████████████████████████████████████████████████████ 800/s ←");
    line_at("   1 worker  ███████▍                                                    100/s");
    without("refused");
    without("Latency");
    line_at("Models");
    ck_assert_ptr_nonnull(strstr(text, "\n  - Goetz's formula, cores"));
    ck_assert_ptr_nonnull(strstr(text, "\nsleep:10000us: use 8 workers"));
    drop();
}
END_TEST

START_TEST(refused)
{
    make_exact();
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 2, "no luck");
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 32, "no luck");
    for (unsigned block = 1; block <= 6; block++)
        results_fixture_forget(
            results_fixture_trial(&results, EXPERIMENT_CAPACITY, 16, 0, block, false));
    struct trial *one = results_fixture_trial(&results, EXPERIMENT_CAPACITY, 8, 0, 3, false);
    one->measurement.failures_total = 1;
    print(89, false);
    const char *heading = line_at(
        "  workers      req/s   ± 95%  refused     p50     p99  busy   queue     CPU    runq");
    const char *first = line_at(
        "        1        100    0.0%      0/6  1.00ms  1.00ms  100%  70.0ms   503us     0ns");
    const char *second = line_at("        2    refused              6/6");
    const char *eighth = line_at(
        "        8        800    0.0%      1/6  1.00ms  1.00ms  100%     0ns   503us     0ns");
    const char *sixteenth = line_at("       16    not run              6/6");
    ck_assert(heading < first && first < second && second < eighth && eighth < sixteenth);
    line_at("       32    refused              6/6");
    print(80, false);
    line_at("        2    refused              6/6");
    drop();
}
END_TEST

START_TEST(narrow)
{
    make_exact();
    print(60, false);
    line_at("  workers      req/s   ± 95%     p50     p99  busy   queue");
    line_at("  Columns that did not fit were left out.");
    drop();
}
END_TEST

/* Rows of the queueing fixture, with waits and answers that are known. */
static void make_latency(void)
{
    results_fixture_make(&results_fixture_queueing, &results);
    for (size_t i = 0; i < results.trial_count; i++) {
        struct trial *trial = &results.trials[i];
        if (trial->experiment != EXPERIMENT_LATENCY)
            continue;
        trial->server.queue_wait_mean_us = trial->workers == 20 ? -1 : 1500;
        trial->server.service_mean_us = 10000;
        trial->server.service_scv = 1;
        histogram_reset(trial->measurement.response_histogram);
        histogram_reset(trial->measurement.wire_histogram);
        for (size_t j = 0; j < (trial->workers == 20 ? 500 : 100); j++) {
            histogram_record(trial->measurement.response_histogram, 2000000);
            histogram_record(trial->measurement.wire_histogram, 1000000);
        }
    }
    for (unsigned block = 1; block <= 6; block++)
        results_fixture_forget(
            results_fixture_trial(&results, EXPERIMENT_LATENCY, 20, 1, block, false));
}

START_TEST(latency)
{
    make_latency();
    print(80, false);
    line_at("Latency: open loop, Poisson arrivals, 6 blocks");
    const char *heading =
        line_at("  workers    offered  load       p50     p99   p99.9    wire   queue   model");
    const char *first = line_at("        4        800   40%  unstable                  "
                                "        1.50ms       ∞");
    const char *tenth =
        line_at("       10        800   40%    2.00ms  2.00ms     n/a  1.00ms  1.50ms  2.05ms");
    ck_assert(heading < first && first < tenth);
    line_at("       20        800   40%    2.00ms  2.00ms  2.00ms  1.00ms     0ns   221ns");
    line_at("                 950   47%   not run");
    ck_assert_ptr_nonnull(strstr(text, "p99 of the response time"));
    ck_assert_ptr_nonnull(strstr(text, "model: what M/M/c"));
    results_fixture_refuse(&results, EXPERIMENT_LATENCY, 10, "late");
    print(80, false);
    line_at("       10        800   40%   refused");
    drop();
}
END_TEST

START_TEST(service_level)
{
    make_latency();
    results.settings.slo_quantile = 0.99;
    results.settings.slo_limit_us = 3000;
    print(81, false);
    line_at("  workers    offered  load       p50     p99   p99.9  SLO    wire   queue   model");
    line_at("       10        800   40%    2.00ms  2.00ms     n/a  met  1.00ms  1.50ms  2.05ms");
    line_at("                 950   47%   not run                  n/a");
    print(80, false);
    line_at("  workers    offered  load       p50     p99   p99.9  SLO    wire   queue");
    line_at("        4        800   40%  unstable                   no          1.50ms");
    print(60, false);
    line_at("  workers    offered  load       p50     p99   p99.9  SLO");
    without("model: what");
    drop();
}
END_TEST

static const size_t widths[] = {60, 61, 72, 80, 89, 100, 150};

START_TEST(nothing_sticks_out)
{
    make_latency();
    results.settings.slo_quantile = 0.99;
    results.settings.slo_limit_us = 3000;
    results_fixture_refuse(&results, EXPERIMENT_CAPACITY, 10, "the generator was late");
    print(widths[_i], false);
    ck_assert_uint_le(widest(), widths[_i]);
    drop();
}
END_TEST

START_TEST(colours)
{
    make_exact();
    print(80, false);
    without("\033");
    print(80, true);
    ck_assert_int_eq(strncmp(text, "\033[1msleep:10000us\033[0m on 2 CPUs\n", 32), 0);
    ck_assert_ptr_nonnull(strstr(text, "\n\033[1msleep:10000us: use 8 workers"));
    ck_assert_ptr_nonnull(strstr(text, "\n\033[0m"));
    drop();
}
END_TEST

START_TEST(undetermined)
{
    make_exact();
    for (size_t i = 0; i < results_fixture_sleeping.count; i++)
        results_fixture_refuse(&results, EXPERIMENT_CAPACITY, results_fixture_sleeping.workers[i],
                               "the generator was saturated");
    print(80, false);
    line_at("sleep:10000us: not determined: the generator was saturated");
    line_at("        8    refused              6/6");
    without("Models");
    without("█");
    without("nan");
    results_free(&results);
    results.settings = (struct results_settings){.slo_quantile = NAN, .slo_rate_rps = NAN};
    print(80, false);
    without("workers  ");
    line_at(": not determined: no trial was run");
    drop();
}
END_TEST

/* Fewer than two blocks, so that nothing was chosen and no interval is known. */
START_TEST(provisional)
{
    struct results_fixture fixture = results_fixture_sleeping;
    fixture.blocks = 1;
    fixture.cores = 1;
    results_fixture_make(&fixture, &results);
    for (size_t i = 0; i < results.trial_count; i++)
        results.trials[i].server = (struct server_figures){NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           NAN,
                                                           results.trials[i].server.workers,
                                                           results.trials[i].server.worker_count};
    print(80, false);
    without("←");
    without("nan");
    ck_assert_ptr_nonnull(strstr(text, " on 1 CPU\n"));
    ck_assert_ptr_nonnull(strstr(text, ", 1 block\n"));
    line_at("        8        793     n/a  10.1ms  11.1ms   n/a     n/a     n/a     n/a");
    drop();
}
END_TEST

Suite *analysis_report_suite(void)
{
    Suite *suite = suite_create("analysis_report");
    TCase *tests = tcase_create("analysis_report");
    tcase_add_test(tests, capacity);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, narrow);
    tcase_add_test(tests, latency);
    tcase_add_test(tests, service_level);
    tcase_add_loop_test(tests, nothing_sticks_out, 0, COUNT(widths));
    tcase_add_test(tests, colours);
    tcase_add_test(tests, undetermined);
    tcase_add_test(tests, provisional);
    suite_add_tcase(suite, tests);
    return suite;
}
