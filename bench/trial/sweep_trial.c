/* SPDX-License-Identifier: MIT */
#include "bench/trial/sweep_trial.h"

#include "bench/base/bench_interrupt.h"
#include "bench/engine/engine.h"
#include "bench/trial/bench_control.h"
#include "bench/trial/bench_info.h"
#include "bench/trial/server_process.h"
#include "common/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 50 };

struct run {
    struct sweep_context *context;
    struct sweep_trial *trial;
    const struct workload *workload;
    int timeout_ms;
    struct server_process server;
    bool listening;
    struct endpoint target;
    struct bench_control control;
    struct engine *engine;
    uint64_t begin_ns; /* of the load */
    char *error;
};

static bool start_server(struct run *run)
{
    const struct sweep_settings *settings = run->context->settings;
    char workers[16];
    char iterations[24];
    snprintf(workers, sizeof(workers), "%u", settings->workers[run->trial->count]);
    snprintf(iterations, sizeof(iterations), "%" PRId64, run->context->cpu_iterations);
    /* All servers burn CPU by the same measure, or they could not be compared. */
    const char *arguments[] = {"--workers",        workers,    "--listen", "tcp://127.0.0.1:0",
                               "--cpu-iterations", iterations, NULL};
    char url[ENDPOINT_TEXT_SIZE];
    if (!server_process_start(&run->server, settings->server_program, arguments, run->error) ||
        !server_process_url(&run->server, 0, run->timeout_ms, url, run->error))
        return false;
    run->listening = true;
    return endpoint_parse(url, &run->target, run->error) &&
           bench_control_open(&run->control, &run->target, run->timeout_ms, run->error);
}

/* The first server measures how many iterations take a microsecond; all later ones are told. */
static bool calibrate(struct run *run)
{
    if (!run->workload->burns_cpu || run->context->cpu_iterations > 0)
        return true;
    const char *text = NULL;
    if (!bench_control_ask(&run->control, "WORK CPU 1", &text, run->error) ||
        !bench_control_ask(&run->control, "INFO server", &text, run->error))
        return false;
    double iterations = bench_info_number(text, "cpu_iterations_per_us");
    if (!(iterations >= 1 && iterations < 1e9)) {
        snprintf(run->error, BENCH_ERROR_SIZE,
                 "the server's INFO has no usable cpu_iterations_per_us");
        return false;
    }
    run->context->cpu_iterations = (int64_t)iterations;
    return true;
}

static bool start_load(struct run *run)
{
    const struct sweep_settings *settings = run->context->settings;
    struct engine_settings load = {
        .target = &run->target,
        .workload = run->workload,
        .connections = (size_t)settings->connections,
        .threads = (size_t)settings->threads,
        .pipeline = 1,
        .timeout_ms = run->timeout_ms,
    };
    run->engine = engine_open(&load, run->error);
    run->begin_ns = monotonic_ns();
    return run->engine != NULL && engine_launch(run->engine, run->error);
}

static void show_progress(const struct run *run, uint64_t now_ns)
{
    const struct sweep_context *context = run->context;
    const struct sweep_settings *settings = context->settings;
    double planned_ns = (double)(settings->warm_up_ns + settings->duration_ns);
    double spent = (double)(now_ns - run->begin_ns) / planned_ns;
    double done =
        ((double)context->trials_done + (spent < 1 ? spent : 1)) / (double)context->trials;
    unsigned workers = settings->workers[run->trial->count];
    char label[320];
    snprintf(label, sizeof(label), "%.200s, %u worker%s, round %u of %" PRId64, run->workload->spec,
             workers, workers == 1 ? "" : "s", run->trial->round, settings->rounds);
    progress_show(context->progress, done, engine_replies(run->engine), label);
}

