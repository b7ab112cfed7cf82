/* SPDX-License-Identifier: MIT */
#include "bench/trial/trial.h"

#include "bench/trial/bench_control.h"
#include "bench/trial/bench_info.h"
#include "bench/trial/server_process.h"
#include "bench/trial/server_window.h"
#include "common/clock.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    SOON_MS = 50,
    /* Open loop: far more than a stable server lets pile up. */
    INFLIGHT_LIMIT = 10000,
};

struct test_bench {
    struct trial_bed *bed;
    const struct trial_load *load;
    struct trial *trial;
    struct server_process server;
    bool listening;
    struct endpoint target;
    struct bench_control control;
    struct server_window window;
};

static bool start_server(struct test_bench *bench, char *error)
{
    char workers[16];
    char iterations[24];
    snprintf(workers, sizeof(workers), "%u", bench->load->workers);
    snprintf(iterations, sizeof(iterations), "%" PRId64, bench->bed->cpu_iterations);
    /* All servers burn CPU by the same measure, or they could not be compared; and the queue of a
     * saturated one is what is to be measured. */
    const char *arguments[] = {"--workers",         workers,    "--listen",
                               "tcp://127.0.0.1:0", "--shed",   "off",
                               "--cpu-iterations",  iterations, NULL};
    char url[ENDPOINT_TEXT_SIZE];
    int timeout_ms = bench->load->timeout_ms;
    if (!server_process_start(&bench->server, bench->bed->server_program, arguments, error) ||
        !server_process_url(&bench->server, 0, timeout_ms, url, error))
        return false;
    bench->listening = true;
    return endpoint_parse(url, &bench->target, error) &&
           bench_control_open(&bench->control, &bench->target, timeout_ms, error);
}

/* The first server measures how many iterations take a microsecond; all later ones are told. */
static bool calibrate(struct test_bench *bench, char *error)
{
    if (!bench->load->workload->burns_cpu || bench->bed->cpu_iterations > 0)
        return true;
    const char *text = NULL;
    if (!bench_control_ask(&bench->control, "WORK CPU 1", &text, error) ||
        !bench_control_ask(&bench->control, "INFO server", &text, error))
        return false;
    double iterations = bench_info_number(text, "cpu_iterations_per_us");
    if (!(iterations >= 1 && iterations < 1e9)) {
        snprintf(error, BENCH_ERROR_SIZE, "the server's INFO has no usable cpu_iterations_per_us");
        return false;
    }
    bench->bed->cpu_iterations = (int64_t)iterations;
    return true;
}

static void window_begins(void *context)
{
    struct test_bench *bench = context;
    server_window_begin(&bench->window, &bench->control, bench->server.pid);
}

static void window_ended(void *context)
{
    struct test_bench *bench = context;
    server_window_end(&bench->window, &bench->control, bench->server.pid, &bench->trial->server);
}

static void progress(void *context, double done, uint64_t replies, uint64_t failures)
{
    const struct test_bench *bench = context;
    bench->bed->progress(bench->bed->context, done, replies, failures);
}

static enum run_result load_server(struct test_bench *bench, char *error)
{
    const struct trial_load *load = bench->load;
    struct run_plan plan = {
        .load =
            {
                .target = &bench->target,
                .workload = load->workload,
                .connections = load->connections,
                .threads = load->threads,
                .pipeline = 1,
                .rate_rps = load->rate_rps,
                .arrivals = ARRIVAL_POISSON,
                .inflight = load->connections > INFLIGHT_LIMIT ? load->connections : INFLIGHT_LIMIT,
                .seed = load->seed,
                .timeout_ms = load->timeout_ms,
            },
        .warm_up_ns = load->warm_up_ns,
        .duration_ns = load->duration_ns,
        .settle = true,
        .window_begins = window_begins,
        .window_ended = window_ended,
        .progress = bench->bed->progress != NULL ? progress : NULL,
        .context = bench,
    };
    return run_load(&plan, &bench->trial->measurement, error);
}

/* If the server is why the trial failed, its log tells more than a lost connection does. */
static void explain_failure(struct test_bench *bench, char *error)
{
    int status = 0;
    if (error[0] != '\0' && bench->listening &&
        server_process_wait_exit(&bench->server, SOON_MS, &status))
        server_process_explain(&bench->server, "ended during the trial", error);
}

static bool run_bench(struct test_bench *bench, char *error)
{
    if (!start_server(bench, error) || !calibrate(bench, error))
        return false;
    enum run_result result = load_server(bench, error);
    if (result == RUN_LOST)
        snprintf(error, BENCH_ERROR_SIZE, "all connections were lost: %s",
                 bench->trial->measurement.first_failure);
    return result == RUN_DONE;
}

bool trial_run(struct trial_bed *bed, const struct trial_load *load, struct trial *trial)
{
    struct test_bench bench = {.bed = bed, .load = load, .trial = trial, .control.fd = -1};
    trial->problem[0] = '\0';
    trial->server = server_figures_unknown();
    trial->complete = run_bench(&bench, trial->problem);
    if (!trial->complete)
        explain_failure(&bench, trial->problem);
    bench_control_close(&bench.control);
    server_window_free(&bench.window);
    trial->stopped_cleanly = server_process_stop(&bench.server, load->timeout_ms);
    return trial->complete;
}
