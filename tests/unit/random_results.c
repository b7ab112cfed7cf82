/* SPDX-License-Identifier: MIT */
#include "tests/unit/random_results.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIALS = 6, ROWS = 3, WORKLOADS = 3, COUNTS = 4 };

/* Any positive number of any magnitude that figures have; now and then one that is not known. */
static double figure(struct prng *prng)
{
    if (prng_below(prng, 8) == 0)
        return NAN;
    double mantissa = (double)(prng_next(prng) >> 11) * 0x1p-53;
    return ldexp(mantissa, (int)prng_below(prng, 60) - 25);
}

static void fill_figures(double *figures, size_t count, struct prng *prng)
{
    for (size_t i = 0; i < count; i++)
        figures[i] = figure(prng);
}

/* Up to the whole of its room, with what needs care in JSON. */
static void fill_text(char *text, size_t size, struct prng *prng)
{
    static const char *const pieces[] = {
        "a", "B9", "\"", "\\", "\n", "\x1b", "\x7f", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
        "/", " ",  ","};
    size_t used = 0;
    size_t wanted = prng_below(prng, size);
    text[0] = '\0';
    while (used < wanted) {
        const char *piece = pieces[prng_below(prng, sizeof(pieces) / sizeof(pieces[0]))];
        if (used + strlen(piece) >= size)
            break;
        memcpy(text + used, piece, strlen(piece) + 1);
        used += strlen(piece);
    }
}

static void fill_response(struct bench_response *response, struct prng *prng)
{
    response->count = prng_next(prng) >> 1;
    response->mean_us = figure(prng);
    response->p50_us = figure(prng);
    response->p90_us = figure(prng);
    response->p99_us = figure(prng);
    response->p99_9_us = figure(prng);
    response->max_us = figure(prng);
}

static struct histogram *make_histogram(struct prng *prng)
{
    struct histogram *histogram = calloc(1, sizeof(*histogram));
    ck_assert_ptr_nonnull(histogram);
    for (uint64_t left = prng_below(prng, 50); left > 0; left--)
        histogram_record(histogram, prng_next(prng) >> (20 + prng_below(prng, 44)));
    return histogram;
}

static void fill_series(struct measurement *measurement, struct prng *prng)
{
    measurement->series = calloc(ROWS, sizeof(*measurement->series));
    ck_assert_ptr_nonnull(measurement->series);
    measurement->series_count = ROWS;
    for (size_t i = 0; i < ROWS; i++) {
        struct series_row *row = &measurement->series[i];
        row->end_s = (double)i + 1.0 / 3;
        row->throughput_rps = figure(prng);
        row->p50_us = figure(prng);
        row->p99_us = figure(prng);
        row->max_us = figure(prng);
        row->failures = prng_next(prng) >> 1;
        row->warm_up = prng_below(prng, 2) == 0;
    }
}

void random_measurement_make(struct measurement *measurement, struct prng *prng)
{
    *measurement = (struct measurement){.open_loop = prng_below(prng, 2) == 0};
    measurement->warm_up_s = figure(prng);
    measurement->measured_s = figure(prng);
    measurement->offered_rps = figure(prng);
    measurement->sent_rps = figure(prng);
    measurement->throughput_rps = figure(prng);
    fill_response(&measurement->response, prng);
    fill_response(&measurement->wire, prng);
    fill_response(&measurement->lag, prng);
    measurement->response_histogram = make_histogram(prng);
    measurement->wire_histogram = measurement->open_loop ? make_histogram(prng) : NULL;
    for (size_t i = 0; i < BENCH_FAILURES; i++)
        measurement->failures[i] = prng_next(prng) >> 4;
    measurement->failures_total = prng_next(prng) >> 1;
    fill_text(measurement->first_failure, sizeof(measurement->first_failure), prng);
    measurement->held_back = prng_next(prng) >> 1;
    measurement->outstanding_begin = prng_next(prng) >> 1;
    measurement->outstanding_end = prng_next(prng) >> 1;
    measurement->oldest_unanswered_us = figure(prng);
    measurement->connections = prng_below(prng, 1000);
    measurement->connections_end = prng_below(prng, 1000);
    measurement->threads = prng_below(prng, 64);
    measurement->generator_busy = figure(prng);
    measurement->generator_cpu_us = figure(prng);
    measurement->little_ratio = figure(prng);
    measurement->unstable = prng_below(prng, 2) == 0;
    measurement->reason_count = prng_below(prng, MEASUREMENT_REASONS + 1);
    for (size_t i = 0; i < measurement->reason_count; i++)
        fill_text(measurement->reasons[i], MEASUREMENT_REASON_SIZE, prng);
    if (prng_below(prng, 4) > 0)
        fill_series(measurement, prng);
}

