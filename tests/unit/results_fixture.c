/* SPDX-License-Identifier: MIT */
#include "tests/unit/results_fixture.h"

#include "bench/base/bench_random.h"
#include "common/clock.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVERS_LIMIT = 1024, SERIES_ROWS = 4 };

static const double lag_us = 5;
static const double cpu_of_sleep = 0.05;

static const unsigned sleeping_workers[] = {1, 2, 4, 8, 16, 32};

const struct results_fixture results_fixture_sleeping = {
    .law = FIXTURE_SLEEP,
    .workers = sleeping_workers,
    .count = sizeof(sleeping_workers) / sizeof(sleeping_workers[0]),
    .reference = 4,
    .blocks = 6,
    .outstanding = 8,
    .cores = 2,
    .service_us = 10000,
    .noise = 0.01,
    .control = true,
    .requests = 500,
    .seed = 1,
};

static const unsigned queueing_workers[] = {4, 10, 20};
static const double queueing_shares[] = {0.4, 0.475};

const struct results_fixture results_fixture_queueing = {
    .law = FIXTURE_SLEEP,
    .workers = queueing_workers,
    .count = sizeof(queueing_workers) / sizeof(queueing_workers[0]),
    .reference = 10,
    .blocks = 6,
    .outstanding = 64,
    .cores = 2,
    .service_us = 10000,
    .control = true,
    .shares = queueing_shares,
    .share_count = sizeof(queueing_shares) / sizeof(queueing_shares[0]),
    .requests = 500,
    .seed = 1,
};

/* How many requests are served at once, each at full speed. */
static double parallel(const struct results_fixture *fixture, double workers)
{
    if (fixture->law == FIXTURE_LOCK)
        return 1;
    double limit = fixture->law == FIXTURE_CPU ? fixture->cores : (double)fixture->outstanding;
    return workers < limit ? workers : limit;
}

