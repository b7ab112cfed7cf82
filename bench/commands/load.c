/* SPDX-License-Identifier: MIT */
#include "bench/commands/load.h"

#include "bench/base/bench_interrupt.h"
#include "bench/base/progress.h"
#include "bench/base/report_file.h"
#include "bench/commands/load_report.h"
#include "bench/commands/load_settings.h"
#include "bench/commands/server_choice.h"
#include "bench/engine/run.h"
#include "bench/results/results_export.h"
#include "common/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    EXIT_FAILURES = 1,
    EXIT_USAGE = 2,
    EXIT_REFUSED = 3,
};

struct load_files {
    struct report_file json;
    struct report_file series_csv;
    struct report_file hgrm;
};

static int complain(const char *error, int status)
{
    fprintf(stderr, "crew-bench load: %s\n", error);
    return status;
}

/* Every connection may have to hold all its outstanding requests, if the server takes none. */
static bool fits_memory(const struct load_settings *settings, const struct workload *workload,
                        char *error)
{
    static const uint64_t most = UINT64_C(2) << 30;
    uint64_t outstanding = (uint64_t)(settings->connections * settings->pipeline);
    if (settings->rate_rps > 0)
        outstanding = (uint64_t)settings->inflight;
    if (outstanding <= most / workload_request_size(workload))
        return true;
    snprintf(error, BENCH_ERROR_SIZE,
             "outstanding requests x request size is over 2 GiB: lower --connections, --pipeline "
             "or --inflight");
    return false;
}

struct watch {
    struct progress progress;
    const char *workload;
};

static void show(void *context, double done, uint64_t replies, uint64_t failures)
{
    struct watch *watch = context;
    progress_show(&watch->progress, done, replies, failures > 0 ? "with errors" : watch->workload);
}

static bool write_files(struct load_files *files, const struct load_settings *settings,
                        const struct measurement *measurement, char *error)
{
    struct byte_buffer text = {0};
    load_report_write_json(settings, measurement, bench_interrupted(), &text);
    bool good = report_file_write(&files->json, &text, error);
    byte_buffer_truncate(&text, 0);
    load_report_write_csv(measurement, &text);
    good = report_file_write(&files->series_csv, &text, error) && good;
    byte_buffer_truncate(&text, 0);
    if (measurement->response.count > 0)
        results_export_hgrm(measurement->response_histogram, &text);
    good = report_file_write(&files->hgrm, &text, error) && good;
    byte_buffer_free(&text);
    return good;
}

static int status_of(enum run_result result, const struct measurement *measurement)
{
    if (measurement->failures_total > 0 || result == RUN_LOST)
        return EXIT_FAILURES;
    return measurement_valid(measurement) ? 0 : EXIT_REFUSED;
}

static int run(const struct load_settings *settings, const struct workload *workload,
               const struct endpoint *target, struct tls_context *tls, struct load_files *files)
{
    struct watch watch = {.workload = settings->workload};
    struct run_plan plan = {
        .load =
            {
                .target = target,
                .tls = tls,
                .workload = workload,
                .connections = (size_t)settings->connections,
                .threads = (size_t)settings->threads,
                .pipeline = (size_t)settings->pipeline,
                .rate_rps = settings->rate_rps,
                .arrivals = (enum arrival_law)settings->arrivals,
                .inflight = (size_t)settings->inflight,
                .requests = (uint64_t)settings->requests,
                .seed = (uint64_t)settings->seed,
                .timeout_ms = (int)(settings->timeout_ns / NS_PER_MS),
            },
        .warm_up_ns = (uint64_t)settings->warm_up_ns,
        .duration_ns = (uint64_t)settings->duration_ns,
        .progress = show,
        .context = &watch,
    };
    char error[BENCH_ERROR_SIZE];
    struct measurement measurement;
    progress_begin(&watch.progress);
    enum run_result result = run_load(&plan, &measurement, error);
    progress_end(&watch.progress);
    int status = EXIT_FAILURES;
    if (result == RUN_UNREACHABLE || result == RUN_FAILED) {
        complain(error, 0);
        status = result == RUN_UNREACHABLE ? EXIT_USAGE : EXIT_FAILURES;
    } else {
        load_report_print(settings, &measurement, bench_interrupted());
        status = status_of(result, &measurement);
        if (!write_files(files, settings, &measurement, error))
            status = complain(error, EXIT_FAILURES);
    }
    measurement_free(&measurement);
    return status;
}

static bool pipeline_fits(const struct load_settings *settings, const struct workload *workload,
                          char *error)
{
    if (!workload->raw || settings->pipeline == 1)
        return true;
    snprintf(error, BENCH_ERROR_SIZE,
             "--pipeline is for RESP: a request to a raw:// server ends its connection");
    return false;
}

static bool open_files(struct load_files *files, const struct load_settings *settings, char *error)
{
    const char *const paths[] = {settings->json, settings->series_csv, settings->hgrm};
    return report_paths_differ(paths, sizeof(paths) / sizeof(paths[0]), error) &&
           report_file_open(&files->json, settings->json, error) &&
           report_file_open(&files->series_csv, settings->series_csv, error) &&
           report_file_open(&files->hgrm, settings->hgrm, error);
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
    if (!workload_parse(settings.workload, &workload, error))
        return complain(error, EXIT_USAGE);
    struct tls_context *tls = NULL;
    struct load_files files = {.json.fd = -1, .series_csv.fd = -1, .hgrm.fd = -1};
    if (server_choice_target(settings.target, &workload, &target, error) &&
        pipeline_fits(&settings, &workload, error) &&
        server_choice_tls(&settings.tls, &target, &tls, error) &&
        fits_memory(&settings, &workload, error) && open_files(&files, &settings, error)) {
        bench_interrupt_install();
        status = run(&settings, &workload, &target, tls, &files);
    } else {
        status = complain(error, EXIT_USAGE);
    }
    report_file_abandon(&files.json);
    report_file_abandon(&files.series_csv);
    report_file_abandon(&files.hgrm);
    tls_context_release(tls);
    workload_free(&workload);
    return status;
}