static void fill_server(struct server_figures *server, struct prng *prng)
{
    double *const first = &server->utilization;
    fill_figures(first, offsetof(struct server_figures, workers) / sizeof(double), prng);
    server->worker_count = prng_below(prng, 4);
    if (server->worker_count == 0)
        return;
    server->workers = calloc(server->worker_count, sizeof(*server->workers));
    ck_assert_ptr_nonnull(server->workers);
    fill_figures(&server->workers[0].cpu_share,
                 server->worker_count * sizeof(*server->workers) / sizeof(double), prng);
}

static void fill_trial(struct trial *trial, const struct results_settings *settings,
                       struct prng *prng)
{
    trial->workload = prng_below(prng, settings->workload_count);
    trial->workers = settings->workers[prng_below(prng, settings->count)];
    trial->experiment = prng_below(prng, 2) == 0 ? EXPERIMENT_CAPACITY : EXPERIMENT_LATENCY;
    trial->rate_rps = trial->experiment == EXPERIMENT_LATENCY ? figure(prng) : NAN;
    trial->block = 1 + (unsigned)prng_below(prng, trial->experiment == EXPERIMENT_CAPACITY
                                                      ? settings->blocks
                                                      : settings->latency_blocks);
    trial->place = 1 + (unsigned)prng_below(prng, 100);
    trial->control = prng_below(prng, 2) == 0;
    trial->complete = prng_below(prng, 2) == 0;
    fill_text(trial->problem, sizeof(trial->problem), prng);
    trial->stopped_cleanly = prng_below(prng, 2) == 0;
    random_measurement_make(&trial->measurement, prng);
    fill_server(&trial->server, prng);
}

static void fill_settings(struct results_settings *settings, struct prng *prng)
{
    settings->workload_count = WORKLOADS;
    for (size_t i = 0; i < WORKLOADS; i++)
        fill_text(settings->workloads[i], RESULTS_TEXT_SIZE, prng);
    settings->count = COUNTS;
    for (size_t i = 0; i < COUNTS; i++)
        settings->workers[i] = (unsigned)(i * 10 + 1 + prng_below(prng, 10));
    settings->reference = settings->workers[prng_below(prng, COUNTS)];
    settings->blocks = 1 + (unsigned)prng_below(prng, 20);
    settings->duration_s = 1.0 / 3;
    settings->connections = prng_below(prng, 1000);
    settings->latency_connections = prng_below(prng, 1000);
    settings->threads = prng_below(prng, 64);
    settings->seed = prng_next(prng);
    settings->latency_blocks = 1 + (unsigned)prng_below(prng, 20);
    settings->share_count = prng_below(prng, RESULTS_SHARE_LIMIT + 1);
    for (size_t i = 0; i < settings->share_count; i++)
        settings->shares[i] = 0.1 * (double)(i + 1);
    settings->slo_quantile = figure(prng);
    settings->slo_limit_us = figure(prng);
    settings->slo_rate_rps = figure(prng);
}

void random_results_make(struct results *results, uint64_t seed)
{
    struct prng prng = {seed};
    *results = (struct results){.host = {.cpus = 2.5}, .complete = prng_below(&prng, 2) == 0};
    fill_text(results->crew_version, sizeof(results->crew_version), &prng);
    fill_text(results->started_utc, sizeof(results->started_utc), &prng);
    fill_text(results->host.cpu_model, BENCH_HOST_TEXT_SIZE, &prng);
    fill_text(results->host.kernel, BENCH_HOST_TEXT_SIZE, &prng);
    fill_text(results->host.machine, BENCH_HOST_TEXT_SIZE, &prng);
    fill_settings(&results->settings, &prng);
    results->cpu_iterations_per_us = 1e3 / 7;
    results->elapsed_s = 1e5 / 3;
    results->trials = calloc(TRIALS, sizeof(*results->trials));
    ck_assert_ptr_nonnull(results->trials);
    results->trial_count = TRIALS;
    for (size_t i = 0; i < TRIALS; i++)
        fill_trial(&results->trials[i], &results->settings, &prng);
}

/* ---- comparing ---- */

static void same_figures(const double *a, const double *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])), "figure %zu: %.17g and %.17g",
                      i, a[i], b[i]);
}

#define SAME_FIGURE(field) same_figures(&a->field, &b->field, 1)
#define SAME_COUNT(field)  ck_assert_uint_eq(a->field, b->field)
#define SAME_TEXT(field)   ck_assert_str_eq(a->field, b->field)

static void same_response(const struct bench_response *a, const struct bench_response *b)
{
    SAME_COUNT(count);
    same_figures(&a->mean_us, &b->mean_us,
                 (sizeof(*a) - offsetof(struct bench_response, mean_us)) / sizeof(double));
}

