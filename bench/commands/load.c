/* SPDX-License-Identifier: MIT */
#include "bench/commands/load.h"

#include "bench/base/bench_interrupt.h"
#include "bench/base/progress.h"
#include "bench/base/report_file.h"
#include "bench/commands/load_report.h"
#include "bench/commands/load_settings.h"
#include "bench/engine/engine.h"
#include "common/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    TICK_MS = 50,
    EXIT_FAILURES = 1,
    EXIT_USAGE = 2,
};

static int complain(const char *error, int status)
{
    fprintf(stderr, "crew-bench load: %s\n", error);
    return status;
}

/* Every connection holds its own copy of as many requests as it may have outstanding. */
static bool fits_memory(const struct load_settings *settings, const struct workload *workload,
                        char *error)
{
    static const uint64_t most = UINT64_C(2) << 30;
    uint64_t slots = (uint64_t)settings->connections * (uint64_t)settings->pipeline;
    if (slots <= most / workload->request.size)
        return true;
    snprintf(error, BENCH_ERROR_SIZE,
             "connections x pipeline x request size is over 2 GiB: lower one of them");
    return false;
}

static int ticks_left_ms(uint64_t now_ns, uint64_t deadline_ns)
{
    uint64_t left_ms = (deadline_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
    return left_ms < TICK_MS ? (int)left_ms : TICK_MS;
}

/* Waits for the end of the run: by time, by number of requests, or by Ctrl-C. */
static void follow(struct engine *engine, const struct load_settings *settings)
{
    struct progress progress;
    progress_begin(&progress);
    uint64_t begin_ns = monotonic_ns();
    uint64_t deadline_ns =
        settings->duration_ns > 0 ? begin_ns + (uint64_t)settings->duration_ns : UINT64_MAX;
    uint64_t now_ns = begin_ns;
    while (now_ns < deadline_ns && !bench_interrupted() &&
           !engine_wait(engine, ticks_left_ms(now_ns, deadline_ns))) {
        now_ns = monotonic_ns();
        uint64_t replies = engine_replies(engine);
        double done = settings->duration_ns > 0
                          ? (double)(now_ns - begin_ns) / (double)settings->duration_ns
                          : (double)replies / (double)settings->requests;
        progress_show(&progress, done, replies,
                      engine_failures(engine) > 0 ? "with errors" : settings->workload);
    }
    progress_end(&progress);
}

static int run(const struct load_settings *settings, const struct workload *workload,
               const struct endpoint *target, struct report_file *json)
{
    char error[BENCH_ERROR_SIZE];
    struct engine_settings engine_settings = {
        .target = target,
        .workload = workload,
        .connections = (size_t)settings->connections,
        .threads = (size_t)settings->threads,
        .pipeline = (size_t)settings->pipeline,
        .requests = (uint64_t)settings->requests,
        .timeout_ms = (int)(settings->timeout_ns / NS_PER_MS),
    };
    struct engine_result *result = malloc(sizeof(*result));
    if (result == NULL)
        return complain("out of memory", EXIT_FAILURES);
    struct engine *engine = engine_open(&engine_settings, error);
    if (engine == NULL) {
        free(result);
        return complain(error, EXIT_USAGE);
    }
    engine_measure(engine);
    if (!engine_launch(engine, error)) {
        engine_close(engine);
        free(result);
        return complain(error, EXIT_FAILURES);
    }
    follow(engine, settings);
    engine_stop(engine, result);
    engine_close(engine);
    load_report_print(settings, result, bench_interrupted());
    struct byte_buffer text = {0};
    load_report_write_json(settings, result, bench_interrupted(), &text);
    bool written = report_file_write(json, &text, error);
    byte_buffer_free(&text);
    bool good = result->failures_total == 0 && histogram_count(&result->response) > 0;
    free(result);
    if (!written)
        return complain(error, EXIT_FAILURES);
    return good ? 0 : EXIT_FAILURES;
}

static bool parse_target(const char *url, struct endpoint *target, char error[BENCH_ERROR_SIZE])
{
    char reason[ENDPOINT_ERROR_SIZE];
    if (!endpoint_parse(url, target, reason)) {
        snprintf(error, BENCH_ERROR_SIZE, "--target: %s", reason);
        return false;
    }
    if (target->scheme == ENDPOINT_RAW) {
        snprintf(error, BENCH_ERROR_SIZE,
                 "--target: '%.200s' is not allowed: it takes tcp:// or unix://, which speak RESP",
                 url);
        return false;
    }
    return true;
}

int load_command(int argc, char **argv)
{
    struct load_settings settings;
    int status = load_settings_read(&settings, argc, argv);
    if (status >= 0)
        return status;
    char error[BENCH_ERROR_SIZE];
    struct endpoint target;
    struct workload workload;
    if (!parse_target(settings.target, &target, error) ||
        !workload_parse(settings.workload, &workload, error))
        return complain(error, EXIT_USAGE);
    struct report_file json;
    if (!fits_memory(&settings, &workload, error) ||
        !report_file_open(&json, settings.json, error)) {
        workload_free(&workload);
        return complain(error, EXIT_USAGE);
    }
    bench_interrupt_install();
    status = run(&settings, &workload, &target, &json);
    report_file_abandon(&json);
    workload_free(&workload);
    return status;
}