/* Lets the load run; false after Ctrl-C, or when the generators gave up before the time. */
static bool run_for(struct run *run, int64_t duration_ns)
{
    uint64_t now_ns = monotonic_ns();
    uint64_t deadline_ns = now_ns + (uint64_t)duration_ns;
    while (now_ns < deadline_ns) {
        uint64_t left_ms = (deadline_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
        if (bench_interrupted())
            return false;
        if (engine_wait(run->engine, left_ms < TICK_MS ? (int)left_ms : TICK_MS)) {
            snprintf(run->error, BENCH_ERROR_SIZE, "all connections were lost");
            return false;
        }
        now_ns = monotonic_ns();
        show_progress(run, now_ns);
    }
    return true;
}

static void read_info(struct sweep_trial *trial, const char *info)
{
    trial->utilization = bench_info_number(info, "worker_utilization");
    trial->queue_wait_p50_us = bench_info_number(info, "queue_wait_us_p50");
    trial->queue_wait_p99_us = bench_info_number(info, "queue_wait_us_p99");
    trial->service_p50_us = bench_info_number(info, "service_us_p50");
}

/* The server is asked while the load still runs, so that its figures have no idle time in them. */
static bool measure(struct run *run)
{
    const struct sweep_settings *settings = run->context->settings;
    const char *text = NULL;
    uint64_t cpu_begin_ns = 0;
    uint64_t cpu_end_ns = 0;
    if (!run_for(run, settings->warm_up_ns) ||
        !bench_control_ask(&run->control, "CONFIG RESETSTAT", &text, run->error))
        return false;
    bool cpu_known = server_process_cpu_ns(&run->server, &cpu_begin_ns);
    engine_measure(run->engine);
    if (!run_for(run, settings->duration_ns))
        return false;
    cpu_known = cpu_known && server_process_cpu_ns(&run->server, &cpu_end_ns);
    engine_end_window(run->engine);
    if (!bench_control_ask(&run->control, "INFO", &text, run->error))
        return false;
    read_info(run->trial, text);
    run->trial->server_cpu_us = cpu_known ? (double)(cpu_end_ns - cpu_begin_ns) / NS_PER_US : NAN;
    return true;
}

static void take_result(struct run *run, const struct engine_result *result)
{
    struct sweep_trial *trial = run->trial;
    histogram_reset(run->context->response);
    histogram_merge(run->context->response, &result->response);
    bench_response_take(&trial->response, &result->response);
    trial->measured_s = (double)result->window_ns / NS_PER_S;
    trial->throughput_rps = (double)trial->response.count / trial->measured_s;
    memcpy(trial->failures, result->failures, sizeof(trial->failures));
    memcpy(trial->first_failure, result->first_failure, sizeof(trial->first_failure));
    trial->failures_total = result->failures_total;
    trial->generator_share = 0;
    for (size_t i = 0; i < result->threads; i++)
        if (result->cpu_share[i] > trial->generator_share)
            trial->generator_share = result->cpu_share[i];
}

/* If the server is why the trial failed, its log tells more than a lost connection does. */
static void explain_failure(struct run *run)
{
    int status = 0;
    if (run->error[0] != '\0' && run->listening &&
        server_process_wait_exit(&run->server, TICK_MS, &status))
        server_process_explain(&run->server, "ended during the trial", run->error);
}

static bool run_trial(struct run *run)
{
    struct engine_result *result = malloc(sizeof(*result));
    if (result == NULL) {
        snprintf(run->error, BENCH_ERROR_SIZE, "out of memory");
        return false;
    }
    bool complete = start_server(run) && calibrate(run) && start_load(run) && measure(run);
    if (complete) {
        engine_stop(run->engine, result);
        take_result(run, result);
    }
    free(result);
    return complete;
}

bool sweep_trial_run(struct sweep_context *context, struct sweep_trial *trial,
                     char error[BENCH_ERROR_SIZE])
{
    struct run run = {
        .context = context,
        .trial = trial,
        .workload = &context->workloads[trial->workload],
        .timeout_ms = (int)(context->settings->timeout_ns / NS_PER_MS),
        .control.fd = -1,
        .error = error,
    };
    error[0] = '\0';
    trial->complete = run_trial(&run);
    if (!trial->complete)
        explain_failure(&run);
    if (run.engine != NULL)
        engine_close(run.engine);
    bench_control_close(&run.control);
    trial->stopped_cleanly = server_process_stop(&run.server, run.timeout_ms);
    return trial->complete;
}