static void same_histogram(const struct histogram *a, const struct histogram *b)
{
    ck_assert((a == NULL) == (b == NULL));
    if (a != NULL)
        ck_assert_mem_eq(a, b, sizeof(*a));
}

static void same_row(const struct series_row *a, const struct series_row *b)
{
    same_figures(&a->end_s, &b->end_s, offsetof(struct series_row, failures) / sizeof(double));
    SAME_COUNT(failures);
    SAME_COUNT(warm_up);
}

void random_measurement_expect_same(const struct measurement *a, const struct measurement *b)
{
    SAME_COUNT(open_loop);
    SAME_FIGURE(warm_up_s);
    SAME_FIGURE(measured_s);
    SAME_FIGURE(offered_rps);
    SAME_FIGURE(sent_rps);
    SAME_FIGURE(throughput_rps);
    same_response(&a->response, &b->response);
    same_response(&a->wire, &b->wire);
    same_response(&a->lag, &b->lag);
    same_histogram(a->response_histogram, b->response_histogram);
    same_histogram(a->wire_histogram, b->wire_histogram);
    for (size_t i = 0; i < BENCH_FAILURES; i++)
        SAME_COUNT(failures[i]);
    SAME_COUNT(failures_total);
    SAME_TEXT(first_failure);
    SAME_COUNT(held_back);
    SAME_COUNT(outstanding_begin);
    SAME_COUNT(outstanding_end);
    SAME_FIGURE(oldest_unanswered_us);
    SAME_COUNT(connections);
    SAME_COUNT(connections_end);
    SAME_COUNT(threads);
    SAME_FIGURE(generator_busy);
    SAME_FIGURE(generator_cpu_us);
    SAME_FIGURE(little_ratio);
    SAME_COUNT(unstable);
    SAME_COUNT(reason_count);
    for (size_t i = 0; i < a->reason_count; i++)
        SAME_TEXT(reasons[i]);
    SAME_COUNT(series_count);
    for (size_t i = 0; i < a->series_count; i++)
        same_row(&a->series[i], &b->series[i]);
}

static void same_server(const struct server_figures *a, const struct server_figures *b)
{
    same_figures(&a->utilization, &b->utilization,
                 offsetof(struct server_figures, workers) / sizeof(double));
    SAME_COUNT(worker_count);
    if (a->worker_count > 0)
        same_figures(&a->workers[0].cpu_share, &b->workers[0].cpu_share,
                     a->worker_count * sizeof(*a->workers) / sizeof(double));
}

static void same_trial(const struct trial *a, const struct trial *b)
{
    SAME_COUNT(workload);
    SAME_COUNT(workers);
    SAME_COUNT(experiment);
    SAME_FIGURE(rate_rps);
    SAME_COUNT(block);
    SAME_COUNT(place);
    SAME_COUNT(control);
    SAME_COUNT(complete);
    SAME_TEXT(problem);
    SAME_COUNT(stopped_cleanly);
    random_measurement_expect_same(&a->measurement, &b->measurement);
    same_server(&a->server, &b->server);
}

static void same_settings(const struct results_settings *a, const struct results_settings *b)
{
    SAME_COUNT(workload_count);
    for (size_t i = 0; i < a->workload_count; i++)
        SAME_TEXT(workloads[i]);
    SAME_COUNT(count);
    for (size_t i = 0; i < a->count; i++)
        SAME_COUNT(workers[i]);
    SAME_COUNT(reference);
    SAME_COUNT(blocks);
    SAME_FIGURE(duration_s);
    SAME_COUNT(connections);
    SAME_COUNT(latency_connections);
    SAME_COUNT(threads);
    SAME_COUNT(seed);
    SAME_COUNT(latency_blocks);
    SAME_COUNT(share_count);
    same_figures(a->shares, b->shares, a->share_count);
    SAME_FIGURE(slo_quantile);
    SAME_FIGURE(slo_limit_us);
    SAME_FIGURE(slo_rate_rps);
}

void random_results_expect_same(const struct results *a, const struct results *b)
{
    SAME_TEXT(crew_version);
    SAME_TEXT(started_utc);
    SAME_FIGURE(host.cpus);
    SAME_TEXT(host.cpu_model);
    SAME_TEXT(host.kernel);
    SAME_TEXT(host.machine);
    same_settings(&a->settings, &b->settings);
    SAME_FIGURE(cpu_iterations_per_us);
    SAME_FIGURE(elapsed_s);
    SAME_COUNT(complete);
    SAME_COUNT(trial_count);
    for (size_t i = 0; i < a->trial_count; i++)
        same_trial(&a->trials[i], &b->trials[i]);
}