double results_fixture_rate_rps(const struct results_fixture *fixture, unsigned workers)
{
    return parallel(fixture, workers) * 1e6 / fixture->service_us;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static void record_us(struct histogram *histogram, double us)
{
    histogram_record(histogram, (uint64_t)(us * NS_PER_US + 0.5));
}

static double exponential_us(struct bench_random *random, double mean_us)
{
    return -log(bench_random_unit(random)) * mean_us;
}

/* A second of warm-up, then the window. */
static void add_series(struct measurement *measurement)
{
    measurement->series = allocate(SERIES_ROWS, sizeof(*measurement->series));
    measurement->series_count = SERIES_ROWS;
    for (size_t i = 0; i < SERIES_ROWS; i++) {
        double window_rows = SERIES_ROWS - 1;
        measurement->series[i] = (struct series_row){
            .end_s = 1 + measurement->measured_s * (double)i / window_rows,
            .throughput_rps = measurement->throughput_rps * (i == 0 ? 0.7 : 1),
            .p50_us = measurement->response.p50_us,
            .p99_us = measurement->response.p99_us,
            .max_us = measurement->response.max_us,
            .warm_up = i == 0,
        };
    }
}

static void finish(struct trial *trial, const struct results_fixture *fixture)
{
    struct measurement *measurement = &trial->measurement;
    bench_response_take(&measurement->response, measurement->response_histogram);
    measurement->warm_up_s = 1;
    measurement->connections = fixture->outstanding;
    measurement->connections_end = fixture->outstanding;
    measurement->threads = 1;
    measurement->generator_busy = 0.3;
    measurement->generator_cpu_us = 2;
    trial->server.requests = (double)measurement->response.count;
    trial->complete = true;
    trial->stopped_cleanly = true;
    add_series(measurement);
}

static void add_workers(struct trial *trial)
{
    struct server_figures *server = &trial->server;
    server->workers = allocate(trial->workers, sizeof(*server->workers));
    server->worker_count = trial->workers;
    double each_rps = trial->measurement.throughput_rps / trial->workers;
    for (unsigned i = 0; i < trial->workers; i++)
        server->workers[i] = (struct worker_figures){
            .cpu_share = each_rps * server->worker_cpu_us / 1e6,
            .run_queue_share = each_rps * server->run_queue_us / 1e6,
            .voluntary_switches_per_s = each_rps,
            .involuntary_switches_per_s = 1,
        };
}

/* Where a request's time goes while `busy` workers have one each. */
static void fill_server(struct trial *trial, const struct results_fixture *fixture, double busy)
{
    struct server_figures *server = &trial->server;
    double service_us = fixture->service_us;
    double cpu_us = fixture->law == FIXTURE_SLEEP ? cpu_of_sleep * service_us : service_us;
    double queued_us = (busy / parallel(fixture, busy) - 1) * service_us;
    queued_us = queued_us > 0 ? queued_us : 0;
    *server = (struct server_figures){
        .utilization = busy / trial->workers,
        .service_mean_us = service_us + queued_us,
        .service_p50_us = service_us + queued_us,
        .service_p99_us = service_us + queued_us,
        .cpu_us = cpu_us + 3,
        .worker_cpu_us = cpu_us,
        .run_queue_us = fixture->law == FIXTURE_CPU ? queued_us : 0,
        .lock_wait_us = fixture->law == FIXTURE_LOCK ? queued_us : 0,
        .blocked_us = service_us - cpu_us,
        .switches = 1,
    };
}

static void make_capacity(struct trial *trial, const struct results_fixture *fixture,
                          struct bench_random *random)
{
    struct measurement *measurement = &trial->measurement;
    double off = fixture->noise * (2 * bench_random_unit(random) - 1);
    double rate_rps = results_fixture_rate_rps(fixture, trial->workers) * (1 + off);
    double outstanding = (double)fixture->outstanding;
    double busy = trial->workers < outstanding ? trial->workers : outstanding;
    double response_us = outstanding / rate_rps * 1e6;
    trial->rate_rps = NAN;
    measurement->offered_rps = NAN;
    measurement->sent_rps = rate_rps;
    measurement->throughput_rps = rate_rps;
    measurement->measured_s = (double)fixture->requests / rate_rps;
    measurement->little_ratio = 1;
    measurement->response_histogram = allocate(1, sizeof(struct histogram));
    for (size_t i = 0; i < fixture->requests; i++)
        record_us(measurement->response_histogram,
                  response_us * (0.9 + 0.2 * bench_random_unit(random)));
    fill_server(trial, fixture, busy);
    trial->server.queue_wait_mean_us = response_us - busy / rate_rps * 1e6;
    trial->server.queue_wait_p50_us = trial->server.queue_wait_mean_us;
    trial->server.queue_wait_p99_us = trial->server.queue_wait_mean_us;
    finish(trial, fixture);
    measurement->wire = measurement->response;
    add_workers(trial);
}

/* The server that is free first takes the next request. */
static size_t first_free(const double *free_at_us, size_t servers)
{
    size_t first = 0;
    for (size_t i = 1; i < servers; i++)
        if (free_at_us[i] < free_at_us[first])
            first = i;
    return first;
}

/* What one request goes through, in microseconds since the load began. */
struct journey {
    double arrived;
    double taken; /* by a worker */
    double begun; /* to be served: its turn at the lock, or its core */
    double answered;
};

static double later(double a, double b)
{
    return a > b ? a : b;
}

static void record(struct trial *trial, const struct journey *journey, struct histogram *waits,
                   struct histogram *services)
{
    struct measurement *measurement = &trial->measurement;
    double response_us = journey->answered - journey->arrived;
    record_us(waits, journey->taken - journey->arrived);
    record_us(services, journey->answered - journey->taken);
    record_us(measurement->response_histogram, response_us + lag_us);
    record_us(measurement->wire_histogram, response_us);
}

/* From an empty system on; a tenth of the requests are dropped as a warm-up. */
static void simulate(struct trial *trial, const struct results_fixture *fixture,
                     struct histogram *waits, struct histogram *services,
                     struct bench_random *random)
{
    double free_workers_us[SERVERS_LIMIT] = {0};
    double free_places_us[SERVERS_LIMIT] = {0};
    size_t places = (size_t)parallel(fixture, trial->workers);
    struct journey journey = {.arrived = 0};
    ck_assert_uint_le(trial->workers, SERVERS_LIMIT);
    for (size_t i = 0; i < fixture->requests * 11 / 10; i++) {
        size_t worker = first_free(free_workers_us, trial->workers);
        size_t place = first_free(free_places_us, places);
        journey.arrived += exponential_us(random, 1e6 / trial->rate_rps);
        journey.taken = later(free_workers_us[worker], journey.arrived);
        journey.begun = later(free_places_us[place], journey.taken);
        journey.answered = journey.begun + exponential_us(random, fixture->service_us);
        free_workers_us[worker] = journey.answered;
        free_places_us[place] = journey.answered;
        if (i >= fixture->requests / 10)
            record(trial, &journey, waits, services);
    }
}

static void simulate_server(struct trial *trial, const struct results_fixture *fixture,
                            struct bench_random *random)
{
    struct server_figures *server = &trial->server;
    struct histogram *waits = allocate(1, sizeof(*waits));
    struct histogram *services = allocate(1, sizeof(*services));
    simulate(trial, fixture, waits, services, random);
    server->queue_wait_mean_us = histogram_mean_ns(waits) / NS_PER_US;
    server->queue_wait_p50_us = (double)histogram_quantile_ns(waits, 0.5) / NS_PER_US;
    server->queue_wait_p99_us = (double)histogram_quantile_ns(waits, 0.99) / NS_PER_US;
    server->service_mean_us = histogram_mean_ns(services) / NS_PER_US;
    server->service_p50_us = (double)histogram_quantile_ns(services, 0.5) / NS_PER_US;
    server->service_p99_us = (double)histogram_quantile_ns(services, 0.99) / NS_PER_US;
    server->service_scv = histogram_scv(services);
    free(waits);
    free(services);
}

static void make_latency(struct trial *trial, const struct results_fixture *fixture,
                         struct bench_random *random)
{
    struct measurement *measurement = &trial->measurement;
    double limit_rps = results_fixture_rate_rps(fixture, trial->workers);
    double rate_rps = trial->rate_rps < limit_rps ? trial->rate_rps : limit_rps;
    measurement->open_loop = true;
    measurement->offered_rps = trial->rate_rps;
    measurement->sent_rps = trial->rate_rps;
    measurement->throughput_rps = rate_rps;
    measurement->measured_s = (double)fixture->requests / rate_rps;
    measurement->little_ratio = NAN;
    measurement->unstable = trial->rate_rps >= limit_rps;
    measurement->response_histogram = allocate(1, sizeof(struct histogram));
    measurement->wire_histogram = allocate(1, sizeof(struct histogram));
    fill_server(trial, fixture, 1);
    simulate_server(trial, fixture, random);
    trial->server.utilization = rate_rps * trial->server.service_mean_us / 1e6 / trial->workers;
    finish(trial, fixture);
    bench_response_take(&measurement->wire, measurement->wire_histogram);
    measurement->lag = (struct bench_response){
        measurement->response.count, lag_us, lag_us, lag_us, lag_us, lag_us, lag_us};
    add_workers(trial);
}

static void plan_block(const struct results_fixture *fixture, enum experiment experiment,
                       double rate_rps, unsigned block, struct results *results)
{
    unsigned place = 1;
    for (size_t i = 0; i < fixture->count; i++) {
        bool twice = fixture->control && experiment == EXPERIMENT_CAPACITY &&
                     fixture->workers[i] == fixture->reference;
        for (int run = 0; run < (twice ? 2 : 1); run++) {
            results->trials[results->trial_count++] = (struct trial){
                .workers = fixture->workers[i],
                .experiment = experiment,
                .rate_rps = rate_rps,
                .block = block,
                .place = place,
                .control = run == 1,
            };
            place++;
        }
    }
}

static void plan(const struct results_fixture *fixture, struct results *results)
{
    double best_rps = 0;
    for (size_t i = 0; i < fixture->count; i++)
        best_rps = fmax(best_rps, results_fixture_rate_rps(fixture, fixture->workers[i]));
    for (unsigned block = 1; block <= fixture->blocks; block++)
        plan_block(fixture, EXPERIMENT_CAPACITY, NAN, block, results);
    for (unsigned block = 1; block <= fixture->blocks; block++)
        for (size_t i = 0; i < fixture->share_count; i++)
            plan_block(fixture, EXPERIMENT_LATENCY, fixture->shares[i] * best_rps, block, results);
}

static void fill_settings(const struct results_fixture *fixture, struct results_settings *settings)
{
    static const char *const names[] = {"sleep", "cpu", "lock"};
    snprintf(settings->workloads[0], RESULTS_TEXT_SIZE, "%s:%.0fus", names[fixture->law],
             fixture->service_us);
    settings->workload_count = 1;
    memcpy(settings->workers, fixture->workers, fixture->count * sizeof(*fixture->workers));
    settings->count = fixture->count;
    settings->reference = fixture->reference;
    settings->blocks = fixture->blocks;
    settings->duration_s = 3;
    settings->connections = fixture->outstanding;
    settings->latency_connections = fixture->outstanding;
    settings->threads = 1;
    settings->seed = fixture->seed;
    settings->latency_blocks = fixture->share_count > 0 ? fixture->blocks : 0;
    for (size_t i = 0; i < fixture->share_count; i++)
        settings->shares[i] = fixture->shares[i];
    settings->share_count = fixture->share_count;
    settings->slo_quantile = NAN;
    settings->slo_limit_us = NAN;
    settings->slo_rate_rps = NAN;
}

void results_fixture_make(const struct results_fixture *fixture, struct results *results)
{
    *results = (struct results){.complete = true, .elapsed_s = 60};
    ck_assert_uint_le(fixture->count, RESULTS_COUNT_LIMIT);
    ck_assert_uint_le(fixture->share_count, RESULTS_SHARE_LIMIT);
    snprintf(results->crew_version, sizeof(results->crew_version), "1.0.0");
    snprintf(results->started_utc, sizeof(results->started_utc), "2026-01-31T12:00:00Z");
    results->host = (struct bench_host){fixture->cores, "a CPU", "6.1.0", "x86_64"};
    fill_settings(fixture, &results->settings);
    size_t most = (fixture->share_count + 1) * fixture->blocks * (fixture->count + 1);
    results->trials = allocate(most, sizeof(*results->trials));
    plan(fixture, results);
    struct bench_random random = {fixture->seed};
    for (size_t i = 0; i < results->trial_count; i++) {
        if (results->trials[i].experiment == EXPERIMENT_CAPACITY)
            make_capacity(&results->trials[i], fixture, &random);
        else
            make_latency(&results->trials[i], fixture, &random);
    }
}

struct trial *results_fixture_trial(struct results *results, enum experiment experiment,
                                    unsigned workers, size_t rate, unsigned block, bool control)
{
    for (size_t i = 0; i < results->trial_count; i++) {
        struct trial *trial = &results->trials[i];
        if (trial->experiment != experiment || trial->workers != workers || trial->block != block ||
            trial->control != control)
            continue;
        if (rate == 0)
            return trial;
        rate--; /* within a block the rates rise */
    }
    ck_abort_msg("no trial with %u workers in block %u", workers, block);
    return NULL;
}

void results_fixture_refuse(struct results *results, enum experiment experiment, unsigned workers,
                            const char *reason)
{
    for (size_t i = 0; i < results->trial_count; i++) {
        struct trial *trial = &results->trials[i];
        if (trial->experiment != experiment || trial->workers != workers)
            continue;
        struct measurement *measurement = &trial->measurement;
        snprintf(measurement->reasons[0], MEASUREMENT_REASON_SIZE, "%s", reason);
        measurement->reason_count = 1;
    }
}

void results_fixture_forget(struct trial *trial)
{
    struct measurement none = {.open_loop = false};
    measurement_free(&trial->measurement);
    trial->measurement = none;
    trial->complete = false;
}
