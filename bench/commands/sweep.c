/* SPDX-License-Identifier: MIT */
#include "bench/commands/sweep.h"

#include "bench/base/bench_interrupt.h"
#include "bench/base/bench_random.h"
#include "bench/base/report_file.h"
#include "bench/commands/sweep_export.h"
#include "bench/commands/sweep_report.h"
#include "bench/commands/sweep_settings.h"
#include "bench/commands/sweep_summary.h"
#include "bench/trial/sweep_trial.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXIT_PROBLEMS = 1, EXIT_USAGE = 2 };

struct sweep {
    struct sweep_settings settings;
    struct workload workloads[OPTION_LIST_LIMIT];
    size_t workload_count; /* parsed so far */
    struct sweep_trial *trials;
    size_t trial_count;
    size_t unclean;              /* servers that did not stop as they should */
    struct histogram *responses; /* one per worker count, of the workload that runs */
    struct sweep_summary *summaries;
    size_t summary_count;
    struct sweep_context context;
    struct progress progress;
    struct report_file json;
    struct report_file csv;
};

static int complain(const char *error, int status)
{
    fprintf(stderr, "crew-bench sweep: %s\n", error);
    return status;
}

/* Every round visits all worker counts in an order of its own, so that drift hits them alike. */
static void plan(struct sweep *sweep)
{
    const struct sweep_settings *settings = &sweep->settings;
    struct bench_random random = {(uint64_t)settings->seed};
    struct sweep_trial *trial = sweep->trials;
    for (size_t workload = 0; workload < settings->workloads.count; workload++) {
        for (unsigned round = 1; round <= (unsigned)settings->rounds; round++) {
            size_t order[SWEEP_COUNT_LIMIT];
            bench_random_order(&random, order, settings->worker_counts);
            for (unsigned place = 0; place < settings->worker_counts; place++)
                *trial++ = (struct sweep_trial){.workload = workload,
                                                .count = order[place],
                                                .round = round,
                                                .place = place + 1};
        }
    }
}

static bool allocate(struct sweep *sweep)
{
    const struct sweep_settings *settings = &sweep->settings;
    size_t workloads = settings->workloads.count;
    sweep->trial_count = workloads * (size_t)settings->rounds * settings->worker_counts;
    assert(sweep->trial_count > 0); /* the settings hold at least one of each */
    sweep->trials = calloc(sweep->trial_count, sizeof(*sweep->trials));
    sweep->responses = calloc(settings->worker_counts, sizeof(*sweep->responses));
    sweep->summaries = calloc(workloads, sizeof(*sweep->summaries));
    sweep->context.response = calloc(1, sizeof(*sweep->context.response));
    return sweep->trials != NULL && sweep->responses != NULL && sweep->summaries != NULL &&
           sweep->context.response != NULL;
}

/* Runs the trials of one workload; false when the sweep cannot go on. */
static bool run_workload(struct sweep *sweep, size_t workload, char *error)
{
    struct sweep_context *context = &sweep->context;
    for (size_t i = 0; i < sweep->settings.worker_counts; i++)
        histogram_reset(&sweep->responses[i]);
    for (size_t i = 0; i < sweep->trial_count; i++) {
        struct sweep_trial *trial = &sweep->trials[i];
        if (trial->workload != workload)
            continue;
        if (bench_interrupted() || !sweep_trial_run(context, trial, error))
            return false;
        histogram_merge(&sweep->responses[trial->count], context->response);
        sweep->unclean += trial->stopped_cleanly ? 0 : 1;
        context->trials_done++;
    }
    return true;
}

static bool report_workload(struct sweep *sweep, size_t workload)
{
    struct sweep_summary *summary = &sweep->summaries[sweep->summary_count];
    if (!sweep_summary_take(summary, &sweep->settings, workload, sweep->trials, sweep->trial_count,
                            sweep->responses))
        return false;
    sweep->summary_count++;
    progress_end(&sweep->progress);
    sweep_report_print(&sweep->settings, summary);
    return true;
}

static bool write_files(struct sweep *sweep, char *error)
{
    struct sweep_outcome outcome = {
        .settings = &sweep->settings,
        .trials = sweep->trials,
        .trial_count = sweep->trial_count,
        .summaries = sweep->summaries,
        .summary_count = sweep->summary_count,
        .cpu_iterations = sweep->context.cpu_iterations,
        .complete = sweep->context.trials_done == sweep->trial_count,
    };
    struct byte_buffer text = {0};
    sweep_export_json(&outcome, &text);
    bool good = report_file_write(&sweep->json, &text, error);
    byte_buffer_truncate(&text, 0);
    sweep_export_csv(&outcome, &text);
    good = good && report_file_write(&sweep->csv, &text, error);
    byte_buffer_free(&text);
    return good;
}

static int run(struct sweep *sweep)
{
    char error[BENCH_ERROR_SIZE] = "";
    int status = 0;
    size_t workloads = sweep->settings.workloads.count;
    progress_begin(&sweep->progress);
    for (size_t i = 0; i < workloads && status == 0; i++) {
        size_t before = sweep->context.trials_done;
        bool complete = run_workload(sweep, i, error);
        progress_end(&sweep->progress);
        if (!complete && error[0] != '\0')
            status = complain(error, sweep->context.trials_done == 0 ? EXIT_USAGE : EXIT_PROBLEMS);
        else if (!complete)
            status = complain("interrupted", EXIT_PROBLEMS);
        if (sweep->context.trials_done > before && !report_workload(sweep, i))
            status = complain("out of memory", EXIT_PROBLEMS);
    }
    for (size_t i = 0; i < sweep->summary_count; i++)
        if (sweep->summaries[i].failures_total > 0 && status == 0)
            status = EXIT_PROBLEMS;
    if (sweep->unclean > 0) {
        snprintf(error, sizeof(error), "%zu servers did not stop cleanly after SIGTERM",
                 sweep->unclean);
        status = complain(error, status == 0 ? EXIT_PROBLEMS : status);
    }
    if (!write_files(sweep, error))
        status = complain(error, status == 0 ? EXIT_PROBLEMS : status);
    return status;
}

static bool prepare(struct sweep *sweep, char *error)
{
    const struct sweep_settings *settings = &sweep->settings;
    for (size_t i = 0; i < settings->workloads.count; i++) {
        if (!workload_parse(settings->workloads.items[i], &sweep->workloads[i], error))
            return false;
        sweep->workload_count++;
    }
    if (!allocate(sweep)) {
        snprintf(error, BENCH_ERROR_SIZE, "out of memory");
        return false;
    }
    sweep->context.settings = settings;
    sweep->context.workloads = sweep->workloads;
    sweep->context.progress = &sweep->progress;
    sweep->context.trials = sweep->trial_count;
    plan(sweep);
    return report_file_open(&sweep->json, settings->json, error) &&
           report_file_open(&sweep->csv, settings->csv, error);
}

int sweep_command(int argc, char **argv)
{
    struct sweep sweep = {.json.fd = -1, .csv.fd = -1};
    int status = sweep_settings_read(&sweep.settings, argc, argv);
    if (status >= 0)
        return status;
    char error[BENCH_ERROR_SIZE];
    if (prepare(&sweep, error)) {
        bench_interrupt_install();
        status = run(&sweep);
    } else {
        status = complain(error, EXIT_USAGE);
    }
    report_file_abandon(&sweep.json);
    report_file_abandon(&sweep.csv);
    for (size_t i = 0; i < sweep.workload_count; i++)
        workload_free(&sweep.workloads[i]);
    free(sweep.trials);
    free(sweep.responses);
    free(sweep.summaries);
    free(sweep.context.response);
    return status;
}
